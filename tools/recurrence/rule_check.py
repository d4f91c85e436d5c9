"""Whether the columns of a recurrence rule make sense."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from .error import RuleError, check_choice, check_range
from .month_days import NTHS

if TYPE_CHECKING:
    from .rule import RecurrenceRule

_MAX_NUMBER = 2**31 - 1  # what an integer column of the database holds
_MAX_INTERVAL = 999  # more is a slip: "every 2026 months"

_TYPES = ("daily", "weekly", "monthly", "yearly")
_MONTH_BYS = ("date", "day")
_BYDAYS = ("1", "2", "3", "4", "-1")
_END_TYPES = ("count", "end_date", "forever")
_MONTH_ENDS = ("clamp", "skip")
_DAY_SHIFTS = ("none", "previous", "next", "skip")


def check_rule(rule: RecurrenceRule) -> None:
    """Raise :class:`RuleError` for the first column that makes no sense.

    Columns that do not belong to the rule's type are not looked at.
    """
    # A datetime is a date to Python, but cannot be compared with one.
    if not isinstance(rule.date_start, date) or isinstance(rule.date_start, datetime):
        raise RuleError("date_start", "date_start")
    check_choice("rrule_type", rule.rrule_type, _TYPES)
    check_range("interval", rule.interval, 1, _MAX_INTERVAL)
    check_choice("day_shift", rule.day_shift, _DAY_SHIFTS)
    if rule.rrule_type == "weekly":
        for weekday in rule.weekdays:
            if weekday not in range(7):
                raise RuleError("weekdays", "weekdays", value=weekday)
    elif rule.rrule_type != "daily":
        _check_month(rule)
    _check_end(rule)


def _check_month(rule: RecurrenceRule) -> None:
    check_choice("month_by", rule.month_by, _MONTH_BYS)
    if rule.month_by == "day":
        check_choice("byday", rule.byday, _BYDAYS)
        check_range("weekday", rule.weekday, 0, 6)
        for day in rule.more_weekdays:
            if isinstance(day, str) or day[0] not in NTHS or day[1] not in range(7):
                raise RuleError("more_weekdays", "more_weekdays", value=day)
        return
    check_choice("month_end", rule.month_end, _MONTH_ENDS)
    if rule.rrule_type != "monthly":
        return
    if rule.day not in (None, -1, *range(1, 32)):
        raise RuleError("day", "day", value=rule.day)
    for day in rule.more_days:
        if day not in (-1, *range(1, 32)):
            raise RuleError("more_days", "more_days", value=day)


def _check_end(rule: RecurrenceRule) -> None:
    check_choice("end_type", rule.end_type, _END_TYPES)
    if rule.end_type == "count":
        check_range("count", rule.count, 1, _MAX_NUMBER)
    elif rule.end_type == "end_date":
        if not isinstance(rule.until, date) or isinstance(rule.until, datetime):
            raise RuleError("until_missing", "until")
        if rule.until < rule.date_start:
            raise RuleError("until_before_start", "until", value=rule.until, start=rule.date_start)
