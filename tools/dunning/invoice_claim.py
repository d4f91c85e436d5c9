"""What is claimed on the due lines of one invoice: each bears its own interest, one the fixed sum.

The fixed sum counts once per invoice, by what was late of it, whatever the number of instalments;
the due line that was late first carries it.

>>> from .rate import RateTable
>>> lines = [LateLine(1, Decimal(100), date(2026, 3, 2)), LateLine(2, Decimal(100), None)]
>>> rule = ChargeRule(RateTable(fixed=Decimal("10.95")))
>>> claims = claim_invoice(lines, date(2026, 3, 11), rule, [(Decimal(), Decimal(40))])
>>> claims[1].interest, claims[1].fixed_sum, claims[2].total
(Decimal('0.30'), Decimal('40'), Decimal('0'))
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .claim import (
    ZERO,
    ChargeRule,
    Claim,
    Debt,
    Settlement,
    compute_claim,
    get_fixed_sum,
    get_open_amount,
)


class LateLine(NamedTuple):
    """A due line: its amount, the first day that bears interest, what was settled of it.

    ``first_day`` is None as long as interest does not begin, as before a first reminder.
    """

    id: int
    amount: Decimal
    first_day: date | None
    settlements: tuple[Settlement, ...] = ()


def claim_invoice(
    lines: Sequence[LateLine],
    as_of: date,
    rule: ChargeRule,
    tiers: Iterable[tuple[Decimal, Decimal]] = (),
    payments: Collection[tuple[date, Decimal]] = (),
    reminded: Iterable[tuple[date, bool]] = (),
    settled_on: date | None = None,
) -> dict[int, Claim]:
    """Compute what is claimed on each due line of an invoice, ``as_of`` counted.

    :param lines: the one that is due first comes first
    :param tiers: fixed sums, as pairs of (from which late amount on, sum)
    :param payments: of the invoice, not matched with a line of it yet: they settle the oldest ones
    :param reminded: the reminders of the invoice up to ``as_of``: pairs of (day, whether the
        invoice bears the fee of that message)
    :param settled_on: the day something of these claims was first booked or waived
    :return: id of the line → claim
    """
    lines = _settle(lines, payments)
    debts = {
        line.id: Debt(line.amount, line.first_day, line.settlements, settled_on=settled_on)
        for line in lines
        if line.first_day and line.first_day <= as_of
    }
    late = {line_id: get_open_amount(debt, debt.first_day) for line_id, debt in debts.items()}
    bearer = next((line_id for line_id, amount in late.items() if amount), None)
    if fixed_sum := get_fixed_sum(tiers, sum(late.values(), ZERO)):
        debts[bearer] = debts[bearer]._replace(fixed_sum=fixed_sum)
    claims = {
        line.id: compute_claim(debts[line.id], as_of, rule) if line.id in debts else Claim()
        for line in lines
    }
    if bearer and rule.fee:
        # no payment is set off against them: one before the reminder could not have settled them
        fees, claim = get_fees(rule, reminded, as_of), claims[bearer]
        claims[bearer] = claim._replace(fixed_sum=claim.fixed_sum + fees)
    return claims


def get_fees(rule: ChargeRule, reminded: Iterable[tuple[date, bool]], as_of: date) -> Decimal:
    """Fees that an invoice bears, those of one day counted once.

    A message about several invoices has one fee, which one of them bears; all of them count it.

    >>> from .rate import RateTable
    >>> rule = ChargeRule(RateTable(), fee=Decimal("2.50"), fee_from=2)
    >>> sent = [(date(2026, 3, 6), True), (date(2026, 3, 16), False), (date(2026, 3, 31), True)]
    >>> get_fees(rule, sent, date(2026, 3, 31)), get_fees(rule, sent, date(2026, 3, 16))
    (Decimal('2.50'), Decimal('0.00'))
    """
    days: dict[date, bool] = {}
    for day, bears in sorted(reminded):
        if day <= as_of:
            days[day] = days.get(day, False) or bears
    return rule.fee * sum(list(days.values())[rule.fee_from - 1 :])


def deduct(amounts: Sequence[Decimal], settled: Decimal) -> list[Decimal]:
    """Take what was settled of an invoice before off the amounts of its due lines, in their order.

    Never below zero: what was settled beyond them is lost, as where a rate was corrected since.

    >>> deduct([Decimal(5), Decimal(9)], Decimal(7))
    [Decimal('0'), Decimal('7')]
    """
    result = []
    for amount in amounts:
        used = min(max(settled, ZERO), amount)
        settled -= used
        result.append(amount - used)
    return result


def _settle(
    lines: Sequence[LateLine], payments: Collection[tuple[date, Decimal]]
) -> Sequence[LateLine]:
    """Let payments settle what is open of the lines, the first ones first."""
    if not payments:
        return lines
    lines = list(lines)
    for day, left in sorted(payments):
        for place, line in enumerate(lines):
            settled = sum((step.amount for step in line.settlements), ZERO)
            used = min(left, max(line.amount - settled, ZERO))
            if used > 0:
                steps = (*line.settlements, Settlement(day, used))
                lines[place] = line._replace(settlements=steps)
                left -= used
    return lines
