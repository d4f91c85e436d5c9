"""Interest and fixed sums: examples worked out by hand, then any history against a second account.

Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_claim_pure.py``.
"""

import doctest
import sys
import unittest
from calendar import isleap
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import claim as dunning_claim
    from odoo.addons.account_recurrence_dunning.tools.dunning import rate as dunning_rate
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import claim as dunning_claim
    from tools.dunning import rate as dunning_rate

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None

Debt, Settlement, ChargeRule = (
    dunning_claim.Debt,
    dunning_claim.Settlement,
    dunning_claim.ChargeRule,
)
RateTable = dunning_rate.RateTable
compute_claim = dunning_claim.compute_claim
DAY = timedelta(days=1)
# Base rate of § 247 BGB, 9 points above it
GERMAN = {
    date(2024, 7, 1): Decimal("3.37"),
    date(2025, 1, 1): Decimal("2.27"),
    date(2025, 7, 1): Decimal("1.27"),
    date(2026, 1, 1): Decimal("1.27"),
    date(2026, 7, 1): Decimal("1.52"),
}
GERMAN_TABLE = RateTable(GERMAN, margin=Decimal(9))


def fixed(percent, **rule):
    return ChargeRule(RateTable(fixed=Decimal(percent)), **rule)


def describe(claim):
    """The parts of a claim as text, to be read beside the sum by hand."""
    return [
        f"{part.start:%Y-%m-%d} {part.end:%Y-%m-%d} {part.days} × {part.rate} % of {part.base}"
        f" = {part.amount}"
        for part in claim.parts
    ]


class TestRates(BaseCase):
    def test_m1_a_half_year_without_a_rate_is_never_guessed(self):
        self.assertEqual(GERMAN_TABLE.get_rate(date(2026, 12, 31)), Decimal("10.52"))
        self.assertIsNone(GERMAN_TABLE.get_rate(date(2027, 1, 1)))
        self.assertIsNone(GERMAN_TABLE.get_rate(date(2024, 6, 30)))

    def test_m1_a_gap_in_the_middle_is_one_too(self):
        table = RateTable({date(2025, 1, 1): Decimal(2), date(2026, 1, 1): Decimal(2)})
        spans = [*table.split(date(2025, 6, 30), date(2026, 1, 1))]
        self.assertEqual(
            spans,
            [
                (date(2025, 6, 30), date(2025, 6, 30), 2),
                (date(2025, 7, 1), date(2025, 12, 31), None),
                (date(2026, 1, 1), date(2026, 1, 1), 2),
            ],
        )

    def test_equal_rates_are_not_split(self):
        spans = [*GERMAN_TABLE.split(date(2025, 12, 30), date(2026, 1, 2))]
        self.assertEqual(spans, [(date(2025, 12, 30), date(2026, 1, 2), Decimal("10.27"))])

    def test_a_rate_below_zero_asks_nothing(self):
        table = RateTable({date(2026, 1, 1): Decimal("-0.88")})
        self.assertEqual(table.get_rate(date(2026, 1, 1)), 0)

    def test_m1_a_sum_is_rounded_up_to_half_a_point(self):
        reference = {date(2026, 1, 1): Decimal("2.15"), date(2026, 7, 1): Decimal("2.50")}
        table = RateTable(reference, margin=Decimal(8), step=Decimal("0.5"))
        self.assertEqual(table.get_rate(date(2026, 6, 30)), Decimal("10.5"))
        self.assertEqual(table.get_rate(date(2026, 7, 1)), Decimal("10.5"))

    def test_a_date_within_a_half_year_is_refused(self):
        with self.assertRaisesRegex(ValueError, "first day of a half-year"):
            RateTable({date(2026, 2, 1): Decimal(1)})

    def test_m1_rate_fixed_for_the_debt_by_the_day_interest_begins(self):
        table = RateTable(GERMAN, margin=Decimal(8), follows=False)
        claim = compute_claim(
            Debt(Decimal(10000), date(2026, 6, 30)), date(2026, 7, 9), ChargeRule(table)
        )
        # 1.27 + 8 also from July on: 10,000 × 9.27 % × 10 / 365 = 25.397
        self.assertEqual(describe(claim), ["2026-06-30 2026-07-09 10 × 9.27 % of 10000 = 25.40"])


