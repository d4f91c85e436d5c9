from odoo import api, fields, models

from ...models.dunning.setup.dunning_program_kit_mixin import KIT_NAMES, KIT_NOTES


class DunningProgramNew(models.TransientModel):
    """Starts a program from a ready-made one."""

    _name = "dunning.program.new"
    _description = "New Dunning Program"
    _inherit = "recurrence.dunning.own.record.mixin"

    kit = fields.Selection(
        lambda self: list(zip(KIT_NAMES, map(self.env._, KIT_NAMES.values()), strict=True)),
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
        translate = self.env._
        for new in self:
            new.name = translate(KIT_NAMES[new.kit]) if new.kit else False

    @api.depends("kit")
    def _compute_note(self):
        translate = self.env._
        for new in self:
            new.note = translate(KIT_NOTES[new.kit]) if new.kit else False

    def action_create(self):
        """Create the program, manual, and open it."""
        self._check_dialog()
        self.ensure_one()
        values = self.env["dunning.program"]._prepare_program(self.kit, self.company_id)
        programs = self.env["dunning.program"]
        programs.check_access("create")
        # kit and keys of the levels are kept by the system
        program = programs.sudo().create({**values, "name": self.name})
        program._name_in_languages()
        program = program.with_env(self.env)
        program.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.program",
            "res_id": program.id,
            "views": [(False, "form")],
        }
