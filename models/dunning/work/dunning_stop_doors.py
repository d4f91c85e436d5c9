from odoo import api, fields, models
from odoo.exceptions import AccessError


class DunningReminderEffectMixin(models.AbstractModel):
    """A level can stop deliveries when it becomes effective."""

    _inherit = "dunning.reminder.effect.mixin"

    def _apply_effect(self, facts=None):
        result = super()._apply_effect(facts)
        for (company, level), found in self._get_stopping_lines().items():
            customers = found.reminder_id.partner_id
            self.env["dunning.case"]._stop_customers(company, customers, stop_level_id=level.id)
        return result

    def _take_back_effect(self, new_cycle=False):
        stopping = self._get_stopping_lines()
        result = super()._take_back_effect(new_cycle)
        for (company, level), found in stopping.items():
            customers = found.reminder_id.partner_id
            customers -= self._find_still_stopped(level, customers)
            cases = self.env["dunning.case"]._get_cases(company, customers)
            cases.filtered(lambda case, level=level: case.stop_level_id == level)._end_stop()
        return result

    @api.model
    def _find_still_stopped(self, level, customers):
        """Return the customers who got the level for another item that is still open."""
        lines = self.env["dunning.reminder.line"].search(
            [
                ("level_id", "=", level.id),
                ("reminder_id.partner_id", "in", customers.ids),
                ("state", "=", "sent"),
                ("effective_date", "!=", False),
                ("is_test", "=", False),
                ("move_line_id.reconciled", "=", False),
                ("move_line_id.parent_state", "=", "posted"),
            ]
        )
        return lines.filtered(
            lambda line: line.move_line_id.dunning_level >= line.level_number
        ).reminder_id.partner_id

    def _get_stopping_lines(self):
        """Return the counting lines at levels that stop deliveries, by (company, level)."""
        lines = self.filtered(lambda reminder: not reminder.is_test)._get_reminded()
        lines = self._get_counting(lines).filtered("level_id.stops_deliveries")
        return lines.grouped(lambda line: (line.reminder_id.company_id, line.level_id))


class DunningPartnerWorkMixin(models.AbstractModel):
    """The doors from a customer to a stop of deliveries, and what everybody may know of it."""

    _inherit = "dunning.partner.work.mixin"

    def get_dunning_stop(self, company_id=None):
        """Return whether deliveries to this customer are stopped, for whoever sells to it.

        :param company_id: the company that invoices; None: the current one
        :return: ``{"text": why and since when}``; empty: they are not
        """
        self.check_access("read")
        if not self.env.su and not self.env.user._is_internal():
            raise AccessError(self.env._("Only colleagues are told about deliveries."))
        self.ensure_one()
        companies = self.env.companies
        company = companies.filtered(lambda one: one.id == company_id) or self.env.company
        customer = self.commercial_partner_id
        return {
            "text": self.env["dunning.case"]._find_stops(company, customer).get(customer.id, "")
        }

    def action_dunning_stop(self):
        """Open the dialog that stops the deliveries to this customer, or ends that."""
        self.check_access("read")
        self._check_dunning()
        self.ensure_one()
        return self.env["dunning.stop"]._open(self.env.company, self.commercial_partner_id)

    def _recurrence_get_stops(self, company):
        """Return to which of these customers nothing is to be invoiced by itself, and why."""
        customers = self.commercial_partner_id
        found = self.env["dunning.case"]._find_stops(company, customers)
        return {
            partner.id: found[partner.commercial_partner_id.id]
            for partner in self
            if partner.commercial_partner_id.id in found
        }

    @api.model
    def _recurrence_find_stopped(self, company):
        """Return all customers to whom nothing is to be invoiced by itself."""
        cases = self.env["dunning.case"].sudo().with_context(active_test=False)
        domain = [("company_id", "=", company.id), ("stop_date", "!=", False)]
        return cases.search(domain).partner_id.with_env(self.env)


class DunningLevel(models.Model):
    """A level that stops deliveries."""

    _inherit = "dunning.level"

    stops_deliveries = fields.Boolean(
        string="Stop Deliveries",
        help=(
            "When the level becomes effective, the customer is flagged: a banner on new invoices "
            "and quotations says why. It ends when nothing is overdue any more, or by hand."
        ),
    )
