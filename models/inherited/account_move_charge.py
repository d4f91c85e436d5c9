from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def button_draft(self):
        self._dunning_check_charged_again()
        return super().button_draft()
