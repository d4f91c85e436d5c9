from odoo import models


class AccountPaymentMethodLine(models.Model):
    _name = "account.payment.method.line"
    _inherit = ["account.payment.method.line", "recurrence.guarded.mixin"]

    _recurrence_can_go = True

    def unlink(self):
        # Odoo only unties a line that payments were made with
        self.env["recurrence.template.guard"]._ask(self, "delete")
        return super().unlink()
