from odoo import fields, models


class DunningBlock(models.Model):
    """The blocks of what was handed over; they are lifted when the handover ends."""

    _inherit = "dunning.block"

    handover_id = fields.Many2one(
        "dunning.handover", readonly=True, index="btree_not_null", ondelete="set null"
    )

    def action_lift(self):
        """Lift the blocks; a handover that holds nothing any more is taken back."""
        result = super().action_lift()
        found = self.sudo().handover_id.filtered(lambda handover: handover.state == "open")
        over = found.filtered(lambda one: all(one.block_ids.mapped("lifted_date")))
        if over:
            over._end("cancelled")
        return result
