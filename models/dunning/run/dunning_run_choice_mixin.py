from odoo import api, fields, models
from odoo.exceptions import UserError

# What a run can be limited to; an empty one stands for all of the company.
CHOICES = ("program_ids", "level_ids", "move_ids")


class DunningRunChoiceMixin(models.AbstractModel):
    """Which programs, levels and invoices a run is limited to, whatever is deleted meanwhile."""

    _name = "dunning.run.choice.mixin"
    _description = "What a Dunning Run Is Limited To"

    limited_to = fields.Char(
        readonly=True,
        copy=False,
        help=(
            "The fields that were filled in: once all of their records are deleted the run is not "
            "one of all programs, levels or invoices."
        ),
    )

    @api.model_create_multi
    def create(self, vals_list):
        runs = super().create(vals_list)
        runs._keep_choices()
        return runs

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(CHOICES):
            self._keep_choices()
        return result

    def _keep_choices(self):
        changed = self.sudo().filtered(lambda run: run._get_choices() != (run.limited_to or ""))
        for text, runs in changed.grouped(lambda run: run._get_choices()).items():
            runs.limited_to = text

    def _get_choices(self):
        return ",".join(name for name in CHOICES if self[name])

    def _check_choices(self):
        """Refuse a run that would be one of all, since what it was limited to is deleted."""
        for run in self.sudo():
            limits = run.limited_to.split(",") if run.limited_to else []
            gone = [name for name in limits if not run[name]]
            if gone:
                raise UserError(
                    self.env._(
                        "What this run is limited to has been deleted: %(fields)s. Choose others, "
                        "or create a new run.",
                        fields=", ".join(
                            run._fields[name]._description_string(self.env) for name in gone
                        ),
                    )
                )
