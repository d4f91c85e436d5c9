from odoo import api, models
from odoo.fields import Domain

from .recurrence_occurrence_invoice_mixin import OPEN_STATES


class RecurrenceScheduleCountingMixin(models.AbstractModel):
    """Knows which recurring invoices have quantities that are counted or entered."""

    _name = "recurrence.schedule.counting.mixin"
    _description = "Counted Quantities of a Recurrence"

    def _get_line_quantities(self):
        """Return what the lines of these templates count with.

        :return: dict line (account.move.line) → recurrence.quantity, as superuser; empty where
            the formula asks for none
        """
        lines, templates = self.env["account.move.line"].sudo(), self.sudo().template_move_id
        lines = lines.search(
            Domain("move_id", "in", templates.ids)
            & Domain("display_type", "=", "product")
            & lines._recurrence_get_counted_domain()
        )
        if not lines:
            return {}
        by_code = self.env["recurrence.quantity"]._get_by_code(lines.company_id)
        return {line: line._recurrence_find_quantities(by_code) for line in lines}

    def _filter_entered(self):
        """Return those with a quantity that a person enters on each invoice."""
        return self.filtered_domain(self._get_entered_domain()) if self else self

    @api.model
    def _get_line_domain(self, domain):
        """Return which recurrences have a line of the template that a domain finds."""
        lines = self.env["account.move.line"].sudo()
        found = lines._read_group(
            Domain("move_id.is_recurrence_template", "=", True)
            & Domain("display_type", "=", "product")
            & domain,
            ["move_id"],
        )
        return Domain("template_move_id", "in", [move.id for (move,) in found])

    @api.model
    def _get_ripe_domain(self, company, as_of):
        """Return which dates may be issued by themselves as far as counting goes.

        What is entered waits for a person; what is counted over days waits for their end, also
        where a draft would be made earlier or the date was moved ahead.

        :param company: res.company
        :param as_of: a ``date``
        """
        lines = self.env["account.move.line"]
        counted = self._get_line_domain(lines._recurrence_get_counted_domain())
        if not counted.value:
            return Domain.TRUE
        over = Domain("rule_date", "<=", as_of) & (
            # the last day of a month pays in advance for the days after it
            (Domain("schedule_id.period_paid", "=", "pre") & Domain("period_start", "<=", as_of))
            | Domain("period_end", "=", False)
            | Domain("period_end", "<", as_of)
        )
        due = self.env["recurrence.occurrence"].search(
            Domain("company_id", "=", company.id)
            & Domain("state", "in", OPEN_STATES)
            & Domain("date", "<=", as_of)
            & Domain("schedule_id", "any", self._get_entered_domain())
        )
        return (over | ~Domain("schedule_id", "any", counted)) & Domain(
            "id", "not in", due._filter_entered().ids
        )

    @api.model
    def _get_entered_domain(self):
        """Return which recurrences have a line whose quantity a person enters."""
        return self._get_line_domain(Domain("recurrence_quantity_id.source", "=", "entered"))
