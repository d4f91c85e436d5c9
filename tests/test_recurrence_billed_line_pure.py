"""What an invoice bills of a line, by hand and by thousands of random splits (R10).

Runs in Odoo's test runs and without Odoo: ``python tests/test_recurrence_billed_line_pure.py``.
"""

import sys
import unittest
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from unittest.mock import MagicMock

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.recurrence import agreement, billed_line, rule
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.recurrence import agreement, billed_line, rule

    BaseCase = unittest.TestCase

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = settings = lambda *_arguments, **_named: lambda test: test
    st = MagicMock()

AgreementRule, RecurrenceRule = agreement.AgreementRule, rule.RecurrenceRule
LineTerms, PaidDate = billed_line.LineTerms, billed_line.PaidDate
Billed, bill_line, keep_lines = billed_line.Billed, billed_line.bill_line, billed_line.keep_lines
CENT = Decimal("0.01")

many = settings(max_examples=1000, deadline=None, database=None)


def day(text):
    return date.fromisoformat(text)


def paid(tested, text, when="pre"):
    start, end = tested.period(day(text), when)
    return PaidDate(day(text), start, end, when)


def bill(tested, text, method="days", when="pre", **terms):
    for name in ("start", "until"):
        if name in terms:
            terms[name] = day(terms[name])
    return bill_line(tested, paid(tested, text, when), LineTerms(**terms), method)


def amount(billed, whole="310.00", rounding=CENT):
    return str(billed_line.part_amount(Decimal(whole), billed, rounding))


FIRST = RecurrenceRule(day("2027-01-01"))


class TestLineOfAPeriod(BaseCase):
    """Monthly on the 1st, in advance: January 2027 has 31 days."""

    def assertBilled(self, billed, dates, whole, expected):
        self.assertEqual(f"{billed.start} {billed.end}", dates)
        self.assertEqual(amount(billed, whole), expected)

    def test_r10_line_without_terms_is_billed_in_full(self):
        for method in billed_line.METHODS:
            billed = bill(FIRST, "2027-01-01", method)
            self.assertBilled(billed, "2027-01-01 2027-01-31", "310.00", "310.00")
            self.assertEqual(billed.share, 1)

    def test_r10_line_that_begins_inside_the_period(self):
        """From 15 January: 17 of 31 days of 310.00; of a month with 30 days, 16 of 300.00."""
        by_days = bill(FIRST, "2027-01-01", start="2027-01-15")
        self.assertBilled(by_days, "2027-01-15 2027-01-31", "310.00", "170.00")
        self.assertEqual((by_days.days, by_days.of_days), (17, 31))
        by_thirty = bill(FIRST, "2027-01-01", "30_360", start="2027-01-15")
        self.assertBilled(by_thirty, "2027-01-15 2027-01-31", "300.00", "160.00")
        self.assertEqual((by_thirty.days, by_thirty.of_days), (16, 30))
        in_full = bill(FIRST, "2027-01-01", "whole", start="2027-01-15")
        self.assertBilled(in_full, "2027-01-01 2027-01-31", "310.00", "310.00")

    def test_r10_line_that_ends_inside_the_period(self):
        """Until 10 February 2027: 10 of 28 days of 280.00; 10 of 30 of 300.00."""
        ending = {"until": "2027-02-10"}
        by_days = bill(FIRST, "2027-02-01", **ending)
        self.assertBilled(by_days, "2027-02-01 2027-02-10", "280.00", "100.00")
        by_thirty = bill(FIRST, "2027-02-01", "30_360", **ending)
        self.assertBilled(by_thirty, "2027-02-01 2027-02-10", "300.00", "100.00")
        self.assertEqual(bill(FIRST, "2027-03-01", **ending), "ended")

    def test_r10_line_not_begun(self):
        self.assertEqual(bill(FIRST, "2027-01-01", start="2027-02-01"), "not_started")
        for method in billed_line.METHODS:
            self.assertEqual(bill(FIRST, "2027-02-01", method, start="2027-02-01").share, 1)

    def test_r10_thirty_days_a_month_hold_february_and_the_31st(self):
        """From 28 February to its end: 3 of 30 days; 31 January alone is one, the 30th none."""
        for start, until, days in (
            ("2027-02-28", "2027-02-28", 3),
            ("2027-01-31", "2027-01-31", 1),
            ("2027-01-30", "2027-01-30", 0),
            ("2027-01-30", "2027-01-31", 1),
            ("2027-02-01", "2027-02-28", 30),
        ):
            with self.subTest(start):
                first = start[:8] + "01"
                billed = bill(FIRST, first, "30_360", start=start, until=until)
                self.assertEqual((billed.days, billed.of_days), (days, 30))
                self.assertEqual(billed.share, Fraction(days, 30))

    def test_r10_held_and_once(self):
        self.assertEqual(bill(FIRST, "2027-01-01", billing="held"), "held")
        fee = bill(FIRST, "2027-01-01", billing="once", start="2027-01-20")
        self.assertBilled(fee, "2027-01-01 2027-01-31", "99.00", "99.00")
        self.assertEqual(
            bill(FIRST, "2027-01-01", billing="once", start="2027-02-01"), "not_started"
        )

    def test_r10_half_cents_are_rounded_away_from_zero(self):
        """1.01 in two halves: 0.51 and 0.50; of a credit likewise; of yen 1 and 0."""
        halves = [
            Billed(*[day("2027-01-01")] * 2, Fraction(n, 2), Fraction(n + 1, 2)) for n in (0, 1)
        ]
        self.assertEqual([amount(half, "1.01") for half in halves], ["0.51", "0.50"])
        self.assertEqual([amount(half, "-1.01") for half in halves], ["-0.51", "-0.50"])
        self.assertEqual([amount(half, "1", Decimal(1)) for half in halves], ["1", "0"])
        self.assertEqual(
            [amount(half, "0.15", Decimal("0.05")) for half in halves], ["0.10", "0.05"]
        )


