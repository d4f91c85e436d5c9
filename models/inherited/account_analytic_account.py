from odoo import models


class AccountAnalyticAccount(models.Model):
    _name = "account.analytic.account"
    _inherit = ["account.analytic.account", "recurrence.guarded.mixin"]

    _recurrence_can_go = True
