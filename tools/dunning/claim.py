"""Late interest and fixed sum of one due line: its debt, its payments and a rule in, a claim out.

Interest is simple, unless the rule adds it to the debt once a year. It runs by the day, from the
first day after the due date to the day asked for, both counted; a payment lowers what bears
interest from the day after it. What is owed in all is what the books show as open, plus
``Claim.total``: where payments go to interest and costs first, more of the principal stays open for
it and bears interest on.

Amounts are exact decimals in the invoice's currency, rates percent a year, dates whole days.
Nothing here is guessed: days without a rate bear no interest and are named (rule 22).

>>> rates = RateTable({date(2026, 1, 1): Decimal("1.27")}, margin=Decimal(9))
>>> debt = Debt(Decimal(1000), date(2026, 3, 2), fixed_sum=Decimal(40))
>>> claim = compute_claim(debt, date(2026, 3, 31), ChargeRule(rates))
>>> claim.interest, claim.parts[0].days, claim.total  # 1,000 × 10.27 % × 30 / 365
(Decimal('8.44'), 30, Decimal('48.44'))
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import NamedTuple

from .rate import DAY, RateTable

CENT = Decimal("0.01")
ZERO, ONE = Decimal(), Decimal(1)
# How the days of a year are counted.
ACTUAL_365 = "365"  # days of the calendar, each 1/365 of a year, in leap years too
ACTUAL_360 = "360"  # days of the calendar, each 1/360 of a year
THIRTY_360 = "30_360"  # every month 30 days, the 31st is the 30th
ACTUAL = "actual"  # days of the calendar, in a leap year 1/366, else 1/365
# What a payment is set off against first.
PRINCIPAL = "principal"
INTEREST = "interest"  # interest, then principal
COSTS = "costs"  # fixed sum, interest, principal (§ 367 BGB)

_DIVISORS = {ACTUAL_365: 36500, ACTUAL_360: 36000, THIRTY_360: 36000, ACTUAL: 100 * 365 * 366}
_ROUNDING = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}


class Settlement(NamedTuple):
    """What lowered a debt on a day. A credit lowers the principal, whatever the rule says."""

    day: date
    amount: Decimal
    is_credit: bool = False


class Debt(NamedTuple):
    """One due line: its amount, the first day that bears interest, what was settled since."""

    amount: Decimal
    first_day: date
    settlements: tuple[Settlement, ...] = ()
    fixed_sum: Decimal = ZERO  # as far as this due line carries it: once per invoice
    # The day something of its claim was first booked or waived. What bears interest after it is
    # what the books show as open: interest and costs are owed apart from it then, or not at all.
    settled_on: date | None = None


class ChargeRule(NamedTuple):
    """What the law or a contract allows, as far as a computation needs it."""

    rates: RateTable
    day_count: str = ACTUAL_365
    rounding: str = "half_up"
    set_off: str = PRINCIPAL
    compounds: bool = False  # interest of a full year bears interest after it (6:119a(3) BW)
    minimum: Decimal = ZERO  # interest below it is not claimed
    fee: Decimal = ZERO  # for each reminder of an invoice …
    fee_from: int = 1  # … beginning with this one
    unit: Decimal = CENT  # smallest amount of the currency


class Part(NamedTuple):
    """Interest of the days from ``start`` to ``end``, with one rate on one base."""

    start: date
    end: date
    days: int
    rate: Decimal
    base: Decimal
    amount: Decimal


class Claim(NamedTuple):
    """What is claimed on a due line as of a day; ``interest`` is the sum of its parts.

    ``missing`` are the spans, first and last day, for which no rate is known.
    """

    interest: Decimal = ZERO
    fixed_sum: Decimal = ZERO
    parts: tuple[Part, ...] = ()
    missing: tuple[tuple[date, date], ...] = ()

    @property
    def total(self) -> Decimal:
        return self.interest + self.fixed_sum


def get_fixed_sum(tiers: Iterable[tuple[Decimal, Decimal]], amount: Decimal) -> Decimal:
    """Fixed sum for a debt by its amount: that of the highest tier it reaches, none below all.

    :param tiers: pairs of (from which amount on, sum)

    >>> tiers = [(Decimal(0), Decimal(40)), (Decimal(1000), Decimal(70))]
    >>> get_fixed_sum(tiers, Decimal("999.99")), get_fixed_sum(tiers, Decimal(1000))
    (Decimal('40'), Decimal('70'))
    """
    reached = [tier for tier in tiers if tier[0] <= amount and amount > 0]
    return max(reached)[1] if reached else ZERO


def get_open_amount(debt: Debt, day: date) -> Decimal:
    """What was open of a debt when a day began, before any of it bore interest.

    >>> debt = Debt(Decimal(100), date(2026, 3, 2), (Settlement(date(2026, 3, 1), Decimal(30)),))
    >>> get_open_amount(debt, date(2026, 3, 1)), get_open_amount(debt, date(2026, 3, 2))
    (Decimal('100'), Decimal('70'))
    """
    if not debt.settlements:
        return debt.amount
    settled = sum((step.amount for step in debt.settlements if step.day < day), ZERO)
    return max(debt.amount - settled, ZERO)


def compute_claim(debt: Debt, as_of: date, rule: ChargeRule) -> Claim:
    """Compute what is claimed on a debt as of a day, that day counted.

    :raises ValueError: an amount is below zero
    """
    if debt.amount < 0 or any(step.amount < 0 for step in debt.settlements):
        raise ValueError("The amounts of a claim must not be negative.")
    first = debt.first_day
    base = get_open_amount(debt, first)
    if as_of < first or not base:
        return Claim()
    with localcontext() as context:
        context.prec = 60
        account = _Account(debt, base, rule)
        for step in sorted(debt.settlements):
            if first <= step.day < as_of:
                account.run_to(step.day)
                account.settle(step)
        account.run_to(as_of)
        return account.close()


class _Account:
    """A debt while its interest is being computed, day by day from its first."""

    def __init__(self, debt: Debt, base: Decimal, rule: ChargeRule):
        self.debt, self.rule = debt, rule
        self.settled_on = debt.settled_on or date.max
        self.begins = self.day = debt.first_day  # the next day to be counted
        self.years = 1  # the interest year that is being counted
        self.base = base  # the principal
        self.capitalised = ZERO  # interest of full years, where that bears interest too
        self.fixed_sum = self.costs_open = debt.fixed_sum
        self.interest_paid = ZERO
        self.divisor = _DIVISORS[rule.day_count] * rule.unit
        self.weighed = ZERO  # interest so far, times the divisor of the day count: not rounded
        self.interest = ZERO  # the same, rounded
        self.parts: list[Part] = []
        self.missing: list[tuple[date, date]] = []

    def run_to(self, end: date) -> None:
        """Add the interest of the days up to ``end``, that day counted."""
        if self.settled_on < end:
            self._run_years(self.settled_on)
            self._leave_to_the_books()
        self._run_years(end)

    def _leave_to_the_books(self) -> None:
        """Let nothing but what the books show as open bear interest from now on."""
        paid = (step.amount for step in self.debt.settlements if step.day <= self.settled_on)
        self.base = min(self.base, max(self.debt.amount - sum(paid, ZERO), ZERO))
        self.capitalised, self.settled_on = ZERO, date.max
        self.rule = self.rule._replace(set_off=PRINCIPAL, compounds=False)

    def _run_years(self, end: date) -> None:
        if self.rule.compounds:
            while (year_end := _get_year_end(self.begins, self.years)) < end:
                self._run_days(year_end)
                self.capitalised = self.interest
                self.years += 1
        self._run_days(end)

    def _run_days(self, end: date) -> None:
        if self.base and self.day <= end:
            for start, until, rate in self.rule.rates.split(self.day, end, self.begins):
                if rate is None:
                    self._add_missing(start, until)
                elif rate:
                    self._add_part(start, until, rate)
        self.day = max(self.day, end + DAY)

    def _add_missing(self, start: date, until: date) -> None:
        if self.missing and self.missing[-1][1] + DAY == start:
            start = self.missing.pop()[0]
        self.missing.append((start, until))

    def _add_part(self, start: date, until: date, rate: Decimal) -> None:
        """Add a part; of its days' interest the cents that rounding left over before come along."""
        days, weight = _count_days(start, until, self.rule.day_count)
        base = self.base
        if self.capitalised:
            base += max(self.capitalised - self.interest_paid, ZERO)
        self.weighed += base * rate * weight
        before, self.interest = self.interest, self._round(self.weighed)
        self.parts.append(Part(start, until, days, rate, base, self.interest - before))

    def _round(self, weighed: Decimal) -> Decimal:
        units = (weighed / self.divisor).quantize(ONE, _ROUNDING[self.rule.rounding])
        return units * self.rule.unit

    def settle(self, step: Settlement) -> None:
        """Set a payment off in the rule's order; what exceeds the debt is not looked at."""
        left = step.amount
        if self.rule.set_off == COSTS and not step.is_credit:
            used = min(left, self.costs_open)
            self.costs_open -= used
            left -= used
        if self.rule.set_off in (COSTS, INTEREST) and not step.is_credit:
            used = min(left, self.interest - self.interest_paid)
            self.interest_paid += used
            left -= used
        self.base -= min(left, self.base)

    def close(self) -> Claim:
        is_claimed = self.interest >= self.rule.minimum
        return Claim(
            self.interest if is_claimed else ZERO,
            self.fixed_sum,
            tuple(self.parts) if is_claimed else (),
            tuple(self.missing),
        )


