from collections import defaultdict
from datetime import date

from odoo import api, models


class DunningEngineStatusMixin(models.AbstractModel):
    """Where invoices stand on the ladder, summed up from decided facts."""

    _name = "dunning.engine.status.mixin"
    _description = "Dunning Engine: Status"

    @api.model
    def _summarize(self, facts, as_of):
        """Return ``{move id: status}`` of the invoices that decided facts are about.

        A status is (level, last date, first date, next date, reason of the line that comes next).
        """
        next_dates = self._get_next_dates(facts, as_of)
        by_move = defaultdict(list)
        for fact in facts:
            by_move[fact.move_id].append(fact)
        status = {}
        for move_id, found in by_move.items():
            dates = [fact.line.last_date for fact in found if fact.line.last_date]
            first = min(found, key=lambda fact: fact.decision.next_date or date.max)
            status[move_id] = (
                max(fact.line.level for fact in found),
                max(dates, default=None),
                min(dates, default=None),
                next_dates.get(move_id),
                first.decision.reason,
            )
        return status

    @api.model
    def _get_next_dates(self, facts, as_of):
        """Return ``{move id: day of its next reminder}`` from decided facts; no day: no entry.

        A line held without an end has none; one that is due today or since has today.
        """
        next_dates = {}
        for fact in facts:
            decision = fact.decision
            held = fact.line.hold and not fact.line.hold_until
            if held or not decision.next_date:
                continue
            day = max(decision.next_date, as_of)
            next_dates[fact.move_id] = min(day, next_dates.get(fact.move_id, day))
        return next_dates
