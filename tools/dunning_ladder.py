"""Which reminder is due for a due line: the pure decision of dunning.

Facts about due lines, a ladder of levels and a day go in; one decision per due line comes out:
remind or skip, the reason, the level meant and the day of the line's next step. Nothing here
reads a clock, a database or a language, so any day can be simulated (design rules 6 and 12).

Units: every date is a day of the company's calendar, every ``days``, ``gap`` and ``repeat_every``
a whole number of days. ``days`` counts from the due date: -3 is three days before it, 5 five after.

>>> levels = numbered([
...     Level(1, days=-3), Level(2, days=5), Level(3, days=15, gap=7), Level(4, days=30, gap=14)])
>>> ladder = Ladder(levels)

Next rung only: a line that was never reminded gets the first level, however late it is.

>>> decision = decide(DueLine(7, due=date(2026, 3, 1)), ladder, date(2026, 4, 10))
>>> decision.remind, decision.reason, decision.level.number
(True, 'level_due', 1)

The next one waits for its gap, and the decision says until when.

>>> line = DueLine(7, due=date(2026, 3, 1), level=1, last_date=date(2026, 4, 10))
>>> decision = decide(line, ladder, date(2026, 4, 12))
>>> print(ENGINE_REASONS[decision.reason] % decision.params)
Level 2 waits 7 days from the reminder of 2026-04-10: until 2026-04-17.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

LEVEL_DUE = "level_due"
REPEAT_DUE = "repeat_due"
NOTICE_DUE = "notice_due"
MAILING_DUE = "mailing_due"
NOT_DUE_YET = "not_due_yet"
GAP = "gap"
CONTACT_GAP = "contact_gap"
NOTICE_DROPPED = "notice_dropped"
LADDER_DONE = "ladder_done"
NO_LEVEL = "no_level"
LEVEL_BY_HAND = "level_by_hand"
NOT_IN_FILTER = "not_in_filter"

# What the engine itself finds. A placeholder is a key of ``Decision.params``.
ENGINE_REASONS = {
    LEVEL_DUE: "Level %(level)s is due since %(date)s.",
    REPEAT_DUE: "Level %(level)s is to be repeated since %(date)s.",
    NOTICE_DUE: "The notice before the due date %(due)s is to be sent since %(date)s.",
    MAILING_DUE: "A mailing that does not count as a reminder is to be sent since %(date)s.",
    NOT_DUE_YET: "It is not time yet: next step on %(date)s.",
    GAP: "Level %(level)s waits %(gap)s days from the reminder of %(last_date)s: until %(date)s.",
    CONTACT_GAP: "The customer was written to on %(contact_last)s: this waits until %(date)s.",
    NOTICE_DROPPED: "The customer was written to on %(contact_last)s: the notice is left out.",
    LADDER_DONE: "No further level follows in the program.",
    NO_LEVEL: "The program has no active level.",
    LEVEL_BY_HAND: "Level %(last_level)s was set by hand: next step on %(date)s.",
    NOT_IN_FILTER: "The filter of the program or of a level leaves it out.",
}
REMIND_REASONS = frozenset({LEVEL_DUE, REPEAT_DUE, NOTICE_DUE, MAILING_DUE})


class Level(NamedTuple):
    """One rung of a program (design D4, D14).

    Below 0 ``days`` make it a *notice*, sent before the due date. A level that does not count
    (``counts`` off) is a *plain mailing*: it keeps its place in the order, is sent once in a
    cycle, and leaves the line's level, date and gap as they were. Neither ever repeats.

    ``gap`` is the least number of days since the line's last counted reminder; a repetition keeps
    it too. ``repeat_max`` is how often the level may come again after the first time.
    """

    id: int
    number: int = 0
    days: int = 0
    gap: int = 0
    repeat_every: int = 0
    repeat_max: int = 0
    active: bool = True
    counts: bool = True


@dataclass(slots=True)
class DueLine:
    """What is known about one due line on the day of the decision (design rule 9).

    ``got`` and ``barred`` are tuples or frozensets: lines are compared by all they hold.
    """

    id: int
    due: date
    level: int = 0  # number of the last counted level got, 0 = none
    level_days: int | None = None  # days of that level; None = as in the ladder's level so numbered
    last_date: date | None = None  # of the last counted reminder; None = nothing to wait for
    got: Collection[int] = ()  # ids of all levels effective in this cycle, notices and mailings too
    repeats: int = 0  # how often the last level got was repeated already
    hold: str = ""  # reason code why it is not to be reminded, found by the collector
    contact_last: date | None = None  # last message to the customer, about whatever due line
    hold_until: date | None = None  # last day of the hold; None = open end
    barred: Collection[int] = ()  # ids of levels whose filter leaves the line out (design D12)
    by_hand: bool = False  # the level was set by a person or imported: no reminder stands for it
    level_id: int | None = None  # of the last counted level got; None = no reminder names it


# All that is known about a line but its id.
_LIKENESS = attrgetter(*(field.name for field in fields(DueLine) if field.name != "id"))


class Decision(NamedTuple):
    """The outcome for one due line; every one has a reason (design rule 7).

    ``next_date`` is the first day on which ``level`` can go, given that only time passes; it is
    not after the day decided for when ``remind``. A hold without end is left out of account.
    """

    remind: bool
    reason: str  # a key of ENGINE_REASONS, or the hold as handed in
    level: Level | None  # to send, else the one waited for, else None
    next_date: date | None
    params: dict  # values for ENGINE_REASONS, unformatted: days as date, counts as int


class _Step(NamedTuple):
    """A step of a line: ``trigger`` is its day by the due date, ``ready`` with its gap kept."""

    reason: str
    level: Level
    trigger: date
    ready: date


class Ladder:
    """The levels of one program, sorted and indexed once, then used for any number of lines.

    ``levels``, ``notices`` and ``steps`` (all that is no notice) hold the active ones by days. Of
    two notices, or two counted levels, with the same days only the first is ever sent (rule 12).
    """

    def __init__(self, levels: Iterable[Level]):
        every = sorted(levels, key=lambda level: (level.days, level.number, level.id))
        self.levels = tuple(level for level in every if level.active)
        notices = {level.days: level for level in reversed(self.levels) if level.days < 0}
        self.notices = tuple(reversed(notices.values()))
        self.steps = tuple(level for level in self.levels if level.days >= 0)
        self._step_days = [level.days for level in self.steps]
        # An archived level keeps its number; where an active one took it over, that one is meant.
        archived = (level for level in every if not level.active)
        self._number_days = {level.number: level.days for level in (*archived, *self.steps)}
        self._ids = {level.id for level in every}
        self._counted = [level for level in self.steps if level.counts]
        self._repeats = any(level.repeat_every > 0 for level in self._counted)

    def next_level(self, line: DueLine) -> Level | None:
        """First step whose days exceed those of the last level got (design rule 12, D3).

        Going by days and not by number keeps a line's place when levels are added, archived or
        renumbered. A number above the ladder's top, of unknown days, means the ladder is done. A
        level got in this cycle is left out even if its days were raised since (design rule 2).
        """
        for level in self.steps[self._position(line) :]:
            if level.id not in line.got and level.id not in line.barred:
                return level
        return None

    def _position(self, line: DueLine) -> int:
        """Index of the first step that lies beyond the line's last level."""
        if not line.level:
            return 0
        days = line.level_days
        if days is None:
            days = self._number_days.get(line.level)
        if days is None:
            return sum(level.number <= line.level for level in self.steps)
        return bisect_right(self._step_days, days)

    def repeatable(self, line: DueLine) -> Level | None:
        """The level last got, if it may be sent once more (design D4)."""
        if not line.level or not self._repeats:
            return None
        level = next((level for level in self._counted if self._is_last(level, line)), None)
        if level is None or level.repeat_every <= 0 or level.id in line.barred:
            return None
        return level if line.repeats < level.repeat_max else None

    def _is_last(self, level: Level, line: DueLine) -> bool:
        """Whether a level is the one a line got last: by its id, else its days, else its number.

        Days and numbers are edited; another program, or a copy of it, has other ids.
        """
        if line.level_id in self._ids:
            return level.id == line.level_id
        if line.level_days is not None:
            return level.days == line.level_days
        return level.number == line.level


