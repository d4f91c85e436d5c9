"""Going on where other software stops: from its next date to the columns of a recurrence.

What it has billed is never billed again, and each day it would have billed is billed: where the
dates of a rule would bill other days than the other software does, it is refused. Plain Python:
nothing here knows of Odoo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile

from dateutil.relativedelta import relativedelta

from .rule import RecurrenceRule, RuleError

# Months between two entries of a series of Odoo's own, by its ``auto_post``.
AUTO_POST_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
# How OCA's ``contract`` repeats, by its ``recurring_rule_type``: unit and number of units.
CONTRACT_UNITS = {
    "daily": ("daily", 1),
    "weekly": ("weekly", 1),
    "monthly": ("monthly", 1),
    "monthlylastday": ("monthly", 1),
    "quarterly": ("monthly", 3),
    "semesterly": ("monthly", 6),
    "yearly": ("yearly", 1),
}
# Its marks in texts, and the placeholders that say the same.
CONTRACT_MARKS = {
    "#START#": "#PERIOD_START#",
    "#END#": "#PERIOD_END#",
    "#INVOICEMONTHNAME#": "#MONTH#",
}


class CannotContinue(Exception):
    """Why something cannot go on as a recurrence.

    :ivar code: ``over`` (no date of a series is left), ``cut`` (the last period in arrears is a
        part of one), ``period`` (it bills other days than the rule would), ``interval`` (its
        interval makes no sense), ``unknown`` (its rhythm is not known)
    :ivar days: of ``period``: first and last day that the rule would bill; of ``cut``: those of
        the whole period
    """

    def __init__(self, code: str, days: tuple[date, date] | None = None):
        super().__init__(code)
        self.code = code
        self.days = days


# === A SERIES OF ODOO'S OWN === #


def continue_auto_post(last: date, origin: date, every: str, until: date | None) -> dict:
    """Return the columns of the recurrence that follows an entry of a series.

    Odoo counts each date from the first entry: one of the 31st comes back to the 31st after a
    February.

    :param last: accounting date of the last entry that is there
    :param origin: that of the first one
    :param every: its ``auto_post``
    :param until: last day of the series, inclusive; None: it has no end
    :raise CannotContinue: ``over``

    >>> columns = continue_auto_post(date(2027, 2, 28), date(2026, 10, 31), "monthly", None)
    >>> columns["date_start"], columns["day"], columns["end_type"]
    ('2027-03-31', 31, 'forever')
    """
    months = AUTO_POST_MONTHS[every]
    passed = (last.year - origin.year) * 12 + last.month - origin.month
    following = origin + relativedelta(months=months + passed)
    if until and following > until:
        raise CannotContinue("over")
    return {
        "date_start": following.isoformat(),
        "rrule_type": "monthly",
        "interval": months,
        "day": origin.day,
        **_get_end_columns(until),
    }


def _get_end_columns(until: date | None) -> dict:
    if until:
        return {"end_type": "end_date", "until": until.isoformat()}
    return {"end_type": "forever"}


# === A CONTRACT === #


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a line of a contract repeats.

    :ivar kind: its ``recurring_rule_type``
    :ivar interval: its ``recurring_interval``
    :ivar paid: "pre" or "post"
    """

    kind: str
    interval: int
    paid: str

    def make_rule(self, following: date) -> RecurrenceRule:
        """Return the rule whose first date is the next invoice.

        :raise CannotContinue: ``interval`` or ``unknown``
        """
        if self.kind not in CONTRACT_UNITS:
            raise CannotContinue("unknown")
        unit, number = CONTRACT_UNITS[self.kind]
        day = None
        if unit == "monthly":
            day = following.day
            if self.kind == "monthlylastday" and self.paid == "post":
                day = -1
        rule = RecurrenceRule(following, unit, self.interval * number, day=day)
        try:
            rule.validate()
        except RuleError as error:
            raise CannotContinue("interval") from error
        return rule


