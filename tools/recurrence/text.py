"""A recurrence rule as RFC 5545 text, both ways: dateutil reads and writes it, the columns map it.

What the columns of a rule can express is read and written without loss; an equivalent is read as
the rule it equals; all else is refused with a sentence that names the part, never ignored. dateutil
guesses where a text is loose and drops what it does not use, so it is given strict text only.

Sources: RFC 5545 sections 3.3.10 (RECUR), 3.8.2.4 (DTSTART), 3.1 (folded lines); RFC 7529 (SKIP).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dateutil.rrule import FREQNAMES, rrulestr
from dateutil.rrule import rrule as Rule
from dateutil.rrule import weekday as Weekday

from .error import RuleError
from .month_days import WEEKDAY_CODES
from .text_month import SHORTEST_MONTH, Columns, Parts, read_month

if TYPE_CHECKING:
    from .rule import RecurrenceRule

DAYS = WEEKDAY_CODES

_REFUSED_PARTS = {"BYSECOND", "BYMINUTE", "BYHOUR", "BYYEARDAY", "BYWEEKNO", "BYEASTER"}
_NUMBER = r"[+-]?\d{1,10}"
_WEEKDAY = f"(?:{'|'.join(DAYS)})"
_MOMENT = r"\d{8}(?:T\d{6}Z?)?"


def _listed(item: str) -> str:
    return f"{item}(?:,{item})*"


# Part -> the form of its value, in the order in which the parts are written.
_FORMS = {
    "RSCALE": ".*",
    "FREQ": ".*",
    "INTERVAL": _NUMBER,
    "BYMONTH": _listed("[+-]?0*(?:[1-9]|1[0-2])"),
    "BYDAY": _listed(rf"(?:[+-]?(?:0?[1-9]|[1-9]\d))?{_WEEKDAY}"),
    "BYMONTHDAY": _listed(r"[+-]?0*(?:[1-9]|[12]\d|3[01])"),
    "BYSETPOS": _listed(r"[+-]?0*(?:[1-9]\d?|[12]\d\d|3[0-5]\d|36[0-6])"),
    "WKST": _WEEKDAY,
    "COUNT": _NUMBER,
    "UNTIL": _MOMENT,
    "SKIP": ".*",
}

# The text always decides these; a reader changes those that its frequency has.
_RESET: Columns = {
    "weekdays": frozenset(),
    "month_by": "date",
    "day": None,
    "byday": "1",
    "weekday": 0,
    "more_days": (),
    "more_weekdays": (),
    "end_type": "forever",
    "count": None,
    "until": None,
}


# --- Writing -------------------------------------------------------------------------------------


def format_rrule(rule: RecurrenceRule) -> str:
    """The rule as RFC 5545 text: no DTSTART, no "RRULE:", no shift (the RFC has none)."""
    written = Rule(
        FREQNAMES.index(rule.rrule_type.upper()),
        dtstart=rule.date_start,
        interval=rule.interval,
        wkst=0,
        count=rule.count if rule.end_type == "count" else None,
        **_days(rule),
    )
    parts = str(written).partition("RRULE:")[2].replace("+", "").split(";")
    if _is_clamped_beside_others(rule):
        parts += ["RSCALE=GREGORIAN", "SKIP=BACKWARD"]
    if rule.end_type == "end_date":
        # A day, where dateutil writes a moment and drops the leading zeros of years before 1000.
        parts.append(f"UNTIL={rule.until.isoformat().replace('-', '')}")
    return ";".join(sorted(parts, key=lambda part: [*_FORMS].index(part.partition("=")[0])))


def _days(rule: RecurrenceRule) -> dict[str, Any]:
    """The days of the period as dateutil calls them; none where they are the anchor's."""
    if rule.rrule_type == "weekly" and rule.weekdays:
        return {"byweekday": sorted(rule.weekdays)}
    if rule.rrule_type in ("daily", "weekly"):
        return {}
    days = _days_of_month(rule)
    month = {"bymonth": rule.date_start.month} if days and rule.rrule_type == "yearly" else {}
    return month | days


def _days_of_month(rule: RecurrenceRule) -> dict[str, Any]:
    if rule.month_by == "day":
        days = rule.month_weekdays()
        return {"byweekday": [Weekday(weekday, nth) for nth, weekday in days]}
    # the 31st and the last day are the last day alone
    days = rule.month_days() if rule.rrule_type == "monthly" else ()
    if len(days) > 1 or days == (-1,):
        return {"bymonthday": days}
    day = _day_of_month(rule)
    if day > SHORTEST_MONTH and rule.month_end == "clamp":
        # The last of these days that the month has, without RFC 7529's SKIP.
        return {"bymonthday": range(SHORTEST_MONTH, day + 1), "bysetpos": -1}
    return {"bymonthday": day} if rule.rrule_type == "monthly" and rule.day else {}


def _is_clamped_beside_others(rule: RecurrenceRule) -> bool:
    """Whether RFC 7529's SKIP alone says what a month without one of several days has."""
    by_date = (rule.rrule_type, rule.month_by, rule.month_end) == ("monthly", "date", "clamp")
    days = rule.month_days() if by_date else ()
    return len(days) > 1 and max(days) > SHORTEST_MONTH