class TestEveryNthDate(BaseCase):
    """A quarterly line on a monthly recurrence; its price is that of the quarter."""

    def turns(self, tested, months, when="pre", method="days", **terms):
        found = {}
        for rule_date in tested.rule_dates(limit=months):
            billed = bill(tested, str(rule_date), method, when, every=3, **terms)
            if not isinstance(billed, str):
                found[str(rule_date)] = f"{billed.start} {billed.end} {amount(billed, '900.00')}"
        return found

    def test_r10_in_advance_it_is_billed_with_the_first_of_three(self):
        self.assertEqual(
            self.turns(FIRST, 6),
            {
                "2027-01-01": "2027-01-01 2027-03-31 900.00",
                "2027-04-01": "2027-04-01 2027-06-30 900.00",
            },
        )
        self.assertEqual(bill(FIRST, "2027-02-01", every=3), "other_date")

    def test_r10_in_arrears_it_is_billed_with_the_last_of_three(self):
        """The date of 1 January bills December: November and December of 2026 are before it."""
        self.assertEqual(
            self.turns(FIRST, 6, "post", "whole"),
            {
                "2027-03-01": "2026-12-01 2027-02-28 900.00",
                "2027-06-01": "2027-03-01 2027-05-31 900.00",
            },
        )

    def test_r10_it_counts_from_its_own_start(self):
        """From 15 February on: 14 of 28 days and two whole months, 2.5 thirds of 900.00."""
        self.assertEqual(
            self.turns(FIRST, 6, start="2027-02-15"),
            {
                "2027-02-01": "2027-02-15 2027-04-30 750.00",
                "2027-05-01": "2027-05-01 2027-07-31 900.00",
            },
        )

    def test_r10_what_is_left_is_billed_in_part_when_the_recurrence_ends(self):
        """The end of April: a third of the quarter that began with it."""
        ending = {"day": 1, "end_type": "end_date", "until": day("2027-04-30")}
        ahead = AgreementRule(day("2027-01-01"), **ending)
        self.assertEqual(self.turns(ahead, 6)["2027-04-01"], "2027-04-01 2027-04-30 300.00")
        behind = AgreementRule(day("2027-01-01"), paid="post", **ending)
        self.assertEqual(
            self.turns(behind, 6, "post"),
            {
                "2027-04-01": "2027-01-01 2027-03-31 900.00",
                "2027-04-30": "2027-04-01 2027-04-30 300.00",
            },
        )

    def test_r10_in_advance_no_more_is_billed_than_dates_are_counted(self):
        """Four months are agreed: the second quarter is April alone."""
        tested = AgreementRule(day("2027-01-01"), day=1, end_type="count", count=4)
        self.assertEqual(
            self.turns(tested, 6),
            {
                "2027-01-01": "2027-01-01 2027-03-31 900.00",
                "2027-04-01": "2027-04-01 2027-04-30 300.00",
            },
        )

    def test_r10_what_an_earlier_date_has_billed_is_not_billed_again(self):
        """The rule begins anew on 1 February; until March all is billed: a third is left."""
        anew = RecurrenceRule(day("2027-02-01"))
        for method in billed_line.METHODS:
            with self.subTest(method):
                terms = LineTerms(every=3, billed_through=day("2027-03-31"))
                billed = bill_line(anew, paid(anew, "2027-02-01"), terms, method)
                self.assertEqual(f"{billed.start} {billed.end}", "2027-04-01 2027-04-30")
                self.assertEqual(amount(billed, "900.00"), "300.00")
        terms = LineTerms(every=3, billed_through=day("2027-04-30"))
        self.assertEqual(bill_line(anew, paid(anew, "2027-02-01"), terms), "billed")

    def test_r10_date_added_by_hand_is_none_of_its_dates(self):
        asked = PaidDate(day("2027-01-10"), day("2027-01-10"), day("2027-01-31"))
        self.assertEqual(bill_line(FIRST, asked, LineTerms(every=3)), "not_started")


