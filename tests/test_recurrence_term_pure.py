"""R15: terms, renewals and notice of an agreement, without Odoo."""

import unittest
from dataclasses import replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.recurrence.agreement import AgreementRule
from ..tools.recurrence.rule import RecurrenceRule
from ..tools.recurrence.term import (
    NOTICE_TO,
    RENEWALS,
    UNITS,
    Length,
    Suspension,
    Terms,
    end_rule,
    find_end,
    find_last_billed,
    find_last_day,
    find_limit,
    find_notice_day,
    find_renewed,
    find_term,
    put_off,
)

many = settings(max_examples=1000, deadline=None)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
lengths = st.builds(Length, st.integers(1, 40), st.sampled_from(UNITS))
maybe = st.one_of(st.just(Length()), lengths)
spans = st.builds(
    lambda start, count: Suspension(start, start + timedelta(days=count)), days, st.integers(0, 200)
)
agreed = st.builds(
    Terms,
    start=days,
    minimum=lengths,
    renewal=st.sampled_from(RENEWALS),
    renewed_for=maybe,
    notice=maybe,
    notice_to=st.sampled_from(NOTICE_TO),
    added=st.lists(spans, max_size=2).map(lambda found: tuple(sorted(found))),
    rule=st.just(RecurrenceRule(date(2020, 1, 1))),
)

YEARLY = Terms(date(2027, 1, 1), Length(12), "auto", Length(12), Length(3))