def _day_of_month(rule: RecurrenceRule) -> int:
    """The day of the month that the rule names or starts on; 0: the anchor says it for a year."""
    if rule.rrule_type == "yearly":
        return 29 if (rule.date_start.month, rule.date_start.day) == (2, 29) else 0
    return rule.day or rule.date_start.day


# --- Reading -------------------------------------------------------------------------------------


def parse_rrule(text: str, date_start: date | None) -> Columns:
    """The columns of the rule that the text says.

    :param text: the rule, bare or as an ``RRULE:`` line, with or without a ``DTSTART`` line
    :param date_start: the anchor where the text has no DTSTART
    :return: every column that the text decides. `day_shift` is never among them, `month_end` only
        where it makes a difference (a day after the 28th) or SKIP says it.
    :raise RuleError: when the columns cannot express the text
    """
    lines = _split_lines(text)
    start, zone = _split_start(lines.get("DTSTART", ""))
    if not start and not isinstance(date_start, date):
        raise RuleError("date_start", "DTSTART")
    parts = _split_parts(lines.get("RRULE", ""))
    month_end = _read_skip(parts)
    rule = _read_text(parts, start, date_start)
    columns = _RESET | {"date_start": rule._dtstart.date(), "interval": rule._interval}
    columns |= _read_end(rule, parts, start, zone)
    for name in ("INTERVAL", "WKST"):
        parts.pop(name, None)
    columns |= _READERS[parts["FREQ"]](rule, parts)
    freq = parts.pop("FREQ")
    if parts:  # what no reader has taken
        raise RuleError("combination", next(iter(parts)), freq=freq)
    _check_wkst(rule, columns)
    if month_end == "clamp":
        columns["month_end"] = month_end
    elif month_end:
        columns.setdefault("month_end", month_end)  # BYSETPOS may clamp, whatever SKIP says
    return columns


def _split_lines(text: str) -> dict[str, str]:
    """Property name -> its line. A line without a name is the rule.

    >>> _split_lines("DTSTART;VALUE=DATE:20250131\\nfreq=monthly")
    {'DTSTART': 'DTSTART;VALUE=DATE:20250131', 'RRULE': 'RRULE:freq=monthly'}
    """
    lines: dict[str, str] = {}
    for line in map(str.strip, re.sub(r"\r?\n[ \t]", "", text or "").splitlines()):
        if not line:
            continue
        if ":" not in line:
            line = f"RRULE:{line}"
        name = re.split("[:;]", line, maxsplit=1)[0].strip().upper()
        if name not in ("RRULE", "DTSTART"):
            raise RuleError("line", name or line)
        if name in lines:
            raise RuleError("repeated", name)
        lines[name] = line
    return lines


def _split_parts(line: str) -> Parts:
    """Part name -> value, of an RRULE line.

    >>> _split_parts("RRULE:freq=weekly;byday=mo,tu")
    {'FREQ': 'WEEKLY', 'BYDAY': 'MO,TU'}
    """
    parts: Parts = {}
    for item in filter(None, line.partition(":")[2].upper().split(";")):
        name, _equals, value = (piece.strip() for piece in item.partition("="))
        if not (name and value):
            raise RuleError("syntax", name or "RRULE", value=item)
        if name not in _FORMS:
            raise RuleError("unsupported" if name in _REFUSED_PARTS else "unknown", name)
        if name in parts:
            raise RuleError("repeated", name)
        parts[name] = _check_form(name, re.sub(r"\s*,\s*", ",", value), _FORMS[name])
    _check_parts(parts)
    return parts


def _check_parts(parts: Parts) -> None:
    if "FREQ" not in parts:
        raise RuleError("freq_missing", "FREQ")
    if parts["FREQ"] not in _READERS:
        raise RuleError("freq", "FREQ", value=parts["FREQ"])
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError("count_and_until", "UNTIL")


def _split_start(line: str) -> tuple[str, str]:
    """The moment and the time zone that a DTSTART line says."""
    head, _colon, value = line.partition(":")
    attributes = (item.partition("=")[::2] for item in head.split(";")[1:])
    zones = [zone for name, zone in attributes if name.upper() == "TZID"]
    return line and _check_form("DTSTART", value.strip().upper(), _MOMENT), (zones or [""])[0]


def _check_form(part: str, value: str, form: str) -> str:
    if not re.fullmatch(form, value, re.ASCII):
        raise RuleError("value", part, value=value)
    return value


def _read_text(parts: Parts, start: str, date_start: date | None) -> Rule:
    """The rule as dateutil understands it, all moments without their zone."""
    known = [f"{name}={value}" for name, value in parts.items() if name not in ("RSCALE", "SKIP")]
    text = f"RRULE:{';'.join(known)}"
    if start:
        text = f"DTSTART:{start}\n{text}"
    try:
        return rrulestr(text, dtstart=date_start, ignoretz=True)
    except ValueError as error:  # the 30th of February
        part = "UNTIL" if "UNTIL" in str(error) else "DTSTART"
        raise RuleError("value", part, value=parts.get(part, start)) from None