class TestAgreement(BaseCase):
    """First and last period of an agreement that begins or ends on another day than the rule."""

    def periods(self, when, start, until, **columns):
        ending = {"end_type": "end_date", "until": day(until)} if until else {}
        tested = AgreementRule(day(start), paid=when, **{"day": 1, **columns, **ending})
        return [
            " ".join(map(str, (found, *tested.period(found))))
            for found in tested.rule_dates(limit=3)
        ]

    def test_r10_in_advance_the_start_is_a_date(self):
        self.assertEqual(
            self.periods("pre", "2027-01-15", None),
            [
                "2027-01-15 2027-01-15 2027-01-31",
                "2027-02-01 2027-02-01 2027-02-28",
                "2027-03-01 2027-03-01 2027-03-31",
            ],
        )

    def test_r10_in_arrears_the_end_is_a_date(self):
        self.assertEqual(
            self.periods("post", "2027-01-15", "2027-02-10"),
            ["2027-02-01 2027-01-15 2027-01-31", "2027-02-10 2027-02-01 2027-02-10"],
        )

    def test_r10_nothing_is_paid_for_before_the_start(self):
        self.assertEqual(
            self.periods("post", "2027-01-01", "2027-02-28"),
            ["2027-02-01 2027-01-01 2027-01-31", "2027-02-28 2027-02-01 2027-02-28"],
        )

    def test_r10_end_on_a_date_of_the_rule_is_paid_for_with_it(self):
        self.assertEqual(
            self.periods("post", "2027-01-01", "2027-02-01"), ["2027-02-01 2027-01-01 2027-02-01"]
        )

    def test_r10_last_day_of_the_month(self):
        """It pays for whole months: in advance for the one after, in arrears for its own."""
        self.assertEqual(
            self.periods("pre", "2027-01-15", "2027-02-28", day=-1),
            ["2027-01-15 2027-01-15 2027-01-31", "2027-01-31 2027-02-01 2027-02-28"],
        )
        self.assertEqual(
            self.periods("post", "2027-01-15", "2027-02-10", day=-1),
            ["2027-01-31 2027-01-15 2027-01-31", "2027-02-10 2027-02-01 2027-02-10"],
        )

    def test_r10_agreement_of_a_day(self):
        self.assertEqual(
            self.periods("post", "2027-01-01", "2027-01-01"), ["2027-01-01 2027-01-01 2027-01-01"]
        )
        for when in ("pre", "post"):
            self.assertEqual(
                self.periods(when, "2027-01-15", "2027-01-15"),
                ["2027-01-15 2027-01-15 2027-01-15"],
            )

    def test_r10_count_counts_the_part_of_a_period(self):
        for when, last in (("pre", "2027-02-01"), ("post", "2027-03-01")):
            tested = AgreementRule(day("2027-01-15"), day=1, paid=when, end_type="count", count=2)
            self.assertEqual(str(tested.last_date()), last)
            self.assertEqual(len(tested.rule_dates()), 2)

    def test_r10_start_is_not_taken_for_a_shorter_month(self):
        tested = AgreementRule(day("2027-01-15"), day=31)
        self.assertFalse(tested.is_clamped(day("2027-01-15")))
        self.assertTrue(tested.is_clamped(day("2027-02-28")))