def _get_year_end(first: date, years: int) -> date:
    """Return the last day of a number of years that begin on a day.

    >>> _get_year_end(date(2024, 3, 2), 1), _get_year_end(date(2024, 2, 29), 1)
    (datetime.date(2025, 3, 1), datetime.date(2025, 2, 28))
    """
    try:
        return first.replace(year=first.year + years) - DAY
    except ValueError:  # no 29 February in that year
        return date(first.year + years, 2, 28)


@lru_cache(20_000)
def _count_days(start: date, end: date, day_count: str) -> tuple[int, int]:
    """Return the days from ``start`` to ``end``, both counted, and their weight in the divisor.

    >>> _count_days(date(2027, 12, 31), date(2028, 1, 1), ACTUAL)
    (2, 731)
    >>> _count_days(date(2026, 1, 31), date(2026, 3, 31), THIRTY_360)
    (60, 60)
    """
    if day_count == THIRTY_360:
        before = start - DAY
        # the last day of February is a 30th too: else the days after it counted more
        first = 30 if before.month == 2 and start.month == 3 else min(before.day, 30)
        days = _count_thirty(end) - (_count_months(before) + first)
        days = max(days, 0)
        return days, days
    days = (end - start).days + 1
    if day_count != ACTUAL:
        return days, days
    years = range(start.year, end.year + 1)
    weights = (
        ((min(end, date(year, 12, 31)) - max(start, date(year, 1, 1))).days + 1)
        * (365 if isleap(year) else 366)
        for year in years
    )
    return days, sum(weights)


def _count_thirty(day: date) -> int:
    return _count_months(day) + min(day.day, 30)


def _count_months(day: date) -> int:
    return day.year * 360 + day.month * 30
