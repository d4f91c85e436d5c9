"""Where a due line stands on its ladder: which levels it got, which comes next, which follow.

What a person looks at; nothing is decided here. Units are those of ``ladder``.

>>> from .decision import decide
>>> ladder = Ladder([Level(1, days=-3), Level(2, number=1, days=5), Level(3, number=2, days=15)])
>>> line = DueLine(7, due=date(2026, 3, 1), level=1, last_date=date(2026, 3, 6), got=(2,))
>>> decision = decide(line, ladder, date(2026, 3, 7))
>>> for place in place_levels(line, ladder, decision, date(2026, 3, 7)):
...     print(place.level.id, place.state, place.day)
1 passed None
2 got None
3 next 2026-03-16
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from .decision import Decision
from .ladder import DueLine, Ladder, Level, add_days

GOT = "got"  # it left
PASSED = "passed"  # its turn is over, or the line is left out of it
NEXT = "next"
LATER = "later"


class Place(NamedTuple):
    """A level as a due line sees it.

    ``day`` is the first day on which it can go, given that only time passes; None where it is
    over, or where nobody knows.
    """

    level: Level
    state: str
    day: date | None


def place_levels(line: DueLine, ladder: Ladder, decision: Decision, as_of: date) -> list[Place]:
    """Return the active levels in their order, each with its state for a due line.

    :param decision: on this line, for the day ``as_of``
    """
    upcoming = decision.level
    is_open_end = bool(line.hold) and line.hold_until is None
    day = decision.next_date
    earliest = max(day, as_of) if day and not is_open_end else None
    places = []
    for level in ladder.levels:
        state = _get_state(level, line, upcoming)
        if state == LATER and earliest:
            earliest = max(add_days(line.due, level.days), add_days(earliest, max(level.gap, 1)))
        places.append(Place(level, state, earliest if state in (NEXT, LATER) else None))
    return places


def _get_state(level: Level, line: DueLine, upcoming: Level | None) -> str:
    """The state of a level, where ``upcoming`` is the one that comes next."""
    if upcoming and level.id == upcoming.id:
        return NEXT
    if level.id in line.got:
        return GOT
    follows = upcoming and level.days > max(upcoming.days, -1)
    return LATER if follows and level.id not in line.barred else PASSED
