"""Numbers of bank accounts as people read them."""

from __future__ import annotations

import re

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def format_iban(number: str) -> str:
    """Return an IBAN in groups of four; "" where the number is none.

    Asked of the number itself: Odoo knows the kind of an account only with its addon base_iban.

    >>> format_iban("de89370400440532013000")
    'DE89 3704 0044 0532 0130 00'
    >>> format_iban("DE88 3704 0044 0532 0130 00"), format_iban("000-123456-7")
    ('', '')
    """
    plain = re.sub(r"[\s.-]", "", number).upper()
    if not _IBAN.fullmatch(plain):
        return ""
    digits = "".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])
    if int(digits) % 97 != 1:
        return ""
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))
