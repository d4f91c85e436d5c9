"""The text a customer writes into a transfer that pays several invoices."""

from __future__ import annotations

# What a SEPA transfer and its QR code have room for.
MOST_LETTERS = 140


def join_references(references, most: int = MOST_LETTERS) -> str:
    """Return references in one text, and how many more there are where it has no room for all.

    >>> join_references(["INV/1", "INV/2"])
    'INV/1, INV/2'
    >>> join_references(["INV/1", "INV/2", "INV/3"], most=15)
    'INV/1 + 2'
    >>> join_references(["a very long reference"], most=10)
    'a very lon'
    >>> join_references([])
    ''
    """
    references = list(references)
    for count in range(len(references), 0, -1):
        more = len(references) - count
        text = ", ".join(references[:count]) + (f" + {more}" if more else "")
        if len(text) <= most:
            return text
    return references[0][:most] if references else ""
