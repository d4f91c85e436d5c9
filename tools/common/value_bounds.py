"""Which values a field can hold: what is beyond is told in a sentence, not by the database.

No screen gives such values; a file, another program or a slip of the keyboard does.

>>> find_problem("integer", 2**31), find_problem("integer", 2**31 - 1)
('too_big', '')
>>> find_problem("float", float("nan")), find_problem("monetary", 10.0**30)
('no_number', 'too_big')
>>> find_problem("char", "a\\x00b"), find_problem("date", "9999-12-31")
('bad_sign', 'far_date')
"""

from __future__ import annotations

import math

MOST_INTEGER = 2**31 - 1  # what a column of PostgreSQL holds
MOST_AMOUNT = 10**15
# Characters: a line of text is indexed and shown in lists; a text is read.
LONGEST = {"char": 2**16, "text": 10**6, "html": 10**6}
# Outside of these nobody plans or owes anything; year 9999 stands for "never" in other software.
YEARS = range(1900, 2201)


def find_problem(kind: str, value) -> str:
    """Why a field cannot hold a value; empty: it can.

    :param kind: the type of the field, as Odoo names it
    :param value: as it is given to ``create`` or ``write``; nothing at all is no problem
    """
    if value is None or isinstance(value, bool):
        return ""
    if kind in ("integer", "float", "monetary"):
        return _find_in_number(kind, value)
    if kind in LONGEST:
        return _find_in_text(str(value), LONGEST[kind])
    if kind in ("date", "datetime"):
        return _find_in_date(value)
    return ""


def _find_in_number(kind: str, value) -> str:
    try:
        number = int(value) if kind == "integer" else float(value)
    except (OverflowError, TypeError, ValueError):
        return "no_number"
    if not math.isfinite(number):
        return "no_number"
    return "too_big" if abs(number) > (MOST_INTEGER if kind == "integer" else MOST_AMOUNT) else ""


def _find_in_text(text: str, longest: int) -> str:
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        return "bad_sign"
    return "too_long" if len(text) > longest else ""


def _find_in_date(value) -> str:
    year = value[:4] if isinstance(value, str) else str(value.year)
    if not value:
        return ""
    return "" if year.isdigit() and int(year) in YEARS else "far_date"
