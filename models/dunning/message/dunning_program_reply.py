from odoo import fields, models


class DunningProgram(models.Model):
    """Where customers' answers go."""

    _name = "dunning.program"
    _inherit = ["dunning.program", "recurrence.dunning.plain.note.mixin"]

    answers_to = fields.Selection(
        [
            ("here", "The company's address for reminders"),
            ("sender", "The sender's own address"),
        ],
        string="Replies Go To",
        required=True,
        default="here",
    )
    answer_address = fields.Char(compute="_compute_answer_address")

    def _get_last_level(self):
        """Return the last level in effect that counts as a reminder, if there is any."""
        counting = self.level_ids.filtered(lambda lv: lv.active and lv.counts and lv.days >= 0)
        return counting.sorted(lambda level: (level.days, level.id))[-1:]

    def _compute_answer_address(self):
        for program in self:
            program.answer_address = program.company_id._dunning_get_answer_address()
