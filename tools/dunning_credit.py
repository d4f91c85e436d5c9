"""Which due lines a customer's credits cover: amounts in, amounts out (design rule 9)."""

from __future__ import annotations

from collections.abc import Iterable


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
