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
    dunning_accountant_id = fields.Many2one(
        related="company_id.dunning_accountant_id", readonly=False
    )
    dunning_end_journal_id = fields.Many2one(
        related="company_id.dunning_end_journal_id", readonly=False
    )
    dunning_write_off_account_id = fields.Many2one(
        related="company_id.dunning_write_off_account_id", readonly=False
    )
    dunning_doubtful_account_id = fields.Many2one(
        related="company_id.dunning_doubtful_account_id", readonly=False
    )
    dunning_allowance_account_id = fields.Many2one(
        related="company_id.dunning_allowance_account_id", readonly=False
    )
