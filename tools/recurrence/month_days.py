"""Further days of a monthly rule as short text, both ways: how a column keeps them.

The text is that of the lists of RFC 5545: ``15,-1`` of BYMONTHDAY, ``3MO,-1FR`` of BYDAY. What it
lists beside such days is kept as it is, for the check of the rule to refuse by name.
"""

from __future__ import annotations

import re

WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NTHS = (1, 2, 3, 4, -1)
_WEEKDAY = re.compile(rf"([1-4]|-1)({'|'.join(WEEKDAY_CODES)})")


def read_days(text: str | None) -> tuple[int | str, ...]:
    """The days of the month that a text lists, each once, the last day of the month last.

    >>> read_days("15, -1, 3"), read_days(""), read_days("2,next")
    ((3, 15, -1), (), (2, 'next'))
    """
    items = {
        int(item) if re.fullmatch(r"-1|[1-9]|[12]\d|3[01]", item, re.ASCII) else item
        for item in _split(text)
    }
    return tuple(sorted(items, key=_order))


def write_days(days) -> str:
    """The text that lists these days of the month.

    >>> write_days((3, 15, -1))
    '3,15,-1'
    """
    return ",".join(map(str, days))


def read_weekdays(text: str | None) -> tuple[tuple[int, int] | str, ...]:
    """The weekdays of the month that a text lists: which one, and of which weekday, 0 = Monday.

    >>> read_weekdays("-1FR,3MO,1MO"), read_weekdays("MO")
    (((1, 0), (3, 0), (-1, 4)), ('MO',))
    """
    items = set()
    for item in _split(text):
        match = _WEEKDAY.fullmatch(item.upper())
        items.add((int(match[1]), WEEKDAY_CODES.index(match[2])) if match else item)
    return tuple(sorted(items, key=lambda day: (_order(day[0]), str(day))))


def write_weekdays(weekdays) -> str:
    """The text that lists these weekdays of the month.

    >>> write_weekdays(((1, 0), (-1, 4)))
    '1MO,-1FR'
    """
    return ",".join(f"{nth}{WEEKDAY_CODES[weekday]}" for nth, weekday in weekdays)


def _split(text: str | None) -> list[str]:
    return [item for item in re.split(r"[\s,;]+", text or "") if item]


def _order(day: int | str) -> tuple[int, int | str]:
    """The last one comes last, and then what is none."""
    if isinstance(day, str):
        return 2, day
    return (0, day) if day > 0 else (1, day)