class TestHeadings(BaseCase):
    def test_r10_section_stays_with_one_of_its_lines(self):
        lines = [
            ("product", False),
            ("line_section", True),
            ("line_subsection", True),
            ("product", False),
            ("line_note", True),
            ("line_subsection", True),
            ("product", True),
            ("line_section", True),
            ("line_note", True),
        ]
        # the first subsection goes with its note; a section that holds notes alone stays
        self.assertEqual(
            keep_lines(lines), [False, True, False, False, False, True, True, True, True]
        )


starts = st.one_of(
    st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    st.sampled_from([date(2024, 2, 29), date(2027, 1, 31), date(2026, 11, 30), date(2027, 3, 1)]),
)
agreements = st.builds(
    AgreementRule,
    date_start=starts,
    rrule_type=st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    interval=st.integers(1, 4),
    weekdays=st.frozensets(st.integers(0, 6)),
    month_by=st.sampled_from(["date", "day"]),
    day=st.one_of(st.none(), st.integers(1, 31), st.just(-1)),
    byday=st.sampled_from(["1", "2", "3", "4", "-1"]),
    weekday=st.integers(0, 6),
    month_end=st.sampled_from(["clamp", "skip"]),
    paid=st.sampled_from(["pre", "post"]),
)
methods = st.sampled_from(["days", "30_360"])
amounts = st.integers(-10_000_000, 10_000_000).map(lambda cents: Decimal(cents) / 100)
roundings = st.sampled_from([CENT, Decimal("0.05"), Decimal(1), Decimal("0.001")])


def ending(tested, days):
    columns = {name: getattr(tested, name) for name in RecurrenceRule.__slots__}
    columns.update(paid=tested.paid, end_type="end_date", until=tested.date_start + timedelta(days))
    return AgreementRule(**columns)


