"""Control groups: some customers are left without a level for some weeks, to see what it achieves.

Who is left out is drawn by a hash of the trial's secret and the customer, so that a simulation
draws as the run will, and nobody who sets up a trial can choose. The level is passed over for them,
as if the ladder did not have it, until the trial is over. Nothing here reads a clock, a database or
a language (rules 6 and 12).

>>> from .ladder import DueLine, Ladder, Level
>>> ladder = Ladder([Level(1, number=1, days=5), Level(2, number=2, days=15)])
>>> trial = Trial(ladder, 1, until=date(2026, 4, 30), secret="x", percent=50)
>>> line = DueLine(9, due=date(2026, 3, 1))
>>> decision = trial.decide(line, decide(line, ladder, date(2026, 3, 6)), date(2026, 3, 6))
>>> decision.remind, decision.reason, decision.level.number, str(decision.next_date)
(False, 'control_group', 2, '2026-03-16')
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from .decision import ENGINE_REASONS, NOT_IN_FILTER, Decision, decide
from .ladder import DueLine, Ladder, add_days

CONTROL_GROUP = "control_group"
# What of a decision says that the level's turn had come, and the customer is left without it.
LEFT_OUT = "left_out"
BITS = 64


def is_drawn(secret: str, partner_id: int, percent: int) -> bool:
    """Whether a customer is drawn into the control group: so many of a hundred are.

    The first 64 bits of SHA-256 of secret and customer, as a share of all such numbers.

    >>> sum(is_drawn("secret", number, 20) for number in range(10_000))
    2032
    """
    digest = sha256(f"{secret}:{partner_id}".encode()).digest()
    return int.from_bytes(digest[: BITS // 8]) * 100 < percent << BITS


@dataclass(slots=True)
class Trial:
    """A trial of one program on a day on which it runs.

    ``until`` is its last day. ``arms`` are the customers drawn so far, True for those left out:
    what was drawn once stays, whatever becomes of the trial's numbers.
    """

    ladder: Ladder
    level_id: int
    until: date
    secret: str
    percent: int
    arms: dict[int, bool] = field(default_factory=dict)
    contact_gap: int = 0

    def leaves_out(self, partner_id: int) -> bool:
        """Whether a customer is left without the level."""
        known = self.arms.get(partner_id)
        return is_drawn(self.secret, partner_id, self.percent) if known is None else known

    def decide(self, line: DueLine, decision: Decision, as_of: date) -> Decision:
        """Decide on a line of a customer who is left out.

        The level is passed over: the next one may come when it is its turn. If none comes before
        the trial ends, the level itself does on the day after. A hold keeps its reason.

        :param decision: what would be decided without the trial
        """
        level = decision.level
        if not level or level.id != self.level_id or max(decision.next_date, as_of) > self.until:
            return decision
        passed = replace(line, barred=(*line.barred, self.level_id))
        without = decide(passed, self.ladder, as_of, self.contact_gap)
        figures = {"left_until": self.until, "rung": self.level_id}
        if decision.remind:
            figures[LEFT_OUT] = True
        if without.remind:
            return without._replace(params=without.params | figures)
        following = self._follow(line, without)
        is_own = decision.reason in ENGINE_REASONS and decision.reason != NOT_IN_FILTER
        reason = CONTROL_GROUP if is_own else decision.reason
        told = {key: value for key, value in following.params.items() if key != "barred"}
        params = decision.params | told | figures
        return following._replace(remind=False, reason=reason, params=params)

    def _follow(self, line: DueLine, without: Decision) -> Decision:
        """What comes next: a later level while the trial runs, else what comes when it is over."""
        first = add_days(self.until, 1)
        if without.level and without.next_date < first:
            return without
        after = decide(line, self.ladder, first, self.contact_gap)
        if not after.level:
            return without
        day = max(after.next_date, first)
        return after._replace(next_date=day, params=after.params | {"date": day})
