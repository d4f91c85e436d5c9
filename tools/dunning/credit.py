"""Which due lines a customer's credits cover, and which credits a message shows.

Amounts in, amounts out (rules 9 and 13).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal


def exact(amount: float) -> Decimal:
    """A stored amount as an exact decimal: floats would leave fractions of a cent open."""
    return Decimal(str(amount))


def allocate_credit(lines: Iterable[tuple], credit) -> dict:
    """Open amount of each due line after a customer's credits, oldest due date first (rule 9).

    :param lines: (id, due date, residual) of one customer, company and currency, all programs
    :param credit: what the customer has to his credit, positive, in the same unit
    :return: id → what stays open; what exceeds the lines is left unused

    Amounts are ``Decimal`` or whole minor units (cents); a float is refused, because its
    rounding would leave lines open by a fraction of a cent.

    >>> from datetime import date
    >>> allocate_credit([(1, date(2026, 3, 9), 5000), (2, date(2026, 3, 2), 4000)], 5500)
    {2: 0, 1: 3500}
    """
    lines = sorted(lines, key=lambda line: (line[1], line[0]))
    if any(isinstance(amount, float) for amount in (credit, *(line[2] for line in lines))):
        raise TypeError("Amounts must be Decimal or whole minor units, not float.")
    if credit < 0:
        raise ValueError("The credit must not be negative.")
    result = {}
    for line_id, _due, residual in lines:
        used = min(max(residual, 0), credit)
        credit -= used
        result[line_id] = residual - used
    return result


def take(rows: Iterable[dict], amounts: dict[int, Decimal]) -> list[dict]:
    """The credits to show, as far as they make up these amounts, in the order given.

    :param rows: each with ``currency_id`` and a negative ``amount_residual``
    :param amounts: what they are to come to, positive, by currency id
    :return: rows, the last of a currency with what is left to make up

    >>> rows = [{"currency_id": 1, "amount_residual": -30.0},
    ...         {"currency_id": 1, "amount_residual": -20.0}]
    >>> [row["amount_residual"] for row in take(rows, {1: Decimal(40)})]
    [-30.0, -10.0]
    """
    left = dict(amounts)
    shown = []
    for row in rows:
        amount = min(-exact(row["amount_residual"]), left.get(row["currency_id"], Decimal()))
        if amount > 0:
            left[row["currency_id"]] -= amount
            shown.append({**row, "amount_residual": -float(amount)})
    return shown
