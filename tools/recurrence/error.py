"""Why a recurrence rule was refused: one sentence per cause, with a code to translate it by."""

from __future__ import annotations

# Code -> English sentence. The codes are stable: the Odoo layer translates by code and fills in
# the same `params` (every sentence may use %(part)s).
MESSAGES = {
    # columns
    "date_start": "The rule needs a start date.",
    "choice": "%(part)s cannot be %(value)s: choose one of %(allowed)s.",
    "range": "%(part)s is %(value)s: it must be a whole number from %(low)s to %(high)s.",
    "day": "The day of the month is %(value)s: it must be 1 to 31, or -1 for the last day.",
    "weekdays": "%(value)s is not a weekday: weekdays are 0 (Monday) to 6 (Sunday).",
    "until_missing": "A rule that ends on a date needs an end date.",
    "until_before_start": "The rule ends on %(value)s, before it starts on %(start)s.",
    # text as a whole
    "freq_missing": "The text has no FREQ part, so it is not a recurrence rule.",
    "syntax": "%(value)s is not in the format NAME=VALUE.",
    "line": "The line %(part)s is not supported: only one RRULE and one DTSTART line are read.",
    "repeated": "%(part)s is given twice.",
    "unknown": "%(part)s is not a part of a recurrence rule.",
    "unsupported": "%(part)s is not supported: the rule has no field for it.",
    "combination": "%(part)s cannot be combined with the other parts of a FREQ=%(freq)s rule.",
    "value": "%(part)s=%(value)s cannot be read.",
    # single parts of the text
    "freq": "FREQ=%(value)s is not supported: choose DAILY, WEEKLY, MONTHLY or YEARLY.",
    "count_and_until": "COUNT and UNTIL cannot be combined.",
    "timezone": "The time zone %(value)s of DTSTART is not known.",
    "byday_several": "BYDAY=%(value)s is not supported: give one weekday of the month, such as "
    "1TU.",
    "byday_nth": "BYDAY=%(value)s is not supported: only the first to fourth or last weekday of "
    "a month.",
    "byday_ordinal": "BYDAY=%(value)s is not supported: with FREQ=%(freq)s, weekdays cannot have "
    "a number.",
    "byday_interval": "BYDAY without a number is supported with FREQ=%(freq)s only if INTERVAL "
    "is 1.",
    "byday_bymonth": "BYDAY with FREQ=YEARLY needs BYMONTH and a number, such as 1TU.",
    "bymonth": "BYMONTH=%(value)s is not supported: only the month of the start date, %(month)s.",
    "bymonthday_several": "BYMONTHDAY=%(value)s is not supported: only one day of the month can "
    "be given.",
    "bymonthday_from_end": "BYMONTHDAY=%(value)s is not supported: only -1 can be counted from "
    "the end.",
    "bymonthday_bymonth": "BYMONTHDAY with FREQ=YEARLY needs BYMONTH.",
    "bysetpos": "BYSETPOS=%(value)s is not supported: it can select one weekday of a month, or "
    "the last of the days 28 to 29, 30 or 31.",
    "wkst": "WKST=%(value)s would give other dates: weeks are counted from Monday.",
    "rscale": "RSCALE=%(value)s is not supported: only GREGORIAN.",
    "skip": "SKIP=%(value)s is not supported: only OMIT and BACKWARD.",
    "skip_rscale": "SKIP needs RSCALE=GREGORIAN.",
}


class RuleError(ValueError):
    """A rule, or a text for one, that is refused.

    :param message: the English sentence, also ``str(error)``
    :param code: a key of :data:`MESSAGES`
    :param part: what is refused: a column (``"interval"``) or a part of the text (``"BYHOUR"``)
    :param params: what fills the sentence's placeholders; always holds ``part``

    >>> error = RuleError.of("range", "interval", value=0, low=1, high=9)
    >>> str(error), error.code, error.part
    ('interval is 0: it must be a whole number from 1 to 9.', 'range', 'interval')
    """

    def __init__(self, message, *, code="", part="", params=None):
        super().__init__(message)
        self.code = code
        self.part = part
        self.params = params or {}

    @classmethod
    def of(cls, code: str, part: str, **params) -> RuleError:
        """The error of that code, its sentence filled in."""
        params["part"] = part
        return cls(MESSAGES[code] % params, code=code, part=part, params=params)
