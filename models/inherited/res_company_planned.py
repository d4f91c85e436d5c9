from dateutil.relativedelta import relativedelta

from odoo import models

from ...tools.dunning.figures import WEEKS, get_week
from ...tools.recurrence.document import BILLING_KINDS
from ..recurrence.recurrence_occurrence_invoice_mixin import OPEN_STATES


class ResCompany(models.Model):
    """Recurring invoices to come are cash that is expected."""

    _inherit = "res.company"

    def _dunning_get_planned(self, as_of):
        """Return the dates on which an invoice will be issued in the weeks of the overview."""
        until = get_week(as_of) + relativedelta(weeks=WEEKS)
        domain = [
            ("company_id", "=", self.id),
            ("schedule_id.document_type", "in", BILLING_KINDS),
            ("schedule_id.state", "=", "running"),
            ("date", "<", until),
        ]
        if as_of >= self._get_job_today():
            domain += [("state", "in", OPEN_STATES), ("move_id", "=", False)]
        else:
            domain += [("state", "!=", "skipped"), ("date", ">", as_of)]
        return self.env["recurrence.occurrence"].search(domain)

    def _dunning_read_planned(self, as_of):
        """Recurring invoices, with the totals and the terms of their templates."""
        planned = super()._dunning_read_planned(as_of)
        for occurrence in self._dunning_get_planned(as_of):
            template = occurrence.schedule_id.template_move_id
            customer = template.commercial_partner_id
            due = self._dunning_get_planned_due(occurrence, template)
            planned.append((customer.id, template.amount_total_signed, due))
        return planned

    def _dunning_get_planned_due(self, occurrence, template):
        """Return when the invoice of a date will be due, its last instalment that is."""
        vals = {}
        occurrence._set_due_date(occurrence.schedule_id, template, occurrence.date, vals)
        if vals:
            return vals["invoice_date_due"]
        terms = template.invoice_payment_term_id.line_ids
        return max((term._get_due_date(occurrence.date) for term in terms), default=occurrence.date)

    def _dunning_list_planned(self, day, key):
        """The dates whose invoices are expected to be paid in a week; no week: all of them."""
        company = self.sudo().with_company(self)
        monday, following = self._dunning_read_week(key)
        found = company._dunning_get_planned(day)
        if monday:
            customers = found.schedule_id.template_move_id.commercial_partner_id
            items = company._dunning_read_open(day)
            partner_ids = {item.partner_id for item in items} | set(customers.ids)
            late = company._dunning_read_days_late(partner_ids, day)
            average = company._dunning_get_average(late)
            found = found.filtered(
                lambda one: (
                    monday <= self._dunning_get_planned_pay(one, day, late, average) < following
                )
            )
        return "recurrence.occurrence", [("id", "in", found.ids)], self.env._("Planned invoices")

    def _dunning_get_planned_pay(self, occurrence, day, late, average):
        """Return when the invoice of a date is expected to be paid."""
        template = occurrence.schedule_id.template_move_id
        days, _count = late.get(template.commercial_partner_id.id, (average, 0))
        due = self._dunning_get_planned_due(occurrence, template)
        return max(due + relativedelta(days=round(days)), day)
