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
    dunning_charge_on_invoices = fields.Boolean(
        related="company_id.dunning_charge_on_invoices", readonly=False
    )
    dunning_charge_target = fields.Selection(
        related="company_id.dunning_charge_target", readonly=False
    )
    dunning_charge_journal_id = fields.Many2one(
        related="company_id.dunning_charge_journal_id", readonly=False
    )
    dunning_charge_product_id = fields.Many2one(
        related="company_id.dunning_charge_product_id", readonly=False
    )
    dunning_charge_account_id = fields.Many2one(
        related="company_id.dunning_charge_account_id", readonly=False
    )
    dunning_charge_tax_id = fields.Many2one(
        related="company_id.dunning_charge_tax_id", readonly=False
    )
    dunning_charge_remind = fields.Boolean(
        related="company_id.dunning_charge_remind", readonly=False
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
