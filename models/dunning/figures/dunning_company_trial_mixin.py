from odoo import models
from odoo.tools import SQL, format_date, formatLang

from ....tools.dunning.comparison import CLEAR, Observation, compare, measure_arm
from .dunning_figure_text import PAID_WITHIN, VERDICTS

MOST_TRIALS = 5
ARMS = ("sent", "left_out")
READ_FIELDS = {
    "account.move": ["payment_state"],
    "account.move.line": ["parent_state", "reconciled"],
    "account.partial.reconcile": ["debit_move_id", "max_date"],
    "dunning.trial.member": None,
}


class DunningCompanyTrialMixin(models.AbstractModel):
    """What control groups tell: who paid with a level, and who without (K9)."""

    _name = "dunning.company.trial.mixin"
    _description = "Comparison of Control Groups"

    def _dunning_tell_trials(self, day):
        """Return the latest control groups, each with both sides and what may be said of them."""
        observed = self._dunning_observe(day)
        trials = (
            self.env["dunning.trial"]
            .browse(observed)
            .sorted(lambda trial: (trial.date_start, trial.id), reverse=True)
        )
        labels = dict(
            self.env["dunning.trial.member"]._fields["arm"]._description_selection(self.env)
        )
        return [
            self._dunning_tell_trial(trial, observed[trial.id], labels, day)
            for trial in trials[:MOST_TRIALS]
        ]

    def _dunning_observe(self, as_of):
        """Return what became of who was drawn by a day: ``{trial id: [Observation, …]}``.

        Invoices that were reversed are left out, and who had paid before the draw.
        """
        observed = {}
        for trial_id, is_left_out, day, items, paid in self._dunning_read_drawn(as_of):
            if not paid or paid >= day:
                found = observed.setdefault(trial_id, [])
                found.append(Observation(is_left_out, day, items, paid))
        return observed

    def _dunning_read_drawn(self, as_of):
        """Return rows of control group, side, day drawn, items and day paid of each customer."""
        for model, names in READ_FIELDS.items():
            self.env[model].flush_model(names)
        return self.env.execute_query(
            SQL(
                """
                SELECT member.trial_id, member.arm = 'left_out', member.date, count(*),
                       CASE WHEN bool_and(line.reconciled AND paid.day <= %(as_of)s)
                            THEN max(paid.day) END
                  FROM dunning_trial_member member
                  JOIN dunning_trial_member_line_rel rel
                    ON rel.dunning_trial_member_id = member.id
                  JOIN account_move_line line ON line.id = rel.account_move_line_id
                                             AND line.parent_state = 'posted'
                  JOIN account_move move ON move.id = line.move_id
                                        AND move.payment_state IS DISTINCT FROM 'reversed'
             LEFT JOIN LATERAL (SELECT max(part.max_date) AS day
                                  FROM account_partial_reconcile part
                                 WHERE part.debit_move_id = line.id) paid ON line.reconciled
                 WHERE member.company_id = %(company)s AND member.date <= %(as_of)s
              GROUP BY member.id
                """,
                company=self.id,
                as_of=as_of,
            )
        )

    def _dunning_tell_trial(self, trial, observations, labels, day):
        arms = {
            name: measure_arm(
                (one for one in observations if one.is_left_out == (name == "left_out")), day
            )
            for name in ARMS
        }
        within = self._dunning_translate(PAID_WITHIN)
        return {
            "id": trial.id,
            "name": trial.display_name,
            "period": self.env._(
                "%(first)s to %(last)s",
                first=format_date(self.env, trial.date_start),
                last=format_date(self.env, trial.date_end),
            ),
            "arms": [
                {
                    "name": name,
                    "label": labels[name],
                    "customers": arm.customers,
                    "items": arm.items,
                    "soon": self._dunning_tell_rate(arm.soon),
                    "later": self._dunning_tell_rate(arm.later),
                    "days": self._dunning_tell_days(arm.median_days),
                }
                for name, arm in arms.items()
            ],
            "verdicts": [
                self._dunning_tell_verdict(label, *(getattr(arms[arm], name) for arm in ARMS))
                for name, label in within.items()
            ],
            "within": within,
        }

    def _dunning_tell_rate(self, rate):
        """Return a share and what it is made of; nobody had the days: a dash."""
        if not rate.tried:
            return "–"
        return self.env._(
            "%(share)s (%(paid)s of %(tried)s)",
            share=self._dunning_tell_share(rate.share),
            paid=rate.paid,
            tried=rate.tried,
        )

    def _dunning_tell_verdict(self, label, sent, left_out):
        """Return whether the difference is more than chance, as a sentence."""
        found = compare(sent, left_out)
        code = found.verdict
        if code == CLEAR:
            code = "more" if found.points > 0 else "fewer"
        numbers = {
            name: formatLang(self.env, getattr(found, name) or 0.0, digits=1)
            for name in ("points", "low", "high")
        }
        return {
            "name": code,
            "text": self._dunning_translate(VERDICTS)[code] % {"within": label, **numbers},
        }
