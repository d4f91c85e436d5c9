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
        string="Answers Go To",
        required=True,
        default="here",
    )
    answer_address = fields.Char(compute="_compute_answer_address")

    def _compute_answer_address(self):
        for program in self:
            program.answer_address = program.company_id._dunning_get_answer_address()
