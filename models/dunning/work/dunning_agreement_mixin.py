from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from ...common.amount_text import format_amounts

SOURCES = [
    ("call", "By phone"),
    ("page", "On the customer's page"),
    ("message", "By e-mail or letter"),
    ("meeting", "In person"),
]


class DunningAgreementMixin(models.AbstractModel):
    """What a customer said about open items: about which, how much, to whom and when.

    It holds them by blocks of its own. Where no due line is named it is about all the customer has
    open in the company.
    """

    _name = "dunning.agreement.mixin"
    _inherit = "dunning.customer.record.mixin"
    _description = "What Customers Agreed or Said"
    _hold_kind = "promise"

    items = fields.Char(compute="_compute_items", help="The numbers of the invoices it is about.")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, precompute=True, readonly=True
    )
    amount = fields.Monetary(
        system="once",
        aggregator=None,
        help="Leave empty for the full open amount of the items.",
    )
    amount_text = fields.Char(string="Amount Agreed", compute="_compute_amount_text")
    full_text = fields.Char(
        string="Full Amount",
        compute="_compute_full_text",
        help="The amount that counts where none is entered.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        help="Converted at the rate of the day it was noted on.",
    )
    open_amounts = fields.Json(
        readonly=True, help="What was open of each due line when it was noted."
    )
    date_given = fields.Date(
        string="Noted On",
        required=True,
        system="once",
        default=lambda self: self.env.company._get_job_today(),
    )
    user_id = fields.Many2one(tracking=True)
    source = fields.Selection(SOURCES, string="How", system="once", default="call")
    note = fields.Text(tracking=True)
    answer_id = fields.Many2one(
        "dunning.answer",
        string="Customer's Answer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # Not on the invoices themselves: each change of any of them would look for rows here.
    @api.depends("move_line_ids")
    @api.depends_context("lang")
    def _compute_items(self):
        for record in self:
            names = filter(None, record._get_moves().mapped("name"))
            record.items = ", ".join(names) or record._name_everything()

    @api.model
    def _name_everything(self):
        """Return what it is about where no items are named."""
        return self.env._("All open items")

    def _get_moves(self):
        """Return the invoices it is about, the oldest first."""
        return self.sudo().move_line_ids.move_id.sorted(lambda move: (move.date, move._ids))

    @api.depends("move_line_ids", "company_id", "partner_id")
    def _compute_currency_id(self):
        for record in self:
            currencies = record.sudo().move_line_ids.currency_id or record._get_open_currencies()
            record.currency_id = (
                currencies if len(currencies) == 1 else record.company_id.currency_id
            )

    def _get_open_currencies(self):
        """Return the currencies of all that the customer has open in the company."""
        customer = self.partner_id.commercial_partner_id._origin
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", self.company_id.id),
                    ("partner_id", "child_of", customer.ids),
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual_currency", ">", 0),
                ],
                [],
                ["currency_id:recordset"],
            )
        )
        return groups[0][0]

    @api.depends("move_line_ids", "partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_full_text(self):
        for company, records in self.grouped("company_id").items():
            customers = records.partner_id.commercial_partner_id._origin
            facts = ()
            if company and customers:
                today = company._get_job_today()
                facts = company.sudo()._dunning_collect(today, partners=customers)
            for record in records:
                record.full_text = record._tell_full_amount(facts)

    def _tell_full_amount(self, facts):
        """Return what is open now of what it is about, per currency, as a text; nothing: empty.

        :param facts: what is open of its customer, and maybe of others
        """
        customer = self.partner_id.commercial_partner_id._origin
        named = self.move_line_ids._origin.ids
        totals = {}
        for fact in facts:
            if fact.partner_id == customer.id and (
                fact.id in named if named else self._is_about(fact)
            ):
                totals[fact.currency_id] = totals.get(fact.currency_id, 0.0) + fact.open_amount
        currencies = self.env["res.currency"].browse(totals)
        amounts = format_amounts(
            self.env, ((currency, totals[currency.id]) for currency in currencies)
        )
        return amounts and self.env._("All of it: %(amount)s", amount=amounts)

    @api.depends("amount", "currency_id", "open_amounts")
    @api.depends_context("lang")
    def _compute_amount_text(self):
        for record in self:
            record.amount_text = format_amounts(self.env, record._get_totals())

    @api.depends("amount", "currency_id", "open_amounts", "date_given", "company_id")
    def _compute_amount_company(self):
        for record in self:
            company = record.company_id
            record.amount_company = sum(
                currency._convert(amount, company.currency_id, company, record.date_given)
                for currency, amount in record._get_totals()
            )

    def _get_totals(self):
        """Return what it is about in money: a list of (currency, amount), one a currency."""
        self.ensure_one()
        if self.amount:
            return [(self.currency_id, self.amount)]
        return self._get_open_totals()

    def _get_open_totals(self):
        """Return what was open of it when it was noted: a list of (currency, amount)."""
        totals = {}
        lines = self.env["account.move.line"].sudo()
        for line_id, amount in (self.open_amounts or {}).items():
            currency = lines.browse(int(line_id)).exists().currency_id
            if currency:
                totals[currency] = totals.get(currency, 0.0) + amount
        return list(totals.items())

    @api.constrains("amount", "move_line_ids")
    def _check_amount(self):
        for record in self.sudo():
            if not record.amount:
                continue
            if record.currency_id.compare_amounts(record.amount, 0.0) < 0:
                raise ValidationError(self.env._("The amount must be positive."))
            if len(record.move_line_ids.currency_id) > 1:
                raise ValidationError(
                    self.env._(
                        "The items are in several currencies: leave the amount empty, or note "
                        "them separately."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.sudo()._note_open_amounts()
        records.sudo()._hold()
        records._note_cases()
        return records

    def write(self, vals):
        result = super().write(vals)
        self._note_cases()
        return result

    def _note_open_amounts(self):
        """Keep what was open of each due line when it was noted.

        :raise UserError: nothing of it is open
        """
        for company, found in self.grouped("company_id").items():
            today = company._get_job_today()
            facts = company._dunning_collect(today, partners=found.partner_id)
            for record in found:
                lines = record.move_line_ids._ids
                record.open_amounts = {
                    fact.id: fact.open_amount
                    for fact in facts
                    if fact.partner_id == record.partner_id.id
                    and (not lines or fact.id in lines)
                    and record._is_about(fact)
                    and fact.open_amount > 0
                }
                if not record.open_amounts and not record._may_be_about_nothing():
                    raise UserError(self.env._("Nothing of it is open any more."))
                record._check_open_amount(facts)

    def _check_open_amount(self, facts):
        """Refuse an amount above what is open of the named items; none named: of the customer."""
        if not self.amount:
            return
        named = self.move_line_ids.ids
        opened = sum(
            fact.open_amount
            for fact in facts
            if fact.partner_id == self.partner_id.id
            and fact.currency_id == self.currency_id.id
            and (not named or fact.id in named)
        )
        if self.currency_id.compare_amounts(self.amount, opened) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s is more than what is open of it: %(open)s.",
                    amount=format_amount(self.env, self.amount, self.currency_id),
                    open=format_amount(self.env, opened, self.currency_id),
                )
            )

    def _is_about(self, fact):
        """Whether it is about a due line of the customer, where no due lines were named."""
        return True

    def _may_be_about_nothing(self):
        """Whether it may be noted where nothing is open: not by people."""
        return False

    def _hold(self):
        """Block what these are about, where they are not made from blocks."""
        link = self._fields["block_ids"].inverse_name
        self.env["dunning.block"].create(
            [
                {**vals, link: record.id}
                for record in self
                if not record.block_ids
                for vals in record._prepare_blocks()
            ]
        )

    def _prepare_blocks(self):
        """Return the values of the blocks that hold what it is about."""
        self.ensure_one()
        common = {
            "company_id": self.company_id.id,
            "reason": self.note,
            "date_from": self.date_given,
            "user_id": self.env.uid,
            "kind": self._hold_kind,
            "date_until": self._get_held_until(),
        }
        if not self.move_line_ids:
            return [{**common, "partner_id": self.partner_id.id}]
        return [
            {**common, "move_id": line.move_id.id, "move_line_id": line.id}
            for line in self.move_line_ids
        ]

    def _get_held_until(self):
        """Return the last day on which its items are held; False: until it is settled."""
        return False

    def _release(self):
        """End what these hold."""
        self.block_ids.filtered(lambda block: not block.lifted_date).action_lift()

    def _get_paid(self, facts):
        """Return what was paid since of the due lines in the currency of the record."""
        left = {fact.id: fact.open_amount for fact in facts}
        lines = self.env["account.move.line"].browse(map(int, self.open_amounts or {}))
        lines = lines.exists().filtered(lambda line: line.currency_id == self.currency_id)
        return sum(
            max(self.open_amounts[str(line_id)] - max(left.get(line_id, 0.0), 0.0), 0.0)
            for line_id in lines.ids
        )

    def _get_responsible(self):
        """Return who deals with it: whoever is responsible, else the program's responsible."""
        program = self.partner_id.with_company(self.company_id).dunning_effective_program_id
        return self.company_id._dunning_find_colleague(self.user_id | program.user_id)
