from odoo import fields, models


class DunningBlock(models.Model):
    _inherit = "dunning.block"

    kind = fields.Selection(
        selection_add=[("insolvency", "Insolvency")], ondelete={"insolvency": "set other"}
    )
