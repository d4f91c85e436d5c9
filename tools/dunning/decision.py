"""Which reminder is due for a due line: the pure decision of dunning.

Facts about due lines, a ladder of levels and a day go in; one decision per due line comes out:
remind or skip, the reason, the level meant and the day of the line's next step. Nothing here
reads a clock, a database or a language, so any day can be simulated (rules 6 and 12).

Units are those of ``ladder``.

>>> ladder = Ladder([Level(1, days=-3), Level(2, number=1, days=5),
...     Level(3, number=2, days=15, gap=7), Level(4, number=3, days=30, gap=14)])

Next rung only: a line that was never reminded gets the first level, however late it is.

>>> decision = decide(DueLine(7, due=date(2026, 3, 1)), ladder, date(2026, 4, 10))
>>> decision.remind, decision.reason, decision.level.number
(True, 'level_due', 1)

The next one waits for its gap, and the decision says until when.

>>> line = DueLine(7, due=date(2026, 3, 1), level=1, last_date=date(2026, 4, 10))
>>> decision = decide(line, ladder, date(2026, 4, 12))
>>> decision.reason, decision.params["gap"], str(decision.params["date"])
('gap', 7, '2026-04-17')
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from .ladder import (
    LEVEL_DUE,
    MAILING_DUE,
    NOTICE_DUE,
    REPEAT_DUE,
    DueLine,
    Ladder,
    Level,
    Step,
    add_days,
    first_step,
)

NOT_DUE_YET = "not_due_yet"
GAP = "gap"
CONTACT_GAP = "contact_gap"
NOTICE_DROPPED = "notice_dropped"
LADDER_DONE = "ladder_done"
NO_LEVEL = "no_level"
LEVEL_BY_HAND = "level_by_hand"
WITHDRAWN = "withdrawn"
NOT_IN_FILTER = "not_in_filter"

# What the engine itself finds, and which of ``Decision.params`` its sentence may name.
ENGINE_REASONS = {
    LEVEL_DUE: {"level", "date"},
    REPEAT_DUE: {"level", "date"},
    NOTICE_DUE: {"due", "date"},
    MAILING_DUE: {"date"},
    NOT_DUE_YET: {"date"},
    GAP: {"level", "gap", "last_date", "date"},
    CONTACT_GAP: {"contact_last", "date"},
    NOTICE_DROPPED: {"contact_last"},
    LADDER_DONE: set(),
    NO_LEVEL: set(),
    LEVEL_BY_HAND: {"last_level", "date"},
    WITHDRAWN: {"last_level", "date"},
    NOT_IN_FILTER: set(),
}
REMIND_REASONS = frozenset({LEVEL_DUE, REPEAT_DUE, NOTICE_DUE, MAILING_DUE})

# Overdue lines with one of these reasons stand in a message without effect (rule 13): nothing
# speaks against claiming them. What is disputed or paid is not claimed.
MENTIONED_REASONS = (
    "not_due_yet",
    "gap",
    "contact_gap",
    "ladder_done",
    "level_by_hand",
    "withdrawn",
    "level_not_chosen",
    "control_group",
)


# Waiting for nothing but its day: a person may send the next level before it.
WAITING_REASONS = frozenset({NOT_DUE_YET, GAP, LEVEL_BY_HAND, WITHDRAWN})

# All that is known about a line but its id.
_LIKENESS = attrgetter(*(field.name for field in fields(DueLine) if field.name != "id"))


class Decision(NamedTuple):
    """The outcome for one due line; every one has a reason (rule 7).

    ``next_date`` is the first day on which ``level`` can go, given that only time passes; it is
    not after the day decided for when ``remind``. A hold without end is left out of account.
    """

    remind: bool
    reason: str  # a key of ENGINE_REASONS, or the hold as handed in
    level: Level | None  # to send, else the one waited for, else None
    next_date: date | None
    params: dict  # figures of the reason, unformatted: days as date, counts as int


def decide(line: DueLine, ladder: Ladder, as_of: date, contact_gap: int = 0) -> Decision:
    """Decide on one due line for one day (rules 7 and 12).

    :param contact_gap: days that must lie between two messages to a customer, 0 = off. It holds
        back notices too; one whose wait would run past the due date is dropped.

    A hold wins over everything; level and date then say what would come without it, or, where it
    has a last day, what comes after it. A hold whose last day is over is no hold any more. A level
    whose filter leaves the line out is passed over, as if the ladder did not have it.
    """
    held = bool(line.hold) and (line.hold_until is None or as_of <= line.hold_until)
    earliest = _earliest(line, contact_gap, held)
    came = step = first_step(line, ladder, as_of)
    if earliest > as_of:
        step = first_step(line, ladder, earliest)  # what has its turn when the wait is over
    level = step and step.level
    next_date = step and max(step.ready, earliest)
    reason, barred = line.hold, None
    if not held:
        reason = _reason(ladder, came, step, as_of, earliest)
        if reason not in REMIND_REASONS:
            reason, barred = _reason_of_line(line, ladder, as_of, reason)
    params = {
        "level": level.number if level else 0,
        "date": next_date,
        "due": line.due,
        "gap": max(level.gap, 1) if level else 0,
        "last_level": line.level,
        "last_date": line.last_date,
        "contact_last": line.contact_last,
        "hold_until": line.hold_until,
    }
    if barred:
        params["barred"] = barred.id
    return Decision(not held and reason in REMIND_REASONS, reason, level, next_date, params)


def decider(ladder: Ladder, as_of: date, contact_gap: int = 0) -> Callable[[DueLine], Decision]:
    """``decide`` for many due lines of one program: those that are alike are decided once.

    They share one decision, so whoever changes its ``params`` makes a copy.

    :raise TypeError: where ``got`` or ``barred`` of a line is no tuple or frozenset
    """
    known = {}

    def decide_line(line: DueLine) -> Decision:
        key = _LIKENESS(line)
        decision = known.get(key)
        if decision is None:
            decision = known[key] = decide(line, ladder, as_of, contact_gap)
        return decision

    return decide_line


def send_ahead(decision: Decision, as_of: date) -> Decision:
    """The decision where a person sends the next level before its day; holds stay what they are.

    A repetition of the level last got is no next level, and what is not overdue is not reminded.

    >>> ladder = Ladder([Level(1, number=1, days=5), Level(2, number=2, days=15)])
    >>> line = DueLine(7, due=date(2026, 3, 1), level=1, last_date=date(2026, 3, 10))
    >>> today = date(2026, 3, 10)
    >>> ahead = send_ahead(decide(line, ladder, today), today)
    >>> ahead.remind, ahead.reason, ahead.level.number, str(ahead.next_date)
    (True, 'level_due', 2, '2026-03-10')
    """
    level, last = decision.level, decision.params.get("last_level")
    if decision.reason not in WAITING_REASONS or level is None or 0 < level.number == last:
        return decision
    if decision.params["due"] >= as_of:
        return decision
    reason = LEVEL_DUE if level.counts else MAILING_DUE
    params = {**decision.params, "date": as_of, "ahead": decision.next_date}
    return decision._replace(remind=True, reason=reason, next_date=as_of, params=params)


def advance(line: DueLine, decision: Decision, day: date) -> DueLine:
    """The line's facts after the reminder decided on left that day (D14, rule 11).

    Notices and plain mailings are only remembered; a repetition counts and sets the gap anew.
    """
    level = decision.level
    line = replace(line, got=frozenset(line.got) | {level.id}, contact_last=day, at_once=False)
    if decision.reason in (LEVEL_DUE, REPEAT_DUE):
        line.level, line.level_days, line.last_date = level.number, level.days, day
        line.level_id, line.by_hand = level.id, False
        line.repeats = line.repeats + 1 if decision.reason == REPEAT_DUE else 0
    return line


def _earliest(line: DueLine, contact_gap: int, held: bool) -> date:
    """First day on which contact gap and hold, if it has an end, let anything go."""
    earliest = date.min
    if contact_gap > 0 and line.contact_last:
        earliest = add_days(line.contact_last, 1 if line.at_once else contact_gap)
    if held and line.hold_until:
        earliest = max(earliest, add_days(line.hold_until, 1))
    return earliest


def _reason(ladder: Ladder, came: Step | None, step: Step | None, as_of: date, earliest: date):
    """Why: ``came`` is the line's step without the customer's wait, ``step`` after it."""
    if came is None:
        return LADDER_DONE if ladder.levels else NO_LEVEL
    if came.trigger > as_of and step is not None:
        return NOT_DUE_YET
    if came.ready <= as_of and earliest <= as_of:
        return came.reason
    if came.reason == NOTICE_DUE and (step is None or step.reason != NOTICE_DUE):
        return NOTICE_DROPPED
    return CONTACT_GAP if earliest > came.ready else GAP


def _reason_of_line(line: DueLine, ladder: Ladder, as_of: date, reason: str):
    """Why a line is not reminded, in the end: what was done to it says more than its waiting.

    :param reason: why it waits
    :return: the reason, and the level whose filter it is, if that is why
    """
    barred = _barred_level(line, ladder, as_of) if line.barred else None
    if barred:
        return NOT_IN_FILTER, barred
    if line.level and reason in (NOT_DUE_YET, GAP):
        if line.withdrawn:
            reason = WITHDRAWN
        elif line.by_hand:
            reason = LEVEL_BY_HAND
    return reason, None


def _barred_level(line: DueLine, ladder: Ladder, as_of: date) -> Level | None:
    """The level whose turn it would be, were it not for its filter."""
    step = first_step(replace(line, barred=()), ladder, as_of)
    return step.level if step and step.level.id in line.barred and step.ready <= as_of else None
