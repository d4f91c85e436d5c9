"""The RFC 5545 text of a recurrence rule, both ways.

What the columns of a rule can express is read and written without loss; an equivalent is read as
the rule it equals; all else is refused with a sentence that names the part, never ignored.

Sources: RFC 5545 sections 3.3.10 (RECUR), 3.8.2.4 (DTSTART), 3.1 (folded lines); RFC 7529 (SKIP).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .error import RuleError
from .syntax import (
    DAYS,
    Moment,
    moment,
    number,
    numbers,
    split_lines,
    split_parts,
    weekdays,
)

if TYPE_CHECKING:
    from .rule import RecurrenceRule

Columns = dict[str, Any]

# Every month has these days; a later day is where "skip" and "clamp" part.
_SHORTEST_MONTH = 28

# The text always decides these; a reader changes those that its frequency has.
_RESET: Columns = {
    "weekdays": frozenset(),
    "month_by": "date",
    "day": None,
    "byday": "1",
    "weekday": 0,
    "end_type": "forever",
    "count": None,
    "until": None,
}


# --- Writing -------------------------------------------------------------------------------------


def format_rrule(rule: RecurrenceRule) -> str:
    """The rule as RFC 5545 text: no DTSTART, no "RRULE:", no shift (the RFC has none)."""
    parts = [f"FREQ={rule.rrule_type.upper()}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    parts += _format_days(rule)
    if rule.end_type == "count":
        parts.append(f"COUNT={rule.count}")
    elif rule.end_type == "end_date":
        # Not strftime: it drops the leading zeros of years before 1000.
        parts.append(f"UNTIL={rule.until.isoformat().replace('-', '')}")
    return ";".join(parts)


def _format_days(rule: RecurrenceRule) -> list[str]:
    if rule.rrule_type == "weekly" and rule.weekdays:
        return ["BYDAY=" + ",".join(DAYS[day] for day in sorted(rule.weekdays))]
    if rule.rrule_type in ("daily", "weekly"):
        return []
    if rule.month_by == "day":
        month = [f"BYMONTH={rule.date_start.month}"] if rule.rrule_type == "yearly" else []
        return [*month, f"BYDAY={rule.byday}{DAYS[rule.weekday]}"]
    if rule.rrule_type == "yearly":
        leap_day = (rule.date_start.month, rule.date_start.day) == (2, 29)
        clamped = leap_day and rule.month_end == "clamp"
        return ["BYMONTH=2", *_format_clamped(29)] if clamped else []
    day = rule.day or rule.date_start.day
    if day > _SHORTEST_MONTH and rule.month_end == "clamp":
        return _format_clamped(day)
    return [] if rule.day is None else [f"BYMONTHDAY={day}"]


def _format_clamped(day: int) -> list[str]:
    """A date of the month, or the last one of a shorter month, without RFC 7529's SKIP."""
    days = ",".join(str(value) for value in range(_SHORTEST_MONTH, day + 1))
    return [f"BYMONTHDAY={days}", "BYSETPOS=-1"]


# --- Reading -------------------------------------------------------------------------------------


def parse_rrule(text: str, date_start: date | None) -> Columns:
    """The columns of the rule that the text says.

    :param text: the rule, bare or as an ``RRULE:`` line, with or without a ``DTSTART`` line
    :param date_start: the anchor where the text has no DTSTART
    :return: every column that the text decides. `day_shift` is never among them, `month_end` only
        where it makes a difference (a day after the 28th) or SKIP says it.
    :raise RuleError: when the columns cannot express the text
    """
    lines = split_lines(text)
    start = _read_start(lines.get("DTSTART"))
    anchor = start.day if start else date_start
    if not isinstance(anchor, date):
        raise RuleError.of("date_start", "DTSTART")
    parts = split_parts(lines.get("RRULE", ""))
    freq = parts.pop("FREQ", None)
    if freq is None:
        raise RuleError.of("freq_missing", "FREQ")
    if freq not in _READERS:
        raise RuleError.of("freq", "FREQ", value=freq)
    interval = number("INTERVAL", parts.pop("INTERVAL", "1"))
    columns = _RESET | {"date_start": anchor, "interval": interval}
    columns |= _read_end(parts, start)
    month_end = _read_skip(parts)
    wkst = _read_wkst(parts)
    columns |= _READERS[freq](parts, anchor, interval)
    if parts:  # what no reader has taken
        raise RuleError.of("combination", next(iter(parts)), freq=freq)
    _check_wkst(wkst, columns)
    if month_end == "clamp":
        columns["month_end"] = month_end
    elif month_end:
        columns.setdefault("month_end", month_end)  # BYSETPOS may clamp, whatever SKIP says
    return columns


