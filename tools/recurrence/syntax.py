"""The syntax of RFC 5545 recurrence text: lines, parts and values, before any meaning.

Sources: RFC 5545 sections 3.1 (folded lines), 3.3.4 and 3.3.5 (DATE, DATE-TIME), 3.3.10 (RECUR).
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import NamedTuple

from .error import RuleError

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_LINES = {"RRULE", "DTSTART"}
_FREQ_AND_END = {"FREQ", "INTERVAL", "COUNT", "UNTIL"}
_DAYS_OF_PERIOD = {"BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST", "RSCALE", "SKIP"}
_PARTS = _FREQ_AND_END | _DAYS_OF_PERIOD
_REFUSED_PARTS = {"BYSECOND", "BYMINUTE", "BYHOUR", "BYYEARDAY", "BYWEEKNO", "BYEASTER"}

_FOLD = re.compile(r"\r?\n[ \t]")
_NUMBER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII)


class Moment(NamedTuple):
    """A DATE (no clock) or DATE-TIME; `utc` when it ended in Z, `zone` the TZID it came with."""

    day: date
    clock: time | None
    utc: bool
    zone: str = ""


def split_lines(text: str) -> dict[str, str]:
    """Property name -> its line. A line without a name is the rule.

    >>> split_lines("DTSTART;VALUE=DATE:20250131\\nfreq=monthly")
    {'DTSTART': 'DTSTART;VALUE=DATE:20250131', 'RRULE': 'RRULE:freq=monthly'}
    """
    lines: dict[str, str] = {}
    for line in map(str.strip, _FOLD.sub("", text or "").splitlines()):
        if not line:
            continue
        if ":" not in line:
            line = f"RRULE:{line}"
        name = re.split("[:;]", line, maxsplit=1)[0].strip().upper()
        if name not in _LINES:
            raise RuleError.of("line", name or line)
        if name in lines:
            raise RuleError.of("repeated", name)
        lines[name] = line
    return lines


def split_parts(line: str) -> dict[str, str]:
    """Part name -> value, of an RRULE line.

    >>> split_parts("RRULE:freq=weekly;byday=mo,tu")
    {'FREQ': 'WEEKLY', 'BYDAY': 'MO,TU'}
    """
    parts: dict[str, str] = {}
    for item in filter(None, line.partition(":")[2].upper().split(";")):
        name, equals, value = (piece.strip() for piece in item.partition("="))
        if not (name and equals and value):
            raise RuleError.of("syntax", name or "RRULE", value=item)
        if name in _REFUSED_PARTS:
            raise RuleError.of("unsupported", name)
        if name not in _PARTS:
            raise RuleError.of("unknown", name)
        if name in parts:
            raise RuleError.of("repeated", name)
        parts[name] = value
    return parts


def number(part: str, text: str) -> int:
    """A whole number, signed or not."""
    if not _NUMBER.fullmatch(text):
        raise RuleError.of("value", part, value=text)
    return int(text)


def numbers(part: str, text: str, high: int) -> set[int]:
    """A list of numbers from 1 to `high`, or from -`high` to -1: counted from the end."""
    found = {number(part, item.strip()) for item in text.split(",")}
    if not all(1 <= abs(value) <= high for value in found):
        raise RuleError.of("value", part, value=text)
    return found


def weekdays(text: str) -> list[tuple[int | None, int]]:
    """BYDAY as (which one of the period or None, weekday), repetitions dropped.

    >>> weekdays("MO,-1FR")
    [(None, 0), (-1, 4)]
    """
    found: dict[tuple[int | None, int], None] = {}
    for item in text.split(","):
        match = _WEEKDAY.fullmatch(item.strip())
        nth = int(match[1]) if match and match[1] else None
        if not match or nth == 0:
            raise RuleError.of("value", "BYDAY", value=text)
        found[nth, DAYS.index(match[2])] = None
    return list(found)


def moment(part: str, text: str, zone: str = "") -> Moment:
    """A DATE or DATE-TIME.

    >>> moment("UNTIL", "19971224T000000Z")
    Moment(day=datetime.date(1997, 12, 24), clock=datetime.time(0, 0), utc=True, zone='')
    """
    match = _MOMENT.fullmatch(text)
    if not match:
        raise RuleError.of("value", part, value=text)
    year, month, day, *clock = (int(item) for item in match.groups()[:6] if item)
    try:
        return Moment(
            date(year, month, day), time(*clock) if clock else None, match[7] == "Z", zone
        )
    except ValueError:  # the 30th of February
        raise RuleError.of("value", part, value=text) from None
