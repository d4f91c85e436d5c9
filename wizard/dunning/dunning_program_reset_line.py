from odoo import fields, models


class DunningProgramResetLine(models.TransientModel):
    """One change of a reset, with its tick."""

    _name = "dunning.program.reset.line"
    _description = "Change of a Reset"
    _inherit = "recurrence.dunning.own.record.mixin"

    reset_id = fields.Many2one("dunning.program.reset", required=True, ondelete="cascade")
    is_chosen = fields.Boolean(string="Apply", default=True)
    kind = fields.Selection(
        [("days", "Days"), ("level", "Levels"), ("text", "Texts")],
        required=True,
        readonly=True,
        system=True,
    )
    label = fields.Char(string="Change", required=True, readonly=True, system=True)
    level_id = fields.Many2one("dunning.level", readonly=True, system=True, ondelete="cascade")
    template_id = fields.Many2one("mail.template", readonly=True, system=True, ondelete="cascade")
    values = fields.Json(readonly=True, system=True)

    def _apply(self):
        """Make this change."""
        self.ensure_one()
        if self.template_id:
            self.template_id._check_dunning_shared()
            self.template_id.sudo().reset_template()
        elif not self.level_id:
            # what the level is found by at the next reset is kept by the system
            self.env["dunning.level"].check_access("create")
            self.env["dunning.level"].sudo().create(
                {**self.values, "program_id": self.reset_id.program_id.id}
            )
        elif self.values == {"active": False} and not self.level_id.is_used:
            self.level_id.unlink()
        else:
            self.level_id.write(self.values)
