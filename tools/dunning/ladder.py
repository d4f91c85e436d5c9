"""The levels of a program, and which of them a due line comes to next.

The ladder knows places and days only. Whether a step is taken on a day, and why not, is decided in
``decision``. Nothing here reads a clock, a database or a language.

Units: every date is a day of the company's calendar, every ``days``, ``gap`` and ``repeat_every``
a whole number of days. ``days`` counts from the due date: -3 is three days before it, 5 five after.

>>> ladder = Ladder(numbered([Level(1, days=-3), Level(2, days=5), Level(3, days=15, gap=7)]))
>>> step = first_step(DueLine(7, due=date(2026, 3, 1), level=1), ladder, date(2026, 3, 10))
>>> step.level.number, step.trigger
(2, datetime.date(2026, 3, 16))
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

# What a step is, and why it is sent.
LEVEL_DUE = "level_due"
REPEAT_DUE = "repeat_due"
NOTICE_DUE = "notice_due"
MAILING_DUE = "mailing_due"


class Level(NamedTuple):
    """One rung of a program (D4, D14).

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
    """What is known about one due line on the day of the decision (rule 9).

    ``got`` and ``barred`` are tuples or frozensets: lines are compared by all they hold.
    """

    id: int
    due: date
    level: int = 0  # number of the last counted level got, 0 = none
    level_days: int | None = None  # days of that level; None = as in the ladder's level so numbered
    last_date: date | None = None  # of the last counted reminder; None = nothing to wait for
    got: Collection[int] = ()  # ids of all levels effective in this cycle, notices and mailings too
    repeats: int = 0  # how often the last level got was repeated already
    hold: str = ""  # reason code why it is not to be reminded, found by the engine
    contact_last: date | None = None  # last message to the customer, about whatever due line
    hold_until: date | None = None  # last day of the hold; None = open end
    barred: Collection[int] = ()  # ids of levels whose filter leaves the line out (D12)
    by_hand: bool = False  # the level was set by a person or imported: no reminder stands for it
    withdrawn: bool = False  # a reminder was withdrawn, and none left since
    level_id: int | None = None  # of the last counted level got; None = no reminder names it
    at_once: bool = False  # a promise was broken since: the next step does not wait for a gap


class Step(NamedTuple):
    """A step of a line: ``trigger`` is its day by the due date, ``ready`` with its gap kept."""

    reason: str
    level: Level
    trigger: date
    ready: date


def _days_by_number(levels: Iterable[Level]) -> dict[int, int]:
    """The days of each number, notices apart.

    An archived level keeps its number; where an active one took it over, that one is meant.
    """
    archived = (level for level in levels if not level.active)
    steps = (level for level in levels if level.active and level.days >= 0)
    return {level.number: level.days for level in (*archived, *steps)}


class Ladder:
    """The levels of one program, sorted and indexed once, then used for any number of lines.

    ``levels``, ``notices`` and ``steps`` (all that is no notice) hold the active ones by days. Of
    two notices, or two counted levels, with the same days only the first is ever sent (rule 12).
    """

    def __init__(self, levels: Iterable[Level]):
        every = sorted(levels, key=lambda level: (level.days, level.number, level.id))
        self.levels = tuple(level for level in every if level.active)
        self._known = sorted(every, key=lambda level: not level.active)
        notices = {level.days: level for level in reversed(self.levels) if level.days < 0}
        self.notices = tuple(reversed(notices.values()))
        self.steps = tuple(level for level in self.levels if level.days >= 0)
        self._step_days = [level.days for level in self.steps]
        self._number_days = _days_by_number(every)
        self._ids = {level.id for level in every}
        self._counted = [level for level in self.steps if level.counts]
        self._repeats = any(level.repeat_every > 0 for level in self._counted)

    def next_level(self, line: DueLine) -> Level | None:
        """First step whose days exceed those of the last level got (rule 12, D3).

        Going by days and not by number keeps a line's place when levels are added, archived or
        renumbered. A number above the ladder's top, of unknown days, means the ladder is done. A
        level got in this cycle is left out even if its days were raised since (rule 2).
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

    def last_level(self, line: DueLine) -> Level | None:
        """The level a line got last, also an archived one; None if it is not of this ladder."""
        if not line.level:
            return None
        return next((level for level in self._known if self._is_last(level, line)), None)

    def repeatable(self, line: DueLine) -> Level | None:
        """The level last got, if it may be sent once more (D4)."""
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
    """The levels by days, active ones numbered from 1, notices 0 (D4).

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


def find_overtaking(before: Iterable[Level], after: Iterable[Level]) -> list[tuple[Level, Level]]:
    """The active levels that come before others now, each with the next one it came after.

    :param after: the same levels as ``before``, with other days; further ones are not looked at

    >>> before = [Level(1, days=5), Level(2, days=15), Level(3, days=30)]
    >>> after = [Level(1, days=5), Level(2, days=15), Level(3, days=2)]
    >>> [(first.id, second.id) for first, second in find_overtaking(before, after)]
    [(3, 1)]
    """
    places = {level.id: place for place, level in enumerate(numbered(before)) if level.active}
    order = [level for level in numbered(after) if level.active and level.id in places]
    return [pair for pair in pairwise(order) if places[pair[0].id] > places[pair[1].id]]


def add_days(day: date, days: int) -> date:
    """So many days later, kept inside the calendar: a due date in 9999 must not stop a run."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min


def first_step(line: DueLine, ladder: Ladder, day: date) -> Step | None:
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


def _numbered_step(line: DueLine, ladder: Ladder, day: date) -> Step | None:
    """The next level or the repetition of the last one, whichever is due first; if both, the level.

    The gap is at least one day, so that a second run on a day never sends a second rung.
    """
    step = None
    level = ladder.next_level(line)
    if level is not None:
        trigger = ready = add_days(line.due, level.days)
        if line.last_date:
            gap = 1 if line.at_once else max(level.gap, 1)
            ready = max(trigger, add_days(line.last_date, gap))
        step = Step(LEVEL_DUE if level.counts else MAILING_DUE, level, trigger, ready)
    if step is None or step.ready > day:
        repeat = _repeat_step(line, ladder)
        if repeat and (step is None or repeat.ready < step.ready):
            return repeat
    return step


def _repeat_step(line: DueLine, ladder: Ladder) -> Step | None:
    """The repetition of the level last got, never before that level's own day.

    That day also stands in for a last date nobody knows (level set by hand), and protects a line
    whose due date was put off since.
    """
    level = ladder.repeatable(line)
    if level is None:
        return None
    own_day = add_days(line.due, level.days)
    last = line.last_date or own_day
    trigger = max(own_day, add_days(last, level.repeat_every))
    return Step(REPEAT_DUE, level, trigger, max(trigger, add_days(last, level.gap)))


def _notice_step(line: DueLine, ladder: Ladder, day: date) -> Step | None:
    """The notice whose turn it is on a day, else the next one to come.

    Of several that have come due only the latest counts: once sent, or once a numbered reminder
    went out after its day, the earlier ones are passed over.
    """
    pending = None
    for level in ladder.notices:
        trigger = add_days(line.due, level.days)
        if level.id in line.barred:
            continue
        done = level.id in line.got or (line.last_date is not None and line.last_date >= trigger)
        step = None if done else Step(NOTICE_DUE, level, trigger, trigger)
        if trigger <= day:
            pending = step
        elif pending or step:
            return pending or step
    return pending
