from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang

from ...tools.recurrence.price_rise import RiseTerms
from .recurrence_price_index import to_decimal

# What decides on new prices.
TERMS = (
    "method",
    "percent",
    "amount",
    "currency_id",
    "index_id",
    "threshold",
    "share",
    "cap",
    "may_fall",
    "rounding",
)


SMALLEST_STEP = 0.0001


class RecurrencePriceTermsMixin(models.AbstractModel):
    """How prices rise: by a percentage, by an amount, or as an index has moved."""

    _name = "recurrence.price.terms.mixin"
    _description = "Terms of Price Rises"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    method = fields.Selection(
        [("percent", "Percentage"), ("amount", "Amount"), ("index", "Index")],
        string="Rise By",
        required=True,
        default="percent",
    )
    percent = fields.Float(
        string="Percent", min_display_digits=2, help="Of the price. Negative: prices fall."
    )
    amount = fields.Float(
        string="Amount per Unit",
        min_display_digits="Product Price",
        help="Added to each price. Prices in another currency are left out.",
    )
    currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env.company.currency_id, ondelete="restrict"
    )
    index_id = fields.Many2one("recurrence.price.index", string="Index", ondelete="restrict")
    threshold = fields.Float(
        string="Threshold (%)",
        min_display_digits=0,
        help="Prices move only once the index has moved by at least so many percent.",
    )
    share = fields.Float(
        string="Passed On (%)",
        min_display_digits=0,
        default=100,
        help="How much of the move of the index is passed on: of 4 %, half are 2 %.",
    )
    cap = fields.Float(
        string="At Most (%)",
        min_display_digits=0,
        help="Prices move by no more than so many percent. 0: no limit.",
    )
    may_fall = fields.Boolean(
        string="Prices May Fall",
        help="Whether prices fall when the index has. In some countries a clause has to say so.",
    )
    rounding = fields.Float(
        string="Round To",
        min_display_digits=0,
        help="New prices are multiples of it, such as 0.05. 0: as exact as prices are.",
    )

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for terms in self:
            user = terms.user_id.sudo()
            user._check_internal_user(terms.company_id)
            if user and not user.has_group("account.group_account_invoice"):
                raise ValidationError(
                    self.env._(
                        "%(user)s may not write invoices, so cannot raise their prices.",
                        user=user.name,
                    )
                )

    @api.constrains(*TERMS)
    def _check_terms(self):
        for terms in self:
            problem = terms._find_terms_problem()
            if problem:
                raise ValidationError(problem)

    def _find_terms_problem(self):
        """Return what makes no sense as a sentence, or None."""
        if self.method == "index" and not self.index_id:
            return self.env._("Choose the index that prices follow.")
        if self.method == "percent" and not -100 < self.percent <= 1000:
            return self.env._("The percentage must be above -100 and at most 1,000.")
        if not 0 < self.share <= 100:
            return self.env._("The share that is passed on must be above 0 and at most 100.")
        if self.threshold < 0 or self.cap < 0 or self.rounding < 0:
            return self.env._("Threshold, limit and rounding cannot be negative.")
        if 0 < self.rounding < SMALLEST_STEP:
            return self.env._("Prices are rounded to 0.0001 at the least.")
        if self.method == "amount" and not self.currency_id:
            return self.env._("Choose the currency of the amount.")
        return None

    def _get_rise_terms(self):
        """Return what the pure decision takes, ``tools.recurrence.price_rise.RiseTerms``."""
        digits = self.env["decimal.precision"].precision_get("Product Price")
        return RiseTerms(
            self.method,
            to_decimal(self.percent),
            Decimal(str(round(self.amount, 6))),
            to_decimal(self.threshold),
            to_decimal(self.share),
            to_decimal(self.cap),
            self.may_fall,
            to_decimal(self.rounding),
            Decimal(1).scaleb(-digits),
        )

    def _describe_terms(self):
        """Return how prices rise as a text: "3 %", "by 2.00 €", "the index, from 5 % on"."""
        if self.method == "percent":
            return self.env._("%(percent)s %%", percent=f"{self.percent:g}")
        if self.method == "amount":
            amount = formatLang(self.env, self.amount, currency_obj=self.currency_id)
            return self.env._("%(amount)s per unit", amount=amount)
        parts = [self.index_id.name or ""]
        if self.threshold:
            parts.append(self.env._("from %(percent)s %% on", percent=f"{self.threshold:g}"))
        if self.share != 100:
            parts.append(self.env._("%(percent)s %% passed on", percent=f"{self.share:g}"))
        if self.cap:
            parts.append(self.env._("at most %(percent)s %%", percent=f"{self.cap:g}"))
        return ", ".join(parts)