def continue_contract(
    rhythm: Rhythm, following: date, period: tuple[date, date], until: date | None
) -> RecurrenceRule:
    """Return the rule by which a line of a contract goes on.

    :param following: the date of its next invoice
    :param period: first and last day that this invoice bills
    :param until: last day that is billed at all, inclusive, not before this period; None: it has
        no end
    :raise CannotContinue: see there

    >>> care = Rhythm("monthly", 1, "post")
    >>> rule = continue_contract(
    ...     care, date(2027, 1, 15), (date(2026, 12, 15), date(2027, 1, 14)), date(2027, 6, 14)
    ... )
    >>> str(rule.until)
    '2027-06-15'
    """
    rule = rhythm.make_rule(following)
    if rhythm.paid == "post" and period[1] == until:
        _check_whole(rhythm, period)
    _check_period(rule, rhythm.paid, period, until)
    if not until:
        return rule
    last = until if rhythm.paid == "pre" else _find_last_in_arrears(rule, until)
    return replace(rule, end_type="end_date", until=last)


def _check_whole(rhythm, period):
    """Refuse a last period in arrears that is a part of one: no date of a rule follows it."""
    whole = Rhythm(rhythm.kind, rhythm.interval, "pre").make_rule(period[0]).period(period[0])
    if whole[1] > period[1]:
        raise CannotContinue("cut", whole)


def _check_period(rule, paid, period, until):
    """Refuse a next invoice that bills other days than the rule has for it."""
    start, end = days = rule.period(rule.date_start, paid)
    last = until if until and paid == "pre" else date.max
    is_same = (start, min(end, last)) == (period[0], min(period[1], last))
    if rule.rule_dates(limit=1) != [rule.date_start] or not is_same:
        raise CannotContinue("period", days)


def _find_last_in_arrears(rule, until):
    """Return the date that bills the last days in arrears: it lies after them.

    :raise CannotContinue: ``cut``, where no date would bill them
    """
    dates = rule.iter_rule_dates(max(until, rule.date_start))
    last = next(day for day in dates if rule.period(day, "post")[1] >= until)
    days = rule.period(last, "post")
    if days[1] != until:
        raise CannotContinue("cut", days)
    return last


def find_cut_period(rule: RecurrenceRule, until: date) -> tuple[date, date] | None:
    """Return the period of a rule in advance that an end is inside of; it is billed in full.

    >>> [str(day) for day in find_cut_period(RecurrenceRule(date(2027, 1, 1)), date(2027, 3, 15))]
    ['2027-03-01', '2027-03-31']
    >>> find_cut_period(RecurrenceRule(date(2027, 1, 1)), date(2027, 3, 31))
    """
    days = rule.cycle_period(until)
    return days if until < days[1] else None


def is_same_rhythm(rule: RecurrenceRule, following: date, period: tuple[date, date]) -> bool:
    """Whether a later line in advance is billed by the dates of a rule.

    >>> rule = RecurrenceRule(date(2027, 1, 1))
    >>> is_same_rhythm(rule, date(2027, 3, 1), (date(2027, 3, 1), date(2027, 3, 31)))
    True
    >>> is_same_rhythm(rule, date(2027, 3, 15), (date(2027, 3, 15), date(2027, 4, 14)))
    False
    """
    found = takewhile(lambda day: day <= following, rule.iter_rule_dates(following))
    return any(rule.period(day) == period for day in found)


def get_columns(rule: RecurrenceRule, paid: str) -> dict:
    """Return the columns of the recurrence of a rule, dates as ISO text.

    >>> columns = get_columns(RecurrenceRule(date(2027, 1, 31), day=-1), "post")
    >>> columns["day"], columns["period_paid"], columns["end_type"]
    (-1, 'post', 'forever')
    """
    columns = {
        "date_start": rule.date_start.isoformat(),
        "rrule_type": rule.rrule_type,
        "interval": rule.interval,
        "period_paid": paid,
        **_get_end_columns(rule.until),
    }
    if rule.day:
        columns["day"] = rule.day
    return columns


def rename_marks(text: str) -> str:
    """Return a text of a contract with the placeholders of a recurrence.

    >>> rename_marks("Care #START# - #END#")
    'Care #PERIOD_START# - #PERIOD_END#'
    """
    for mark, placeholder in CONTRACT_MARKS.items():
        text = text.replace(mark, placeholder)
    return text
