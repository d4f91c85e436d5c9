from datetime import datetime, time, timedelta

import pytz

from odoo import models

from ..recurrence.recurrence_occurrence_invoice_mixin import OPEN_STATES


class ResCompany(models.Model):
    """Recurring invoices are expected of a day too, and what was issued is counted (K10)."""

    _inherit = "res.company"

    def _dunning_get_followed(self):
        """Also where recurring invoices are issued."""
        running = [("state", "=", "running"), ("target", "=", "invoice")]
        groups = self.env["recurrence.schedule"].sudo()._read_group(running, ["company_id"])
        companies = self.union(*(company for (company,) in groups))
        return super()._dunning_get_followed() | companies.filtered(
            lambda company: not company._is_job_copy()
        )

    def _dunning_get_day_invoice_domain(self, days):
        """Return the domain of the dates on which recurring invoices are issued unasked."""
        modes = self.env["recurrence.schedule"]._get_issue_modes()
        unasked = [name for name, mode in modes.items() if not mode.is_asked]
        return [
            ("company_id", "=", self.id),
            ("target", "=", "invoice"),
            ("date", "in", days),
            ("schedule_id.invoice_mode", "in", unasked),
        ]

    def _dunning_expect_invoices(self, day):
        stopped = self.env["recurrence.schedule"].sudo()._find_stopped(self)
        domain = [
            *self._dunning_get_day_invoice_domain([day]),
            ("schedule_id.state", "=", "running"),
            ("schedule_id", "not in", stopped.ids),
            ("state", "in", OPEN_STATES),
            ("move_id", "=", False),
        ]
        return super()._dunning_expect_invoices(day) + self.env[
            "recurrence.occurrence"
        ].sudo().search_count(domain)

    def _dunning_count_invoices(self, days):
        """What was skipped by a person, and what was issued or drafted by the end of its day."""
        counts = super()._dunning_count_invoices(days)
        tz = pytz.timezone(self.sudo().recurrence_dunning_tz or "UTC")
        found = (
            self.env["recurrence.occurrence"]
            .sudo()
            .search(
                [
                    *self._dunning_get_day_invoice_domain(days),
                    "|",
                    ("state", "=", "skipped"),
                    ("move_id", "!=", False),
                ]
            )
        )
        for one in found:
            end = tz.localize(datetime.combine(one.date + timedelta(days=1), time()))
            end = end.astimezone(pytz.utc).replace(tzinfo=None)
            if one.state == "skipped" or one.move_id.create_date < end:
                counts[one.date] = counts.get(one.date, 0) + 1
        return counts

    def _dunning_get_day_users(self, alarms):
        users = super()._dunning_get_day_users(alarms)
        if any(day.expected_invoices for day in alarms):
            users |= self.env["ir.cron"]._get_alarm_users(self._get_recurrence_alarm_users())
        return users

    def _dunning_list_day_invoices(self, day, key):
        domain = self._dunning_get_day_invoice_domain([day])
        return "recurrence.occurrence", domain, self._dunning_get_day_title(day)
