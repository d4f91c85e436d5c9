"""Figures of the receivables of a company on a day: the pure arithmetic behind the overview (K9).

Amounts are in the company's currency. Nothing here reads a clock, a database or a language. What
each figure means is told in docs/figures.md, with an example worked out by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import NamedTuple

SALES_DAYS = 90  # of the simple DSO
COUNT_BACK_MONTHS = 24  # further back the count-back DSO does not count
SOON_DAYS = 7  # a payment so soon after a level is put down to it
WEEKS = 12  # of expected cash
ZERO = Decimal()


# === DAYS SALES OUTSTANDING === #


def get_simple_dso(receivables: Decimal, sales: Decimal, days: int = SALES_DAYS) -> float | None:
    """Days sales outstanding, simple: receivables divided by the sales of a day.

    Receivables ÷ sales of the last ``days`` days × ``days``, as in the Treasury Wiki of the
    Association of Corporate Treasurers ("Days sales outstanding").

    :param receivables: what customers owe, less what they have to their credit
    :param sales: invoices less credit notes of the last ``days`` days, taxes included
    :return: None where nothing was sold

    >>> get_simple_dso(Decimal(6000), Decimal(9000))
    60.0
    >>> get_simple_dso(Decimal(6000), Decimal(0)) is None
    True
    """
    return float(receivables / sales * days) if sales > 0 else None


class CountBack(NamedTuple):
    """Days counted back; not ``is_whole``: sales do not reach back far enough, it is more."""

    days: float
    is_whole: bool


def get_count_back_dso(receivables: Decimal, months: Iterable[tuple[int, Decimal]]) -> CountBack:
    """Days sales outstanding, count-back: how many days of the latest sales are not paid yet.

    The sales of the latest month are taken off the receivables, then those of the month before,
    and so on. A month used up counts with all its days, the last one in proportion. Seasons do not
    distort it, unlike the simple one ("count-back" or "exhaustion" method of credit management).

    :param receivables: as of the simple one
    :param months: days and sales of each month, the latest first; of the current one the days
        until today. A month without sales counts with its days.

    >>> get_count_back_dso(Decimal(6000), [(15, Decimal(2000)), (30, Decimal(8000))])
    CountBack(days=30.0, is_whole=True)
    >>> get_count_back_dso(Decimal(6000), [(15, Decimal(2000)), (30, Decimal(1000))])
    CountBack(days=45.0, is_whole=False)
    """
    left, counted = receivables, 0
    if left <= 0:
        return CountBack(0.0, True)
    for days, sales in months:
        if sales >= left:
            return CountBack(float(counted + left / sales * days), True)
        counted += days
        left -= max(sales, ZERO)
    return CountBack(float(counted), False)


def sum_by_month(
    sales: Mapping[date, Decimal], as_of: date, count: int = COUNT_BACK_MONTHS
) -> list[tuple[int, Decimal]]:
    """Days and sales of the latest months, the latest first, as ``get_count_back_dso`` takes them.

    :param sales: by day

    >>> sum_by_month({date(2026, 3, 2): Decimal(5), date(2026, 2, 1): Decimal(7)},
    ...              date(2026, 3, 10), count=2)
    [(10, Decimal('5')), (28, Decimal('7'))]
    """
    totals: dict[date, Decimal] = {}
    for day, amount in sales.items():
        first = day.replace(day=1)
        totals[first] = totals.get(first, ZERO) + amount
    months, last = [], as_of
    for _number in range(count):
        first = last.replace(day=1)
        months.append(((last - first).days + 1, totals.get(first, ZERO)))
        last = first - timedelta(days=1)
    return months


def get_overdue_share(ages: Iterable[Decimal]) -> float | None:
    """How much of what is open is overdue, in percent; nothing open: None.

    :param ages: as ``ageing.age`` returns them, not due first

    >>> get_overdue_share([Decimal(600), Decimal(100), Decimal(0), Decimal(0), Decimal(100)])
    25.0
    """
    not_due, *overdue = ages
    total = not_due + sum(overdue)
    return float(100 * sum(overdue) / total) if total else None


# === EXPECTED CASH === #


def get_week(day: date) -> date:
    """The Monday of a day's week.

    >>> str(get_week(date(2026, 3, 8)))
    '2026-03-02'
    """
    return day - timedelta(days=day.weekday())


@dataclass(slots=True)
class Customer:
    """What is known of one customer: open items, promises, and how late it usually pays.

    Items and planned invoices are pairs of due date and amount, promises of day and amount.
    """

    items: list[tuple[date, Decimal]] = field(default_factory=list)
    disputed: Decimal = ZERO  # open items that are disputed, which are not among ``items``
    promises: list[tuple[date, Decimal]] = field(default_factory=list)
    planned: list[tuple[date, Decimal]] = field(default_factory=list)
    days_late: int | None = None  # on average; None: nothing was paid yet


@dataclass(slots=True)
class Expected:
    """Cash that is expected, by the Monday of its week; and what no week can be named for."""

    promised: dict[date, Decimal] = field(default_factory=dict)
    usual: dict[date, Decimal] = field(default_factory=dict)
    planned: dict[date, Decimal] = field(default_factory=dict)
    overstayed: Decimal = ZERO  # open for longer than the customer usually takes
    disputed: Decimal = ZERO
    later: Decimal = ZERO  # expected, or promised, after the last week

    def add(self, kind: str, day: date, amount: Decimal, last: date) -> None:
        """Note an amount of a kind in the week of a day, if that is not after the last one."""
        week = get_week(day)
        weeks: dict[date, Decimal] = getattr(self, kind)
        if week <= last:
            weeks[week] = weeks.get(week, ZERO) + amount
        elif kind != "planned":
            self.later += amount


def expect_cash(
    customers: Iterable[Customer], as_of: date, average: int = 0, weeks: int = WEEKS
) -> Expected:
    """When what is open, and what will be invoiced, is expected to be paid.

    Money is counted once: what a customer promised is taken off its items, the oldest first, and
    stands in the week of the promise, at most as much as is open. The rest is expected on its due
    date plus the days the customer is usually late. Where that day is over, nothing tells when it
    will come. Disputed items are expected in no week.

    :param average: how late all customers are on average, for those who have paid nothing yet
    :param weeks: how many, that of ``as_of`` among them

    >>> week = date(2026, 3, 2)
    >>> customer = Customer([(week, Decimal(100)), (week, Decimal(50))], days_late=7)
    >>> customer.promises = [(date(2026, 3, 20), Decimal(120))]
    >>> found = expect_cash([customer], as_of=week)
    >>> {str(week): str(amount) for week, amount in found.promised.items()}
    {'2026-03-16': '120'}
    >>> {str(week): str(amount) for week, amount in found.usual.items()}
    {'2026-03-09': '30'}
    """
    found = Expected()
    last = get_week(as_of) + timedelta(weeks=weeks - 1)
    for customer in customers:
        late = timedelta(days=average if customer.days_late is None else customer.days_late)
        promised = _note_promises(found, customer, last)
        for due, amount in sorted(customer.items):
            covered = min(promised, amount)
            promised -= covered
            day = due + late
            if day < as_of <= due:
                day = due  # who pays early may still pay on the due date
            if amount == covered:
                continue
            if day < as_of:
                found.overstayed += amount - covered
            else:
                found.add("usual", day, amount - covered, last)
        for due, amount in customer.planned:
            found.add("planned", max(due + late, as_of), amount, last)
        found.disputed += customer.disputed
    return found


def _note_promises(found: Expected, customer: Customer, last: date) -> Decimal:
    """Note what a customer promised, as far as it is open; return how much that is."""
    opened = left = sum((amount for _due, amount in customer.items), ZERO)
    for day, amount in sorted(customer.promises):
        counted = min(amount, left)
        left -= counted
        if counted:
            found.add("promised", day, counted, last)
    return opened - left


# === STEP EFFECTIVENESS === #


class Sent(NamedTuple):
    """A due line that got a level: when, when it was paid in full, when it got the next one."""

    level: int
    amount: Decimal
    day: date
    paid: date | None
    following: date | None


class Effect(NamedTuple):
    """What a level achieved; amounts are those that were open when it left."""

    count: int
    amount: Decimal
    soon_count: int  # paid within SOON_DAYS
    soon_amount: Decimal
    median_days: float | None  # of those paid before the next level; None: none was

    @property
    def soon_share(self) -> float:
        """How much of the amount was paid within SOON_DAYS, in percent."""
        return float(100 * self.soon_amount / self.amount) if self.amount else 0.0


def measure_levels(sent: Iterable[Sent], as_of: date) -> dict[int, Effect]:
    """What each level achieved, by level.

    Only lines count whose level left at least ``SOON_DAYS`` ago: the others still have time. A
    payment is put down to the last level before it. What was paid before the level left, and
    recorded later, counts nowhere.

    >>> day = date(2026, 3, 2)
    >>> lines = [Sent(1, Decimal(100), day, date(2026, 3, 6), None),
    ...          Sent(1, Decimal(300), day, None, date(2026, 3, 12))]
    >>> measure_levels(lines, date(2026, 3, 31))
    {1: Effect(count=2, amount=Decimal('400'), soon_count=1, soon_amount=Decimal('100'), \
median_days=4)}
    """
    lines: dict[int, list[Sent]] = {}
    for one in sent:
        if (as_of - one.day).days >= SOON_DAYS and not (one.paid and one.paid < one.day):
            lines.setdefault(one.level, []).append(one)
    return {level: _measure(found) for level, found in lines.items()}


def _measure(lines: list[Sent]) -> Effect:
    paid = [
        (one.amount, (one.paid - one.day).days)
        for one in lines
        if one.paid and (one.following is None or one.paid <= one.following)
    ]
    soon = [amount for amount, days in paid if days <= SOON_DAYS]
    return Effect(
        count=len(lines),
        amount=sum((one.amount for one in lines), ZERO),
        soon_count=len(soon),
        soon_amount=sum(soon, ZERO),
        median_days=median(days for _amount, days in paid) if paid else None,
    )
