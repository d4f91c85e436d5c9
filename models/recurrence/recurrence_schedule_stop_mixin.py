from odoo import api, fields, models

from ...tools.recurrence.document import BILLING_KINDS


class RecurrenceScheduleStopMixin(models.AbstractModel):
    """Recurring invoices of customers to whom deliveries are stopped: issued, asked about or held.

    Nothing of it is stored: when the stop ends, the dates that waited are issued.
    """

    _name = "recurrence.schedule.stop.mixin"
    _description = "Recurring Invoices of Stopped Customers"

    stop_message = fields.Char(compute="_compute_stop_message")

    @api.depends("target", "partner_id", "company_id", "state")
    @api.depends_context("lang")
    def _compute_stop_message(self):
        self.stop_message = False
        for company, found in self.grouped("company_id").items():
            way = company.sudo().recurrence_stopped
            for schedule, text in found._find_stops(company).items():
                schedule.stop_message = f"{text} {schedule._get_stop_consequence(way)}"

    @api.model
    def _get_stop_consequence(self, way):
        return {
            "ask": self.env._("Its invoices are not issued by themselves: a person is asked."),
            "hold": self.env._("Its invoices are held until deliveries resume."),
        }.get(way, "")

    def _find_stops(self, company):
        """Return those of these that do not issue by themselves, and why: ``{schedule: text}``."""
        if company.sudo().recurrence_stopped == "no":
            return {}
        invoicing = self.filtered(lambda schedule: schedule._get_document_kind() in BILLING_KINDS)
        stops = invoicing.sudo().partner_id._origin._recurrence_get_stops(company)
        return {
            schedule: stops[schedule.sudo().partner_id._origin.id]
            for schedule in invoicing
            if schedule.sudo().partner_id._origin.id in stops
        }

    @api.model
    def _find_stopped(self, company):
        """Return all schedules of a company that do not issue by themselves now."""
        if company.sudo().recurrence_stopped == "no":
            return self.browse()
        customers = self.env["res.partner"]._recurrence_find_stopped(company)
        return self.search(
            [
                ("company_id", "=", company.id),
                ("document_type", "in", BILLING_KINDS),
                ("partner_id", "child_of", customers.ids),
            ]
        )

    def _filter_attended(self):
        """Return those whose dates a person works on, also because somebody is to be asked."""
        attended = self.filtered(lambda schedule: schedule._is_attended())
        for company, found in (self - attended).grouped("company_id").items():
            if company.sudo().recurrence_stopped == "ask":
                attended |= self.browse().union(*found._find_stops(company))
        return attended
