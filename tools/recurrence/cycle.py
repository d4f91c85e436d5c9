"""Cycles of dates: the number of a period in, the dates of that period out.

Every recurrence rule is one of three cycles. A *period* is a stretch of days or months that
repeats; period 0 holds the rule's anchor, negative numbers lie before it. Nothing is ever derived
from a previous date, so nothing drifts, and any date is reached by one division, not by walking.

Cycles know neither start nor end, only the calendar's own bounds (years 1 to 9999).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date
from itertools import islice

LAST_ORDINAL = date.max.toordinal()


def month_number(day: date) -> int:
    """Months since the (proleptic) year 0, so that months can be added and divided."""
    return day.year * 12 + day.month - 1


def is_month_end(day: date) -> bool:
    """Whether it is the last day of its month.

    >>> is_month_end(date(2027, 2, 28)), is_month_end(date(2028, 2, 28))
    (True, False)
    """
    return day.day == monthrange(day.year, day.month)[1]


@dataclass(frozen=True, slots=True)
class Cycle(ABC):
    """What all cycles share.

    :param origin: first unit of period 0: a day's ordinal, or a month's number
    :param length: units (days or months) from one period to the next, at least 1
    """

    origin: int
    length: int

    @abstractmethod
    def index(self, day: date) -> int:
        """The number of the period that holds `day`."""

    @abstractmethod
    def dates(self, number: int) -> Sequence[date]:
        """The dates of that period, ascending; those beyond the calendar are left out."""

    @property
    def per_period(self) -> int | None:
        """How many dates every period has; None when some periods have none."""
        return 1

    def ascending(self, start: date) -> Iterator[date]:
        """All dates from `start` (inclusive) to the end of the calendar."""
        for number in range(self.index(start), self.index(date.max) + 1):
            for day in self.dates(number):
                if day >= start:
                    yield day

    def descending(self, end: date) -> Iterator[date]:
        """All dates from `end` (inclusive) back to the beginning of the calendar."""
        for number in range(self.index(end), self.index(date.min) - 1, -1):
            for day in reversed(self.dates(number)):
                if day <= end:
                    yield day

    def after(self, day: date) -> date | None:
        """The first date after `day`, None at the end of the calendar."""
        return next((found for found in self.ascending(day) if found > day), None)

    def before(self, day: date) -> date | None:
        """The last date before `day`, None at the beginning of the calendar."""
        return next((found for found in self.descending(day) if found < day), None)

    def date_number(self, count: int, start: date) -> date | None:
        """The date that is number `count` (from 1) of those from `start`, a day of period 0, on.

        Only where months are left out is there something to walk: the calendar's 120,000 months
        at most. None when the calendar ends before.
        """
        size = self.per_period
        if size is None:
            return next(islice(self.ascending(start), count - 1, None), None)
        before_start = sum(day < start for day in self.dates(0))
        number, position = divmod(count - 1 + before_start, size)
        return next(islice(self.dates(number), position, None), None)


@dataclass(frozen=True, slots=True)
class DayCycle(Cycle):
    """The same days of every period of `length` days.

    :param offsets: days from the period's first day, ascending

    >>> DayCycle(date(2025, 1, 6).toordinal(), 14, (0, 3)).dates(1)
    [datetime.date(2025, 1, 20), datetime.date(2025, 1, 23)]
    """

    offsets: tuple[int, ...]

    def index(self, day: date) -> int:
        return (day.toordinal() - self.origin) // self.length

    def dates(self, number: int) -> Sequence[date]:
        first = self.origin + number * self.length
        ordinals = (first + offset for offset in self.offsets)
        return [date.fromordinal(value) for value in ordinals if 1 <= value <= LAST_ORDINAL]

    @property
    def per_period(self) -> int | None:
        return len(self.offsets)


@dataclass(frozen=True, slots=True)
class MonthCycle(Cycle):
    """One day of one month in every `length` months."""

    def index(self, day: date) -> int:
        return (month_number(day) - self.origin) // self.length

    def dates(self, number: int) -> Sequence[date]:
        year, month = divmod(self.origin + number * self.length, 12)
        if not MINYEAR <= year <= MAXYEAR:
            return ()
        day = self.day_of(*monthrange(year, month + 1))
        return (date(year, month + 1, day),) if day else ()

    @abstractmethod
    def day_of(self, first_weekday: int, days: int) -> int:
        """The day in a month that begins on that weekday and has that many days; 0 for none."""


@dataclass(frozen=True, slots=True)
class MonthDayCycle(MonthCycle):
    """A date of the month, such as the 31st.

    :param day: 1 to 31
    :param clamp: a shorter month gives its last day; else it is left out

    >>> MonthDayCycle(month_number(date(2025, 1, 31)), 1, 31, clamp=True).dates(1)
    (datetime.date(2025, 2, 28),)
    """

    day: int
    clamp: bool

    def day_of(self, first_weekday: int, days: int) -> int:
        if self.day <= days:
            return self.day
        return days if self.clamp else 0

    @property
    def per_period(self) -> int | None:
        return 1 if self.clamp or self.day <= 28 else None


@dataclass(frozen=True, slots=True)
class MonthWeekdayCycle(MonthCycle):
    """A weekday of the month, such as the first Tuesday.

    :param nth: 1 to 4, or -1 for the last one
    :param weekday: 0 (Monday) to 6

    >>> MonthWeekdayCycle(month_number(date(2025, 1, 1)), 1, -1, 4).dates(0)
    (datetime.date(2025, 1, 31),)
    """

    nth: int
    weekday: int

    def day_of(self, first_weekday: int, days: int) -> int:
        first = 1 + (self.weekday - first_weekday) % 7
        if self.nth > 0:
            return first + 7 * (self.nth - 1)
        return first + (days - first) // 7 * 7


@dataclass(frozen=True, slots=True)
class SeveralCycle(Cycle):
    """Several dates of one month in every `length` months, each once where they meet.

    :param parts: cycles of months with the same origin and length

    >>> first, last = (MonthDayCycle(month_number(date(2025, 1, 1)), 1, day, clamp=True)
    ...                for day in (15, 31))
    >>> [str(day) for day in SeveralCycle(first.origin, 1, (first, last)).dates(1)]
    ['2025-02-15', '2025-02-28']
    """

    parts: tuple[MonthCycle, ...]

    def index(self, day: date) -> int:
        return self.parts[0].index(day)

    def dates(self, number: int) -> Sequence[date]:
        return sorted({day for part in self.parts for day in part.dates(number)})

    @property
    def per_period(self) -> int | None:
        # only dates that every month has, and that never meet, can be counted without looking
        days = [getattr(part, "day", None) for part in self.parts]
        is_plain = all(day is not None and day <= 28 for day in days)
        return len(self.parts) if is_plain else None
