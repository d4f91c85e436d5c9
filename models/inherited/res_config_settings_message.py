from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dunning_message_items = fields.Integer(
        related="company_id.dunning_message_items", readonly=False
    )
    dunning_tone_by_customer = fields.Boolean(
        related="company_id.dunning_tone_by_customer", readonly=False
    )
    dunning_broken_at_once = fields.Boolean(
        related="company_id.dunning_broken_at_once", readonly=False
    )
    dunning_dispute_days = fields.Integer(related="company_id.dunning_dispute_days", readonly=False)
    dunning_plan_grace_days = fields.Integer(
        related="company_id.dunning_plan_grace_days", readonly=False
    )