class TestProperties(BaseCase):
    """Whatever the rule, the split or the amount."""

    def assertTiled(self, spans, first, last):
        self.assertEqual((spans[0][0], spans[-1][1]), (first, last))
        for (_start, end), (start, _end) in pairwise(spans):
            self.assertEqual(start, end + timedelta(1))

    @many
    @given(agreements, st.integers(0, 900))
    def test_r10_periods_are_the_agreement_without_gap_or_overlap(self, endless, days):
        tested = ending(endless, days)
        dates = tested.rule_dates()
        self.assertEqual(dates, sorted(set(dates)))
        spans = [tested.period(found) for found in dates]
        self.assertTiled(spans, spans[0][0], tested.until)
        self.assertGreaterEqual(spans[0][0], tested.date_start)
        self.assertEqual(tested.last_date(), dates[-1])
        self.assertEqual(tested.previous_before(dates[-1]), dates[-2] if dates[1:] else None)
        self.assertEqual(tested.rule_dates(dates[0]), dates)

    def test_r10_last_date_in_arrears_bills_what_is_left(self):
        """Every third date; the recurrence ends with its second, which the rule does not say."""
        rule = RecurrenceRule(date(2027, 1, 1))
        second = date(2027, 2, 1)
        asked = PaidDate(second, *rule.period(second, "post"), "post")
        self.assertEqual(bill_line(rule, asked, LineTerms(every=3)), "other_date")
        billed = bill_line(rule, asked._replace(last=second), LineTerms(every=3))
        self.assertEqual((billed.start, billed.end), (date(2026, 12, 1), date(2027, 1, 31)))

    def test_r10_an_agreement_of_the_last_day_of_a_month_alone(self):
        day = date(2027, 1, 31)
        for paid in ("pre", "post"):
            with self.subTest(paid=paid):
                tested = AgreementRule(day, day=-1, end_type="end_date", until=day, paid=paid)
                self.assertEqual(tested.rule_dates(), [day])
                self.assertEqual(tested.period(day), (day, day))

    @many
    @given(agreements, st.integers(1, 25))
    def test_r10_as_many_dates_as_counted(self, endless, count):
        columns = {name: getattr(endless, name) for name in RecurrenceRule.__slots__}
        columns.update(paid=endless.paid, end_type="count", count=count)
        tested = AgreementRule(**columns)
        dates = tested.rule_dates()
        self.assertEqual((len(dates), tested.last_date()), (count, dates[-1]))
        self.assertEqual(endless.rule_dates(limit=count), dates)

    @many
    @given(
        agreements, st.integers(0, 5), st.lists(st.integers(0, 400)), methods, amounts, roundings
    )
    def test_r10_parts_of_a_period_are_the_whole_to_the_cent(
        self, tested, number, cuts, method, price, rounding
    ):
        rule_date = tested.rule_dates(limit=number + 1)[-1]
        start, end = tested.period(rule_date)
        asked = PaidDate(rule_date, start, end, tested.paid)
        whole = bill_line(tested, asked, LineTerms(), method)
        days = (end - start).days + 1
        edges = sorted({0, days, *(cut for cut in cuts if cut < days)})
        parts = [
            bill_line(
                tested,
                asked,
                LineTerms(start + timedelta(low), start + timedelta(high - 1)),
                method,
            )
            for low, high in pairwise(edges)
        ]
        self.assertTiled([(part.start, part.end) for part in parts], start, end)
        self.assertEqual(sum(part.share for part in parts), whole.share)
        self.assertEqual(sum(part.days for part in parts), whole.days)
        total = sum(billed_line.part_amount(price, part, rounding) for part in parts)
        self.assertEqual(total, billed_line.part_amount(price, whole, rounding))

    @many
    @given(agreements, st.integers(0, 700), st.integers(2, 5), methods)
    def test_r10_every_nth_date_bills_the_agreement_once(self, endless, days, every, method):
        tested = ending(endless, days)
        found = []
        for rule_date in tested.rule_dates():
            asked = PaidDate(rule_date, *tested.period(rule_date), tested.paid)
            billed = bill_line(tested, asked, LineTerms(every=every), method)
            if not isinstance(billed, str):
                found.append((billed.start, billed.end))
                self.assertLessEqual(billed.days, billed.of_days + 31)
        if found:
            self.assertTiled(found, tested.period(tested.rule_dates()[0])[0], tested.until)


if __name__ == "__main__":
    unittest.main()
