"""How late open amounts are, in the usual columns."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from .credit import exact

# The last day late of each column but the last one.
LIMITS = (0, 30, 60, 90)


def age(items: Iterable[tuple[int, float]]) -> list[Decimal]:
    """Add up open amounts by how late they are: not due, 1–30, 31–60, 61–90, more than 90 days.

    :param items: pairs of (days late, amount), all in one currency

    >>> [str(amount) for amount in age([(-5, 10.0), (0, 1.1), (1, 2.2), (30, 2.2), (31, 4.0)])]
    ['11.1', '4.4', '4.0', '0', '0']
    >>> [str(amount) for amount in age([(60, 1.0), (61, 2.0), (90, 3.0), (91, 4.0)])]
    ['0', '0', '1.0', '5.0', '4.0']
    """
    columns = [Decimal()] * (len(LIMITS) + 1)
    for days, amount in items:
        columns[sum(days > limit for limit in LIMITS)] += exact(amount)
    return columns
