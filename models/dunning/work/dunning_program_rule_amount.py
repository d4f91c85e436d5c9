from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class DunningProgramRule(models.Model):
    """A rule about how much a customer has open, as the worklist knows it."""

    _inherit = "dunning.program.rule"

    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_from = fields.Monetary(
        string="Open Amount From",
        aggregator=None,
        help="In company currency, as the worklist shows it; 0 for any amount.",
    )

    @api.constrains("amount_from")
    def _check_amount_from(self):
        if any(rule.amount_from < 0 for rule in self):
            raise ValidationError(self.env._("The open amount cannot be negative."))

    def _get_conditions(self, partner):
        conditions = super()._get_conditions(partner)
        if self.amount_from:
            conditions.append(
                SQL(
                    """%s IN (SELECT indebted.partner_id FROM dunning_case indebted
                               WHERE indebted.company_id = %s AND indebted.active
                                 AND indebted.open_amount >= %s)""",
                    SQL.identifier(partner, "id"),
                    self.company_id.id,
                    self.amount_from,
                )
            )
        return conditions
