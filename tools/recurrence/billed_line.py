"""What an invoice of a recurrence bills of one line: nothing, the whole of it, or a part by days.

Pure decisions: the rule, a date with the days it pays for and what a line says go in; which days of
the line are billed, as which part of its price, or why none is, comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .cycle import is_month_end
from .rule import RecurrenceRule

# How a part of a period is billed: in full, by its days, or by days of months that have 30 each.
METHODS = ("whole", "days", "30_360")
# Why a line is not billed on a date.
REASONS = ("held", "not_started", "ended", "other_date", "billed")
_ONE_DAY = timedelta(days=1)


class LineTerms(NamedTuple):
    """What a line says of itself.

    :ivar start: first day that is billed; None: from the start of the recurrence on
    :ivar until: last day that is billed, inclusive
    :ivar every: every n-th date of the recurrence; its price is that of n periods
    :ivar billing: "once", "held", or empty for every date
    :ivar billed_through: last day that an earlier date has billed; what it covers is not billed
        once more, also where the rule has changed since
    """

    start: date | None = None
    until: date | None = None
    every: int = 1
    billing: str = ""
    billed_through: date | None = None


class Billed(NamedTuple):
    """The days of a line that an invoice bills, and which part of its price they are.

    :ivar before: part of the price that lies before these days, from 0
    :ivar through: part of the price up to their end; what is billed is the difference
    :ivar days: days billed, as the method counts them
    :ivar of_days: days that the price is for
    """

    start: date
    end: date
    before: Fraction = Fraction(0)
    through: Fraction = Fraction(1)
    days: int = 0
    of_days: int = 0

    @property
    def share(self) -> Fraction:
        return self.through - self.before


class PaidDate(NamedTuple):
    """One date of a recurrence, and the days it pays for.

    :ivar paid: "pre" or "post"
    :ivar last: the last date of the recurrence; None: as the rule says
    """

    rule_date: date
    start: date
    end: date
    paid: str = "pre"
    last: date | None = None


def bill_line(
    rule: RecurrenceRule,
    asked: PaidDate,
    terms: LineTerms,
    method: str = "whole",
    window: tuple[date, date] = (date.min, date.max),
) -> Billed | str:
    """Decide what is billed of a line on a date.

    A line that is billed once is decided on by who knows where it was billed already: here it is
    due on any date from its start on, and never by days.

    >>> rule = RecurrenceRule(date(2027, 1, 1))
    >>> january = PaidDate(date(2027, 1, 1), date(2027, 1, 1), date(2027, 1, 31))
    >>> bill_line(rule, january, LineTerms(date(2027, 1, 15)), "days").share
    Fraction(17, 31)
    >>> bill_line(rule, january, LineTerms(date(2027, 2, 1)), "days")
    'not_started'

    :param method: one of METHODS
    :param window: first and last of the days that are asked for; where whole periods are billed,
        those that begin before are not
    :return: Billed, or one of REASONS
    """
    if terms.billing == "held":
        return "held"
    if terms.billing == "once":
        return _once(asked, terms._replace(start=max(window[0], terms.start or window[0])))
    span = _span(rule, asked, terms, method)
    if isinstance(span, str):
        return span
    start, end, periods = span
    first, last = _days_asked_for(span, terms, window)
    covered = terms.billed_through or date.min
    if first > last or covered >= last:
        return _why_none(terms, start, last if first <= last else None)
    if covered >= first:
        first = covered + _ONE_DAY
        method = _by_days(method)
    if method == "whole":
        # one that has begun is billed to its end
        return Billed(start, end) if start >= window[0] else "billed"
    return _part(rule, start, first, last, periods, method)


def _days_asked_for(
    span: tuple[date, date, int], terms: LineTerms, window: tuple[date, date]
) -> tuple[date, date]:
    """The days of a price that lie within what its line says and what is asked for."""
    start, end, _periods = span
    first, last = max(start, terms.start or start), min(end, terms.until or end)
    return max(first, window[0]), min(last, window[1])


def _why_none(terms: LineTerms, start: date, last: date | None) -> str:
    """Return why no day is billed.

    :param last: last day that would be; None: there is none
    """
    if last:
        return "billed"
    return "ended" if terms.until and terms.until < start else "not_started"


def _once(asked: PaidDate, terms: LineTerms) -> Billed | str:
    if terms.until and terms.until < asked.start:
        return "ended"
    is_begun = asked.end >= (terms.start or asked.end)
    return Billed(asked.start, asked.end) if is_begun else "not_started"


def find_portion(
    rule: RecurrenceRule,
    span: tuple[date, date],
    window: tuple[date, date],
    method: str,
) -> Billed | None:
    """Return which part of what was billed for some days is for others, or None.

    >>> rule = RecurrenceRule(date(2027, 1, 1))
    >>> january = date(2027, 1, 1), date(2027, 1, 31)
    >>> find_portion(rule, january, (date(2027, 1, 25), date(2027, 3, 31)), "days").share
    Fraction(7, 31)

    :param span: first and last day that were billed
    :param window: first and last day that are asked for
    """
    start, end = span
    first, last = max(start, window[0]), min(end, window[1])
    if first > last:
        return None
    method = _by_days(method)
    origin = rule.cycle_period(start)[0]

    def before(day):
        if day == origin:
            return Fraction(0)
        return _periods_through(rule, origin, day - _ONE_DAY, method)

    total = _periods_through(rule, origin, end, method) - before(start)
    if not total:
        return Billed(first, last)
    return Billed(
        first,
        last,
        (before(first) - before(start)) / total,
        (_periods_through(rule, origin, last, method) - before(start)) / total,
    )


def part_amount(amount: Decimal, billed: Billed, rounding: Decimal) -> Decimal:
    """Return which amount of a price the billed days are, to the rounding of the currency.

    Each amount is the difference of two rounded ones, so that the parts of a period are together
    the whole to the cent, however it is split.

    >>> period = date(2027, 1, 1), date(2027, 1, 31)
    >>> thirds = [Billed(*period, Fraction(n, 3), Fraction(n + 1, 3)) for n in range(3)]
    >>> [str(part_amount(Decimal("100"), third, Decimal("0.01"))) for third in thirds]
    ['33.33', '33.34', '33.33']
    """
    whole = _round(Fraction(amount), rounding)
    through = _round(Fraction(whole) * billed.through, rounding)
    return through - _round(Fraction(whole) * billed.before, rounding)


def keep_lines(lines: Sequence[tuple[str, bool]]) -> list[bool]:
    """Say which lines stay when some are not billed: a heading without its lines goes with them.

    >>> keep_lines([("line_section", True), ("product", False), ("line_note", True),
    ...     ("line_section", True), ("product", True)])
    [False, False, False, True, True]

    :param lines: (display type, whether it is billed; for headings and notes without meaning)
    """
    kept = [billed for _kind, billed in lines]
    headings = ("line_section", "line_subsection")
    for number, (kind, _billed) in enumerate(lines):
        if kind not in headings:
            continue
        ends = headings[: headings.index(kind) + 1]
        below = range(number + 1, len(lines))
        end = next((n for n in below if lines[n][0] in ends), len(lines))
        products = [billed for kind, billed in lines[number + 1 : end] if kind == "product"]
        if products and not any(products):
            kept[number:end] = [False] * (end - number)
    return kept


# --- every n-th date -----------------------------------------------------------------------------


def _span(
    rule: RecurrenceRule, asked: PaidDate, terms: LineTerms, method: str
) -> tuple[date, date, int] | str:
    """The days that the price of a line is for on a date, and how many periods that are."""
    every = terms.every
    if every <= 1:
        return asked.start, asked.end, 1
    index = _index(rule, asked, terms.start)
    if not index:
        return "not_started"
    if asked.paid == "pre":
        return _span_ahead(rule, asked, every, index, method)
    return _span_behind(rule, asked, every, index, method)


def _span_ahead(
    rule: RecurrenceRule, asked: PaidDate, every: int, index: int, method: str
) -> tuple[date, date, int] | str:
    if (index - 1) % every:
        return "other_date"
    end = _walk(rule, asked.start, every)
    last = asked.last or rule.last_date()
    if method != "whole" and last:
        end = min(end, rule.period(last, "pre")[1])
    return asked.start, max(end, asked.end), every


def _span_behind(
    rule: RecurrenceRule, asked: PaidDate, every: int, index: int, method: str
) -> tuple[date, date, int] | str:
    # what is left when the recurrence ends is billed with its last date
    behind = index % every or every
    if behind < every and asked.rule_date != (asked.last or rule.last_date()):
        return "other_date"
    start = asked.start
    for _number in range(behind - 1):
        start = rule.cycle_period(start - _ONE_DAY)[0]
    return (max(start, rule.date_start) if method != "whole" else start), asked.end, every


def _index(rule: RecurrenceRule, asked: PaidDate, start: date | None) -> int:
    """Which of a line's dates it is, counted from 1; 0 when it is none of them."""
    first = rule.date_start
    if start:
        around = rule.cycle_period(start)[0]
        dates = rule.iter_rule_dates(around - _ONE_DAY if around > date.min else around)
        first = next((day for day in dates if rule.period(day, asked.paid)[1] >= start), date.max)
    dates = rule.rule_dates(first, asked.rule_date)
    return len(dates) if dates and dates[-1] == asked.rule_date else 0


