"""Figures of the receivables of a company on a day: the pure arithmetic behind the overview (K9).

Amounts are in the company's currency. Nothing here reads a clock, a database or a language. What
each figure means is told in docs/figures.md, with an example worked out by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from math import fsum
from typing import NamedTuple

from .ageing import age
from .credit import exact

SALES_DAYS = 90  # of the simple DSO
COUNT_BACK_MONTHS = 24  # further back the count-back DSO does not count
WEEKS = 12  # of expected cash
ZERO = Decimal()
TINY = 1e-6  # less than any currency knows


def total(amounts: Iterable[float]) -> Decimal:
    """The exact sum of stored amounts, however many: adding up decimals one by one takes longer.

    >>> str(total([0.1] * 10))
    '1.0'
    """
    return exact(round(fsum(amounts), 6))


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
    opened = not_due + sum(overdue)
    return float(100 * sum(overdue) / opened) if opened else None


# === OPEN ITEMS === #


class OpenItem(NamedTuple):
    """What customers owe, or have to their credit (negative), due on a day, in one currency."""

    partner_id: int | None
    currency_id: int
    due: date
    amount: float  # in its own currency
    amount_company: float
    disputed: float = 0.0  # of it, in the company's currency
    id: int | None = None


class Ageing(NamedTuple):
    """Open items by how late they are, as ``ageing.age`` has it, and credits beside them."""

    ages: list[Decimal]
    credits: Decimal  # negative

    @property
    def balance(self) -> Decimal:
        return sum(self.ages, self.credits)


def age_items(items: Iterable[OpenItem], as_of: date) -> tuple[dict[int, Ageing], Ageing]:
    """Open items by age: for each currency, and all of them in the company's.

    >>> day = date(2026, 3, 2)
    >>> items = [OpenItem(7, 1, day, 100.0, 90.0), OpenItem(7, 1, day, -40.0, -36.0)]
    >>> by_currency, in_company = age_items(items, date(2026, 3, 10))
    >>> [str(amount) for amount in by_currency[1].ages], str(by_currency[1].credits)
    (['0', '100.0', '0', '0', '0'], '-40.0')
    >>> str(in_company.balance)
    '54.0'
    """
    groups: dict[tuple, tuple[list[float], list[float]]] = {}
    for _partner_id, currency_id, due, amount, amount_company, *_rest in items:
        key = currency_id, due, amount_company > 0 or amount > 0
        group = groups.get(key)
        if group is None:
            group = groups[key] = ([], [])
        group[0].append(amount)
        group[1].append(amount_company)
    own = {currency_id: [] for currency_id, _due, _is_item in groups}
    company = []
    for (currency_id, due, is_item), (amounts, amounts_company) in groups.items():
        late = (as_of - due).days if is_item else None
        own[currency_id].append((late, total(amounts)))
        company.append((late, total(amounts_company)))
    return {key: _age(found) for key, found in own.items()}, _age(company)


def _age(amounts: list[tuple[int | None, Decimal]]) -> Ageing:
    """The ageing of amounts with their days late; of credits there are none."""
    credits = (amount for late, amount in amounts if late is None)
    items = [(late, amount) for late, amount in amounts if late is not None]
    return Ageing(age(items), sum(credits, ZERO))


class Debtor(NamedTuple):
    """A customer with overdue items, in the company's currency."""

    partner_id: int
    overdue: Decimal
    opened: Decimal
    days_late: int  # of the oldest item


def rank_debtors(items: Collection[OpenItem], as_of: date, most: int = 10) -> list[Debtor]:
    """The customers with the largest overdue amounts, the largest first; credits are left out.

    >>> items = [OpenItem(7, 1, date(2026, 3, 2), 100.0, 90.0), OpenItem(8, 1, date(2026, 4, 1),
    ...          50.0, 45.0), OpenItem(7, 1, date(2026, 4, 1), 50.0, 45.0)]
    >>> [(one.partner_id, str(one.overdue), str(one.opened), one.days_late)
    ...  for one in rank_debtors(items, date(2026, 3, 10))]
    [(7, '90.0', '135.0', 8)]
    """
    overdue: dict[int, list[float]] = {}
    for partner_id, _currency_id, due, _amount, amount, *_rest in items:
        if due < as_of and amount > 0 and partner_id is not None:
            overdue.setdefault(partner_id, []).append(amount)
    largest = sorted((-fsum(amounts), key) for key, amounts in overdue.items())[:most]
    opened: dict[int, list[OpenItem]] = {key: [] for _amount, key in largest}
    for item in items:
        if item[0] in opened and item.amount_company > 0:
            opened[item.partner_id].append(item)
    return [_get_debtor(key, opened[key], overdue[key], as_of) for _amount, key in largest]


def _get_debtor(key: int, items: list[OpenItem], overdue: list[float], as_of: date) -> Debtor:
    opened = total(item.amount_company for item in items)
    oldest = min(item.due for item in items)
    return Debtor(key, total(overdue), opened, (as_of - oldest).days)


# === EXPECTED CASH === #


@lru_cache(maxsize=4096)
def get_week(day: date) -> date:
    """The Monday of a day's week.

    >>> str(get_week(date(2026, 3, 8)))
    '2026-03-02'
    """
    return day - timedelta(days=day.weekday())


