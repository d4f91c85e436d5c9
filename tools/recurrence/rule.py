"""A recurrence rule: from its columns to its dates, in plain Python.

The vocabulary is that of Odoo's ``calendar.recurrence``; the meaning is that of RFC 5545 (section
3.3.10, weeks from Monday), with two additions: a day that a month lacks may become the month's last
day (`month_end`), and a date that is no working day may move (`day_shift`).

Every date is computed from the anchor `date_start`, never from a previous date, so a rule for the
31st gives January 31, February 28, March 31.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from typing import NamedTuple

from ..common.working_calendar import (
    HOLIDAY,
    WEEKEND,
    WEEKEND_ONLY,
    ClosedDays,
    WorkingCalendar,
    nearest_working_day,
)
from .cycle import (
    Cycle,
    DayCycle,
    MonthDayCycle,
    MonthWeekdayCycle,
    SeveralCycle,
    is_month_end,
    month_number,
)
from .error import RuleError, check_choice
from .rule_check import check_rule
from .text import format_rrule, parse_rrule

__all__ = [
    "HOLIDAY",
    "WEEKDAYS",
    "WEEKEND",
    "ClosedDays",
    "RecurrenceRule",
    "RuleDate",
    "RuleError",
    "WorkingCalendar",
]

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

_ONE_DAY = timedelta(days=1)
# Under a name that no field of a class hides.
Day = date


class RuleDate(NamedTuple):
    """One occurrence.

    `rule_date` is what the rule says and what identifies the occurrence; `date` is where it falls
    after the shift, None where the shift leaves it out; `clamped` when the month lacks the wanted
    day; `shifted` when the two dates differ; `reason` why `rule_date` is no working day (the
    holiday's name or ``"weekend"``), empty when it is one.
    """

    rule_date: Day
    date: Day | None
    clamped: bool
    shifted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RecurrenceRule:
    """The columns of a rule.

    Columns that do not belong to the rule's type are ignored. A rule may be built from anything;
    :meth:`validate`, and every computation, raise :class:`RuleError` when it makes no sense.

    :param date_start: the anchor; itself an occurrence only when it fits the rule
    :param rrule_type: daily, weekly, monthly or yearly
    :param interval: every n days, weeks (counted from the Monday of the anchor's), months or years
    :param weekdays: weekly only, 0 = Monday; empty for the anchor's weekday
    :param month_by: monthly and yearly: by ``date`` or by ``day`` (of the week); a yearly rule
        stays in the anchor's month
    :param day: monthly by date only: 1 to 31, -1 for the last day, None for the anchor's day; a
        yearly rule by date has the anchor's day
    :param more_days: monthly by date only: further days of the month, likewise
    :param byday: by day: which one of the month, "1" to "4" or "-1"
    :param weekday: by day: of which weekday, 0 = Monday
    :param more_weekdays: monthly by day only: further ones, as (1 to 4 or -1, weekday)
    :param end_type: forever, after ``count`` dates, or on an ``end_date``
    :param count: how many dates, before any shift
    :param until: the last possible date, inclusive, before any shift
    :param month_end: a day that a month lacks becomes its last day (``clamp``) or is left out
        (``skip``, as RFC 5545 has it); February 29 of a yearly rule likewise
    :param day_shift: a date that is no working day stays (``none``), moves to the ``previous`` or
        ``next`` working day, or is left out (``skip``)

    >>> rule = RecurrenceRule(date(2025, 1, 31))
    >>> [str(day) for day in rule.rule_dates(limit=3)]
    ['2025-01-31', '2025-02-28', '2025-03-31']
    """

    date_start: date
    rrule_type: str = "monthly"
    interval: int = 1
    weekdays: frozenset[int] = frozenset()
    month_by: str = "date"
    day: int | None = None
    byday: str = "1"
    weekday: int = 0
    end_type: str = "forever"
    count: int | None = None
    until: date | None = None
    month_end: str = "clamp"
    day_shift: str = "none"
    more_days: tuple[int, ...] = ()
    more_weekdays: tuple[tuple[int, int], ...] = ()

    # --- Is it a rule? ---------------------------------------------------------------------------

    def validate(self) -> None:
        """Raise :class:`RuleError` for the first column that makes no sense.

        >>> try:
        ...     RecurrenceRule(date(2025, 1, 1), interval=0).validate()
        ... except RuleError as error:
        ...     print(error)
        range: value=0, low=1, high=999, part=interval
        """
        check_rule(self)

    # --- The dates the rule says -----------------------------------------------------------------

    def iter_rule_dates(self, date_from: date | None = None) -> Iterator[date]:
        """The rule's dates, one by one, from `date_from` (inclusive) or the anchor.

        An endless rule goes on to the end of the calendar, 9999-12-31.
        """
        return self._iter_between(date_from, None)

    def rule_dates(
        self,
        date_from: date | None = None,
        date_to: date | None = None,
        limit: int | None = None,
    ) -> list[date]:
        """The rule's dates between two dates, both inclusive.

        :param limit: at most this many. Give it or `date_to` to an endless rule: the list else
            reaches to the year 9999.

        >>> first_tuesday = RecurrenceRule(date(2025, 1, 1), month_by="day", weekday=1)
        >>> [str(day) for day in first_tuesday.rule_dates(date(2025, 4, 2), date(2025, 6, 3))]
        ['2025-05-06', '2025-06-03']
        """
        return list(islice(self._iter_between(date_from, date_to), limit))

    def next_after(self, day: date) -> date | None:
        """The first of the rule's dates that is later than `day`."""
        return next((found for found in self.iter_rule_dates(day) if found > day), None)

    def previous_before(self, day: date) -> date | None:
        """The last of the rule's dates that is earlier than `day`."""
        cycle, end = _plan(self)
        found = next((found for found in cycle.descending(min(day, end)) if found < day), None)
        return found if found and found >= self.date_start else None

    def last_date(self) -> date | None:
        """The rule's last date; None when it has no end, or no date at all.

        >>> RecurrenceRule(date(2025, 1, 31), end_type="count", count=14).last_date()
        datetime.date(2026, 2, 28)
        """
        cycle, end = _plan(self)
        if self.end_type == "forever":
            return None
        found = next(cycle.descending(end), None)
        return found if found and found >= self.date_start else None

    def is_clamped(self, rule_date: date) -> bool:
        """Whether that date of the rule stands for a later day that its month lacks.

        >>> rule = RecurrenceRule(date(2025, 1, 31))
        >>> rule.is_clamped(date(2025, 2, 28)), rule.is_clamped(date(2025, 3, 31))
        (True, False)
        """
        by_date = self.rrule_type in ("monthly", "yearly") and self.month_by == "date"
        if not by_date or self.month_end != "clamp":
            return False
        days = self.month_days()
        return not {-1, rule_date.day} & {*days} and rule_date.day < max(days)

    def period(self, rule_date: date, paid: str = "pre") -> tuple[date, date]:
        """The days that the occurrence of `rule_date` pays for, first and last.

        The periods of consecutive dates follow each other without gap or overlap. They do not heed
        the rule's ends: the last pre-paid one reaches to where the next date would be, the first
        post-paid one begins where the date before the anchor would have been.

        Where the rule says the last day of the month, that day is the end of a month, not the
        beginning of a period: whole months are paid for.

        :param rule_date: one of the rule's dates, before any shift
        :param paid: ``"pre"``: from that date to the day before the next one; ``"post"``: from the
            date before to the day before this one

        >>> rule = RecurrenceRule(date(2025, 1, 31))
        >>> [str(day) for day in rule.period(date(2025, 2, 28))]
        ['2025-02-28', '2025-03-30']
        >>> [str(day) for day in rule.period(date(2025, 2, 28), "post")]
        ['2025-01-31', '2025-02-27']
        """
        check_choice("paid", paid, ("pre", "post"))
        # how many days later than its own date a period begins
        own = self._late() if rule_date != date.max and is_month_end(rule_date) else timedelta(0)
        if paid == "pre":
            first = rule_date + own
            return first, self.cycle_period(first)[1]
        last = rule_date - _ONE_DAY + own
        return self.cycle_period(last)[0], last

    def cycle_period(self, day: date) -> tuple[date, date]:
        """First and last day of the period that holds a day, as if the rule had no start or end.

        >>> [str(day) for day in RecurrenceRule(date(2025, 1, 31)).cycle_period(date(2024, 3, 5))]
        ['2024-02-29', '2024-03-30']
        """
        cycle, _end = _plan(self)
        late = self._late()
        asked = max(day, date.min + late) - late
        first, following = next(cycle.descending(asked), None), cycle.after(asked)
        start = first + late if first else date.min
        return start, following - _ONE_DAY + late if following else date.max

    def _late(self) -> timedelta:
        """How much later than its dates its periods begin: the last day ends a month."""
        by_date = (self.rrule_type, self.month_by) == ("monthly", "date")
        return timedelta(by_date and self.month_days() == (-1,))

    # --- Where its occurrences fall --------------------------------------------------------------

    def dates(
        self,
        calendar: ClosedDays | None = None,
        date_from: date | None = None,
        date_to: date | None = None,
        limit: int | None = None,
    ) -> list[RuleDate]:
        """The rule's dates as occurrences, those that the shift leaves out included.

        :param calendar: says which days are no working days; without one, Saturday and Sunday
        :param date_from: bounds and limit are those of :meth:`rule_dates`: before any shift
        """
        found = self.rule_dates(date_from, date_to, limit)
        return [self.resolve(rule_date, calendar) for rule_date in found]

    def resolve(self, rule_date: date, calendar: ClosedDays | None = None) -> RuleDate:
        """Where the occurrence of `rule_date` falls.

        Each is shifted for itself: two may meet on one day, none is merged, none moves another.
        Where no working day lies within a year, it stays where it is, with its reason.

        >>> rule = RecurrenceRule(date(2025, 1, 31), day_shift="previous")
        >>> str(rule.resolve(date(2025, 8, 31)).date)
        '2025-08-29'
        """
        calendar = WEEKEND_ONLY if calendar is None else calendar
        reason = calendar.closed(rule_date)
        day = self._shifted(rule_date, calendar) if reason else rule_date
        shifted = day not in (None, rule_date)
        return RuleDate(rule_date, day, self.is_clamped(rule_date), shifted, reason)

    def _shifted(self, closed_day: date, calendar: ClosedDays) -> date | None:
        if self.day_shift == "none":
            return closed_day
        if self.day_shift == "skip":
            return None
        step = -1 if self.day_shift == "previous" else 1
        return nearest_working_day(closed_day, step, calendar) or closed_day

    # --- As text ---------------------------------------------------------------------------------

    def to_rrule(self) -> str:
        """The rule as RFC 5545 text, without ``RRULE:`` and DTSTART; it has no `day_shift`.

        >>> RecurrenceRule(date(2025, 1, 30)).to_rrule()
        'FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1'
        """
        self.validate()
        return format_rrule(self)

    @classmethod
    def from_rrule(cls, text: str, date_start: date | None, **defaults) -> RecurrenceRule:
        """The rule that an RFC 5545 text says.

        :param text: see :func:`.text.parse_rrule`
        :param date_start: the anchor; a DTSTART line in the text wins over it
        :param defaults: columns that the text leaves open: `day_shift`, and `month_end` where every
            month has the day
        :raise RuleError: naming the part that no column can express

        >>> RecurrenceRule.from_rrule("FREQ=MONTHLY;BYDAY=1TU", date(2025, 1, 1)).byday
        '1'
        >>> try:
        ...     RecurrenceRule.from_rrule("FREQ=DAILY;BYHOUR=9", date(2025, 1, 1))
        ... except RuleError as error:
        ...     print(error)
        unsupported: part=BYHOUR
        """
        rule = cls(**{**defaults, **parse_rrule(text, date_start)})
        rule.validate()
        return rule

    # --- Inside ----------------------------------------------------------------------------------

    def _iter_between(self, date_from: date | None, date_to: date | None) -> Iterator[date]:
        cycle, end = _plan(self)
        start = max(date_from or self.date_start, self.date_start)
        last = min(date_to or end, end)
        return takewhile(lambda day: day <= last, cycle.ascending(start))

    def _counted_end(self, cycle: Cycle) -> date | None:
        """The last of the dates that are counted, None beyond the calendar."""
        return cycle.date_number(self.count, self.date_start)

    def month_days(self) -> tuple[int, ...]:
        """The wanted days of the month by date, ascending; -1, for the last one, at the end.

        >>> RecurrenceRule(date(2025, 1, 1), day=-1, more_days=(15,)).month_days()
        (15, -1)
        """
        if self.rrule_type == "yearly":
            return (self.date_start.day,)
        days = {self.day or self.date_start.day, *self.more_days}
        if -1 in days:
            # where a month has a 31st, that is its last day
            days.discard(31)
        return (*sorted(days - {-1}), *(days & {-1}))

    def month_weekdays(self) -> tuple[tuple[int, int], ...]:
        """The wanted weekdays of the month: which one, and of which weekday; the last ones last."""
        more = self.more_weekdays if self.rrule_type == "monthly" else ()
        days = {(int(self.byday), self.weekday), *more}
        return tuple(sorted(days, key=lambda day: (day[0] < 0, day)))

    def _cycle(self) -> Cycle:
        start = self.date_start
        if self.rrule_type == "daily":
            return DayCycle(start.toordinal(), self.interval, (0,))
        if self.rrule_type == "weekly":
            monday = start.toordinal() - start.weekday()
            offsets = tuple(sorted(self.weekdays)) or (start.weekday(),)
            return DayCycle(monday, 7 * self.interval, offsets)
        origin = month_number(start)
        months = self.interval * (12 if self.rrule_type == "yearly" else 1)
        if self.month_by == "day":
            parts = [MonthWeekdayCycle(origin, months, *day) for day in self.month_weekdays()]
        else:
            parts = [
                MonthDayCycle(
                    origin,
                    months,
                    31 if day == -1 else day,
                    clamp=day == -1 or self.month_end == "clamp",
                )
                for day in self.month_days()
            ]
        return parts[0] if len(parts) == 1 else SeveralCycle(origin, months, tuple(parts))


@lru_cache(maxsize=1024)
def _plan(rule: RecurrenceRule) -> tuple[Cycle, date]:
    """The cycle of a valid rule and the day its dates end on.

    Kept, because a count may have to be counted out once where months are left out.
    """
    rule.validate()
    cycle = rule._cycle()
    end = date.max
    if rule.end_type == "end_date":
        end = rule.until
    elif rule.end_type == "count":
        end = rule._counted_end(cycle) or date.max
    return cycle, end
