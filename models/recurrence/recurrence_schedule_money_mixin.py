from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.recurrence.rule import RuleError
from ...tools.recurrence.value import dates_per_month
from ..common.access_groups import INVOICE_READERS
from .recurrence_rule_mixin import WEEKDAY_FIELDS

# Days from today that are still called soon.
SOON = 6


class RecurrenceScheduleMoneyMixin(models.AbstractModel):
    """What a recurrence comes to, and when it is next due: for its lists."""

    _name = "recurrence.schedule.money.mixin"
    _description = "Amounts and Next Dates of Recurrences"

    template_move_id = fields.Many2one("account.move", string="Template")
    currency_id = fields.Many2one(related="template_move_id.currency_id")
    # not after each change of an amount: Odoo would look from every invoice for recurrences
    amount_untaxed = fields.Monetary(
        related="template_move_id.amount_untaxed",
        depends=["template_move_id"],
        string="Untaxed Amount",
        groups=INVOICE_READERS,
        aggregator=None,
        help="Of each invoice, as in the recurring invoice now.",
    )
    amount_total = fields.Monetary(
        related="template_move_id.amount_total",
        depends=["template_move_id"],
        string="Total per Invoice",
        groups=INVOICE_READERS,
        aggregator=None,
        help="Of each invoice, as in the recurring invoice now.",
    )
    monthly_value = fields.Monetary(
        compute="_compute_monthly_value",
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

    @api.depends("template_move_id", "rrule_type", "interval", *WEEKDAY_FIELDS)
    def _compute_monthly_value(self):
        amounts = self._get_recurring_amounts()
        for schedule in self:
            amount = amounts.get(schedule, schedule.template_move_id.amount_untaxed)
            try:
                schedule.monthly_value = amount * float(dates_per_month(schedule._get_rule()))
            except RuleError:
                schedule.monthly_value = 0.0

    def _get_recurring_amounts(self):
        """Return what lines bill again and again today, per date, where it is not all of them.

        :return: dict schedule → untaxed amount in the currency of its template
        """
        lines = self.env["account.move.line"].sudo()
        domain = Domain("move_id", "in", self.sudo().template_move_id.ids)
        special = lines.search(
            domain & Domain("display_type", "=", "product") & lines._recurrence_get_terms_domain()
        )
        today = fields.Date.context_today(self)
        by_template = special.grouped("move_id")
        amounts = {}
        for schedule in self:
            template = schedule.template_move_id
            if template.sudo() in by_template:
                amount = template.amount_untaxed
                for line in by_template[template.sudo()]:
                    amount -= line.price_subtotal * (1 - line._recurrence_get_weight(today))
                amounts[schedule] = amount
        return amounts

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
        """Group by when the next date is, which no column says: it is another one each day."""
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
