from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def button_draft(self):
        self._dunning_check_charged_again()
        super().button_draft()
        # Odoo's answers nothing, which a client by XML-RPC cannot read
        return True
