"""Amounts as somebody types them who reads them off a paper."""

from __future__ import annotations

import re
from decimal import Decimal

# Digits in groups, and perhaps two after a point or a comma.
TYPED = re.compile(r"(\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+|\d+)(?:[.,](\d{1,2}))?")
MOST_DIGITS = 15


def read_amount(text: str) -> Decimal | None:
    """The amount that a text is, in whatever way it is written; None: it is none.

    >>> [str(read_amount(text)) for text in ("1234.5", "1.234,50", "1 234", "1,234.56", "12,3")]
    ['1234.5', '1234.50', '1234', '1234.56', '12.3']
    >>> read_amount("INV/2026/00012"), read_amount("1.2.3"), read_amount("")
    (None, None, None)
    """
    match = TYPED.fullmatch(text.strip())
    if not match:
        return None
    whole, cents = re.sub(r"\D", "", match[1]), match[2]
    if len(whole) > MOST_DIGITS:
        return None
    return Decimal(f"{whole}.{cents}" if cents else whole)
