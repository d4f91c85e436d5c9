from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ....tools.dunning import claim
from ....tools.dunning.credit import exact
from ....tools.dunning.rate import RateTable
from ...common.amount_text import format_amounts
from ...common.rate_text import format_rate

DEBTORS = [("business", "Businesses"), ("public", "Public Bodies"), ("consumer", "Consumers")]
INTEREST = [
    ("series", "Reference rate plus a margin"),
    ("fixed", "A fixed rate"),
    ("none", "No interest"),
]
BEGINS = [
    ("due", "On the day after the due date"),
    ("days", "A number of days after the due date"),
    ("reminder", "On the day after the first reminder"),
]
DAY_COUNTS = [
    (claim.ACTUAL_365, "Days of the calendar / 365"),
    (claim.ACTUAL_360, "Days of the calendar / 360"),
    (claim.THIRTY_360, "Months of 30 days / 360"),
    (claim.ACTUAL, "Days of the calendar / 365, in leap years / 366"),
]
SET_OFFS = [
    (claim.PRINCIPAL, "The principal"),
    (claim.INTEREST, "Interest, then the principal"),
    (claim.COSTS, "Costs, then interest, then the principal"),
]
CONVERSIONS = [
    ("none", "Not converted: invoices in this currency only"),
    ("first_day", "At the rate of the first day of interest"),
    ("month_before", "At the rate of the last day of the month before the due date"),
]
MOST_DAYS = 365