def numbered(levels: Iterable[Level]) -> list[Level]:
    """The levels by days, active ones numbered from 1, notices 0 (design D4).

    Archived levels keep the number they had, so that the history of a line stays readable.

    >>> [(level.id, level.number) for level in numbered([Level(1, days=9), Level(2, days=2)])]
    [(2, 1), (1, 2)]
    """
    result, number = [], 0
    for level in sorted(levels, key=lambda level: level.days):
        if level.active or level.days < 0:
            number += level.days >= 0
            level = level._replace(number=number)
        result.append(level)
    return result


def decide(line: DueLine, ladder: Ladder, as_of: date, contact_gap: int = 0) -> Decision:
    """Decide on one due line for one day (design rules 7 and 12).

    :param contact_gap: days that must lie between two messages to a customer, 0 = off. It holds
        back notices too; one whose wait would run past the due date is dropped.

    A hold wins over everything; level and date then say what would come without it, or, where it
    has a last day, what comes after it. A hold whose last day is over is no hold any more. A level
    whose filter leaves the line out is passed over, as if the ladder did not have it.
    """
    held = bool(line.hold) and (line.hold_until is None or as_of <= line.hold_until)
    earliest = _earliest(line, contact_gap, held)
    came = step = _first_step(line, ladder, as_of)
    if earliest > as_of:
        step = _first_step(line, ladder, earliest)  # what has its turn when the wait is over
    level = step and step.level
    next_date = step and max(step.ready, earliest)
    reason = line.hold if held else _reason(ladder, came, step, as_of, earliest)
    barred = None
    if line.barred and not held and reason not in REMIND_REASONS:
        barred = _barred_level(line, ladder, as_of)
        reason = NOT_IN_FILTER if barred else reason
    if line.by_hand and line.level and reason in (NOT_DUE_YET, GAP):
        reason = LEVEL_BY_HAND
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


