"""A rule whose start and end are those of an agreement, whatever day its dates fall on.

What an ordinary rule pays for are whole periods. Here nothing before the start or after the end is
paid for, and nothing between them is left out: the first and the last period may be a part of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from .cycle import Cycle
from .rule import RecurrenceRule, _plan

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AgreementRule(RecurrenceRule):
    """A rule with a part of a period at its start or end.

    Paid in advance, the start is a date also where it does not fit the rule: it pays for the days
    up to the first date that does. Paid in arrears, the first date is the one after the start, and
    the end is a date also where it does not fit: it pays for the days since the last one.

    Where the rule says the last day of the month and it is paid in advance, an agreement that
    begins on such a day begins with the month after it: that is what its first date pays for. Only
    one that ends on it as well pays for the day itself.

    :param paid: ``"pre"`` or ``"post"``: when a period is billed

    >>> rule = AgreementRule(date(2027, 1, 15), day=1, end_type="end_date", until=date(2027, 3, 10))
    >>> [[str(day) for day in rule.period(found)] for found in rule.rule_dates()]
    ... # doctest: +NORMALIZE_WHITESPACE
    [['2027-01-15', '2027-01-31'], ['2027-02-01', '2027-02-28'], ['2027-03-01', '2027-03-10']]
    """

    paid: str = "pre"

    def period(self, rule_date: date, paid: str | None = None) -> tuple[date, date]:
        """The days that a date pays for, none of them outside the agreement.

        A date that is none of the rule's, added by hand, has the period it would have anyway.

        :param paid: as in the rule; it is not asked for again
        """
        start, end = RecurrenceRule.period(self, rule_date, self.paid)
        if rule_date == self._extra_dates()[0]:
            start, end = rule_date, self.cycle_period(rule_date)[1]
        elif self.paid == "post" and rule_date == self._end():
            end = rule_date
            if not self._fits(rule_date):
                start = self.cycle_period(rule_date)[0]
        first, last = max(start, self.date_start), min(end, self._end() or end)
        return (first, last) if first <= last else (start, end)

    def last_date(self) -> date | None:
        if self.end_type == "forever":
            return None
        _cycle, end = _plan(self)
        return self.previous_before(end + _ONE_DAY) if end < date.max else end

    def previous_before(self, day: date) -> date | None:
        opening, closing = self._extra_dates()
        if closing and closing < day:
            return closing
        first, last = self._bounds()
        found = RecurrenceRule.previous_before(self, min(day, last + _ONE_DAY) if last else day)
        if found and found >= first:
            return found
        return opening if opening and opening < day else None

    def is_clamped(self, rule_date: date) -> bool:
        return self._fits(rule_date) and RecurrenceRule.is_clamped(self, rule_date)

    def _iter_between(self, date_from: date | None, date_to: date | None) -> Iterator[date]:
        opening, closing = self._extra_dates()
        first, last = self._bounds()
        start, end = (
            max(date_from or first, first),
            min(filter(None, (date_to, last)), default=None),
        )
        dates = RecurrenceRule._iter_between(self, start, end)
        asked = date_from or self.date_start, date_to or date.max
        extra = [[day] if day and asked[0] <= day <= asked[1] else [] for day in (opening, closing)]
        return chain(extra[0], dates, extra[1])

    def _bounds(self) -> tuple[date, date | None]:
        """The first and the last day on which a date of the cycle pays for anything."""
        late, end = self._late(), self._end()
        if self.paid == "pre":
            # the last day of a month pays for the days after it
            return self.date_start, end and end - late
        return self.date_start + _ONE_DAY - late, end

    def _extra_dates(self) -> tuple[date | None, date | None]:
        """The start and the end, where they are dates although the rule does not say so."""
        self.validate()
        end = self._end()
        if self.paid == "pre":
            # an agreement of the last day of a month alone has that day to pay for, none after it
            has_days = not end or self._bounds()[1] >= self.date_start
            is_own = has_days and self._fits(self.date_start)
            return (None if is_own else self.date_start), None
        if not end or (self._fits(end) and end >= self._bounds()[0]):
            return None, None
        return None, end

    def _end(self) -> date | None:
        return self.until if self.end_type == "end_date" else None

    def _fits(self, day: date) -> bool:
        """Whether the cycle has a date on that day."""
        return next(_plan(self)[0].descending(day), None) == day

    def _counted_end(self, cycle: Cycle) -> date | None:
        first = next(cycle.ascending(self._bounds()[0]), date.max)
        count = self.count
        if self.paid == "pre" and first != self.date_start:
            if count == 1:
                return self.date_start
            count -= 1
        return cycle.date_number(count, first)
