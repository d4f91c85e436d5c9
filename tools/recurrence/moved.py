"""The rule that goes on from another day than one of its dates, in plain Python without Odoo."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from .cycle import is_month_end
from .rule import RecurrenceRule
from .start import nth_of_month


def move_rule(rule: RecurrenceRule, old: date, new: date) -> RecurrenceRule:
    """The rule that goes on from ``new`` where it would have gone on from ``old``.

    Of several days of the week or the month only the one of ``old`` is another.

    :param old: one of the rule's dates
    :param new: the day that takes its place: its weekday, day of the month or date is taken

    >>> rule = RecurrenceRule(date(2026, 1, 1), day=1, more_days=(15,))
    >>> moved = move_rule(rule, date(2026, 3, 15), date(2026, 3, 20))
    >>> moved.month_days(), str(moved.date_start)
    ((1, 20), '2026-03-20')
    """
    weekdays = rule.weekdays and (rule.weekdays - {old.weekday()} | {new.weekday()})
    moved = replace(
        rule,
        date_start=new,
        weekdays=frozenset(weekdays),
        # the last day stays the last day, also of a shorter month
        day=-1 if rule.day == -1 and is_month_end(new) else new.day,
        byday=nth_of_month(new),
        weekday=new.weekday(),
    )
    if rule.rrule_type != "monthly":
        return moved
    if rule.month_by == "date" and len(rule.month_days()) > 1:
        return _replace_day(moved, rule, old, new)
    if rule.month_by == "day" and len(rule.month_weekdays()) > 1:
        of_old = {day for day in rule.month_weekdays() if _is_on(rule, day, old)}
        kept = {*rule.month_weekdays()} - of_old - {(int(moved.byday), moved.weekday)}
        return replace(moved, more_weekdays=tuple(sorted(kept, key=lambda d: (d[0] < 0, d))))
    return moved


def _replace_day(
    moved: RecurrenceRule, rule: RecurrenceRule, old: date, new: date
) -> RecurrenceRule:
    days = {*rule.month_days()}
    of_old = {day for day in days if _is_on(rule, day, old)}
    day = -1 if -1 in of_old and is_month_end(new) else new.day
    kept = days - of_old - {day}
    return replace(moved, day=day, more_days=tuple(sorted(kept, key=lambda d: (d < 0, d))))


def _is_on(rule: RecurrenceRule, day, found: date) -> bool:
    """Whether a date of the rule is that of one of its days of the month."""
    is_date = rule.month_by == "date"
    one = {"day": day} if is_date else {"byday": str(day[0]), "weekday": day[1]}
    single = replace(rule, **one, more_days=(), more_weekdays=(), end_type="forever")
    return found in single.rule_dates(found, found)
