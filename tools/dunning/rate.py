"""Which rate of interest holds on which days.

Reference rates are fixed for a half-year: the rate of 1 January holds until 30 June, that of 1 July
until 31 December (directive 2011/7/EU, article 3(3); § 247 BGB; article L441-10 Code de commerce).
A half-year that has no rate has none: the rate of another one is never taken for it (rule 22).

Every date is a day, both ends of a span are counted in; rates are percent a year.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import NamedTuple

DAY = timedelta(days=1)
NEVER = date.min


class Span(NamedTuple):
    """The days from ``start`` to ``end``, and the rate that holds on all of them; None: unknown."""

    start: date
    end: date
    rate: Decimal | None


def get_half_year(day: date) -> date:
    """First day of the half-year a day stands in.

    >>> get_half_year(date(2026, 6, 30)), get_half_year(date(2026, 7, 1))
    (datetime.date(2026, 1, 1), datetime.date(2026, 7, 1))
    """
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def get_next_half_year(day: date) -> date:
    """First day of the half-year after the one a day stands in.

    >>> get_next_half_year(date(2026, 7, 1))
    datetime.date(2027, 1, 1)
    """
    return date(day.year, 7, 1) if day.month <= 6 else date(day.year + 1, 1, 1)


class RateTable:
    """The rates of one rule, sorted and indexed once, then used for any number of due lines.

    >>> table = RateTable({date(2026, 1, 1): Decimal("1.27"), date(2026, 7, 1): Decimal("1.52")},
    ...                   margin=Decimal(9))
    >>> [str(span.rate) for span in table.split(date(2026, 6, 30), date(2027, 1, 1))]
    ['10.27', '10.52', 'None']
    """

    def __init__(
        self,
        reference: Mapping[date, Decimal] | None = None,
        *,
        margin: Decimal = Decimal(),
        fixed: Decimal | None = None,
        step: Decimal | None = None,
        follows: bool = True,
    ):
        """
        :param reference: rate of the series by first day of the half-year it holds for
        :param margin: percentage points on top
        :param fixed: one rate for all days, in place of a series
        :param step: the sum of both is rounded up to a whole multiple of it
        :param follows: whether a debt's rate changes with each half-year; if not, the rate of the
            day interest begins holds for the debt until it is paid
        :raises ValueError: a date in ``reference`` is not the first day of a half-year
        """
        self.follows = follows
        # due lines share their days: a month's invoices have some twenty due dates
        self._spans = lru_cache(20_000)(lambda *days: tuple(self._split(*days)))
        self._days = [NEVER]
        self._rates = [fixed]
        for day, percent in sorted((reference or {}).items()):
            if day != get_half_year(day):
                raise ValueError(f"{day} is not the first day of a half-year.")
            self._add(day, _round_up(max(percent + margin, Decimal()), step))
            self._add(get_next_half_year(day), None)

    def _add(self, day: date, rate: Decimal | None) -> None:
        """Let a rate hold from a day on; days and rates stay merged where nothing changes."""
        if self._days[-1] == day:
            self._days.pop()
            self._rates.pop()
        if not self._days or self._rates[-1] != rate:
            self._days.append(day)
            self._rates.append(rate)

    def get_rate(self, day: date) -> Decimal | None:
        """Rate that holds on a day, margin included; None where it is unknown."""
        return self._rates[bisect_right(self._days, day) - 1]

    def split(self, start: date, end: date, begins: date | None = None) -> tuple[Span, ...]:
        """Split the days from ``start`` to ``end`` wherever the rate changes.

        :param begins: first day of interest, whose rate counts if the rule's rate is fixed by it
        """
        return self._spans(start, end, None if self.follows else begins)

    def _split(self, start: date, end: date, begins: date | None) -> Iterator[Span]:
        if not self.follows:
            yield Span(start, end, self.get_rate(begins or start))
            return
        place = bisect_right(self._days, start) - 1
        while start <= end:
            is_last = place + 1 == len(self._days) or self._days[place + 1] > end
            until = end if is_last else self._days[place + 1] - DAY
            yield Span(start, until, self._rates[place])
            if is_last:
                return
            place += 1
            start = until + DAY


def _round_up(rate: Decimal, step: Decimal | None) -> Decimal:
    """Round a rate up to a whole multiple of a step.

    >>> _round_up(Decimal("10.40"), Decimal("0.5")), _round_up(Decimal("10.40"), None)
    (Decimal('10.5'), Decimal('10.40'))
    """
    return (rate / step).to_integral_value(ROUND_CEILING) * step if step else rate
