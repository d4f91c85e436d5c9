from odoo import models


class AccountPaymentMethodLine(models.Model):
    _name = "account.payment.method.line"
    _inherit = ["account.payment.method.line", "recurrence.guarded.mixin"]

    _recurrence_can_go = True
