"""What levels achieve: how much of what was reminded was paid, and how soon (K9).

Amounts are in the company's currency. Nothing here reads a clock, a database or a language.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import chain, repeat
from statistics import median
from typing import NamedTuple

from .figures import total

SOON_DAYS = 7  # a payment so soon after a level is put down to it


class Sent(NamedTuple):
    """Due lines that got a level: when, when they were paid in full, when they got the next one.

    ``count`` of them that share all of this are one, ``amount`` is the sum of theirs.
    """

    level: int
    amount: float
    day: date
    paid: date | None
    following: date | None
    count: int = 1


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
    >>> lines = [Sent(1, 100.0, day, date(2026, 3, 6), None),
    ...          Sent(1, 300.0, day, None, date(2026, 3, 12))]
    >>> measure_levels(lines, date(2026, 3, 31))
    {1: Effect(count=2, amount=Decimal('400.0'), soon_count=1, soon_amount=Decimal('100.0'), \
median_days=4)}
    """
    lines: dict[int, list[Sent]] = {}
    for one in sent:
        if (as_of - one.day).days >= SOON_DAYS and not (one.paid and one.paid < one.day):
            lines.setdefault(one.level, []).append(one)
    return {level: _measure(found) for level, found in lines.items()}


def _measure(lines: list[Sent]) -> Effect:
    paid = [(one, (one.paid - one.day).days) for one in lines if _is_effect(one)]
    soon = [one for one, days in paid if days <= SOON_DAYS]
    all_days = list(chain.from_iterable(repeat(days, one.count) for one, days in paid))
    return Effect(
        count=_count(lines),
        amount=total(one.amount for one in lines),
        soon_count=_count(soon),
        soon_amount=total(one.amount for one in soon),
        median_days=median(all_days) if all_days else None,
    )


def _is_effect(one: Sent) -> bool:
    """Whether a payment is put down to the level: the next one had not left yet."""
    return bool(one.paid) and (one.following is None or one.paid <= one.following)


def _count(lines: list[Sent]) -> int:
    return sum(one.count for one in lines)