@dataclass(slots=True)
class Customer:
    """What is known of one customer: open items, promises, and how late it usually pays.

    Items are due date, amount and id, planned invoices due date and amount, promises day and
    amount.
    """

    items: list[tuple[date, float, int | None]] = field(default_factory=list)
    disputed: list[float] = field(default_factory=list)  # not among ``items``
    promises: list[tuple[date, float]] = field(default_factory=list)
    planned: list[tuple[date, float]] = field(default_factory=list)
    days_late: int | None = None  # on average; None: nothing was paid yet


class Expected(NamedTuple):
    """Cash that is expected, by the Monday of its week; and what no week can be named for."""

    promised: dict[date, Decimal]
    usual: dict[date, Decimal]
    planned: dict[date, Decimal]
    overstayed: Decimal  # open for longer than the customer usually takes
    disputed: Decimal
    later: Decimal  # expected, or promised, after the last week
    # the items, by "usual" with the Monday of the week, by "overstayed" and "later" with None
    item_ids: dict[tuple[str, date | None], list[int | None]]


class Forecast:
    """Sorts amounts into weeks; ``last`` is the Monday of the last one."""

    def __init__(self, as_of: date, average: int, last: date):
        self.as_of, self.average, self.last = as_of, average, last
        self.weeks: dict[str, dict[date, list[float]]] = {
            "promised": {},
            "usual": {},
            "planned": {},
        }
        self.rests: dict[str, list[float]] = {"overstayed": [], "disputed": [], "later": []}
        self.item_ids: dict[tuple[str, date | None], list[int | None]] = {}

    def add(self, customer: Customer) -> None:
        """Note all that is expected of a customer."""
        days = self.average if customer.days_late is None else customer.days_late
        late = timedelta(days=days)
        left = self._add_promises(customer) if customer.promises else 0.0
        for due, amount, item_id in sorted(customer.items) if left else customer.items:
            if left:
                covered = min(left, amount)
                left -= covered
                amount -= covered
                if amount < TINY:
                    continue
            self._add_usual(due, due + late, amount, item_id)
        for due, amount in customer.planned:
            week = get_week(max(due + late, self.as_of))
            if week <= self.last:
                self.weeks["planned"].setdefault(week, []).append(amount)
        self.rests["disputed"] += customer.disputed

    def _add_usual(self, due: date, day: date, amount: float, item_id: int | None) -> None:
        """Note an item that is usually paid on a day."""
        if day < self.as_of <= due:
            day = due  # who pays early may still pay on the due date
        if day < self.as_of:
            self.rests["overstayed"].append(amount)
            place = "overstayed", None
        else:
            place = self._put("usual", day, amount)
        self.item_ids.setdefault(place, []).append(item_id)

    def _add_promises(self, customer: Customer) -> float:
        """Note what a customer promised, as far as it is open; return how much that is."""
        opened = left = fsum(amount for _due, amount, _id in customer.items)
        for day, amount in sorted(customer.promises):
            counted = min(amount, left)
            left -= counted
            if counted > TINY:
                self._put("promised", day, counted)
        return opened - left

    def _put(self, kind: str, day: date, amount: float) -> tuple[str, date | None]:
        """Note an amount in its week; return where it stands."""
        week = get_week(day)
        if week > self.last:
            self.rests["later"].append(amount)
            return "later", None
        self.weeks[kind].setdefault(week, []).append(amount)
        return kind, week

    def close(self) -> Expected:
        """Return what was noted, added up."""
        weeks = {
            kind: {week: total(amounts) for week, amounts in found.items()}
            for kind, found in self.weeks.items()
        }
        rests = {kind: total(found) for kind, found in self.rests.items()}
        return Expected(**weeks, **rests, item_ids=self.item_ids)


def sort_customers(items: Iterable[OpenItem]) -> dict[int | None, Customer]:
    """What each customer has open, by its id; credits are left out.

    >>> day = date(2026, 3, 2)
    >>> items = [OpenItem(7, 1, day, 9.0, 9.0, 2.0, 4), OpenItem(7, 1, day, 5.0, 5.0, 5.0, 6),
    ...          OpenItem(7, 1, day, -3.0, -3.0)]
    >>> found = sort_customers(items)[7]
    >>> found.items, found.disputed
    ([(datetime.date(2026, 3, 2), 7.0, 4)], [2.0, 5.0])
    """
    customers: dict[int | None, Customer] = {}
    for partner_id, _currency_id, due, _amount, amount, disputed, item_id in items:
        if amount <= 0:
            continue
        customer = customers.get(partner_id)
        if customer is None:
            customer = customers[partner_id] = Customer()
        if disputed:
            customer.disputed.append(disputed)
            amount -= disputed
        if amount > TINY:
            customer.items.append((due, amount, item_id))
    return customers


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
    >>> customer = Customer([(week, 100.0, 4), (week, 50.0, 5)], days_late=7)
    >>> customer.promises = [(date(2026, 3, 20), 120.0)]
    >>> found = expect_cash([customer], as_of=week)
    >>> {str(week): str(amount) for week, amount in found.promised.items()}
    {'2026-03-16': '120.0'}
    >>> {str(week): str(amount) for week, amount in found.usual.items()}
    {'2026-03-09': '30.0'}
    """
    forecast = Forecast(as_of, average, get_week(as_of) + timedelta(weeks=weeks - 1))
    for customer in customers:
        forecast.add(customer)
    return forecast.close()