def _read_start(line: str | None) -> Moment | None:
    """DTSTART. Its time of day matters for UNTIL only: the dates of a rule have none."""
    if line is None:
        return None
    head, _colon, value = line.partition(":")
    attributes = dict(item.partition("=")[::2] for item in head.split(";")[1:])
    zones = [zone for name, zone in attributes.items() if name.upper() == "TZID"]
    return moment("DTSTART", value.strip().upper(), zones[0] if zones else "")


def _read_end(parts: dict[str, str], start: Moment | None) -> Columns:
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError.of("count_and_until", "UNTIL")
    if "COUNT" in parts:
        return {"end_type": "count", "count": number("COUNT", parts.pop("COUNT"))}
    if "UNTIL" in parts:
        until = moment("UNTIL", parts.pop("UNTIL"))
        try:
            return {"end_type": "end_date", "until": _last_day(until, start)}
        except OverflowError:  # the first or last day of the calendar, in another zone
            raise RuleError.of("value", "UNTIL", value=until.day.isoformat()) from None
    return {}


def _last_day(until: Moment, start: Moment | None) -> date:
    """The last day whose occurrence, at DTSTART's time of day, is not after UNTIL."""
    if start is None or start.clock is None or until.clock is None:
        return until.day
    end = datetime.combine(until.day, until.clock)
    if until.utc and start.zone:
        end = end.replace(tzinfo=timezone.utc).astimezone(_zone(start.zone)).replace(tzinfo=None)
    return end.date() if start.clock <= end.time() else end.date() - timedelta(days=1)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, a directory
        raise RuleError.of("timezone", "DTSTART", value=name) from None


def _read_skip(parts: dict[str, str]) -> str | None:
    """RFC 7529: what becomes of a day that a month does not have, as `month_end`."""
    rscale, skip = parts.pop("RSCALE", None), parts.pop("SKIP", None)
    if rscale not in (None, "GREGORIAN"):
        raise RuleError.of("rscale", "RSCALE", value=rscale)
    if skip is None:
        return None
    if rscale is None:
        raise RuleError.of("skip_rscale", "SKIP")
    if skip not in ("OMIT", "BACKWARD"):
        raise RuleError.of("skip", "SKIP", value=skip)
    return "skip" if skip == "OMIT" else "clamp"


def _read_wkst(parts: dict[str, str]) -> int:
    text = parts.pop("WKST", "MO")
    if text not in DAYS:
        raise RuleError.of("value", "WKST", value=text)
    return DAYS.index(text)


def _check_wkst(wkst: int, columns: Columns) -> None:
    """Refuse a first day of the week that gives other dates than Monday does.

    It matters only where weeks are left out, and then only for a weekday that this first day puts
    into another week than Monday would.
    """
    if columns.get("rrule_type") != "weekly" or columns["interval"] == 1:
        return
    anchor = columns["date_start"].weekday()

    def from_anchor(weekday: int, first: int) -> int:
        return (weekday - first) % 7 - (anchor - first) % 7

    if any(from_anchor(day, wkst) != from_anchor(day, 0) for day in columns["weekdays"]):
        raise RuleError.of("wkst", "WKST", value=DAYS[wkst])


# --- Reading: one function per FREQ; each takes out of `parts` what it understands ---------------


def _read_daily(parts: dict[str, str], anchor: date, interval: int) -> Columns:
    if "BYDAY" in parts:
        return _every_weekday("DAILY", parts, interval)
    return {"rrule_type": "daily"}


def _read_weekly(parts: dict[str, str], anchor: date, interval: int) -> Columns:
    days = _plain_weekdays("WEEKLY", parts.pop("BYDAY")) if "BYDAY" in parts else frozenset()
    return {"rrule_type": "weekly", "weekdays": days}


def _read_monthly(parts: dict[str, str], anchor: date, interval: int) -> Columns:
    if "BYDAY" in parts and "BYSETPOS" not in parts and _has_plain_weekday(parts["BYDAY"]):
        return _every_weekday("MONTHLY", parts, interval)
    return {"rrule_type": "monthly", **_read_month(parts, anchor)}


def _read_yearly(parts: dict[str, str], anchor: date, interval: int) -> Columns:
    if "BYMONTH" not in parts:
        if "BYDAY" in parts or "BYMONTHDAY" in parts:
            return _read_all_year(parts, anchor, interval)
    elif numbers("BYMONTH", parts["BYMONTH"], 12) != {anchor.month}:
        raise RuleError.of("bymonth", "BYMONTH", value=parts["BYMONTH"], month=anchor.month)
    parts.pop("BYMONTH", None)
    columns = _read_month(parts, anchor)
    if columns["month_by"] == "date" and columns["day"] not in (None, anchor.day):
        # A yearly rule has its anchor's day; every twelfth month may have another.
        return {"rrule_type": "monthly", **columns, "interval": interval * 12}
    if (anchor.month, anchor.day) != (2, 29):
        columns.pop("month_end", None)  # that month has that day every year
    return {"rrule_type": "yearly", **columns, "day": None}


