from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DunningChargeTier(models.Model):
    """What may be claimed once for the cost of recovery, by the amount that is late (M1)."""

    _name = "dunning.charge.tier"
    _description = "Fixed Sum by Amount"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "rule_id, amount_from, id"

    rule_id = fields.Many2one(
        "dunning.charge.rule",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
        system="once",
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="rule_id.currency_id")
    amount_from = fields.Monetary(
        string="From an Amount of",
        aggregator=None,
        help="Of what is late on the invoice, with taxes.",
    )
    amount = fields.Monetary(string="Fixed Sum", required=True, aggregator=None)

    _amount_uniq = models.UniqueIndex(
        "(rule_id, amount_from)", "There is a fixed sum from this amount already."
    )

    @api.constrains("amount_from", "amount")
    def _check_amounts(self):
        if any(tier.amount < 0 or tier.amount_from < 0 for tier in self):
            raise ValidationError(self.env._("Amounts of a fixed sum cannot be negative."))

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers.rule_id._check_open()
        return tiers

    def write(self, vals):
        self.rule_id._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.rule_id._check_open()
