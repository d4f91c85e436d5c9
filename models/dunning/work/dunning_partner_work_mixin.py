from odoo import models


class DunningPartnerWorkMixin(models.AbstractModel):
    """The doors from a customer to what is noted of what it said."""

    _name = "dunning.partner.work.mixin"
    _description = "Work on Customers"

    def action_dunning_promise(self, move_line_ids=None):
        """Open the dialog that notes a promise to pay.

        :param move_line_ids: the ids of the due lines it is about; empty: all due by then
        """
        return self._dunning_open_dialog("dunning.promise", move_line_ids)

    def action_dunning_dispute(self, move_line_ids=None):
        """Open the dialog that notes a dispute.

        :param move_line_ids: the ids of the due lines it is about; empty: all that is open
        """
        return self._dunning_open_dialog("dunning.dispute", move_line_ids)

    def action_dunning_call(self, move_line_ids=None):
        """Open the dialog that logs a call.

        :param move_line_ids: the ids of the due lines it is about; empty: all that is open
        """
        return self._dunning_open_dialog("dunning.call", move_line_ids)

    def action_dunning_plan(self, move_line_ids=None):
        """Open the dialog that agrees on a payment plan.

        :param move_line_ids: the ids of the due lines it is about; empty: all in one currency
        """
        return self._dunning_open_dialog("dunning.plan", move_line_ids)

    def action_view_dunning_case(self):
        """Open the case of this customer in the current company."""
        case = self._dunning_get_case()
        return {
            "type": "ir.actions.act_window",
            "res_model": case._name,
            "res_id": case.id,
            "views": [(False, "form")],
        }

    def action_dunning_remind(self):
        """Open the dialog that shows what of this customer is reminded now, and does it."""
        return self._dunning_get_case().action_remind()

    def _dunning_get_case(self):
        """Return the customer's case in the current company; it is made where there is none."""
        self.check_access("read")
        self._check_dunning()
        self.ensure_one()
        cases = self.env["dunning.case"]
        return cases._get_cases(self.env.company, self.commercial_partner_id).with_env(self.env)

    def _dunning_find_contact(self, company):
        """Return whom to call or write to, in the order of the customer's program (D6)."""
        customer = self.commercial_partner_id._origin.with_company(company)
        program = customer.dunning_effective_program_id
        if not (customer and program):
            return self
        found = program._find_recipients(company, [(program, customer)])
        return (found[program.id, customer.id][0] or customer).with_env(self.env)

    def _dunning_open_dialog(self, model, move_line_ids):
        self.check_access("read")
        self._check_dunning()
        self.ensure_one()
        return self.env[model]._get_dialog(self, move_line_ids)
