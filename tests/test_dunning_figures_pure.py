"""The arithmetic of the overview: tables of literal values worked out by hand, then properties.

Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_figures_pure.py``.
"""

import doctest
import sys
import unittest
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import ageing as dunning_ageing
    from odoo.addons.account_recurrence_dunning.tools.dunning import effect as dunning_effect
    from odoo.addons.account_recurrence_dunning.tools.dunning import figures as dunning_figures
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import ageing as dunning_ageing
    from tools.dunning import effect as dunning_effect
    from tools.dunning import figures as dunning_figures

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None

Customer, Effect, Sent = dunning_figures.Customer, dunning_effect.Effect, dunning_effect.Sent
expect_cash = dunning_figures.expect_cash
TODAY = date(2026, 3, 4)  # a Wednesday


def day(number):
    """A day of March 2026."""
    return date(2026, 3, number)


def by_week(weeks):
    return {str(week): float(amount) for week, amount in sorted(weeks.items())}


class TestDaysSalesOutstanding(BaseCase):
    def test_simple(self):
        # 12,000 open, 36,000 sold in 90 days: 400 a day
        dso = dunning_figures.get_simple_dso(Decimal(12000), Decimal(36000))
        self.assertEqual(dso, 30.0)

    def test_simple_of_credits_is_negative(self):
        self.assertEqual(dunning_figures.get_simple_dso(Decimal(-100), Decimal(900)), -10.0)

    def test_nothing_was_sold(self):
        self.assertIsNone(dunning_figures.get_simple_dso(Decimal(100), Decimal(0)))
        self.assertIsNone(dunning_figures.get_simple_dso(Decimal(100), Decimal(-5)))

    def test_count_back(self):
        # March 4 days 3,000; February 28 days 7,000; of January 2,000 of 8,000: 31 / 4 = 7.75 days
        months = [(4, Decimal(3000)), (28, Decimal(7000)), (31, Decimal(8000))]
        found = dunning_figures.get_count_back_dso(Decimal(12000), months)
        self.assertEqual(found, (39.75, True))

    def test_count_back_within_the_current_month(self):
        found = dunning_figures.get_count_back_dso(Decimal(500), [(4, Decimal(2000))])
        self.assertEqual(found, (1.0, True))

    def test_count_back_over_a_month_of_credit_notes(self):
        months = [(4, Decimal(-100)), (28, Decimal(1000))]
        found = dunning_figures.get_count_back_dso(Decimal(500), months)
        self.assertEqual(found, (18.0, True))

    def test_count_back_where_sales_end(self):
        found = dunning_figures.get_count_back_dso(Decimal(500), [(4, Decimal(0)), (28, Decimal())])
        self.assertEqual(found, (32.0, False))

    def test_count_back_of_nothing(self):
        found = dunning_figures.get_count_back_dso(Decimal(-5), [(4, Decimal(9))])
        self.assertEqual(found, (0.0, True))

    def test_months(self):
        sales = {day(1): Decimal(1), day(4): Decimal(2), date(2026, 1, 31): Decimal(4)}
        months = dunning_figures.sum_by_month(sales, TODAY, count=3)
        self.assertEqual(months, [(4, Decimal(3)), (28, Decimal(0)), (31, Decimal(4))])


class TestOverdueShare(BaseCase):
    def test_share(self):
        ages = dunning_ageing.age([(-3, 300.0), (5, 60.0), (100, 40.0)])
        self.assertEqual(dunning_figures.get_overdue_share(ages), 25.0)

    def test_nothing_open(self):
        self.assertIsNone(dunning_figures.get_overdue_share(dunning_ageing.age([])))


class TestExpectedCash(BaseCase):
    def test_due_date_plus_usual_lateness(self):
        customer = Customer([(day(6), 100.0, 1), (day(2), 40.0, 2)], days_late=10)
        found = expect_cash([customer], TODAY)
        # 16 March is a Monday, 12 March a Thursday
        self.assertEqual(by_week(found.usual), {"2026-03-09": 40.0, "2026-03-16": 100.0})
        self.assertEqual(
            found.item_ids,
            {("usual", date(2026, 3, 16)): [1], ("usual", date(2026, 3, 9)): [2]},
        )

    def test_later_than_usual_is_in_no_week(self):
        customer = Customer([(date(2026, 2, 1), 100.0, 1)], days_late=10)
        found = expect_cash([customer], TODAY)
        self.assertEqual((found.usual, found.overstayed), ({}, 100.0))
        self.assertEqual(found.item_ids, {("overstayed", None): [1]})

    def test_who_pays_early_may_pay_on_the_due_date(self):
        customer = Customer([(day(6), 100.0, 1)], days_late=-10)
        self.assertEqual(by_week(expect_cash([customer], TODAY).usual), {"2026-03-02": 100.0})

    def test_who_paid_nothing_yet_is_as_late_as_all(self):
        customer = Customer([(day(6), 100.0, 1)])
        found = expect_cash([customer], TODAY, average=7)
        self.assertEqual(by_week(found.usual), {"2026-03-09": 100.0})

    def test_a_promise_takes_the_oldest_items_and_counts_once(self):
        customer = Customer(
            [(day(20), 70.0, 1), (date(2026, 1, 1), 100.0, 2)],
            promises=[(day(10), 120.0)],
            days_late=0,
        )
        found = expect_cash([customer], TODAY)
        self.assertEqual(by_week(found.promised), {"2026-03-09": 120.0})
        self.assertEqual(by_week(found.usual), {"2026-03-16": 50.0})
        self.assertEqual(found.overstayed, 0)
        self.assertEqual(found.item_ids, {("usual", date(2026, 3, 16)): [1]})

    def test_no_more_is_promised_than_is_open(self):
        promises = [(day(10), 80.0), (day(17), 80.0)]
        customer = Customer([(day(2), 100.0, 1)], promises=promises, days_late=0)
        found = expect_cash([customer], TODAY)
        self.assertEqual(by_week(found.promised), {"2026-03-09": 80.0, "2026-03-16": 20.0})

    def test_disputed_items_are_in_no_week(self):
        found = expect_cash([Customer(disputed=[30.0])], TODAY)
        self.assertEqual((found.disputed, found.usual), (30.0, {}))

    def test_after_the_last_week(self):
        customer = Customer([(date(2026, 5, 24), 5.0, 1), (date(2026, 5, 25), 7.0, 2)])
        customer.planned = [(date(2026, 5, 25), 9.0)]
        found = expect_cash([customer], TODAY)
        self.assertEqual(by_week(found.usual), {"2026-05-18": 5.0})
        self.assertEqual((found.later, found.planned), (7.0, {}))

    def test_planned_invoices(self):
        customer = Customer(planned=[(day(6), 9.0)], days_late=5)
        found = expect_cash([customer], TODAY)
        self.assertEqual(by_week(found.planned), {"2026-03-09": 9.0})


