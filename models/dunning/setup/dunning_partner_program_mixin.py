from odoo import models
from odoo.exceptions import UserError


class DunningPartnerProgramMixin(models.AbstractModel):
    """A program of a customer's own."""

    _name = "dunning.partner.program.mixin"
    _description = "Dunning Programs of Customers"

    def _dunning_customise_program(self):
        """Copy the program a customer follows, make the copy the customer's own and open it.

        A program that was copied for this customer before is opened again, not copied twice.
        """
        program = self.dunning_effective_program_id
        if not program:
            raise UserError(
                self.env._(
                    "%(company)s has no default dunning program: choose one in the settings.",
                    company=self.env.company.name,
                )
            )
        if program.partner_id != self:
            program = program.copy(
                {"name": self.env._("Program of %(customer)s", customer=self.display_name)}
            )
            program.sudo().partner_id = self
        self.write({"dunning_policy": "own", "dunning_program_id": program.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.program",
            "res_id": program.id,
            "views": [(False, "form")],
        }
