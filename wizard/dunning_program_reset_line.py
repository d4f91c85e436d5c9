from odoo import fields, models


class DunningProgramResetLine(models.TransientModel):
    """One change of a reset, with its tick."""

    _name = "dunning.program.reset.line"
    _description = "Change of a Reset"
    _inherit = ["value.bounds.mixin"]

    reset_id = fields.Many2one("dunning.program.reset", required=True, ondelete="cascade")
    is_chosen = fields.Boolean(string="Do It", default=True)
    kind = fields.Selection(
        [("days", "Days"), ("level", "Levels"), ("text", "Texts")], required=True, readonly=True
    )
    label = fields.Char(string="Change", required=True, readonly=True)
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="cascade")
    template_id = fields.Many2one("mail.template", readonly=True, ondelete="cascade")
    values = fields.Json(readonly=True)

    def _apply(self):
        """Make this change."""
        self.ensure_one()
        if self.template_id:
            self.template_id.sudo().reset_template()
        elif not self.level_id:
            self.reset_id.program_id.level_ids.create(
                {**self.values, "program_id": self.reset_id.program_id.id}
            )
        elif self.values == {"active": False} and not self.level_id.is_used:
            self.level_id.unlink()
        else:
            self.level_id.write(self.values)
