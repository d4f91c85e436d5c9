from odoo import models


class AccountCashRounding(models.Model):
    _name = "account.cash.rounding"
    _inherit = ["account.cash.rounding", "recurrence.guarded.mixin"]

    _recurrence_can_go = True
