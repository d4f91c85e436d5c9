"""On which days statements are sent: every week, month or quarter from a first day on."""

from __future__ import annotations

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

MONTHS = {"monthly": 1, "quarterly": 3}


def find_next(start: date, every: str, day: date) -> date:
    """Return the first planned day that is not before another one.

    Counted from the first day, so that the 31st comes back after a shorter month.

    :param start: the first planned day
    :param every: "weekly", "monthly" or "quarterly"

    >>> start = date(2026, 1, 31)
    >>> [str(find_next(start, "monthly", date(2026, month, 1))) for month in (1, 2, 3, 4)]
    ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']
    >>> str(find_next(start, "quarterly", date(2026, 2, 1)))
    '2026-04-30'
    >>> [str(find_next(start, "weekly", date(2026, 2, day))) for day in (7, 8)]
    ['2026-02-07', '2026-02-14']
    >>> str(find_next(start, "weekly", date(2025, 2, 1)))
    '2026-01-31'
    """
    if day <= start:
        return start
    if every == "weekly":
        return start + timedelta(days=7 * -((start - day).days // 7))
    step = MONTHS[every]
    months = 12 * (day.year - start.year) + day.month - start.month
    found = start + relativedelta(months=months // step * step)
    return found if found >= day else start + relativedelta(months=(months // step + 1) * step)
