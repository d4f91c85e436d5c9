from odoo import fields, models
from odoo.exceptions import UserError


class DunningBlock(models.Model):
    """The blocks of a payment plan hold its due lines until its last day and the days of grace."""

    _inherit = "dunning.block"

    plan_id = fields.Many2one(
        "dunning.plan", readonly=True, index="btree_not_null", ondelete="set null"
    )

    def _note_promises(self):
        alone = self.filtered(lambda block: not block.plan_id)
        return super(DunningBlock, alone)._note_promises()

    def action_lift(self):
        """Lift the blocks; a plan that holds nothing any more is cancelled."""
        result = super().action_lift()
        plans = self.sudo().plan_id.filtered(lambda plan: plan.state == "active")
        plans.filtered(lambda p: all(p.block_ids.mapped("lifted_date")))._close("cancelled")
        return result

    def _set_outcome(self, outcome):
        if self.sudo().plan_id:
            raise UserError(self.env._("This block belongs to a payment plan: decide there."))
        return super()._set_outcome(outcome)