class DunningChargeRule(models.Model):
    """What a country, or a company's contracts, let it claim of a kind of debtor (M1)."""

    _name = "dunning.charge.rule"
    _description = "Charge Rule"
    _inherit = "dunning.legal.fact.mixin"
    _order = "sequence, name, date_from desc, id desc"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        string="Order", default=10, help="Of several rules that fit, the first one counts."
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="For a rate of your own contracts. Leave empty for what the law allows everybody.",
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Countries",
        ondelete="restrict",
        help="The customer's country. Leave empty for customers of any country, or of none.",
    )
    debtor_kind = fields.Selection(
        DEBTORS, string="Kind of Debtor", required=True, default="business"
    )
    date_from = fields.Date(
        string="Invoices Dated from", help="The first invoice date it is for; empty: any."
    )
    replaces_id = fields.Many2one(
        "dunning.charge.rule", string="Corrects", readonly=True, copy=False, ondelete="set null"
    )
    # --- interest ---
    interest = fields.Selection(
        INTEREST, string="Kind of Interest", required=True, default="series"
    )
    series_id = fields.Many2one("dunning.rate.series", string="Reference Rate", ondelete="restrict")
    margin = fields.Float(
        string="Margin (points)",
        digits=(8, 4),
        aggregator=None,
        help="Percentage points above the reference rate.",
    )
    rate_step = fields.Float(
        string="Rounded up to (points)",
        digits=(8, 4),
        aggregator=None,
        help="The sum of both is rounded up to a multiple of it, as to half a point; 0: it is not.",
    )
    follows = fields.Boolean(
        string="Changes Every Half-Year",
        default=True,
        help=(
            "Whether the rate of a debt changes with the reference rate; otherwise the rate of the "
            "day on which interest begins holds until it is paid."
        ),
    )
    fixed_rate = fields.Float(
        string="Rate (%)", digits=(8, 4), aggregator=None, help="Percent a year."
    )
    begins = fields.Selection(BEGINS, string="Interest Begins", required=True, default="due")
    begins_days = fields.Integer(string="Days after the Due Date", default=1, aggregator=None)
    compounds = fields.Boolean(
        string="Compounded Yearly",
        help="Interest of each full year is added to the debt and bears interest.",
    )
    day_count = fields.Selection(
        DAY_COUNTS, string="Days Counted as", required=True, default=claim.ACTUAL_365
    )
    rounding = fields.Selection(
        [("half_up", "To the nearest cent"), ("down", "Always down")],
        required=True,
        default="half_up",
    )
    minimum = fields.Monetary(
        string="Minimum Interest", aggregator=None, help="Interest below it is not claimed."
    )
    set_off = fields.Selection(
        SET_OFFS, string="Payments First Settle", required=True, default=claim.PRINCIPAL
    )
    # --- fixed sums ---
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of the fixed sums and of the minimum interest.",
    )
    tier_ids = fields.One2many("dunning.charge.tier", "rule_id", string="Sums by Amount", copy=True)
    conversion = fields.Selection(
        CONVERSIONS, string="Other Currencies", required=True, default="none"
    )
    fee_allowed = fields.Boolean(
        string="Reminder Fees Allowed", help="Whether a fee for a reminder is lawful at all."
    )
    legal_text = fields.Text(
        string="Sentence for Messages", translate=True, help="What the customer reads beside it."
    )
    invoice_text = fields.Text(
        string="Sentence for Invoices",
        translate=True,
        help=(
            "What the law has invoices say about late payment. It is printed on those of companies "
            "in these countries, once that is switched on in the settings."
        ),
    )

    rate_text = fields.Char(string="Interest", compute="_compute_texts")
    sum_text = fields.Char(string="Fixed Sums", compute="_compute_texts")

    @api.depends(
        *("interest", "series_id.name", "margin", "fixed_rate"),
        *("currency_id", "tier_ids.amount"),
    )
    @api.depends_context("lang")
    def _compute_texts(self):
        labels = dict(self._fields["interest"]._description_selection(self.env))
        for rule in self:
            rule.rate_text = labels.get(rule.interest)
            if rule.interest == "series":
                rule.rate_text = self.env._(
                    "%(series)s + %(margin)s",
                    series=rule.series_id.name or "",
                    margin=format_rate(self.env, rule.margin),
                )
            elif rule.interest == "fixed":
                rate = format_rate(self.env, rule.fixed_rate)
                rule.rate_text = self.env._("%(rate)s %% a year", rate=rate)
            rule.sum_text = format_amounts(
                self.env, ((rule.currency_id, tier.amount) for tier in rule.tier_ids)
            )

    @api.constrains("interest", "series_id", "fixed_rate", "margin", "rate_step", "minimum")
    def _check_rate(self):
        for rule in self:
            if rule.interest == "series" and not rule.series_id:
                raise ValidationError(
                    self.env._("%(rule)s: choose the reference rate.", rule=rule.name)
                )
            if not all(0 <= rate <= 100 for rate in (rule.fixed_rate, rule.margin, rule.rate_step)):
                raise ValidationError(
                    self.env._("%(rule)s: rates lie between 0 and 100 %% a year.", rule=rule.name)
                )
            if rule.minimum < 0:
                raise ValidationError(
                    self.env._("%(rule)s: the minimum cannot be negative.", rule=rule.name)
                )

    @api.constrains("begins_days")
    def _check_begins_days(self):
        if any(not 1 <= rule.begins_days <= MOST_DAYS for rule in self):
            raise ValidationError(
                self.env._("Days after the due date: enter 1 to %(most)s.", most=MOST_DAYS)
            )

    def _check_open(self):
        """Refuse to change what is in use; its fixed sums are part of it."""
        if not self.env.su and any(rule.state != "open" for rule in self):
            raise UserError(
                self.env._("This rule is in use: “Correct…” makes a copy that takes its place.")
            )

    @api.depends("company_id")
    def _compute_problem(self):
        return super()._compute_problem()

    @api.model_create_multi
    def create(self, vals_list):
        """What ships later does not stand beside a rule that somebody confirmed before."""
        rules = super().create(vals_list)
        for rule in rules.filtered(lambda rule: rule.state == "used"):
            if rule._find_twin():
                rule.sudo().state = "open"
        return rules

    def action_confirm(self):
        """Use these from now on; two that fit the same invoices are refused."""
        self.check_access("write")
        for rule in self:
            if twin := rule._find_twin():
                raise UserError(
                    self.env._(
                        "%(rule)s and %(twin)s are for the same customers and invoices: give one "
                        "of them another order, or correct the one in use.",
                        rule=rule.name,
                        twin=twin.name,
                    )
                )
            super(DunningChargeRule, rule).action_confirm()
        return True

    def _find_twin(self):
        """Return a rule in use of the same order that would count for some of the same invoices.

        Rules for the same countries may follow one another by date.
        """
        others = self.sudo().search(
            [
                ("id", "not in", (self | self._get_replaced()).ids),
                ("state", "=", "used"),
                ("company_id", "=", self.company_id.id),
                ("debtor_kind", "=", self.debtor_kind),
                ("sequence", "=", self.sequence),
            ]
        )
        return others.filtered(
            lambda rule: (
                rule._overlaps(self)
                and (rule.date_from == self.date_from or rule.country_ids != self.country_ids)
            )
        )[:1]

    def _overlaps(self, other):
        """Whether two rules are for some of the same countries; without any it is for all."""
        mine, theirs = self.country_ids, other.country_ids
        return bool(mine & theirs) or not mine or not theirs

    def _get_replaced(self):
        """Only what it covers wholly: nobody must be left without a rule by a correction."""
        return (
            super()
            ._get_replaced()
            .filtered(
                lambda rule: (
                    rule.company_id == self.company_id
                    and rule.debtor_kind == self.debtor_kind
                    and (
                        rule.country_ids <= self.country_ids
                        if rule.country_ids
                        else not self.country_ids
                    )
                )
            )
        )

    @api.model
    def _get_debtor_kinds(self):
        """Return the kinds of debtor with their labels; a contact says which one it is."""
        return self._fields["debtor_kind"]._description_selection(self.env)

    # === WHAT CLAIMS ASK === #

    @api.model
    def _read_used(self, company):
        """Return the rules in use for a company: its own first, then those of the law."""
        domain = Domain("state", "=", "used") & Domain(
            "company_id", "in", (False, *company.parent_ids.ids)
        )
        rules = self.sudo().search(domain)
        return rules.sorted(
            lambda rule: (
                not rule.company_id,
                rule.sequence,
                -rule.date_from.toordinal() if rule.date_from else 0,
                rule.id,
            )
        )

    @api.model
    def _find_for_invoice(self, company, country, kind, day):
        """Return the rule whose sentence stands on an invoice; empty: none of them fits.

        What an invoice has to say is the law of the country it is issued in, wherever the customer
        is. Only where the company has a contract of its own with such customers that one counts:
        the sentence of the law would name another rate.

        :param company: who issues the invoice, as superuser
        :param country: the customer's country; may be empty
        :param kind: what the customer is, of ``DEBTORS``
        :param date day: the date of the invoice
        """
        seller = company.account_fiscal_country_id
        for rule in self._read_used(company):
            fits = rule._find_fitting(country if rule.company_id else seller, kind)
            if fits and (not rule.date_from or rule.date_from <= day):
                return rule
        return self.browse()

    def _find_fitting(self, country, kind):
        """Return those of these rules that fit a customer, in their order.

        :param country: the customer's country; may be empty
        :param kind: what the customer is, of ``DEBTORS``
        """
        return self.filtered(
            lambda rule: (
                rule.debtor_kind == kind and (not rule.country_ids or country in rule.country_ids)
            )
        )

    def _get_pure(self, rates, unit, minimum=Decimal(), fee=Decimal()):
        """Return this rule as the plain value a claim is computed by.

        :param rates: the rates in use, as ``dunning.rate._read_used`` returns them
        :param unit: the smallest amount of the invoice's currency
        :param minimum: the rule's minimum in that currency
        :param fee: the rule's fee for a reminder in that currency
        """
        self.ensure_one()
        if self.interest == "series":
            table = RateTable(
                rates.get(self.series_id.id),
                margin=_points(self.margin),
                step=_points(self.rate_step) or None,
                follows=self.follows,
            )
        else:
            fixed = self.fixed_rate if self.interest == "fixed" else 0.0
            table = RateTable(fixed=_points(fixed))
        return claim.ChargeRule(
            table,
            day_count=self.day_count,
            rounding=self.rounding,
            set_off=self.set_off,
            compounds=self.compounds,
            minimum=minimum,
            fee=fee,
            fee_from=self.fee_from,
            unit=unit,
        )

    def _get_tiers(self):
        """Return the fixed sums as pairs of (from which amount on, sum)."""
        return [(exact(tier.amount_from), exact(tier.amount)) for tier in self.sudo().tier_ids]


def _points(number):
    return Decimal(str(round(number, 4)))
