import doctest
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools.common.expression import MAX_NUMBER
from ..tools.recurrence import count_window, formula
from ..tools.recurrence.agreement import AgreementRule
from ..tools.recurrence.billed_line import LineTerms, PaidDate
from ..tools.recurrence.count_window import find_window
from ..tools.recurrence.formula import FormulaError, compute, read_names, round_half_up
from ..tools.recurrence.rule import RecurrenceRule

FIGURES = {"counted": Fraction("12.5"), "days": Fraction(31), "none": Fraction(0)}


class TestFormula(BaseCase):
    """R12: a quantity is plain arithmetic over figures that have names."""

    def test_doctests(self):
        for module in (formula, count_window):
            self.assertEqual(doctest.testmod(module).failed, 0)

    def test_r12_what_a_formula_says(self):
        for text, expected in (
            ("counted", "12.5"),
            ("max(counted - 10, 0)", "2.5"),
            ("max(none - 10, 0)", "0"),
            ("min(counted, 10) + max(counted - 10, 0) * 2", "15"),
            ("ceil(counted)", "13"),
            ("floor(counted)", "12"),
            ("round(counted)", "13"),
            ("round(counted / 7, 2)", "1.79"),
            ("5 if counted > 10 else 0", "5"),
            ("5 if counted > 10 and none else 1", "1"),
            ("days // 7 + days % 7", "7"),
            ("-counted + 20", "7.5"),
            ("0.1 + 0.2", "0.3"),
            ("abs(none - 3)", "3"),
        ):
            with self.subTest(text):
                self.assertEqual(compute(text, FIGURES), Fraction(expected))

    def test_r12_what_no_formula_is(self):
        for text, reason in (
            ("", "text"),
            ("counted +", "text"),
            ("1" * 501, "text"),
            ("counted; days", "text"),
            ("hours", "name"),
            ("counted / none", "zero"),
            ("counted % none", "zero"),
            ("counted ** 2", "number"),
            ("'a' * 3", "number"),
            ("max", "number"),
            ("max()", "number"),
            ("counted.real", "number"),
            ("[counted]", "number"),
            ("(lambda: 1)()", "number"),
            ("__import__('os')", "name"),
            ("counted(1)", "number"),
            ("round(counted, 1000000)", "number"),
            ("round(counted, days / 2)", "number"),
            ("max(*counted)", "number"),
            ("99999999999 * 99999999999", "number"),
            ("(" * 300, "text"),
            ("-" * 499 + "1", "text"),
        ):
            with self.subTest(text), self.assertRaises(FormulaError) as caught:
                compute(text, FIGURES)
            self.assertEqual(caught.exception.reason, reason, text)

    def test_names_of_a_formula(self):
        self.assertEqual(read_names("max(hours, 0) + hours * rate"), {"hours", "rate"})

    @settings(max_examples=500, deadline=None)
    @given(st.text("0123456789+-*/%().,<>= acdehimnorstux", max_size=40))
    def test_any_text_is_a_bounded_number_or_an_error(self, text):
        try:
            found = compute(text, FIGURES)
        except FormulaError:
            return
        self.assertLess(abs(found), MAX_NUMBER)

    @given(st.fractions(-1000, 1000), st.integers(0, 4))
    def test_rounding_is_never_off_by_more_than_half(self, number, digits):
        rounded = round_half_up(number, digits)
        self.assertLessEqual(abs(rounded - number), Fraction(1, 2) / 10**digits)
        self.assertEqual((rounded * 10**digits).denominator, 1)


class TestCountWindow(BaseCase):
    """R12: which days are counted; each day of a line once, none outside it."""

    def window(self, day, terms=None, paid="post", rule=None, last=None):
        rule = rule or RecurrenceRule(date(2027, 1, 1))
        start, end = rule.period(day, paid)
        found = find_window(rule, PaidDate(day, start, end, paid, last), terms or LineTerms())
        return found if isinstance(found, str) else tuple(map(str, found))

    def test_r12_in_arrears_the_days_that_are_billed(self):
        self.assertEqual(self.window(date(2027, 2, 1)), ("2027-01-01", "2027-01-31"))

    def test_r12_in_advance_the_period_before(self):
        january, february = date(2027, 1, 1), date(2027, 2, 1)
        self.assertEqual(self.window(january, paid="pre"), "not_started")
        self.assertEqual(self.window(february, paid="pre"), ("2027-01-01", "2027-01-31"))

    def test_r12_a_line_is_counted_within_its_own_days(self):
        terms = LineTerms(date(2027, 1, 15), date(2027, 2, 10))
        for day, expected in (
            (date(2027, 1, 1), "not_started"),
            (date(2027, 2, 1), ("2027-01-15", "2027-01-31")),
            (date(2027, 3, 1), ("2027-02-01", "2027-02-10")),
            (date(2027, 4, 1), "ended"),
        ):
            with self.subTest(day=day):
                self.assertEqual(self.window(day, terms), expected)
                # in advance one more date after the end bills the last days
                self.assertEqual(self.window(day, terms, "pre"), expected)

    def test_r12_every_third_date_counts_three_periods(self):
        terms = LineTerms(every=3)
        self.assertEqual(self.window(date(2027, 4, 1), terms, "pre"), ("2027-01-01", "2027-03-31"))
        self.assertEqual(self.window(date(2027, 3, 1), terms, "pre"), "other_date")
        self.assertEqual(self.window(date(2027, 3, 1), terms), ("2026-12-01", "2027-02-28"))

    def test_r12_what_an_earlier_date_has_counted_is_not_counted_again(self):
        terms = LineTerms(billed_through=date(2027, 1, 20))
        self.assertEqual(self.window(date(2027, 2, 1), terms), ("2027-01-21", "2027-01-31"))
        terms = LineTerms(billed_through=date(2027, 1, 31))
        self.assertEqual(self.window(date(2027, 2, 1), terms), "billed")

    def test_r12_held(self):
        self.assertEqual(self.window(date(2027, 2, 1), LineTerms(billing="held")), "held")

    @settings(max_examples=300, deadline=None)
    @given(
        st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        st.integers(0, 400),
        st.integers(0, 700),
        st.sampled_from(["pre", "post"]),
        st.booleans(),
        st.sampled_from(["weekly", "monthly", "yearly"]),
    )
    def test_each_day_of_a_line_is_counted_once(self, start, first, length, paid, by_days, kind):
        if by_days:
            rule = AgreementRule(date_start=start, rrule_type=kind, paid=paid)
        else:
            rule = RecurrenceRule(start, rrule_type=kind)
        opens = start + timedelta(days=first)
        closes = opens + timedelta(days=length)
        terms = LineTerms(opens, closes)
        days = []
        for day in rule.rule_dates(start, closes + timedelta(days=800)):
            period = rule.period(day, paid)
            found = find_window(rule, PaidDate(day, *period, paid), terms)
            if not isinstance(found, str):
                span = (found[1] - found[0]).days
                days += [found[0] + timedelta(days=n) for n in range(span + 1)]
        wanted = [opens + timedelta(days=n) for n in range(length + 1)]
        self.assertEqual(days, wanted)