class TestLevels(BaseCase):
    def test_effect(self):
        lines = [
            Sent(7, 100.0, day(2), day(9), None),  # 7 days
            Sent(7, 200.0, day(2), day(10), None),  # 8 days
            Sent(7, 300.0, day(2), day(20), day(12)),  # only after the next level
            Sent(7, 400.0, day(2), None, None),
            Sent(7, 500.0, day(2), day(1), None),  # paid before
            Sent(7, 600.0, day(25), day(26), None),  # 6 days ago: too soon to tell
            Sent(8, 300.0, day(12), day(20), None),
        ]
        self.assertEqual(
            dunning_effect.measure_levels(lines, day(31)),
            {
                7: Effect(4, 1000.0, 1, 100.0, 7.5),
                8: Effect(1, 300.0, 0, 0.0, 8),
            },
        )

    def test_lines_that_share_their_days_are_one(self):
        """Three paid after 2 days and one after 8: the median is 2."""
        lines = [
            Sent(7, 300.0, day(2), day(4), None, 3),
            Sent(7, 200.0, day(2), day(10), None),
        ]
        self.assertEqual(
            dunning_effect.measure_levels(lines, day(31)), {7: Effect(4, 500.0, 3, 300.0, 2)}
        )

    def test_share_of_the_amount(self):
        self.assertEqual(Effect(4, 1000.0, 1, 100.0, 7.5).soon_share, 10.0)
        self.assertEqual(Effect(1, 0.0, 0, 0.0, None).soon_share, 0.0)

    def test_doctests(self):
        for module in (dunning_figures, dunning_effect):
            self.assertEqual(doctest.testmod(module).failed, 0)


if given:
    days = st.integers(-200, 200).map(lambda number: TODAY + timedelta(days=number))
    amounts = st.integers(1, 10**6).map(lambda cents: cents / 100)
    decimals = amounts.map(lambda amount: Decimal(str(amount)))
    dated = st.lists(st.tuples(days, amounts), max_size=5)
    customers = st.builds(
        Customer,
        items=st.lists(st.tuples(days, amounts, st.integers(1, 99)), max_size=5),
        disputed=st.lists(amounts, max_size=2),
        promises=dated,
        planned=dated,
        days_late=st.none() | st.integers(-30, 90),
    )

    class TestProperties(BaseCase):
        @settings(deadline=None)
        @given(st.lists(customers, max_size=5), st.integers(-10, 40))
        def test_all_that_is_open_is_counted_once(self, found, average):
            expected = expect_cash(found, TODAY, average)
            counted = expected.overstayed + expected.disputed + expected.later
            counted += sum(expected.usual.values()) + sum(expected.promised.values())
            opened = [amount for one in found for _due, amount, _id in one.items]
            opened += [amount for one in found for amount in one.disputed]
            self.assertAlmostEqual(float(counted), sum(opened), places=4)

        @settings(deadline=None)
        @given(st.lists(customers, max_size=5))
        def test_nothing_is_expected_in_a_week_that_is_over(self, found):
            for one in found:
                one.promises = [(max(day, TODAY), amount) for day, amount in one.promises]
            expected = expect_cash(found, TODAY)
            weeks = [*expected.usual, *expected.promised, *expected.planned]
            self.assertTrue(all(date(2026, 3, 2) <= week <= date(2026, 5, 18) for week in weeks))

        @given(st.lists(st.tuples(st.integers(1, 31), decimals), min_size=1), decimals, decimals)
        def test_the_more_is_open_the_more_days_are_counted_back(self, months, some, more):
            few = dunning_figures.get_count_back_dso(some, months)
            many = dunning_figures.get_count_back_dso(some + more, months)
            self.assertLessEqual(few.days, many.days)
            self.assertLessEqual(many.days, sum(count for count, _sales in months))

        @given(st.integers(1, 28), decimals)
        def test_even_sales_give_the_same_both_ways(self, open_days, a_day):
            months = [(28, 28 * a_day), (31, 31 * a_day)]
            counted = dunning_figures.get_count_back_dso(open_days * a_day, months)
            simple = dunning_figures.get_simple_dso(open_days * a_day, 90 * a_day)
            self.assertAlmostEqual(counted.days, simple, places=6)
            self.assertAlmostEqual(simple, open_days, places=6)


if __name__ == "__main__":
    unittest.main()
