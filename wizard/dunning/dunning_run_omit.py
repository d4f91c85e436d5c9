from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.common.client_action import open_dialog
from ...models.common.due_line import DUE_LINE_HELP


class DunningRunOmit(models.TransientModel):
    """Takes decisions out of a run before it is executed, for this run only or for longer."""

    _name = "dunning.run.omit"
    _description = "Exclude from a Dunning Run"
    _inherit = "recurrence.dunning.own.record.mixin"

    line_ids = fields.Many2many("dunning.run.line", readonly=True)
    line_count = fields.Integer(
        compute="_compute_line_count", string="Due Lines", help=DUE_LINE_HELP
    )
    scope = fields.Selection(
        [
            ("run", "In this run only"),
            ("date", "Until a date"),
            ("released", "Until lifted"),
        ],
        string="Do Not Remind",
        required=True,
        default="run",
    )
    date_until = fields.Date(string="Until", help="The last day on which no reminder is sent.")
    kind = fields.Selection("_get_kinds", default="other")
    reason = fields.Text(help="Information for colleagues.")

    @api.model
    def _get_kinds(self):
        return self.env["dunning.block"]._fields["kind"]._description_selection(self.env)

    @api.depends("line_ids")
    def _compute_line_count(self):
        for dialog in self:
            dialog.line_count = len(dialog.line_ids)

    @api.model
    def _open(self, lines):
        """Return the dialog for decisions to remind of runs that are not executed yet."""
        lines._check_changeable()
        lines = lines.filtered(lambda line: line.decision == "remind")
        if not lines:
            raise UserError(self.env._("Only items with the decision “Remind” can be excluded."))
        dialog = self.create({"line_ids": [Command.set(lines.ids)]})
        return open_dialog(dialog, self.env._("Exclude from the run"))

    def action_omit(self):
        """Take the lines out; for longer than this run a block is made for each due line."""
        self._check_dialog()
        self.ensure_one()
        if self.scope == "date" and not self.date_until:
            raise UserError(self.env._("Until when? Fill in the last day."))
        if self.scope == "date" and self.date_until < min(self.line_ids.run_id.mapped("date")):
            raise UserError(self.env._("The last day is before the run."))
        if self.scope == "released" and self.kind == "promise":
            raise UserError(self.env._("A promise to pay needs a date: choose “Until a date”."))
        if self.scope != "run":
            self._create_blocks()
        self.line_ids._omit()
        return {"type": "ir.actions.act_window_close"}

    def _create_blocks(self):
        """Block each of the due lines, of invoices and of other entries alike."""
        self.env["dunning.block"].create(
            [
                {
                    "move_line_id": line.move_line_id.id,
                    "kind": self.kind or "other",
                    "reason": self.reason,
                    "date_from": min(line.run_id.date, line.company_id._get_job_today()),
                    "date_until": self.date_until if self.scope == "date" else False,
                }
                for line in self.line_ids
            ]
        )
