"""Which days are no working days, and the nearest one that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

# What `WorkingCalendar.closed` says of a day of the weekend, and of a holiday without a name.
WEEKEND = "weekend"
HOLIDAY = "holiday"

# How many days far a working day is looked for; a company closed for longer has none.
_FARTHEST = 366


class ClosedDays(Protocol):
    """All that a shift asks of a calendar."""

    def closed(self, day: date) -> str:
        """Why that day is no working day; empty when it is one."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Weekend days and holidays.

    :param weekend: weekdays that are not worked, 0 = Monday
    :param holidays: name by date, or a function from a date to a name (empty: none). A mapping is
        only asked ``day in holidays`` and ``holidays[day]``, so the lazy one of the library
        ``holidays`` will do.

    >>> WorkingCalendar(holidays={date(2025, 12, 25): "Christmas"}).closed(date(2025, 12, 25))
    'Christmas'
    >>> WorkingCalendar().closed(date(2025, 12, 27)), WorkingCalendar().closed(date(2025, 12, 29))
    ('weekend', '')
    """

    weekend: frozenset[int] = frozenset({5, 6})
    holidays: Mapping[date, str] | Callable[[date], str] = field(default_factory=dict)

    def closed(self, day: date) -> str:
        """The holiday's name, else ``"weekend"``, else nothing: a working day."""
        if callable(self.holidays):
            name = self.holidays(day)
        else:
            name = (self.holidays[day] or HOLIDAY) if day in self.holidays else ""
        return name or (WEEKEND if day.weekday() in self.weekend else "")


WEEKEND_ONLY = WorkingCalendar()


def nearest_working_day(day: date, step: int, calendar: ClosedDays) -> date | None:
    """The nearest working day before (`step` -1) or after (1) `day`; None if none within a year.

    >>> nearest_working_day(date(2025, 8, 31), -1, WEEKEND_ONLY)
    datetime.date(2025, 8, 29)
    """
    start = day.toordinal()
    for ordinal in range(start + step, start + step * (_FARTHEST + 1), step):
        if not 1 <= ordinal <= date.max.toordinal():
            break
        if not calendar.closed(found := date.fromordinal(ordinal)):
            return found
    return None
