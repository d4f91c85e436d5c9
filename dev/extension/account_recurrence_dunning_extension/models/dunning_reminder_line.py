from odoo import fields, models


class DunningReminderLine(models.Model):
    _inherit = "dunning.reminder.line"

    kind = fields.Selection(selection_add=[("fee", "Fee")], ondelete={"fee": "cascade"})
