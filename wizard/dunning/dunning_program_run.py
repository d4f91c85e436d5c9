from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...models.common.client_action import open_dialog


class DunningProgramRun(models.TransientModel):
    """Runs a program now, for all or for chosen levels (D15)."""

    _name = "dunning.program.run"
    _description = "Manual Run of a Program"
    _inherit = ["recurrence.dunning.own.record.mixin", "dunning.outlook.mixin"]

    program_id = fields.Many2one(
        "dunning.program", required=True, readonly=True, ondelete="cascade"
    )
    level_ids = fields.Many2many(
        "dunning.level",
        "dunning_program_run_level_rel",
        string="Only These Levels",
        domain="[('program_id', '=', program_id)]",
        context={"active_test": False},
        help="Leave empty for all levels of the program.",
    )
    send_delay = fields.Integer(related="program_id.company_id.dunning_send_delay")

    @api.constrains("level_ids")
    def _check_levels(self):
        for dialog in self:
            if dialog.level_ids.program_id - dialog.program_id:
                raise ValidationError(self.env._("Choose levels of the program being run."))

    @api.model
    def _open(self, program):
        """Return the dialog for a program that this user may run."""
        program.ensure_one()
        program.company_id._check_dunning_on()
        program._check_runnable()
        program._check_may_run()
        dialog = self.create({"program_id": program.id})
        return open_dialog(dialog, self.env._("Run %(program)s now", program=program.name))

    def action_simulate(self):
        """Show first what would be sent."""
        self._check_dialog()
        self.ensure_one()
        run = self._create_run()
        run.action_simulate()
        return self._show(run)

    def action_run(self):
        """Decide now and send."""
        self._check_dialog()
        self.ensure_one()
        run = self._create_run()
        run.action_execute()
        return run._tell_execution(self._show(run))

    @api.depends("program_id", "level_ids")
    def _compute_outlook(self):
        return super()._compute_outlook()

    def _get_outlook_run(self):
        return self.env["dunning.run"].sudo().new(self._prepare_run())

    def _create_run(self):
        return self.env["dunning.run"].create(self._prepare_run())

    def _prepare_run(self):
        company = self.program_id.company_id
        return {
            "company_id": company.id,
            "date": company._get_job_today(),
            "program_ids": self.program_id.ids,
            "level_ids": self.level_ids.ids,
        }

    @api.model
    def _show(self, run):
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.run",
            "res_id": run.id,
            "views": [(False, "form")],
        }