class TestTerm(unittest.TestCase):
    """R15: which term runs, and until when notice must be given."""

    def test_r15_minimum_term_and_renewals(self):
        terms = YEARLY._replace(renewed_for=Length(6))
        for day, end, number in (
            (date(2026, 6, 1), date(2027, 12, 31), 0),
            (date(2027, 1, 1), date(2027, 12, 31), 0),
            (date(2027, 12, 31), date(2027, 12, 31), 0),
            (date(2028, 1, 1), date(2028, 6, 30), 1),
            (date(2030, 8, 15), date(2030, 12, 31), 6),
        ):
            with self.subTest(day=day):
                self.assertEqual(find_term(terms, day), (end, number))

    def test_r15_last_day_to_give_notice(self):
        for notice, end, last in (
            (Length(3), date(2027, 12, 31), date(2027, 9, 30)),
            (Length(1), date(2027, 2, 28), date(2027, 1, 31)),
            (Length(1), date(2027, 3, 31), date(2027, 2, 28)),
            (Length(1), date(2027, 3, 30), date(2027, 2, 28)),
            (Length(1), date(2027, 3, 27), date(2027, 2, 27)),
            (Length(6, "weeks"), date(2027, 12, 31), date(2027, 11, 19)),
            (Length(30, "days"), date(2027, 12, 31), date(2027, 12, 1)),
            (Length(1, "years"), date(2028, 2, 29), date(2027, 2, 28)),
            (Length(), date(2027, 12, 31), date(2027, 12, 31)),
        ):
            with self.subTest(notice=notice, end=end):
                self.assertEqual(find_notice_day(notice, end), last)

    def test_r15_notice_that_comes_too_late_ends_the_next_term(self):
        self.assertEqual(find_end(YEARLY, date(2027, 9, 30)), date(2027, 12, 31))
        self.assertEqual(find_end(YEARLY, date(2027, 10, 1)), date(2028, 12, 31))
        self.assertEqual(
            find_limit(YEARLY, date(2027, 10, 1)), (date(2028, 9, 30), date(2028, 12, 31))
        )

    def test_r15_without_a_term_notice_ends_it_as_agreed(self):
        rule = RecurrenceRule(date(2027, 1, 15), interval=2)
        terms = Terms(date(2027, 1, 1), notice=Length(1), rule=rule)
        for notice_to, end in (
            ("day", date(2027, 4, 10)),
            ("period", date(2027, 5, 14)),
            ("month", date(2027, 4, 30)),
            ("quarter", date(2027, 6, 30)),
            ("year", date(2027, 12, 31)),
        ):
            with self.subTest(notice_to=notice_to):
                found = terms._replace(notice_to=notice_to)
                self.assertEqual(find_end(found, date(2027, 3, 10)), end)
                self.assertIsNone(find_limit(found, date(2027, 3, 10)))

    def test_r15_after_the_minimum_term_it_goes_on_until_notice(self):
        terms = YEARLY._replace(renewal="open", notice_to="month")
        # in the minimum term, to its end
        self.assertEqual(find_end(terms, date(2027, 2, 3)), date(2027, 12, 31))
        self.assertEqual(
            find_limit(terms, date(2027, 2, 3)), (date(2027, 9, 30), date(2027, 12, 31))
        )
        # too late for that: any time
        self.assertEqual(find_end(terms, date(2027, 10, 5)), date(2028, 1, 31))
        self.assertIsNone(find_limit(terms, date(2027, 10, 5)))
        self.assertEqual(find_term(terms, date(2028, 3, 1)), (None, 0))

    def test_r15_what_ends_unless_renewed(self):
        terms = YEARLY._replace(renewal="ask", renewed_for=Length(24))
        self.assertEqual(find_term(terms, date(2029, 1, 1)).end, date(2027, 12, 31))
        self.assertEqual(find_end(terms, date(2027, 12, 24)), date(2027, 12, 31))
        self.assertIsNone(find_limit(terms, date(2027, 1, 1)))
        self.assertEqual(find_renewed(terms, date(2027, 12, 1)), date(2029, 12, 31))
        renewed = terms._replace(renewed_until=date(2029, 12, 31))
        self.assertEqual(find_term(renewed, date(2028, 1, 1)).end, date(2029, 12, 31))
        self.assertEqual(find_renewed(renewed, date(2028, 12, 1)), date(2031, 12, 31))
        # so often that it reaches a day
        self.assertEqual(find_renewed(terms, date(2033, 2, 1)), date(2033, 12, 31))
        # another end was agreed
        other = terms._replace(renewed_until=date(2028, 3, 31))
        self.assertEqual(find_renewed(other, date(2028, 3, 1)), date(2030, 3, 31))
        # no month end drifts
        months = Terms(date(2026, 8, 30), Length(6), "ask", renewed_until=date(2027, 2, 28))
        self.assertEqual(find_renewed(months, date(2027, 2, 1)), date(2027, 8, 29))
        # begun elsewhere, years before it is billed here
        moved = terms._replace(start=date(2020, 1, 1), rule=RecurrenceRule(date(2027, 1, 1)))
        self.assertEqual(find_term(moved, date(2027, 1, 1)).end, date(2028, 12, 31))

    def test_r15_no_month_end_drifts(self):
        terms = Terms(date(2027, 1, 31), Length(1), "auto")
        ends = [find_term(terms, day).end for day in (date(2027, 1, 31), date(2027, 3, 5))]
        self.assertEqual(ends, [date(2027, 2, 28), date(2027, 3, 30)])

    def test_r15_length_ends_as_the_law_counts(self):
        for start, length, end in (
            (date(2027, 1, 5), {"years": 1}, date(2028, 1, 4)),
            (date(2027, 1, 31), {"months": 1}, date(2027, 2, 28)),
            (date(2027, 1, 29), {"months": 1}, date(2027, 2, 28)),
            (date(2027, 1, 28), {"months": 1}, date(2027, 2, 27)),
            (date(2027, 3, 1), {"months": 1}, date(2027, 3, 31)),
            (date(2027, 3, 31), {"months": 1}, date(2027, 4, 30)),
            (date(2028, 2, 29), {"years": 1}, date(2029, 2, 28)),
            (date(2027, 1, 4), {"weeks": 2}, date(2027, 1, 17)),
        ):
            with self.subTest(start=start, length=length):
                self.assertEqual(find_last_day(start, relativedelta(**length)), end)

    def test_r15_suspended_time_is_added(self):
        spring = Suspension(date(2027, 4, 1), date(2027, 6, 30))
        terms = YEARLY._replace(added=(spring,))
        self.assertEqual(find_term(terms, date(2027, 7, 1)).end, date(2028, 3, 31))
        self.assertEqual(find_limit(terms, date(2027, 7, 1))[0], date(2027, 12, 31))
        self.assertEqual(find_term(terms, date(2028, 4, 1)), (date(2029, 3, 31), 1))
        # what is suspended in a later term puts off later ends alone
        later = YEARLY._replace(added=(Suspension(date(2028, 2, 1), date(2028, 2, 29)),))
        self.assertEqual(find_term(later, date(2027, 7, 1)).end, date(2027, 12, 31))
        self.assertEqual(find_term(later, date(2028, 3, 1)).end, date(2029, 1, 31))
        days = Suspension(date(2027, 4, 10), date(2027, 4, 12))
        self.assertEqual(put_off(date(2027, 12, 31), days), date(2028, 1, 3))

    def test_r15_terms_beyond_the_calendar(self):
        endless = Terms(date(2027, 1, 1), Length(9999, "years"), "auto", notice=Length(9999))
        self.assertEqual(find_term(endless, date(2027, 1, 1)).end, date.max)
        self.assertEqual(find_end(endless, date(2027, 1, 1)), date.max)
        self.assertEqual(find_notice_day(Length(9999, "years"), date(2027, 1, 1)), date.min)

    @many
    @given(agreed, days)
    def test_r15_each_day_lies_in_one_term(self, terms, day):
        terms = terms._replace(renewal="auto")
        end, number = find_term(terms, day)
        self.assertGreaterEqual(end, day)
        if number:
            before, count = find_term(terms, day - timedelta(days=1))
            self.assertIn((count, before), ((number, end), (number - 1, day - timedelta(days=1))))

    @many
    @given(lengths, days)
    def test_r15_limit_is_the_last_day_that_is_in_time(self, notice, end):
        last = find_notice_day(notice, end)
        delta = relativedelta(**{notice.unit: notice.number})
        self.assertLessEqual(last + delta, end)
        self.assertGreater(last + timedelta(days=1) + delta, end)

    @many
    @given(agreed, days, days)
    def test_r15_later_notice_never_ends_it_sooner(self, terms, first, second):
        first, second = sorted((first, second))
        self.assertLessEqual(find_end(terms, first), find_end(terms, second))

    @many
    @given(agreed, days)
    def test_r15_notice_on_the_limit_ends_it_as_told(self, terms, day):
        found = find_limit(terms, day)
        if found:
            limit, end = found
            self.assertGreaterEqual(limit, day)
            self.assertEqual(find_end(terms, limit), end)
            self.assertGreater(find_end(terms, limit + timedelta(days=1)), end)


