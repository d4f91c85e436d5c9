from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningLevel(models.Model):
    """What becomes of run times that are for a level alone when it comes or goes."""

    _inherit = "dunning.level"

    def write(self, vals):
        idle = self._get_run_times().filtered(lambda line: line._is_idle())
        result = super().write(vals)
        # what would have run while they ran nothing was not missed
        idle.filtered(lambda line: not line._is_idle()).date_since = fields.Datetime.now()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_only_one_to_run(self):
        """Refuse what would make run times for these levels alone ones for all levels."""
        lines = self._get_run_times().filtered(lambda line: not line.level_ids - self)
        if lines:
            raise UserError(
                self.env._(
                    "%(levels)s cannot be deleted, because run times of %(program)s are for "
                    "nothing else: %(times)s. Choose other levels there first.",
                    levels=", ".join(lines.level_ids.mapped("name")),
                    program=", ".join(lines.program_id.mapped("name")),
                    times=", ".join(lines.mapped("display_name")),
                )
            )

    def _get_run_times(self):
        """Return the run times that are for chosen levels, these among them."""
        return self.program_id.sudo().schedule_ids.filtered(lambda line: line.level_ids & self)