def _walk(rule: RecurrenceRule, day: date, periods: int) -> date:
    """The last day of so many periods, the first of which holds a day."""
    end = rule.cycle_period(day)[1]
    for _number in range(periods - 1):
        if end == date.max:
            break
        end = rule.cycle_period(end + _ONE_DAY)[1]
    return end


# --- parts of periods ----------------------------------------------------------------------------


def _part(
    rule: RecurrenceRule, start: date, first: date, last: date, periods: int, method: str
) -> Billed:
    """Return the part of a price for so many periods that lies between two days."""
    origin = rule.cycle_period(start)[0]
    before = Fraction(0)
    if first > origin:
        before = _periods_through(rule, origin, first - _ONE_DAY, method) / periods
    through = _periods_through(rule, origin, last, method) / periods
    return Billed(
        first,
        last,
        before,
        through,
        _count(first, last, method),
        _count(origin, _walk(rule, origin, periods), method),
    )


def _periods_through(rule: RecurrenceRule, origin: date, last: date, method: str) -> Fraction:
    """How many periods lie between the start of one and a day, that included."""
    start, end = rule.cycle_period(origin)
    whole = 0
    while end < last:
        whole += 1
        start, end = rule.cycle_period(end + _ONE_DAY)
    days = _count(start, end, method)
    if not days:
        # no day of a month that has 30, as the 31st alone
        method, days = "days", _count(start, end, "days")
    return whole + Fraction(_count(start, last, method), days)


def _by_days(method: str) -> str:
    return "days" if method == "whole" else method


def _count(first: date, last: date, method: str) -> int:
    """Days from one to another, both included; each month has 30 where the method says so."""
    if method != "30_360":
        return (last - first).days + 1
    after = 31 if is_month_end(last) else min(last.day + 1, 30)
    months = (last.year - first.year) * 12 + last.month - first.month
    return months * 30 + after - min(first.day, 30)


def _round(amount: Fraction, rounding: Decimal) -> Decimal:
    """Round half up, away from zero, to a multiple of the rounding."""
    units = abs(amount) / Fraction(rounding)
    whole = Decimal((units + Fraction(1, 2)).__floor__())
    return (whole if amount >= 0 else -whole) * rounding