class TestClaim(BaseCase):
    def test_m2_from_the_day_after_due_to_the_day_both_counted(self):
        debt = Debt(Decimal(1000), date(2026, 3, 2))  # due on 1 March
        rule = fixed("10.95")  # 0.30 a day
        self.assertEqual(compute_claim(debt, date(2026, 3, 1), rule), dunning_claim.Claim())
        self.assertEqual(compute_claim(debt, date(2026, 3, 2), rule).interest, Decimal("0.30"))
        self.assertEqual(compute_claim(debt, date(2026, 3, 31), rule).interest, Decimal("9.00"))

    def test_m2_split_where_the_rate_changes(self):
        claim = compute_claim(
            Debt(Decimal(10000), date(2026, 6, 1)), date(2026, 7, 30), ChargeRule(GERMAN_TABLE)
        )
        # 10,000 × 10.27 % × 30 / 365 = 84.411; and × 10.52 % × 30 / 365 = 86.466: 170.877
        self.assertEqual(claim.interest, Decimal("170.88"))
        self.assertEqual(
            describe(claim),
            [
                "2026-06-01 2026-06-30 30 × 10.27 % of 10000 = 84.41",
                "2026-07-01 2026-07-30 30 × 10.52 % of 10000 = 86.47",
            ],
        )

    def test_m2_split_at_each_part_payment(self):
        debt = Debt(Decimal(1000), date(2026, 3, 2), (Settlement(date(2026, 3, 11), Decimal(400)),))
        # 1,000 for 10 days at 0.30, then 600 for 20 days at 0.18
        self.assertEqual(
            describe(compute_claim(debt, date(2026, 3, 31), fixed("10.95"))),
            [
                "2026-03-02 2026-03-11 10 × 10.95 % of 1000 = 3.00",
                "2026-03-12 2026-03-31 20 × 10.95 % of 600 = 3.60",
            ],
        )

    def test_paid_in_full_the_claim_stays_as_it_is(self):
        debt = Debt(
            Decimal(1000),
            date(2026, 3, 2),
            (Settlement(date(2026, 3, 11), Decimal(1000)),),
            fixed_sum=Decimal(40),
        )
        for as_of in (date(2026, 3, 11), date(2026, 3, 12), date(2031, 3, 11)):
            claim = compute_claim(debt, as_of, fixed("10.95"))
            self.assertEqual((claim.interest, claim.total), (Decimal(3), Decimal(43)), as_of)

    def test_paid_by_the_due_date_claims_nothing(self):
        debt = Debt(
            Decimal(1000),
            date(2026, 3, 2),
            (Settlement(date(2026, 3, 1), Decimal(1000)),),
            fixed_sum=Decimal(40),
        )
        self.assertEqual(
            compute_claim(debt, date(2026, 3, 31), fixed("10.95")), dunning_claim.Claim()
        )

    def test_m2_set_off_costs_then_interest_then_principal(self):
        paid = Settlement(date(2026, 3, 11), Decimal(100))
        debt = Debt(Decimal(1000), date(2026, 3, 2), (paid,), fixed_sum=Decimal(40))
        # of the 100: 40 costs, 3.00 interest of ten days, 57 principal: 943 go on
        claim = compute_claim(debt, date(2026, 3, 31), fixed("10.95", set_off="costs"))
        self.assertEqual(
            describe(claim),
            [
                "2026-03-02 2026-03-11 10 × 10.95 % of 1000 = 3.00",
                "2026-03-12 2026-03-31 20 × 10.95 % of 943.00 = 5.66",
            ],
        )
        # 900 open in the books, 8.66 and 40: what is left of 1,048.66 after 100 paid
        self.assertEqual(900 + claim.total, Decimal("948.66"))

    def test_m2_set_off_interest_then_principal(self):
        paid = Settlement(date(2026, 3, 11), Decimal(100))
        debt = Debt(Decimal(1000), date(2026, 3, 2), (paid,), fixed_sum=Decimal(40))
        claim = compute_claim(debt, date(2026, 3, 31), fixed("10.95", set_off="interest"))
        self.assertEqual(claim.parts[1].base, Decimal(903))  # 1,000 − (100 − 3)

    def test_a_credit_lowers_the_principal_whatever_the_rule(self):
        credit = Settlement(date(2026, 3, 11), Decimal(100), is_credit=True)
        debt = Debt(Decimal(1000), date(2026, 3, 2), (credit,), fixed_sum=Decimal(40))
        claim = compute_claim(debt, date(2026, 3, 31), fixed("10.95", set_off="costs"))
        self.assertEqual(claim.parts[1].base, Decimal(900))

    def test_m1_days_without_a_rate_are_named_and_ask_nothing(self):
        claim = compute_claim(
            Debt(Decimal(10000), date(2026, 12, 2)), date(2027, 1, 30), ChargeRule(GERMAN_TABLE)
        )
        # 10,000 × 10.52 % × 30 / 365 = 86.466
        self.assertEqual(claim.interest, Decimal("86.47"))
        self.assertEqual(claim.missing, ((date(2027, 1, 1), date(2027, 1, 30)),))

    def test_missing_days_are_named_once_across_a_payment(self):
        paid = Settlement(date(2027, 1, 10), Decimal(100))
        debt = Debt(Decimal(10000), date(2026, 12, 2), (paid,))
        claim = compute_claim(debt, date(2027, 1, 30), ChargeRule(GERMAN_TABLE))
        self.assertEqual(claim.missing, ((date(2027, 1, 1), date(2027, 1, 30)),))

    def test_day_counts_across_a_leap_day(self):
        debt = Debt(Decimal(100000), date(2028, 2, 1))
        for day_count, days, interest in (
            ("365", 60, "1643.84"),  # 100,000 × 10 % × 60 / 365
            ("360", 60, "1666.67"),
            ("30_360", 60, "1666.67"),  # two months
            ("actual", 60, "1639.34"),  # 60 / 366
        ):
            claim = compute_claim(debt, date(2028, 3, 31), fixed(10, day_count=day_count))
            self.assertEqual(
                (claim.parts[0].days, claim.interest), (days, Decimal(interest)), day_count
            )

    def test_m2_the_end_of_february_counts_as_a_thirtieth(self):
        debt = Debt(Decimal(100000), date(2026, 3, 1))  # due on 28 February
        claim = compute_claim(debt, date(2026, 3, 1), fixed(5, day_count="30_360"))
        # one day, not three: 100,000 × 5 % × 1 / 360
        self.assertEqual((claim.parts[0].days, claim.interest), (1, Decimal("13.89")))

    def test_m2_interest_of_a_full_year_bears_interest_where_the_rule_says_so(self):
        debt = Debt(Decimal(1000), date(2026, 3, 2))
        claim = compute_claim(debt, date(2028, 3, 1), fixed(10, compounds=True))
        # 1,000 × 10 %, then 1,100 × 10 % × 366 / 365 = 110.301, with 29 February 2028 in it
        self.assertEqual(
            describe(claim),
            [
                "2026-03-02 2027-03-01 365 × 10 % of 1000 = 100.00",
                "2027-03-02 2028-03-01 366 × 10 % of 1100.00 = 110.30",
            ],
        )
        self.assertEqual(claim.interest, Decimal("210.30"))
        simple = compute_claim(debt, date(2028, 3, 1), fixed(10))
        self.assertEqual(simple.interest, Decimal("200.27"))  # 1,000 × 10 % × 731 / 365

    def test_m2_the_last_day_of_a_year_is_not_yet_the_next_one(self):
        debt = Debt(Decimal(1000), date(2026, 3, 2))
        claim = compute_claim(debt, date(2027, 3, 1), fixed(10, compounds=True))
        self.assertEqual(len(claim.parts), 1)

    def test_m2_years_of_interest_from_new_year_s_day_and_from_29_february(self):
        for first, as_of, base in (
            ("2025-01-01", "2026-12-31", "1100.00"),
            ("2024-02-29", "2026-02-28", "1100.27"),  # 366 days up to 28 February 2025
        ):
            debt = Debt(Decimal(1000), date.fromisoformat(first))
            claim = compute_claim(debt, date.fromisoformat(as_of), fixed(10, compounds=True))
            self.assertEqual([part.base for part in claim.parts], [1000, Decimal(base)])

    def test_m2_what_is_paid_on_interest_bears_none(self):
        paid = Settlement(date(2027, 3, 11), Decimal(50))
        debt = Debt(Decimal(1000), date(2026, 3, 2), (paid,))
        rule = fixed("10.95", compounds=True, set_off="interest")
        claim = compute_claim(debt, date(2027, 3, 31), rule)
        # a year of 0.30 a day, then ten days on 1,109.50 = 3.3285, then twenty on 1,059.50
        self.assertEqual(
            describe(claim),
            [
                "2026-03-02 2027-03-01 365 × 10.95 % of 1000 = 109.50",
                "2027-03-02 2027-03-11 10 × 10.95 % of 1109.50 = 3.33",
                "2027-03-12 2027-03-31 20 × 10.95 % of 1059.50 = 6.36",
            ],
        )

    def test_m3_from_a_booking_on_what_the_books_show_bears_interest(self):
        paid = (
            Settlement(date(2026, 7, 15), Decimal(500)),
            Settlement(date(2026, 8, 5), Decimal(100)),
        )
        debt = Debt(Decimal(1000), date(2026, 6, 1), paid, settled_on=date(2026, 7, 31))
        rule = fixed("10.95", set_off="interest")
        # 45 days on 1,000; 486.50 of the payment are principal; 16 days on 513.50
        self.assertEqual(compute_claim(debt, date(2026, 7, 31), rule).interest, Decimal("15.96"))
        # then five days on 500 and five on 400
        claim = compute_claim(debt, date(2026, 8, 10), rule)
        self.assertEqual(
            describe(claim)[2:],
            [
                "2026-08-01 2026-08-05 5 × 10.95 % of 500 = 0.75",
                "2026-08-06 2026-08-10 5 × 10.95 % of 400 = 0.60",
            ],
        )

    def test_m3_booked_interest_of_a_full_year_bears_none(self):
        debt = Debt(Decimal(10000), date(2025, 1, 1), settled_on=date(2025, 12, 31))
        claim = compute_claim(debt, date(2026, 12, 31), fixed(10, compounds=True))
        self.assertEqual(claim.interest, Decimal(2000))

    def test_interest_below_the_minimum_is_not_claimed(self):
        debt = Debt(Decimal(1000), date(2026, 3, 2), fixed_sum=Decimal(40))
        rule = fixed("10.95", minimum=Decimal(3))
        self.assertEqual(compute_claim(debt, date(2026, 3, 10), rule).total, Decimal(40))
        self.assertEqual(compute_claim(debt, date(2026, 3, 11), rule).total, Decimal(43))

    def test_rounding_to_the_unit_of_the_currency(self):
        debt = Debt(Decimal(1000), date(2026, 3, 2))
        for unit, rounding, interest in (
            ("0.01", "half_up", "2.47"),  # 1,000 × 9 % × 10 / 365 = 2.4657
            ("0.01", "down", "2.46"),
            ("0.05", "half_up", "2.45"),
            ("1", "half_up", "2"),
        ):
            rule = fixed(9, unit=Decimal(unit), rounding=rounding)
            claim = compute_claim(debt, date(2026, 3, 11), rule)
            self.assertEqual(claim.interest, Decimal(interest), (unit, rounding))

    def test_an_amount_below_zero_is_refused(self):
        with self.assertRaisesRegex(ValueError, "must not be negative"):
            compute_claim(Debt(Decimal(-1), date(2026, 3, 2)), date(2026, 3, 3), fixed(9))


