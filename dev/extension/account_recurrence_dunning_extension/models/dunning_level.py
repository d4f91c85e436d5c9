from odoo import fields, models


class DunningLevel(models.Model):
    _inherit = "dunning.level"

    attach_terms = fields.Boolean(string="Terms of Payment")
    fee = fields.Monetary(aggregator=None)