def decide_all(lines: Iterable[DueLine], ladder: Ladder, as_of: date, contact_gap: int = 0):
    """The list of decisions on many due lines of one program, in their order."""
    return list(map(decider(ladder, as_of, contact_gap), lines))


def next_step(line: DueLine, ladder: Ladder, as_of: date, contact_gap: int = 0):
    """(level, day) of the line's next step, as in its decision; (None, None) when none follows."""
    decision = decide(line, ladder, as_of, contact_gap)
    return decision.level, decision.next_date


def advance(line: DueLine, decision: Decision, day: date) -> DueLine:
    """The line's facts after the reminder decided on left that day (design D14, rule 11).

    Notices and plain mailings are only remembered; a repetition counts and sets the gap anew.
    """
    level = decision.level
    line = replace(line, got=frozenset(line.got) | {level.id}, contact_last=day)
    if decision.reason in (LEVEL_DUE, REPEAT_DUE):
        line.level, line.level_days, line.last_date = level.number, level.days, day
        line.level_id = level.id
        line.repeats = line.repeats + 1 if decision.reason == REPEAT_DUE else 0
    return line


def _add(day: date, days: int) -> date:
    """So many days later, kept inside the calendar: a due date in 9999 must not stop a run."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min


def _earliest(line: DueLine, contact_gap: int, held: bool) -> date:
    """First day on which contact gap and hold, if it has an end, let anything go."""
    earliest = date.min
    if contact_gap > 0 and line.contact_last:
        earliest = _add(line.contact_last, contact_gap)
    if held and line.hold_until:
        earliest = max(earliest, _add(line.hold_until, 1))
    return earliest


def _reason(ladder: Ladder, came: _Step | None, step: _Step | None, as_of: date, earliest: date):
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


def _barred_level(line: DueLine, ladder: Ladder, as_of: date) -> Level | None:
    """The level whose turn it would be, were it not for its filter."""
    step = _first_step(replace(line, barred=()), ladder, as_of)
    return step.level if step and step.level.id in line.barred and step.ready <= as_of else None


def _first_step(line: DueLine, ladder: Ladder, day: date) -> _Step | None:
    """The step that has its turn first on or after a day, before any wait for the customer.

    A notice may still go on the due date itself, when nothing is overdue yet; from the next day
    on it is stale and passed over. Where a level falls on the due date too, the level goes.
    """
    step = _numbered_step(line, ladder, day)
    if day <= line.due and ladder.notices:
        notice = _notice_step(line, ladder, day)
        if notice and (step is None or max(notice.ready, day) < max(step.ready, day)):
            return notice
    return step


def _numbered_step(line: DueLine, ladder: Ladder, day: date) -> _Step | None:
    """The next level or the repetition of the last one, whichever is due first; if both, the level.

    The gap is at least one day, so that a second run on a day never sends a second rung.
    """
    step = None
    level = ladder.next_level(line)
    if level is not None:
        trigger = ready = _add(line.due, level.days)
        if line.last_date:
            ready = max(trigger, _add(line.last_date, max(level.gap, 1)))
        step = _Step(LEVEL_DUE if level.counts else MAILING_DUE, level, trigger, ready)
    if step is None or step.ready > day:
        repeat = _repeat_step(line, ladder)
        if repeat and (step is None or repeat.ready < step.ready):
            return repeat
    return step


def _repeat_step(line: DueLine, ladder: Ladder) -> _Step | None:
    """The repetition of the level last got, never before that level's own day.

    That day also stands in for a last date nobody knows (level set by hand), and protects a line
    whose due date was put off since.
    """
    level = ladder.repeatable(line)
    if level is None:
        return None
    own_day = _add(line.due, level.days)
    last = line.last_date or own_day
    trigger = max(own_day, _add(last, level.repeat_every))
    return _Step(REPEAT_DUE, level, trigger, max(trigger, _add(last, level.gap)))


def _notice_step(line: DueLine, ladder: Ladder, day: date) -> _Step | None:
    """The notice whose turn it is on a day, else the next one to come.

    Of several that have come due only the latest counts: once sent, or once a numbered reminder
    went out after its day, the earlier ones are passed over.
    """
    pending = None
    for level in ladder.notices:
        trigger = _add(line.due, level.days)
        if level.id in line.barred:
            continue
        done = level.id in line.got or (line.last_date is not None and line.last_date >= trigger)
        step = None if done else _Step(NOTICE_DUE, level, trigger, trigger)
        if trigger <= day:
            pending = step
        elif pending or step:
            return pending or step
    return pending
