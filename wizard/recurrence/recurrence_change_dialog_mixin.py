from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.common.client_action import notify

# As many are shown first; more take too long for somebody who waits.
MOST = 500
BATCH_SIZE = 20


class RecurrenceChangeDialogMixin(models.AbstractModel):
    """Dialogs that change recurring invoices: each is shown as it would be, then they are changed.

    Their rows are of models that inherit ``recurrence.change.line.mixin``.
    """

    _name = "recurrence.change.dialog.mixin"
    _description = "Dialog That Changes Recurring Invoices"
    _inherit = "recurrence.preview.dialog.mixin"

    ready_count = fields.Integer(compute="_compute_ready_count")
    problem_count = fields.Integer(compute="_compute_ready_count")

    @api.depends("row_ids.problem", "row_ids.is_done")
    def _compute_ready_count(self):
        for dialog in self:
            waiting = dialog.row_ids.filtered(lambda row: not row.is_done)
            dialog.problem_count = len(waiting.filtered("problem"))
            dialog.ready_count = len(waiting) - dialog.problem_count

    def _prepare_row(self, schedule, change):
        """Return the values of the row of a recurring invoice: as it is and as it would be.

        :param change: ScheduleChange
        """
        before, after, effect, problem = schedule._preview_change(change)
        is_same_rule = not after or before.rule == after.rule
        return {
            "schedule_id": schedule.id,
            "now": schedule._describe_facts(before),
            "then": after and schedule._describe_facts(after),
            "rule": False if is_same_rule else after.rule,
            "effect": effect,
            "problem": problem,
        }

    def _show(self, rows):
        """Show rows, in place of those there were.

        :param rows: values of each
        """
        self.row_ids.sudo().unlink()
        self.write({"step": "look", "row_ids": [Command.create(row) for row in rows]})
        return self._reopen()

    def _change(self, rows):
        """Change recurring invoices; one that cannot be stops nobody else, and says why."""
        if not rows:
            raise UserError(self.env._("None of them can be changed."))
        dates = self.env["recurrence.occurrence"]
        for number, row in enumerate(rows, 1):
            row._apply()
            if number % BATCH_SIZE == 0:
                dates._commit_selection(number, len(rows))
        if rows.filtered("problem"):
            self.step = "done"
            return self._reopen()
        message = self.env._("Recurring invoices changed: %(count)s.", count=len(rows))
        return notify(message, "success")
