from datetime import timedelta

from odoo import models

from ...tools.recurrence.document import BILLING_KINDS

# No shift to a working day is longer.
SHIFT = timedelta(days=31)


class RecurrenceCompanyForecastMixin(models.AbstractModel):
    """What the recurring invoices of a company will be, for whoever looks ahead."""

    _name = "recurrence.company.forecast.mixin"
    _description = "Forecast of Recurring Invoices"

    def _recurrence_get_planned(self, first, last):
        """Return the recurring invoices to customers, of the schedules that the user may read.

        :param date first: the first day that counts
        :param date last: the last day that counts
        :return: list of (day, schedule); what an invoice will hold is in the schedule's template
        """
        self.ensure_one()
        schedules = self.env["recurrence.schedule"].search(
            [
                ("company_id", "=", self.id),
                ("target", "=", "invoice"),
                ("document_type", "in", BILLING_KINDS),
                "|",
                ("state", "=", "running"),
                # one paused without an end bills nothing that anybody could count on
                "&",
                ("state", "=", "paused"),
                ("resume_date", "!=", False),
            ]
        )
        # a date beyond may fall back on a working day within
        until = last + SHIFT
        calendar = self._recurrence_get_calendar(first, until)
        planned = [
            (item.date or item.rule_date, schedule)
            for schedule in schedules
            for item in schedule._get_next_dates(
                schedule._get_rule(), first, until=until, calendar=calendar
            )
        ]
        return [(day, schedule) for day, schedule in planned if first <= day <= last]
