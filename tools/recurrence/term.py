"""The terms of an agreement: its minimum term, how it is renewed, and when notice ends it.

Pure decisions: what was agreed and a day go in; the term that runs, the last day to give notice,
the day that notice ends it on, and the rule that bills until then, come out.

Periods of notice are counted as in sections 187 and 188 of the German Civil Code and article 3 of
Regulation (EEC, Euratom) No 1182/71: the day on which notice arrives does not count, and a month
ends with the day that has the same number, or with its last day where it has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from .agreement import AgreementRule
from .rule import RecurrenceRule

UNITS = ("days", "weeks", "months", "years")
# What follows the minimum term: it goes on until notice is given, is renewed by itself, ends unless
# a person renews it, or ends.
RENEWALS = ("open", "auto", "ask", "end")
# To which day notice can be given where no term runs.
NOTICE_TO = ("day", "period", "month", "quarter", "year")
# The most days that one of a unit has.
_MOST_DAYS = {"days": 1, "weeks": 7, "months": 31, "years": 366}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_ONE_DAY = timedelta(days=1)


class Length(NamedTuple):
    """So many days, weeks, months or years; 0: none."""

    number: int = 0
    unit: str = "months"

    def times(self, count: int) -> relativedelta:
        return relativedelta(**{self.unit: self.number * count})


class Suspension(NamedTuple):
    """Days that are not billed and are added at the end.

    :ivar start: first of them
    :ivar end: last of them
    """

    start: date
    end: date


class Terms(NamedTuple):
    """What was agreed.

    :ivar start: first day of the agreement
    :ivar minimum: length of the minimum term; 0: none
    :ivar renewal: one of RENEWALS; all but "open" need a minimum term
    :ivar renewed_for: by how much it is renewed; 0: by the minimum term
    :ivar notice: how long before the end notice must arrive
    :ivar notice_to: one of NOTICE_TO; it counts where no term runs
    :ivar added: suspensions that put the end off, in their order
    :ivar renewed_until: until when a person has renewed it, suspensions included
    :ivar rule: whose periods are those of "period"
    """

    start: date
    minimum: Length = Length()
    renewal: str = "open"
    renewed_for: Length = Length()
    notice: Length = Length()
    notice_to: str = "day"
    added: tuple[Suspension, ...] = ()
    renewed_until: date | None = None
    rule: RecurrenceRule | None = None


class Term(NamedTuple):
    """A term of an agreement.

    :ivar end: its last day; None: it has no end yet
    :ivar number: how often the agreement was renewed before
    """

    end: date | None
    number: int = 0


def find_term(terms: Terms, day: date) -> Term:
    """Return the term that runs on a day; before the start, the first one.

    >>> terms = Terms(date(2027, 1, 1), Length(12), "auto", Length(6))
    >>> [str(find_term(terms, day).end) for day in (date(2027, 5, 1), date(2028, 1, 1))]
    ['2027-12-31', '2028-06-30']
    """
    if not terms.minimum.number:
        return Term(None)
    if terms.renewal == "auto":
        return _find_number(terms, lambda end: end >= day, day)
    if terms.renewal == "ask":
        return _asked_term(terms)
    first = _end_of(terms, 0)
    return Term(None if terms.renewal == "open" and first < day else first)


def find_end(terms: Terms, given: date) -> date:
    """Return the first day that notice given on a day can end the agreement on.

    >>> terms = Terms(date(2027, 1, 1), notice=Length(3), notice_to="quarter")
    >>> str(find_end(terms, date(2027, 8, 14)))
    '2027-12-31'
    """
    given = max(given, terms.start - _ONE_DAY)
    reached = _add(given, terms.notice.times(1))
    if terms.minimum.number and terms.renewal == "auto":
        return _find_number(terms, lambda end: end >= reached, given).end
    term = find_term(terms, given)
    if term.end and (terms.renewal != "open" or reached <= term.end):
        return term.end
    return _round_up(terms, max(reached, terms.start))


def find_limit(terms: Terms, day: date) -> tuple[date, date] | None:
    """Return the last day to give notice from a day on, and the day it ends the agreement on.

    None where notice can be given on any day, or the agreement ends without any.

    >>> terms = Terms(date(2027, 1, 1), Length(12), "auto", Length(12), Length(3))
    >>> [str(found) for found in find_limit(terms, date(2027, 5, 1))]
    ['2027-09-30', '2027-12-31']
    """
    if not terms.minimum.number or terms.renewal in ("ask", "end"):
        return None
    end = find_end(terms, day)
    if terms.renewal == "open" and end != _end_of(terms, 0):
        return None
    limit = find_notice_day(terms.notice, end)
    return (limit, end) if limit >= day else None


def find_notice_day(notice: Length, end: date) -> date:
    """Return the last day on which notice still ends an agreement on a day.

    >>> str(find_notice_day(Length(1), date(2027, 3, 31)))
    '2027-02-28'
    """
    try:
        found = end - notice.times(1)
    except (OverflowError, ValueError):
        return date.min
    while _add(found + _ONE_DAY, notice.times(1)) <= end < date.max:
        found += _ONE_DAY
    return found


def find_renewed(terms: Terms, day: date) -> date:
    """Return until when an agreement runs that a person renews: at least to a day.

    >>> terms = Terms(date(2027, 1, 1), Length(1), "ask")
    >>> [str(find_renewed(terms, day)) for day in (date(2027, 1, 20), date(2027, 4, 5))]
    ['2027-02-28', '2027-04-30']
    """
    end = find_term(terms, terms.start).end
    reached, number = _find_number(terms, lambda found: found >= end, end)
    length = terms.renewed_for if terms.renewed_for.number else terms.minimum
    renewed = end
    while renewed < date.max and (renewed == end or renewed < day):
        if reached == end:
            number += 1
            renewed = _end_of(terms, number)
        else:
            # another end was agreed: from there on
            renewed = find_last_day(renewed + _ONE_DAY, length.times(1))
    return renewed


def find_last_day(start: date, length: relativedelta) -> date:
    """Return the last day of a length of time that begins with a day.

    A month ends with the day before the one that has the same number; where a month has no such
    day, with its last one.

    >>> str(find_last_day(date(2026, 8, 31), relativedelta(months=6)))
    '2027-02-28'
    >>> str(find_last_day(date(2027, 1, 1), relativedelta(months=1, days=7)))
    '2027-02-07'
    """
    months = relativedelta(years=length.years, months=length.months)
    following = _add(start, months)
    if following.day < start.day:
        # that day is the last one itself
        following = _add(following, relativedelta(days=1))
    following = _add(following, relativedelta(days=length.days))
    return following - _ONE_DAY if following < date.max else following


def put_off(end: date, suspension: Suspension) -> date:
    """Return the last day of an agreement that was suspended: so many months and days later.

    >>> str(put_off(date(2027, 12, 31), Suspension(date(2027, 4, 1), date(2027, 6, 30))))
    '2028-03-31'
    """
    first, following = suspension.start, _add(suspension.end, relativedelta(days=1))
    later = _add(_add(end, relativedelta(days=1)), relativedelta(following, first))
    return later - _ONE_DAY if later < date.max else later


def join_suspensions(spans: Iterable[Suspension]) -> list[Suspension]:
    """Return spans of days in their order, those that follow each other as one.

    >>> days = [date(2027, 4, 1), date(2027, 4, 30), date(2027, 5, 1), date(2027, 5, 31)]
    >>> [len(join_suspensions([Suspension(*days[:2]), Suspension(*days[2:])]))]
    [1]
    """
    joined: list[Suspension] = []
    for span in sorted(spans):
        if joined and span.start <= _add(joined[-1].end, relativedelta(days=1)):
            joined[-1] = Suspension(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def end_rule(
    rule: RecurrenceRule, end: date, paid: str = "pre", last: date | None = None
) -> RecurrenceRule:
    """Return a rule that bills until the end of an agreement, and nothing after it.

    Where whole periods are billed the last one is that in which it ends. A rule that ends sooner
    stays as it is.

    >>> str(end_rule(RecurrenceRule(date(2027, 1, 1)), date(2027, 12, 31), "post").until)
    '2028-01-01'

    :param end: last day of the agreement
    :param paid: "pre" or "post": when a period is billed
    :param last: the last date of a rule that ends after n dates, where the dates there are come
        from an earlier rule; None: as counted from its start
    """
    until = max(end, rule.date_start)
    if not isinstance(rule, AgreementRule):
        until = find_last_billed(rule, end, paid) or rule.date_start
    own = (last or rule.last_date()) if rule.end_type == "count" else rule.until
    if rule.end_type != "forever" and own and own <= until:
        return rule
    return replace(rule, end_type="end_date", until=until, count=None)


def find_last_billed(rule: RecurrenceRule, end: date, paid: str) -> date | None:
    """Return the last date of a rule, without its own end, that bills a day up to another.

    :param end: that day
    """
    endless = replace(rule, end_type="forever", count=None, until=None)
    around = endless.cycle_period(end)[0]
    days = endless.rule_dates(max(around, rule.date_start), limit=4)
    before = endless.previous_before(max(around, rule.date_start))
    found = [day for day in (before, *days) if day and endless.period(day, paid)[0] <= end]
    return max(found, default=None)


# --- terms ---------------------------------------------------------------------------------------


def _find_number(terms, fits, day: date) -> Term:
    """Return the first term that fits, of an agreement that is renewed by itself.

    :param fits: called with the last day of a term
    :param day: no term that ends long before it is looked at
    """
    length = terms.renewed_for if terms.renewed_for.number else terms.minimum
    added = sum((found.end - found.start).days + 1 for found in terms.added)
    passed = (day - _end_of(terms, 0)).days - added
    number = max(0, passed // (_MOST_DAYS[length.unit] * length.number) - 1)
    while not fits(end := _end_of(terms, number)):
        number += 1
    return Term(end, number)


def _asked_term(terms: Terms) -> Term:
    """Return the term of an agreement that ends unless a person renews it.

    What began before it was billed here was renewed until then.
    """
    if terms.renewed_until:
        return Term(terms.renewed_until)
    billed = terms.rule.date_start if terms.rule else terms.start
    return _find_number(terms, lambda end: end >= billed, billed)


def _end_of(terms: Terms, number: int) -> date:
    """The last day of a term, computed from the start: no month end drifts."""
    length = terms.renewed_for if terms.renewed_for.number else terms.minimum
    last = find_last_day(terms.start, terms.minimum.times(1) + length.times(number))
    # later by what was suspended until then
    for suspension in terms.added:
        if suspension.start <= last:
            last = put_off(last, suspension)
    return last


def _round_up(terms: Terms, day: date) -> date:
    """Return the first day from one on to which notice can be given."""
    if terms.notice_to == "period" and terms.rule:
        return terms.rule.cycle_period(day)[1]
    months = _MONTHS.get(terms.notice_to)
    if not months:
        return day
    last = -(-day.month // months) * months
    return day + relativedelta(month=last, day=31)


def _add(day: date, delta: relativedelta) -> date:
    try:
        return day + delta
    except (OverflowError, ValueError):
        return date.max