def account_again(debt, as_of, rates, order, compounds=False):
    """Interest of a debt, a second time: day by day, in fractions, knowing nothing of parts.

    :param rates: percent by day, None where unknown
    :return: (interest to the cent, principal that bears interest)
    """
    early = sum(Fraction(step.amount) for step in debt.settlements if step.day < debt.first_day)
    principal = max(Fraction(debt.amount) - early, 0)
    interest, paid_interest, capitalised = Fraction(), Fraction(), Fraction()
    costs, day = Fraction(debt.fixed_sum), debt.first_day
    settled_on = debt.settled_on or date.max
    while day <= as_of and (principal or interest):
        if settled_on < day:
            paid = sum(Fraction(step.amount) for step in debt.settlements if step.day <= settled_on)
            principal = min(principal, max(Fraction(debt.amount) - paid, 0))
            capitalised, compounds, order, settled_on = 0, False, "principal", date.max
        if compounds and day > debt.first_day and is_anniversary(debt.first_day, day):
            capitalised = _to_cent(interest)
        base = principal + max(capitalised - paid_interest, 0) if principal else 0
        interest += base * Fraction(rates(day) or 0) / 36500
        for step in (found for found in sorted(debt.settlements) if found.day == day < as_of):
            left = Fraction(step.amount)
            if order == "costs" and not step.is_credit:
                left, costs = max(left - costs, 0), max(costs - left, 0)
            if order in ("costs", "interest") and not step.is_credit:
                owed = _to_cent(interest) - paid_interest
                left, paid_interest = max(left - owed, 0), paid_interest + min(left, owed)
            principal = max(principal - left, 0)
        day += DAY
    return _to_cent(interest), principal


