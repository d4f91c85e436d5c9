"""How often a rule falls due in a month, on average: what an amount per date is worth a month."""

from __future__ import annotations

from fractions import Fraction

from .rule import RecurrenceRule

# A year has 52 weeks and 365 days here, as people reckon it.
_PER_MONTH = {
    "daily": Fraction(365, 12),
    "weekly": Fraction(52, 12),
    "monthly": Fraction(1),
    "yearly": Fraction(1, 12),
}


def dates_per_month(rule: RecurrenceRule) -> Fraction:
    """The average number of the rule's dates in a month, however long it goes on.

    What a rule leaves out, because a month is too short or a day is no working day, counts.

    >>> from datetime import date
    >>> dates_per_month(RecurrenceRule(date(2026, 1, 1), rrule_type="weekly"))
    Fraction(13, 3)
    >>> dates_per_month(RecurrenceRule(date(2026, 1, 1), interval=3))
    Fraction(1, 3)
    >>> dates_per_month(RecurrenceRule(date(2026, 1, 1), more_days=(15,)))
    Fraction(2, 1)
    """
    rule.validate()
    each = _PER_MONTH[rule.rrule_type] / rule.interval
    if rule.rrule_type == "weekly":
        return each * (len(rule.weekdays) or 1)
    if rule.rrule_type == "monthly":
        days = rule.month_days() if rule.month_by == "date" else rule.month_weekdays()
        return each * len(days)
    return each
