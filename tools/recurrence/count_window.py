"""Which days an invoice counts of a line whose quantity is known only when they are over."""

from __future__ import annotations

from datetime import date, timedelta

from .billed_line import Billed, LineTerms, PaidDate, bill_line
from .rule import RecurrenceRule

_ONE_DAY = timedelta(days=1)


def find_window(rule: RecurrenceRule, asked: PaidDate, terms: LineTerms) -> tuple[date, date] | str:
    """Return first and last day that are counted on a date, or why nothing is.

    In arrears they are the days that the date bills. In advance those are still to come: the
    periods before them are counted, and one more date after the end of the line bills its last
    days.

    >>> rule = RecurrenceRule(date(2027, 1, 1))
    >>> february = PaidDate(date(2027, 2, 1), date(2027, 2, 1), date(2027, 2, 28))
    >>> [str(day) for day in find_window(rule, february, LineTerms(date(2027, 1, 15)))]
    ['2027-01-15', '2027-01-31']

    :return: two days, or one of ``tools.recurrence.billed_line.REASONS``
    """
    # the line's own days cut the days that are counted, not those that are billed
    start = terms.start if terms.every > 1 else None
    billed = bill_line(rule, asked, LineTerms(start, None, terms.every, terms.billing), "whole")
    if isinstance(billed, str):
        return billed
    first, last = billed.start, billed.end
    if asked.paid == "pre":
        first, last = _find_before(rule, billed, terms.every)
        first = max(first, rule.date_start)
    if terms.until and terms.until < first:
        return "ended"
    first, last = max(first, terms.start or first), min(last, terms.until or last)
    if terms.billed_through and terms.billed_through >= last:
        return "billed"
    if terms.billed_through:
        first = max(first, terms.billed_through + _ONE_DAY)
    return (first, last) if first <= last else "not_started"


def _find_before(rule: RecurrenceRule, billed: Billed, periods: int) -> tuple[date, date]:
    last = billed.start - _ONE_DAY
    first = last
    for _number in range(max(periods, 1)):
        first = rule.cycle_period(first)[0] - _ONE_DAY
    return first + _ONE_DAY, last
