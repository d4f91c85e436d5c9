from odoo import api, fields, models

from ..models.dunning_program_maker import KIT_NAMES, KIT_NOTES


class DunningProgramNew(models.TransientModel):
    """Starts a program from a ready-made one."""

    _name = "dunning.program.new"
    _description = "New Dunning Program"
    _inherit = ["value.bounds.mixin"]

    kit = fields.Selection(
        lambda self: [(key, self.env._(name)) for key, name in KIT_NAMES.items()],
        string="Start From",
        required=True,
        default="standard",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    name = fields.Char(
        compute="_compute_name", store=True, precompute=True, readonly=False, required=True
    )
    note = fields.Char(compute="_compute_note")

    @api.depends("kit")
    def _compute_name(self):
        for new in self:
            new.name = self.env._(KIT_NAMES[new.kit]) if new.kit else False

    @api.depends("kit")
    def _compute_note(self):
        for new in self:
            new.note = self.env._(KIT_NOTES[new.kit]) if new.kit else False

    def action_create(self):
        """Create the program, manual, and open it."""
        self.ensure_one()
        maker = self.env["dunning.program.maker"]
        values = maker._prepare_program(self.kit, self.company_id)
        program = self.env["dunning.program"].create({**values, "name": self.name})
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.program",
            "res_id": program.id,
            "views": [(False, "form")],
        }
