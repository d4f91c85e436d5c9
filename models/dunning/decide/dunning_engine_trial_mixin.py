from odoo import api, models

from ....tools.dunning.trial import Trial


class DunningEngineTrialMixin(models.AbstractModel):
    """Customers of control groups are left without a level (K9)."""

    _name = "dunning.engine.trial.mixin"
    _description = "Dunning Engine: Control Groups"

    @api.model
    def _get_trials(self, company, as_of, by_hand):
        """Return the trials that run on a day, as the pure ``Trial``: ``{program id: trial}``.

        A person who reminds by hand is told of them; they hold nothing back.
        """
        if by_hand:
            return {}
        running = self.env["dunning.trial"]._get_running(company, as_of)
        arms = self.env["dunning.trial.member"]._read_arms(running) if running else {}
        return {
            trial.program_id.id: Trial(
                ladder=trial.program_id._get_ladder(),
                level_id=trial.level_id.id,
                until=trial.date_end,
                secret=trial.secret,
                percent=trial.percent,
                arms=arms[trial.id],
                contact_gap=company.dunning_contact_gap,
            )
            for trial in running
        }

    @api.model
    def _decide_line(self, fact, decide, trials, as_of):
        """Return the decision on a due line, with the trial its customer is part of.

        :param decide: what decides on lines of its program
        """
        decision = decide(fact.line)
        trial = trials.get(fact.program_id)
        if trial and trial.leaves_out(fact.partner_id):
            return trial.decide(fact.line, decision, as_of)
        return decision
