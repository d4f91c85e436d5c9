from odoo import models


class PaymentTransaction(models.Model):
    _name = "payment.transaction"
    _inherit = ["payment.transaction", "dunning.transaction.confirmation.mixin"]

    def _post_process(self):
        result = super()._post_process()
        self._dunning_confirm_payments()
        return result
