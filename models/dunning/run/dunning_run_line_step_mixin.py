from odoo import models
from odoo.exceptions import UserError


class DunningRunLineStepMixin(models.AbstractModel):
    """Taking decisions out of a run that is not executed yet, and putting them back."""

    _name = "dunning.run.line.step.mixin"
    _description = "Decisions Excluded from a Run"

    def _omit(self):
        """Take decisions out of their run, in the name of the user (rule 7)."""
        self._check_changeable()
        for run, found in self.sudo().grouped("run_id").items():
            found = found.filtered(lambda line: line.decision == "remind")
            params = {"user": self.env.uid}
            for line in found:
                line.write(
                    {
                        "decision": "skip",
                        "reason": "removed",
                        "reason_params": {**(line.reason_params or {}), **params},
                        "omitted_by_id": self.env.uid,
                    }
                )
            run._count_lines()

    def _restore(self):
        """Put lines back by deciding anew on what else holds of their run."""
        self._check_changeable()
        for run, found in self.sudo().grouped("run_id").items():
            found.filtered("omitted_by_id").write({"omitted_by_id": False})
            run._simulate(state=run.state)

    def _check_changeable(self):
        for run in self.run_id:
            run.check_access("write")
            if run.state not in ("simulated", "to_check"):
                raise UserError(
                    self.env._("Only a simulated run can be changed, before it is executed.")
                )
