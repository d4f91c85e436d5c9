from odoo import fields, models


class DunningClaim(models.Model):
    """The message in which a claim was told."""

    _inherit = "dunning.claim"

    reminder_id = fields.Many2one(
        "dunning.reminder",
        string="Stated in",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The message that claims it.",
    )
