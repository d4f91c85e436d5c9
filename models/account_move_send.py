from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _get_move_constraints(self, move):
        constraints = super()._get_move_constraints(move)
        if move.is_recurrence_template:
            # first, so that it is the one that is told
            sentence = self.env._(
                "This is the template of a recurring invoice: it cannot be sent. Its invoices "
                "are issued from the recurrence."
            )
            return {"recurrence_template": sentence, **constraints}
        return constraints
