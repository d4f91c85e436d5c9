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
    if len(find_days(rule)) < 2:
        return moved
    of_old = find_days_of(rule, old)
    if not of_old:
        # the first day of an agreement, or a date of an earlier rule: the days stay
        return replace(rule, date_start=new)
    kept = set(find_days(rule)) - set(of_old)
    if rule.month_by == "date":
        day = -1 if -1 in of_old and is_month_end(new) else new.day
        return replace(moved, day=day, more_days=_sorted(kept - {day}))
    own = int(moved.byday), moved.weekday
    return replace(moved, more_weekdays=_sorted(kept - {own}))


def find_days(rule: RecurrenceRule) -> tuple:
    """The days of the month of a monthly rule; of another one none."""
    if rule.rrule_type != "monthly":
        return ()
    return rule.month_days() if rule.month_by == "date" else rule.month_weekdays()


def find_days_of(rule: RecurrenceRule, found: date) -> tuple:
    """Which of the days of the month a date of the rule stands for; in a short month several."""
    return tuple(day for day in find_days(rule) if _is_on(rule, day, found))


def _is_on(rule: RecurrenceRule, day, found: date) -> bool:
    is_date = rule.month_by == "date"
    one = {"day": day} if is_date else {"byday": str(day[0]), "weekday": day[1]}
    single = RecurrenceRule(
        found.replace(day=1), month_by=rule.month_by, month_end=rule.month_end, **one
    )
    return found in single.rule_dates(found, found)


def _sorted(days) -> tuple:
    """Ascending, the last one of the month at the end."""
    return tuple(sorted(days, key=lambda day: ((day if isinstance(day, int) else day[0]) < 0, day)))
