from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.common.client_action import CLOSE, NEXT

ACTS = [
    ("send_now", "Send Now"),
    ("send_again", "Send Again"),
    ("mark_sent", "Mark as Sent"),
    ("cancel", "Cancel or Withdraw"),
]


class DunningReminderAct(models.TransientModel):
    """Says how many of the chosen reminders an act concerns, and does it."""

    _name = "dunning.reminder.act"
    _description = "Action on Several Reminders"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("reminder_ids", "act")

    act = fields.Selection(ACTS, string="Action", readonly=True, required=True)
    reminder_ids = fields.Many2many("dunning.reminder", readonly=True)
    concerned_ids = fields.Many2many(
        "dunning.reminder", string="Reminders", compute="_compute_effect"
    )
    count = fields.Integer(string="Reminders Concerned", compute="_compute_effect")
    effect_text = fields.Text(string="What Happens", compute="_compute_effect")
    total_text = fields.Char(string="Open Amount", compute="_compute_effect")
    left_count = fields.Integer(string="Left as They Are", compute="_compute_effect")

    @api.depends("act", "reminder_ids")
    @api.depends_context("lang")
    def _compute_effect(self):
        for dialog in self:
            groups = dialog.reminder_ids._foresee(dialog.act) if dialog.act else []
            found = self.env["dunning.reminder"].union(*(found for _label, found in groups))
            dialog.concerned_ids = found.ids
            dialog.count = len(found)
            dialog.left_count = len(dialog.reminder_ids) - len(found)
            dialog.total_text = found._format_totals()
            dialog.effect_text = "\n".join(
                f"{label}: {len(reminders)}" for label, reminders in groups if reminders
            )

    def action_act(self):
        """Do it to those it concerns; the others stay as they are."""
        self._check_dialog()
        self.ensure_one()
        if not self.concerned_ids:
            # what was paid or done since, in another window
            raise UserError(self.reminder_ids._get_refusal(self.act))
        done = getattr(self.concerned_ids, f"action_{self.act}")()
        return {**done, "params": {**done["params"], "next": {**NEXT[CLOSE]}}}