def _read_skip(parts: Parts) -> str | None:
    """RFC 7529: what becomes of a day that a month does not have, as `month_end`."""
    rscale, skip = parts.pop("RSCALE", None), parts.pop("SKIP", None)
    if rscale not in (None, "GREGORIAN"):
        raise RuleError("rscale", "RSCALE", value=rscale)
    if skip is None:
        return None
    if rscale is None:
        raise RuleError("skip_rscale", "SKIP")
    if skip not in ("OMIT", "BACKWARD"):
        raise RuleError("skip", "SKIP", value=skip)
    return "skip" if skip == "OMIT" else "clamp"


def _read_end(rule: Rule, parts: Parts, start: str, zone: str) -> Columns:
    if parts.pop("COUNT", None):
        return {"end_type": "count", "count": rule._count}
    if until := parts.pop("UNTIL", None):
        try:
            # Without two times of day there is nothing to compare.
            last = _last_day(rule, until, zone) if "T" in start and "T" in until else rule._until
        except OverflowError:  # the first or last day of the calendar, in another zone
            raise RuleError("value", "UNTIL", value=rule._until.date().isoformat()) from None
        return {"end_type": "end_date", "until": last.date()}
    return {}


def _last_day(rule: Rule, until: str, zone: str) -> datetime:
    """The last day whose occurrence, at DTSTART's time of day, is not after UNTIL."""
    end = rule._until
    if until.endswith("Z") and zone:
        try:
            end = end.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        except (KeyError, ValueError, OSError):  # unknown, malformed, a directory
            raise RuleError("timezone", "DTSTART", value=zone) from None
    return end if rule._dtstart.time() <= end.time() else end - timedelta(days=1)


def _check_wkst(rule: Rule, columns: Columns) -> None:
    """Refuse a first day of the week that gives other dates than Monday does."""
    # It matters only where weeks are left out; two of those that count tell.
    if columns["rrule_type"] == "weekly" and rule._wkst and rule._interval > 1:
        endless = rule.replace(count=None, until=None)
        if [*endless[:14]] != [*endless.replace(wkst=0)[:14]]:
            raise RuleError("wkst", "WKST", value=DAYS[rule._wkst])


# --- Reading: one function per FREQ; each takes out of `parts` what it understands ---------------


def _read_days(rule: Rule, parts: Parts) -> Columns:
    if "BYDAY" in parts:
        return _read_weekdays(rule, parts)
    return {"rrule_type": parts["FREQ"].lower()}


def _read_monthly(rule: Rule, parts: Parts) -> Columns:
    if rule._byweekday and "BYSETPOS" not in parts:
        return _read_weekdays(rule, parts)
    return {"rrule_type": "monthly", **read_month(rule, parts)}


def _read_yearly(rule: Rule, parts: Parts) -> Columns:
    anchor = rule._dtstart
    if "BYMONTH" not in parts:
        if "BYDAY" in parts or "BYMONTHDAY" in parts:
            return _read_all_year(rule, parts)
    elif rule._bymonth != (anchor.month,):
        raise RuleError("bymonth", "BYMONTH", value=parts["BYMONTH"], month=anchor.month)
    parts.pop("BYMONTH", None)
    columns = read_month(rule, parts)
    is_other = columns["month_by"] == "date" and columns["day"] not in (None, anchor.day)
    if is_other or columns.get("more_days") or columns.get("more_weekdays"):
        # A yearly rule has its anchor's day; every twelfth month may have others.
        return {"rrule_type": "monthly", **columns, "interval": rule._interval * 12}
    if (anchor.month, anchor.day) != (2, 29):
        columns.pop("month_end", None)  # that month has that day every year
    return {"rrule_type": "yearly", **columns, "day": None}


def _read_all_year(rule: Rule, parts: Parts) -> Columns:
    """Days of the year without a month: all its months or weeks, as the RFC's table says."""
    if "BYMONTHDAY" in parts:
        if rule._interval != 1 or "BYSETPOS" in parts:
            raise RuleError("bymonthday_bymonth", "BYMONTHDAY")
        return _read_monthly(rule, parts)
    if "BYSETPOS" in parts or not rule._byweekday:
        raise RuleError("byday_bymonth", "BYDAY")
    return _read_weekdays(rule, parts)


def _read_weekdays(rule: Rule, parts: Parts) -> Columns:
    """Weekdays without a number: every one, in whatever period, so a weekly rule."""
    text = parts.pop("BYDAY")
    if re.search(r"\d", text):  # dateutil drops it where the FREQ knows none
        raise RuleError("byday_ordinal", "BYDAY", value=text, freq=parts["FREQ"])
    if parts["FREQ"] != "WEEKLY" and rule._interval != 1:
        raise RuleError("byday_interval", "BYDAY", freq=parts["FREQ"])
    return {"rrule_type": "weekly", "weekdays": frozenset(rule._byweekday)}


_READERS = {
    "DAILY": _read_days,
    "WEEKLY": _read_days,
    "MONTHLY": _read_monthly,
    "YEARLY": _read_yearly,
}
