"""Payments that are there but not matched: which invoices a bank statement line may be for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from .credit import exact
from .fact import DueFact, cover

# A shorter number would be found in any text.
SHORTEST = 4


class NumberFinder:
    """Finds the numbers of invoices in what a payer wrote, however the parts are separated.

    :param numbers: pairs of (number or reference of an invoice, id of the invoice)

    >>> finder = NumberFinder([("INV/2026/00012", 7), ("+++090/9337/55493+++", 8)])
    >>> finder.find("Rent of May, inv 2026-00012."), finder.find("090933755493")
    ({7}, {8})

    A number inside a longer one is none. Letters that are two when they are small count as one.

    >>> finder.find("INV/2026/000123"), finder.find("IŞIK İNŞAAT INV/2026/00012")
    (set(), {7})
    """

    def __init__(self, numbers: Iterable[tuple[str, int]]):
        self._ids: dict[str, set[int]] = {}
        for number, move_id in numbers:
            key = "".join(map(_lower, filter(str.isalnum, number or "")))
            if len(key) >= SHORTEST and any(map(str.isdigit, key)):
                self._ids.setdefault(key, set()).add(move_id)
        self._lengths = sorted({len(key) for key in self._ids})

    def find(self, text: str) -> set[int]:
        """Ids of the invoices whose number stands in the text."""
        found: set[int] = set()
        places = [place for place, char in enumerate(text or "") if char.isalnum()]
        letters = "".join(_lower(text[place]) for place in places)
        for length in self._lengths:
            for start in range(len(letters) - length + 1):
                ids = self._ids.get(letters[start : start + length])
                if ids and _stands_alone(text, places[start], places[start + length - 1]):
                    found |= ids
        return found


def _lower(char: str) -> str:
    """The small letter, one for one: of "İ" Unicode makes two signs."""
    return char.lower()[:1]


def _stands_alone(text: str, first: int, last: int) -> bool:
    """Whether no letter or digit touches what stands between two places of a text."""
    before = first > 0 and text[first - 1].isalnum()
    after = last + 1 < len(text) and text[last + 1].isalnum()
    return not before and not after


def assign(facts: Iterable[DueFact], amount: Decimal, day: date) -> Decimal:
    """Take a payment that is not matched off due lines in one currency, oldest first.

    Each line it reaches keeps what was found for it and the day of the latest such payment.

    :param amount: positive, in the currency of the lines
    :return: what is left of the payment
    """
    facts = [fact for fact in facts if fact.open_amount > 0]
    before = [exact(fact.open_amount) for fact in facts]
    cover(facts, amount)
    for fact, was in zip(facts, before, strict=True):
        used = was - exact(fact.open_amount)
        if used:
            amount -= used
            fact.found = float(exact(fact.found) + used)
            fact.found_date = max(fact.found_date or day, day)
    return amount
