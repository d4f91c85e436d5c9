from odoo import models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class AccountPaymentMethodLine(models.Model):
    _name = "account.payment.method.line"
    _inherit = ["account.payment.method.line", "recurrence.guarded.mixin"]

    _recurrence_can_go = True

    def unlink(self):
        # Odoo only unties a line that payments were made with
        if not self.env.context.get(MODULE_UNINSTALL_FLAG):
            self._recurrence_ask("delete")
        return super().unlink()
