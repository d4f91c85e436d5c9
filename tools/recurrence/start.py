"""What of a rule follows its start date, in plain Python without Odoo."""

from .rule import WEEKDAYS

# As long as nobody chose something else.
FOLLOWING_FIELDS = ("day", "weekday", "byday")


def follow_start(start, before, values, more=()):
    """Return day, weekday and which one of the month, as far as they are to follow the start.

    >>> from datetime import date
    >>> follow_start(date(2027, 1, 31), date(2026, 11, 27), {"day": 27, "weekday": 0, "byday": "1"})
    {'day': 31, 'weekday': 'SUN'}

    :param before: the start they followed up to now; False: none
    :param values: what they are now, by name; what is empty or was that of ``before`` follows
    :param more: names of those beside which further days were chosen: they follow only when empty

    >>> follow_start(date(2027, 1, 15), date(2027, 1, 1), {"day": 1, "weekday": "FRI",
    ...              "byday": "1"}, more=("day",))
    {'weekday': 'FRI', 'byday': '3'}
    """
    old, new = before and _get_places(before), _get_places(start)
    return {
        name: new[name]
        for name in FOLLOWING_FIELDS
        if not values[name] or (old and name not in more and values[name] == old[name])
    }


def find_chosen(more_days, more_weekdays):
    """Return the names of the columns beside which further days were chosen."""
    return (*(("day",) if more_days else ()), *(("weekday", "byday") if more_weekdays else ()))


def nth_of_month(day):
    """Return which weekday of its month a day is, as ``byday`` says it.

    >>> from datetime import date
    >>> nth_of_month(date(2026, 3, 2)), nth_of_month(date(2026, 3, 31))
    ('1', '-1')
    """
    nth = (day.day - 1) // 7 + 1
    return str(nth) if nth < 5 else "-1"


def _get_places(day):
    return {"day": day.day, "weekday": WEEKDAYS[day.weekday()], "byday": nth_of_month(day)}
