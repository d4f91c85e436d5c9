from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.recurrence.rule import RuleError
from ...tools.recurrence.value import dates_per_month
from ..common.access_groups import INVOICE_READERS
from .recurrence_rule_mixin import WEEKDAY_FIELDS

# Days from today that are still called soon.
SOON = 6
# What is billed to vendors, or credited to customers, has a minus, as in Odoo's own lists.
AMOUNTS = {
    "amount_untaxed": "amount_untaxed_in_currency_signed",
    "amount_total": "amount_total_in_currency_signed",
}
# A journal entry has one amount, in the company's currency.
OF_ENTRY = "amount_total_signed"


class RecurrenceScheduleMoneyMixin(models.AbstractModel):
    """What a recurrence comes to, and when it is next due: for its lists."""

    _name = "recurrence.schedule.money.mixin"
    _description = "Amounts and Next Dates of Recurrences"

    template_move_id = fields.Many2one("account.move", string="Template")
    currency_id = fields.Many2one(related="template_move_id.currency_id")
    amount_untaxed = fields.Monetary(
        compute="_compute_amounts",
        search="_search_amount_untaxed",
        string="Untaxed Amount",
        groups=INVOICE_READERS,
        aggregator=None,
        help=(
            "Of each invoice, as in the recurring invoice now. Lines that are billed once, on "
            "hold, not begun or ended do not count."
        ),
    )
    amount_total = fields.Monetary(
        compute="_compute_amounts",
        search="_search_amount_total",
        string="Total per Invoice",
        groups=INVOICE_READERS,
        aggregator=None,
        help=(
            "Of each invoice, as in the recurring invoice now. Lines that are billed once, on "
            "hold, not begun or ended do not count."
        ),
    )
    monthly_value = fields.Monetary(
        compute="_compute_amounts",
        groups=INVOICE_READERS,
        help=(
            "The untaxed amount in an average month: of a weekly invoice 52/12 times its amount, "
            "of a yearly one a twelfth. Lines that are billed once, on hold, not begun or ended do "
            "not count."
        ),
    )
    next_when = fields.Selection(
        [
            ("late", "Late"),
            ("today", "Today"),
            ("soon", "Next 7 Days"),
            ("later", "Later"),
        ],
        string="Next Date Is",
        compute="_compute_next_when",
        search="_search_next_when",
        group_expand=True,
    )

    # not after each change of an amount: Odoo would look from every invoice for recurrences
    @api.depends("template_move_id", "rrule_type", "interval", *WEEKDAY_FIELDS)
    def _compute_amounts(self):
        special = self._get_special_lines()
        today = fields.Date.context_today(self)
        for schedule in self:
            template = schedule.template_move_id
            document, recurring = schedule._get_document(), 0.0
            total = template[AMOUNTS["amount_total"]]
            untaxed = template[AMOUNTS["amount_untaxed"]]
            if document.is_entry:
                total = untaxed = template[OF_ENTRY]
            for line in special.get(template.id, ()):
                weight = line._recurrence_get_weight(today)
                if not weight:
                    untaxed -= document.flow * line.price_subtotal
                    total -= document.flow * line.price_total
                else:
                    recurring -= document.flow * line.price_subtotal * (1 - weight)
            schedule.amount_untaxed, schedule.amount_total = untaxed, total
            per_month = schedule._get_dates_per_month()
            schedule.monthly_value = (untaxed + recurring) * per_month

    def _get_dates_per_month(self):
        """Return how many dates an average month has; 0 where the rule makes no sense yet."""
        try:
            return float(dates_per_month(self._get_rule()))
        except RuleError:
            return 0.0

    def _get_special_lines(self):
        """Return the lines of the templates that are not simply on each invoice.

        :return: dict id of the template → account.move.line
        """
        lines = self.env["account.move.line"].sudo()
        domain = Domain("move_id", "in", self.sudo().template_move_id.ids)
        domain &= Domain("display_type", "=", "product")
        found = lines.search(domain & lines._recurrence_get_terms_domain())
        return {move.id: group for move, group in found.grouped("move_id").items()}

    def _search_amount_untaxed(self, operator, value):
        return self._get_template_domain(AMOUNTS["amount_untaxed"], operator, value)

    def _search_amount_total(self, operator, value):
        return self._get_template_domain(AMOUNTS["amount_total"], operator, value)

    @api.model
    def _get_template_domain(self, name, operator, value):
        # templates are hidden from who does not ask for them
        entry = Domain("move_type", "=", "entry")
        found = ~entry & Domain(name, operator, value) | entry & Domain(OF_ENTRY, operator, value)
        templates = Domain("is_recurrence_template", "=", True) & found
        return Domain("template_move_id", "any", templates)

    @api.depends("next_date")
    def _compute_next_when(self):
        today = fields.Date.context_today(self)
        for schedule in self:
            days = schedule.next_date and (schedule.next_date - today).days
            schedule.next_when = schedule.next_date and (
                "late" if days < 0 else "today" if not days else "soon" if days <= SOON else "later"
            )

    @api.model
    def _get_when_domains(self):
        """Return what each of the choices means, as ``{value: domain}``."""
        next_date = "next_date"
        return {
            "late": Domain(next_date, "<", "today"),
            "today": Domain(next_date, "=", "today"),
            "soon": Domain(next_date, ">", "today") & Domain(next_date, "<=", f"today +{SOON}d"),
            "later": Domain(next_date, ">", f"today +{SOON}d"),
            False: Domain(next_date, "=", False),
        }

    def _search_next_when(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = self._get_when_domains()
        return Domain.OR(domains[choice] for choice in value if choice in domains)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Order by amounts as in the template, and group by when the next date is.

        No column says that: it is another one each day.
        """
        if field_expr in AMOUNTS:
            self._check_field_access(self._fields[field_expr], "read")
            move = query.left_join(alias, "template_move_id", "account_move", "id", "template")
            moves = self.env["account.move"]
            return SQL(
                "CASE WHEN %(kind)s = 'entry' THEN %(of_entry)s ELSE %(amount)s END",
                kind=moves._field_to_sql(move, "move_type", query),
                of_entry=moves._field_to_sql(move, OF_ENTRY, query),
                amount=moves._field_to_sql(move, AMOUNTS[field_expr], query),
            )
        if field_expr != "next_when":
            return super()._field_to_sql(alias, field_expr, query)
        today = fields.Date.context_today(self)
        return SQL(
            "CASE WHEN %(date)s < %(today)s THEN 'late' WHEN %(date)s = %(today)s THEN 'today'"
            " WHEN %(date)s <= %(today)s + %(soon)s THEN 'soon'"
            " WHEN %(date)s IS NOT NULL THEN 'later' END",
            date=super()._field_to_sql(alias, "next_date", query),
            today=SQL("%s::date", today),
            soon=SOON,
        )