def _read_all_year(parts: dict[str, str], anchor: date, interval: int) -> Columns:
    """Days of the year without a month: all its months or weeks, as the RFC's table says."""
    if "BYMONTHDAY" in parts:
        if interval != 1 or "BYSETPOS" in parts:
            raise RuleError.of("bymonthday_bymonth", "BYMONTHDAY")
        return _read_monthly(parts, anchor, interval)
    if "BYSETPOS" in parts or not _has_plain_weekday(parts["BYDAY"]):
        raise RuleError.of("byday_bymonth", "BYDAY")
    return _every_weekday("YEARLY", parts, interval)


def _every_weekday(freq: str, parts: dict[str, str], interval: int) -> Columns:
    """Weekdays without a number in another period than the week: every one, so a weekly rule."""
    days = _plain_weekdays(freq, parts.pop("BYDAY"))
    if interval != 1:
        raise RuleError.of("byday_interval", "BYDAY", freq=freq)
    return {"rrule_type": "weekly", "weekdays": days}


def _has_plain_weekday(text: str) -> bool:
    return any(nth is None for nth, _weekday in weekdays(text))


def _plain_weekdays(freq: str, text: str) -> frozenset[int]:
    days = weekdays(text)
    if any(nth is not None for nth, _weekday in days):
        raise RuleError.of("byday_ordinal", "BYDAY", value=text, freq=freq)
    return frozenset(weekday for _nth, weekday in days)


def _read_month(parts: dict[str, str], anchor: date) -> Columns:
    """The one day of a month that BYMONTHDAY or BYDAY says, with BYSETPOS."""
    position = _read_position(parts)
    if "BYMONTHDAY" in parts:
        return _read_monthday(parts.pop("BYMONTHDAY"), position)
    if "BYDAY" in parts:
        return _read_month_weekday(parts.pop("BYDAY"), position)
    if position is not None:
        raise RuleError.of("bysetpos", "BYSETPOS", value=position)
    return _on_date(None) | ({"month_end": "skip"} if anchor.day > _SHORTEST_MONTH else {})


def _read_position(parts: dict[str, str]) -> int | None:
    if "BYSETPOS" not in parts:
        return None
    positions = numbers("BYSETPOS", text := parts.pop("BYSETPOS"), 366)
    if len(positions) > 1:
        raise RuleError.of("bysetpos", "BYSETPOS", value=text)
    return positions.pop()


def _on_date(day: int | None) -> Columns:
    """A date of the month, as the RFC means it: a month that lacks it is left out."""
    columns: Columns = {"month_by": "date", "day": day}
    return columns | {"month_end": "skip"} if day and day > _SHORTEST_MONTH else columns


def _read_monthday(text: str, position: int | None) -> Columns:
    days = numbers("BYMONTHDAY", text, 31)
    latest = max(days)
    if position is None and len(days) > 1:
        raise RuleError.of("bymonthday_several", "BYMONTHDAY", value=text)
    if min(days) < -1:
        raise RuleError.of("bymonthday_from_end", "BYMONTHDAY", value=text)
    if len(days) == 1 and position in (None, 1, -1):
        return _on_date(latest)
    # The two ways to say "the 31st, or the last day of a shorter month".
    last_of_them = position == -1 and min(days) > 0
    first_of_two = position == 1 and days == {latest, -1}
    if first_of_two or (last_of_them and days >= set(range(_SHORTEST_MONTH, latest + 1))):
        return _on_date(latest) | {"month_end": "clamp"}
    raise RuleError.of("bysetpos", "BYSETPOS", value=position)


def _read_month_weekday(text: str, position: int | None) -> Columns:
    days = weekdays(text)
    if len(days) == 7 and all(nth is None for nth, _weekday in days):
        # Any weekday: the days of the month themselves, as some calendars write its last day.
        if position in (-1, *range(1, _SHORTEST_MONTH + 1)):
            return _on_date(position)
    if len(days) != 1:
        raise RuleError.of("byday_several", "BYDAY", value=text)
    [(nth, weekday)] = days
    nths = (1, 2, 3, 4, -1)
    if position not in ((None, *nths) if nth is None else (None, 1, -1)):
        raise RuleError.of("bysetpos", "BYSETPOS", value=position)
    nth = nth or position
    if nth not in nths:
        raise RuleError.of("byday_nth", "BYDAY", value=text)
    return {"month_by": "day", "byday": str(nth), "weekday": weekday}


_READERS = {
    "DAILY": _read_daily,
    "WEEKLY": _read_weekly,
    "MONTHLY": _read_monthly,
    "YEARLY": _read_yearly,
}
