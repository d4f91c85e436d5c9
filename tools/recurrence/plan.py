"""What becomes of a schedule's planned dates when they are generated or its rule has changed.

Pure decisions: the rows there are and a rule go in, the rows to keep, remove and add come out.
Nothing is billed twice for a period: a new date that lies in the period of a row that stays is
listed as covered, and added only when somebody chose it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from .rule import ClosedDays, RecurrenceRule, RuleDate

# No more open rows ahead of a schedule than this, as in a recurring meeting of Odoo.
MAX_ROWS = 720
_ONE_DAY = timedelta(days=1)


class Row(NamedTuple):
    """An occurrence that exists.

    :ivar fixed: it stays whatever the rule says: done, skipped, moved, edited, issued, …
    :ivar covers: its period is, or will be, billed or done; a skipped one's is not
    :ivar counts: it is one of the rule's dates, not one added by hand
    """

    id: int
    rule_date: date
    number: int = 0
    fixed: bool = False
    covers: bool = False
    counts: bool = True
    period_start: date | None = None
    period_end: date | None = None


class New(NamedTuple):
    """An occurrence to be: where it falls, what it pays for and its place in the count."""

    item: RuleDate
    number: int
    period_start: date
    period_end: date


class Covered(NamedTuple):
    """A date of the new rule inside the period of ``row``."""

    item: RuleDate
    row: Row


@dataclass(slots=True)
class Plan:
    """What generating would do.

    :ivar kept: planned rows that the rule still says, each with its refreshed values
    :ivar fixed: rows that stay whatever the rule says
    :ivar gap: first and last day that no row pays for between the old rows and the new ones
    """

    kept: list[tuple[Row, New]] = field(default_factory=list)
    fixed: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    added: list[New] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)
    gap: tuple[date, date] | None = None

    @property
    def dates(self) -> list[date]:
        """The dates of the rule that are planned."""
        return [new.item.rule_date for new in (*(new for _row, new in self.kept), *self.added)]


def rule_dates_left(
    rule: RecurrenceRule, number: int, date_from: date, date_to: date, limit: int = MAX_ROWS
) -> list[date]:
    """The dates a rule has left from a day on, when ``number`` of its dates were used already.

    A rule that ends after n dates counts those that exist, done and skipped ones too; they may
    have come from an earlier rule, so counting from the anchor would be wrong.

    >>> rule = RecurrenceRule(date(2026, 1, 1), end_type="count", count=3)
    >>> [str(day) for day in rule_dates_left(rule, 2, date(2026, 5, 1), date(2027, 1, 1))]
    ['2026-05-01']
    """
    if rule.end_type == "count":
        limit = min(limit, max(rule.count - number, 0))
    return _endless(rule).rule_dates(date_from, date_to, limit)


def make_new(
    rule: RecurrenceRule,
    item: RuleDate,
    number: int,
    paid: str = "pre",
    covering: Sequence[Row] = (),
) -> New:
    """Give a date its period; what rows that stay pay for already is left out of it.

    Somebody who chose a date that is paid for wholly gets its period as the rule says it.
    """
    start, end = rule.period(item.rule_date, paid)
    free = _first_free(covering, start)
    if free <= end:
        start = free
    later = [row.period_start for row in covering if start < row.period_start <= end]
    return New(item, number, start, min(later) - _ONE_DAY if later else end)


def extend(
    rule: RecurrenceRule,
    calendar: ClosedDays,
    number: int,
    date_from: date,
    date_to: date,
    limit: int = MAX_ROWS,
    *,
    used: int | None = None,
    paid: str = "pre",
    taken: Collection[date] = (),
    covering: Sequence[Row] = (),
) -> tuple[list[New], bool]:
    """Continue the rows of a schedule with the dates its rule gives from a day on.

    :param number: of the last date there is
    :param limit: so many at most
    :param used: how many dates there are; None: ``number``. Dates that stayed when the rule
        changed keep their number, so that two may bear the same.
    :param taken: dates that have a row already
    :param covering: rows of an earlier rule that reach into these days: what they pay for is not
        planned once more
    :return: the new ones, and whether these are all
    """
    left = limit + 1
    if rule.end_type == "count":
        left = max(rule.count - (number if used is None else used), 0)
    news = []
    # one more than asked for: it tells whether any is left
    bound = None if taken or covering else limit + 1
    for rule_date in _endless(rule).rule_dates(date_from, date_to, bound):
        if rule_date in taken or _covering_row(covering, _billed_from(rule, rule_date, paid)):
            continue
        if len(news) >= min(left, limit):
            return news, left <= limit
        number += 1
        item = rule.resolve(rule_date, calendar)
        news.append(make_new(rule, item, number, paid, covering))
    return news, True


def reconcile(
    rule: RecurrenceRule,
    calendar: ClosedDays,
    rows: Sequence[Row],
    as_of: date,
    horizon: date,
    *,
    paid: str = "pre",
    chosen: Collection[date] = (),
) -> Plan:
    """Compare the rows of a schedule with the dates its rule now gives from a day on.

    :param rows: all rows of the schedule
    :param as_of: earlier dates are not added; earlier rows that still wait stay where the rule
        gives them
    :param horizon: last day planned
    :param paid: ``"pre"`` or ``"post"``: when a period is billed
    :param chosen: rule dates to add although a row that stays covers them
    """
    plan = Plan(fixed=[row for row in rows if row.fixed])
    planned = {row.rule_date: row for row in rows if not row.fixed}
    covering = _covering_rows(plan.fixed)
    taken = {row.rule_date for row in plan.fixed}
    first = min([as_of, *planned])
    dates = _endless(rule).rule_dates(max(first, rule.date_start), _last(rule, horizon))
    items, ahead = [], 0
    for rule_date in _to_plan(dates, taken, planned, as_of):
        item = rule.resolve(rule_date, calendar)
        if rule_date in planned:
            row = _wholly_covering_row(covering, *rule.period(rule_date, paid))
        else:
            row = _covering_row(covering, _billed_from(rule, rule_date, paid))
        if row:
            plan.covered.append(Covered(item, row))
            if rule_date not in chosen:
                continue
        ahead += rule_date >= as_of
        if ahead <= MAX_ROWS:
            items.append(item)
    news = _number(rule, items, plan.fixed, covering, first, paid)
    _fit(plan, news, planned)
    plan.gap = _gap(covering, news)
    return plan


def _to_plan(
    dates: Iterable[date], taken: Collection[date], planned: Collection[date], as_of: date
) -> Iterator[date]:
    """Those of the dates that have no row that stays; before ``as_of`` only those of other rows."""
    for day in dates:
        if day not in taken and (day >= as_of or day in planned):
            yield day


def _fit(plan: Plan, news: Sequence[New], planned: dict[date, Row]) -> None:
    """Say in the plan which new dates have a row already, and which rows have none of them."""
    for new in news:
        row = planned.pop(new.item.rule_date, None)
        if row:
            plan.kept.append((row, new))
        else:
            plan.added.append(new)
    plan.removed = sorted(planned.values(), key=lambda row: row.rule_date)


def upcoming(
    rule: RecurrenceRule,
    calendar: ClosedDays,
    rows: Sequence[Row],
    as_of: date,
    limit: int,
    *,
    paid: str = "pre",
) -> Plan:
    """What :func:`reconcile` would plan, as far as is needed for the first dates, however late.

    >>> rule = RecurrenceRule(date(2026, 1, 31), end_type="count", count=3)
    >>> row = Row(7, date(2026, 1, 31), 1, fixed=True, covers=True)
    >>> plan = upcoming(rule, None, [row], date(2026, 2, 1), 5)
    >>> [str(new.item.rule_date) for new in plan.added]
    ['2026-02-28', '2026-03-31']
    """
    taken = {row.rule_date for row in rows if row.fixed or row.rule_date < as_of}
    wanted = limit
    while True:
        dates = _endless(rule).iter_rule_dates(max(as_of, rule.date_start))
        left = list(islice((day for day in dates if day not in taken), wanted))
        horizon = left[-1] if left else as_of
        plan = reconcile(rule, calendar, rows, as_of, horizon, paid=paid)
        found = sum(day >= as_of for day in plan.dates)
        if found >= limit or len(left) < wanted or wanted > MAX_ROWS:
            return plan
        # some were covered by a period that is paid: look further
        wanted *= 4


def _endless(rule: RecurrenceRule) -> RecurrenceRule:
    rule.validate()
    return replace(rule, end_type="forever", count=None) if rule.end_type == "count" else rule


def _last(rule: RecurrenceRule, horizon: date) -> date:
    return min(rule.until, horizon) if rule.end_type == "end_date" else horizon


def _number(
    rule: RecurrenceRule,
    items: Sequence[RuleDate],
    fixed: Sequence[Row],
    covering: Sequence[Row],
    first: date,
    paid: str,
) -> list[New]:
    """Number the new dates in one row with those that stay, as far as the count reaches.

    :param first: no new date is earlier
    """
    counting = [row for row in fixed if row.counts]
    ahead = sorted(row.rule_date for row in counting if row.rule_date >= first)
    number = max((row.number for row in counting if row.rule_date < first), default=0)
    left = max(rule.count - len(counting), 0) if rule.end_type == "count" else None
    result = []
    for item in items[:left]:
        number += 1
        passed = sum(day < item.rule_date for day in ahead)
        result.append(make_new(rule, item, number + passed, paid, covering))
    return result


def _covering_rows(fixed: Sequence[Row]) -> list[Row]:
    """The rows that pay for a period, by its first day."""
    found = [row for row in fixed if row.covers and row.period_start and row.period_end]
    return sorted(found, key=lambda row: row.period_start)


def _covering_row(covering: Sequence[Row], day: date) -> Row | None:
    return next((row for row in covering if row.period_start <= day <= row.period_end), None)


def _billed_from(rule: RecurrenceRule, rule_date: date, paid: str) -> date:
    """The day that tells whether a date is paid for already: in advance its first, else itself."""
    return rule.period(rule_date, paid)[0] if paid == "pre" else rule_date


def _first_free(covering: Sequence[Row], day: date) -> date:
    """The first day from this one on that no row covers."""
    while (row := _covering_row(covering, day)) and row.period_end < date.max:
        day = row.period_end + _ONE_DAY
    return day


def _wholly_covering_row(covering: Sequence[Row], start: date, end: date) -> Row | None:
    """The row that covers the first day, where nothing up to the last one is left to pay for."""
    return _covering_row(covering, start) if _first_free(covering, start) > end else None


def _gap(covering: Sequence[Row], news: Sequence[New]) -> tuple[date, date] | None:
    """The days between the last period that is paid for and the first new one."""
    first = min((new.period_start for new in news), default=None)
    if not first:
        return None
    ends = [row.period_end for row in covering if row.period_start < first]
    # the last period may reach to the end of the calendar
    if not ends or first - _ONE_DAY <= max(ends):
        return None
    return max(ends) + _ONE_DAY, first - _ONE_DAY
