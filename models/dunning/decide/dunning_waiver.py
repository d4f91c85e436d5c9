from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_round, format_amount

SHARES = [
    ("whole", "All of it"),
    ("half", "Half of it"),
    ("part", "Other amounts"),
]


class DunningWaiver(models.Model):
    """Interest and fixed sum of an invoice that the company does without, whole or in part (M4).

    In the invoice's currency. It is never edited: who waived too much withdraws it and notes
    another one, so that it stays readable who agreed to what.
    """

    _name = "dunning.waiver"
    _description = "Waiver of Interest and Fixed Sums"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "date desc, id desc"
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        index=True,
        system="once",
        ondelete="cascade",
        check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_receipt')), ('state', '=', 'posted')]",
    )
    # not related: Odoo would look for waivers at each change of an invoice
    company_id = fields.Many2one(
        "res.company", compute="_compute_from_move", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_from_move",
        store=True,
        precompute=True,
        index=True,
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_from_move", store=True, precompute=True
    )
    date = fields.Date(
        string="Waived on",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.company._get_job_today(),
        help="Interest up to and including this day.",
    )
    share = fields.Selection(SHARES, string="Waive", required=True, default="whole", system="once")
    claimed_interest = fields.Monetary(
        string="Interest Claimed", compute="_compute_claimed", aggregator=None
    )
    claimed_fixed_sum = fields.Monetary(
        string="Fixed Sum Claimed", compute="_compute_claimed", aggregator=None
    )
    interest = fields.Monetary(
        string="Interest Waived",
        compute="_compute_amounts",
        store=True,
        readonly=False,
        precompute=True,
        system="once",
        aggregator=None,
    )
    fixed_sum = fields.Monetary(
        string="Fixed Sum Waived",
        compute="_compute_amounts",
        store=True,
        readonly=False,
        precompute=True,
        system="once",
        aggregator=None,
    )
    amount = fields.Monetary(
        string="Waived", compute="_compute_amount", store=True, aggregator=None
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        string="Waived (company currency)",
        currency_field="company_currency_id",
        compute="_compute_amount_company",
        store=True,
        help=(
            "At the rate of the day it was waived on, so that it can be added up. Nothing once it "
            "is withdrawn."
        ),
    )
    includes_later = fields.Boolean(
        string="Future Interest Too",
        system="once",
        help="Interest that runs on after this day is not claimed either.",
    )
    interest_until = fields.Monetary(
        string="Interest up to This Day",
        compute="_compute_interest_until",
        store=True,
        precompute=True,
        aggregator=None,
        help="All of it, before what was booked or waived.",
    )
    reason = fields.Char(
        required=True, system="once", help="What the customer said, and who agreed."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Waived by",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    withdrawn_date = fields.Date(string="Withdrawn on", readonly=True, copy=False)
    withdrawn_user_id = fields.Many2one(
        "res.users", string="Withdrawn by", readonly=True, copy=False, ondelete="set null"
    )

    @api.depends("move_id")
    def _compute_from_move(self):
        for waiver in self:
            move = waiver.move_id
            waiver.company_id, waiver.currency_id = move.company_id, move.currency_id
            waiver.partner_id = move.commercial_partner_id

    @api.depends("move_id", "amount")
    def _compute_display_name(self):
        for waiver in self:
            waiver.display_name = self.env._(
                "%(invoice)s: %(amount)s waived",
                invoice=waiver.move_id.name or "",
                amount=format_amount(
                    self.env, waiver.amount, waiver.currency_id or self.env.company.currency_id
                ),
            )

    @api.depends("move_id", "date")
    def _compute_claimed(self):
        """Fill what is left to claim of the invoice, before this waiver."""
        for waiver in self:
            sums = waiver._sum_claims()
            waiver.claimed_interest = sums["interest_due"]
            waiver.claimed_fixed_sum = sums["fixed_sum_due"]

    @api.depends("move_id", "share", "date")
    def _compute_amounts(self):
        for waiver in self:
            if waiver.share == "part":  # as it is entered, beginning with what stood there
                waiver.interest, waiver.fixed_sum = waiver.interest, waiver.fixed_sum
                continue
            sums = waiver._sum_claims()
            interest, fixed_sum = sums["interest_due"], sums["fixed_sum_due"]
            rounding = waiver.currency_id.rounding or 0.01
            if waiver.share == "half":
                interest = float_round(interest / 2, precision_rounding=rounding)
                fixed_sum = float_round(fixed_sum / 2, precision_rounding=rounding)
            waiver.interest, waiver.fixed_sum = interest, fixed_sum

    @api.depends("move_id", "date")
    def _compute_interest_until(self):
        for waiver in self:
            waiver.interest_until = waiver._sum_claims()["interest"]

    @api.depends("interest", "fixed_sum")
    def _compute_amount(self):
        for waiver in self:
            waiver.amount = waiver.interest + waiver.fixed_sum

    @api.depends("amount", "currency_id", "company_id", "date", "withdrawn_date")
    def _compute_amount_company(self):
        for waiver in self:
            currency, company = waiver.currency_id, waiver.company_id
            stands = currency and not waiver.withdrawn_date
            waiver.amount_company = stands and currency._convert(
                waiver.amount, company.currency_id, company, waiver.date
            )

    @api.model_create_multi
    def create(self, vals_list):
        waivers = super().create(vals_list)
        waivers.move_id._dunning_take_claims()
        waivers._check_claimed()
        return waivers

    def _check_claimed(self):
        """Refuse to waive more than is claimed: it would hide what is claimed later."""
        for waiver in self:
            move, currency = waiver.move_id.sudo(), waiver.currency_id
            if move.state != "posted" or move.move_type not in ("out_invoice", "out_receipt"):
                raise ValidationError(
                    self.env._("Late payment is charged on posted customer invoices only.")
                )
            if waiver.interest < 0 or waiver.fixed_sum < 0:
                raise ValidationError(self.env._("The amounts waived cannot be negative."))
            if not waiver.amount:
                raise ValidationError(
                    self.env._("%(invoice)s: there is nothing to waive.", invoice=move.name)
                    if waiver.share != "part"
                    else self.env._("Enter how much of the interest or the fixed sum is waived.")
                )
            sums = waiver._sum_claims()
            claimed = sums["interest_due"], sums["fixed_sum_due"]
            for amount, most in zip((waiver.interest, waiver.fixed_sum), claimed, strict=True):
                if currency.compare_amounts(amount, most) > 0:
                    raise ValidationError(
                        self.env._(
                            "%(invoice)s: interest of %(interest)s and a fixed sum of "
                            "%(fixed_sum)s are claimed. More cannot be waived.",
                            invoice=move.name,
                            interest=format_amount(self.env, claimed[0], currency),
                            fixed_sum=format_amount(self.env, claimed[1], currency),
                        )
                    )

    def _sum_claims(self):
        """Return the interest on the invoice up to the day, and what is left to claim of it.

        :return: ``interest``, and but for this waiver ``interest_due`` and ``fixed_sum_due``
        """
        move, names = self.move_id.sudo(), ("interest", "interest_due", "fixed_sum_due")
        if not move or not self.date:
            return dict.fromkeys(names, 0.0)
        claims = self.env["dunning.claim"]._prepare_claims(
            move.company_id, move, self.date, without=self._origin
        )
        return {
            name: move.currency_id.round(sum(claim.get(name, 0.0) for claim in claims))
            for name in names
        }

    def action_withdraw(self):
        """Claim again what was waived."""
        self.check_access("read")
        # nothing of it is written but this
        self.browse().check_access("create")
        standing = self.sudo().filtered(lambda waiver: not waiver.withdrawn_date)
        if not standing:
            raise UserError(self.env._("This waiver has already been withdrawn."))
        for company, found in standing.grouped("company_id").items():
            found.write(
                {"withdrawn_date": company._get_job_today(), "withdrawn_user_id": self.env.uid}
            )
        return True
