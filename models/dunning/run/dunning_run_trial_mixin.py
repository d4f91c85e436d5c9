from odoo import models
from odoo.fields import Command

from ....tools.dunning.trial import LEFT_OUT

# A message that would ask too little is none; the level's turn had come all the same, in both arms.
BELOW_MINIMUM = "below_minimum"


class DunningRunTrialMixin(models.AbstractModel):
    """Draws customers into the control groups that run on the day of a run (K9)."""

    _name = "dunning.run.trial.mixin"
    _description = "Control Groups of a Dunning Run"

    def _draw_customers(self, facts):
        """Note the customers for whom it is the level's turn for the first time, and their group.

        Who is left out was decided by the same draw, so that simulation and run agree.

        :param facts: the decided facts of this run
        """
        if self.by_hand:
            return
        for trial in self.env["dunning.trial"]._get_running(self.company_id, self.date):
            if not self.level_ids or trial.level_id in self.level_ids:
                self._draw_for(trial, facts)

    def _draw_for(self, trial, facts):
        members = self.env["dunning.trial.member"].sudo()
        known = members._read_arms(trial)[trial.id]
        drawn = {}
        for fact in facts:
            if fact.program_id != trial.program_id.id or fact.partner_id in known:
                continue
            left_out, turn = self._get_turn(fact.decision, trial.level_id.id)
            if turn:
                drawn.setdefault((fact.partner_id, left_out), []).append(fact.id)
        members.create(
            [
                {
                    "trial_id": trial.id,
                    "company_id": trial.company_id.id,
                    "partner_id": partner_id,
                    "arm": "left_out" if left_out else "sent",
                    "date": self.date,
                    "run_id": self.id,
                    "move_line_ids": [Command.set(line_ids)],
                }
                for (partner_id, left_out), line_ids in drawn.items()
            ]
        )

    def _get_turn(self, decision, level_id):
        """Return whether a due line is left without the level, and whether it was its turn."""
        if decision.params.get(LEFT_OUT):
            return True, True
        is_level = decision.level and decision.level.id == level_id
        goes = decision.remind or decision.reason == BELOW_MINIMUM
        return False, bool(is_level and goes)