class TestEndedRule(unittest.TestCase):
    """R15: what is billed until an agreement ends."""

    def test_r15_whole_periods_end_with_the_one_it_ends_in(self):
        end = date(2027, 12, 31)
        for rule, paid, until in (
            (RecurrenceRule(date(2027, 1, 1)), "pre", date(2027, 12, 1)),
            (RecurrenceRule(date(2027, 1, 1)), "post", date(2028, 1, 1)),
            (RecurrenceRule(date(2027, 1, 15)), "pre", date(2027, 12, 15)),
            # the last day of a month pays for the month after it, or for that which ends with it
            (RecurrenceRule(date(2027, 1, 31), day=-1), "pre", date(2027, 11, 30)),
            (RecurrenceRule(date(2027, 1, 31), day=-1), "post", date(2027, 12, 31)),
            (RecurrenceRule(date(2027, 1, 1), rrule_type="yearly"), "pre", date(2027, 1, 1)),
        ):
            with self.subTest(rule=rule, paid=paid):
                self.assertEqual(end_rule(rule, end, paid).last_date(), until)

    def test_r15_by_days_it_ends_with_its_last_day(self):
        rule = end_rule(AgreementRule(date(2027, 1, 1)), date(2027, 12, 10))
        self.assertEqual(rule.last_date(), date(2027, 12, 1))
        self.assertEqual(rule.period(rule.last_date()), (date(2027, 12, 1), date(2027, 12, 10)))

    def test_r15_rule_that_ends_sooner_stays(self):
        for sooner in (
            RecurrenceRule(date(2027, 1, 1), end_type="end_date", until=date(2027, 6, 30)),
            RecurrenceRule(date(2027, 1, 1), end_type="count", count=3),
        ):
            self.assertEqual(end_rule(sooner, date(2027, 12, 31)), sooner)
        later = RecurrenceRule(date(2027, 1, 1), end_type="count", count=30)
        self.assertEqual(end_rule(later, date(2027, 12, 31)).last_date(), date(2027, 12, 1))

    @many
    @given(
        days,
        st.integers(1, 400),
        st.sampled_from(["pre", "post"]),
        st.sampled_from(["monthly", "weekly", "yearly"]),
        st.integers(1, 3),
        st.booleans(),
    )
    def test_r15_each_day_until_the_end_is_billed(self, start, length, paid, kind, every, by_days):
        rule = RecurrenceRule(start, rrule_type=kind, interval=every)
        if by_days:
            columns = {name: getattr(rule, name) for name in RecurrenceRule.__slots__}
            rule = AgreementRule(**columns, paid=paid)
        end = start + timedelta(days=length)
        ended = end_rule(rule, end, paid)
        ended.validate()
        periods = [ended.period(day, paid) for day in ended.rule_dates()]
        if not periods:
            self.assertIsNone(find_last_billed(rule, end, paid))
            return
        self.assertLessEqual(periods[-1][0], end)
        self.assertGreaterEqual(periods[-1][1], end)
        if by_days:
            self.assertEqual(periods[-1][1], end)
        # the dates before it are those there were
        endless = replace(rule, end_type="forever").rule_dates(limit=len(periods))
        self.assertEqual(endless[:-1], ended.rule_dates()[:-1])