def is_anniversary(first, day):
    """Whether a day begins another full year; of 29 February that is 1 March in other years."""
    if (first.month, first.day) == (2, 29) and not isleap(day.year):
        return (day.month, day.day) == (3, 1)
    return (day.month, day.day) == (first.month, first.day)


def _to_cent(amount):
    return Fraction(int(amount * 100 + Fraction(1, 2)), 100)


if given:
    CENTS = st.integers(0, 2_000_000).map(lambda cents: Decimal(cents) / 100)
    DAYS = st.dates(date(2023, 11, 1), date(2026, 3, 1))

    @st.composite
    def debts(draw):
        steps = draw(st.lists(st.builds(Settlement, DAYS, CENTS, st.booleans()), max_size=4))
        return Debt(
            draw(CENTS),
            draw(DAYS),
            tuple(steps),
            draw(st.sampled_from([Decimal(), Decimal(40)])),
            draw(st.none() | DAYS),
        )

    class TestAnyHistory(BaseCase):
        @settings(max_examples=300, deadline=None)
        @given(
            debts(),
            DAYS,
            st.dictionaries(
                st.sampled_from([date(2023, 7, 1), date(2024, 1, 1), date(2024, 7, 1)]),
                st.integers(-1000, 2000).map(lambda points: Decimal(points) / 100),
            ),
            st.sampled_from(["principal", "interest", "costs"]),
            st.booleans(),
        )
        def test_m2_equal_to_a_second_account(self, debt, as_of, reference, order, compounds):
            table = RateTable(reference, margin=Decimal(8))

            def rates(day):
                found = reference.get(dunning_rate.get_half_year(day))
                return None if found is None else max(found + 8, 0)

            rule = ChargeRule(table, set_off=order, compounds=compounds)
            claim = compute_claim(debt, as_of, rule)
            interest, _principal = account_again(debt, as_of, rates, order, compounds)
            self.assertEqual(claim.interest, Decimal(interest.numerator) / interest.denominator)
            self.assertEqual(sum((part.amount for part in claim.parts), Decimal()), claim.interest)

        @settings(max_examples=200, deadline=None)
        @given(debts(), DAYS, st.sampled_from(["365", "360", "30_360", "actual"]))
        def test_m2_parts_follow_one_another_and_a_later_day_claims_no_less(
            self, debt, as_of, day_count
        ):
            rule = fixed(9, day_count=day_count)
            today, tomorrow = (compute_claim(debt, day, rule) for day in (as_of, as_of + DAY))
            self.assertLessEqual(today.total, tomorrow.total)
            days = [(part.start, part.end) for part in today.parts]
            self.assertTrue(all(start <= end for start, end in days))
            self.assertTrue(
                all(before[1] < after[0] for before, after in zip(days, days[1:], strict=False))
            )


def load_tests(loader, tests, ignore):
    """Have unittest run the examples in the docstrings too."""
    tests.addTests(doctest.DocTestSuite(dunning_rate))
    tests.addTests(doctest.DocTestSuite(dunning_claim))
    return tests


if __name__ == "__main__":
    unittest.main()
