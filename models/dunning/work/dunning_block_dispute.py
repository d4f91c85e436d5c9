from odoo import api, fields, models


class DunningBlock(models.Model):
    """A block of the kind *dispute* belongs to a dispute, whoever made it."""

    _inherit = "dunning.block"

    dispute_id = fields.Many2one(
        "dunning.dispute", readonly=True, index="btree_not_null", ondelete="set null"
    )

    @api.model_create_multi
    def create(self, vals_list):
        blocks = super().create(vals_list)
        blocks._note_disputes()
        return blocks

    def write(self, vals):
        result = super().write(vals)
        if "kind" in vals:
            self._note_disputes()
            other = self.sudo().filtered(lambda b: b.kind != "dispute" and b.dispute_id)
            disputes = other.dispute_id
            other.dispute_id = False
            disputes._end_unheld()
        return result

    def _get_reason_text(self):
        dispute = self.sudo().dispute_id
        reason = dict(dispute._get_reasons()).get(dispute.reason, "")
        return ", ".join(filter(None, (reason, super()._get_reason_text() or dispute.text)))

    def _note_disputes(self):
        """Note a dispute for each of these blocks that needs one."""
        alone = self.filtered(lambda block: block.kind == "dispute" and not block.dispute_id)
        if not alone:
            return
        self.env["dunning.dispute"].sudo().create(
            [
                {
                    "company_id": block.company_id.id,
                    "partner_id": block.partner_id.id,
                    "move_line_ids": block._get_held_lines().ids,
                    "date_given": block.date_from,
                    "reason": "other",
                    "text": block.reason,
                    "user_id": block.user_id.id,
                    "block_ids": [fields.Command.link(block.id)],
                    **({"date_deadline": block.date_until} if block.date_until else {}),
                }
                for block in alone
            ]
        )

    def action_lift(self):
        """Lift the blocks; a dispute that holds nothing any more is withdrawn."""
        result = super().action_lift()
        self.sudo().dispute_id._end_unheld()
        return result
