"""The days of a month that an RFC 5545 text says: BYMONTHDAY, BYDAY, BYSETPOS."""

from __future__ import annotations

from typing import Any

from dateutil.rrule import rrule as Rule

from .error import RuleError
from .month_days import NTHS

Columns = dict[str, Any]
Parts = dict[str, str]

# Every month has these days; a later day is where "skip" and "clamp" part.
SHORTEST_MONTH = 28


def read_month(rule: Rule, parts: Parts) -> Columns:
    """The days of a month that BYMONTHDAY or BYDAY says, one of them with BYSETPOS."""
    positions = {*(rule._bysetpos or ())}
    text = parts.pop("BYSETPOS", None)
    if len(positions) > 1:
        raise RuleError("bysetpos", "BYSETPOS", value=text)
    position = next(iter(positions), None)
    if "BYMONTHDAY" in parts:
        return _read_monthday(rule, parts.pop("BYMONTHDAY"), position)
    if "BYDAY" in parts:
        return _read_month_weekday(rule, parts.pop("BYDAY"), position)
    if position is not None:
        raise RuleError("bysetpos", "BYSETPOS", value=position)
    return _on_date(None) | _left_out(rule._dtstart.day > SHORTEST_MONTH)


def _on_date(day: int | None) -> Columns:
    """A date of the month, as the RFC means it: a month that lacks it is left out."""
    columns: Columns = {"month_by": "date", "day": day}
    return columns | _left_out(bool(day) and day > SHORTEST_MONTH)


def _left_out(is_late: bool) -> Columns:
    return {"month_end": "skip"} if is_late else {}


def _read_monthday(rule: Rule, text: str, position: int | None) -> Columns:
    days = {*rule._bymonthday, *rule._bynmonthday}
    latest = max(days)
    if min(days) < -1:
        raise RuleError("bymonthday_from_end", "BYMONTHDAY", value=text)
    if position is None and len(days) > 1:
        first, *more = sorted(days, key=lambda day: (day < 0, day))
        is_late = latest > SHORTEST_MONTH
        return _on_date(first) | {"more_days": tuple(more)} | _left_out(is_late)
    if len(days) == 1 and position in (None, 1, -1):
        return _on_date(latest)
    # The two ways to say "the 31st, or the last day of a shorter month".
    last_of_them = position == -1 and min(days) > 0
    first_of_two = position == 1 and days == {latest, -1}
    if first_of_two or (last_of_them and days >= set(range(SHORTEST_MONTH, latest + 1))):
        return _on_date(latest) | {"month_end": "clamp"}
    raise RuleError("bysetpos", "BYSETPOS", value=position)


def _read_month_weekday(rule: Rule, text: str, position: int | None) -> Columns:
    plain = [(weekday, None) for weekday in rule._byweekday or ()]
    days = [*plain, *(rule._bynweekday or ())]
    if len(plain) == len(days) == 7:
        # Any weekday: the days of the month themselves, as some calendars write its last day.
        if position in (-1, *range(1, SHORTEST_MONTH + 1)):
            return _on_date(position)
    if len(days) > 1:
        return _read_month_weekdays(days, text, position)
    [(weekday, nth)] = days
    if position not in ((None, *NTHS) if nth is None else (None, 1, -1)):
        raise RuleError("bysetpos", "BYSETPOS", value=position)
    nth = nth or position
    if nth not in NTHS:
        raise RuleError("byday_nth", "BYDAY", value=text)
    return _on_weekday(nth, weekday)


def _read_month_weekdays(days: list, text: str, position: int | None) -> Columns:
    """Several weekdays of the month, each with its number."""
    if position is not None or not all(nth in NTHS for _weekday, nth in days):
        raise RuleError("byday_several", "BYDAY", value=text)
    found = {(nth, weekday) for weekday, nth in days}
    (nth, weekday), *more = sorted(found, key=lambda day: (day[0] < 0, day))
    return _on_weekday(nth, weekday) | {"more_weekdays": tuple(more)}


def _on_weekday(nth: int, weekday: int) -> Columns:
    return {"month_by": "day", "byday": str(nth), "weekday": weekday}
