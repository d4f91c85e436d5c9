from odoo import fields, models


class DunningBatchLine(models.TransientModel):
    """What could not be changed for one reason."""

    _name = "dunning.batch.line"
    _description = "Invoices Left Out of a Dunning Change"
    _inherit = "recurrence.dunning.own.record.mixin"

    batch_id = fields.Many2one("dunning.batch", required=True, ondelete="cascade")
    reason = fields.Char(readonly=True)
    count = fields.Integer(string="Invoices", readonly=True)
    examples = fields.Char(string="Examples", readonly=True)
    move_ids = fields.Json(string="Invoices Left Out", readonly=True)

    def action_show(self):
        """Open the list of the invoices left out for this reason."""
        self._check_dialog()
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.reason,
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", self.move_ids or [])],
        }
