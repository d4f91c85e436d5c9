from odoo import models


class AccountIncoterms(models.Model):
    _name = "account.incoterms"
    _inherit = ["account.incoterms", "recurrence.guarded.mixin"]

    _recurrence_can_go = True
