"""Spreading a customer's credits without a database: tables of literal amounts, then a property.

Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_credit_pure.py``.
"""

import doctest
import sys
import unittest
from datetime import date
from decimal import Decimal
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import credit as dunning_credit
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import credit as dunning_credit

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None

allocate_credit = dunning_credit.allocate_credit
DUE = date(2026, 3, 1)


class TestCredit(BaseCase):
    """Credits count once per customer, oldest due date first (rule 9)."""

    def test_table(self):
        lines = [
            (3, date(2026, 3, 20), 300),
            (1, date(2026, 3, 1), 100),
            (2, date(2026, 3, 10), 200),
        ]
        for credit, expected in [
            (0, {1: 100, 2: 200, 3: 300}),
            (40, {1: 60, 2: 200, 3: 300}),
            (100, {1: 0, 2: 200, 3: 300}),
            (350, {1: 0, 2: 0, 3: 250}),
            (9999, {1: 0, 2: 0, 3: 0}),
        ]:
            with self.subTest(credit=credit):
                result = allocate_credit(lines, credit)
                self.assertEqual(result, expected)
                self.assertEqual(list(result), [1, 2, 3])

    def test_same_due_date_goes_by_id(self):
        self.assertEqual(allocate_credit([(9, DUE, 5), (4, DUE, 5)], 5), {4: 0, 9: 5})

    def test_decimal_is_exact(self):
        lines = [(1, DUE, Decimal("0.30")), (2, date(2026, 3, 2), Decimal("10.10"))]
        expected = {1: Decimal("0.00"), 2: Decimal("9.70")}
        self.assertEqual(allocate_credit(lines, Decimal("0.70")), expected)

    def test_a_line_that_owes_nothing_takes_nothing(self):
        lines = [(1, DUE, 0), (2, DUE, -30), (3, DUE, 50)]
        self.assertEqual(allocate_credit(lines, 50), {1: 0, 2: -30, 3: 0})
        self.assertEqual(allocate_credit([], 50), {})

    def test_refused(self):
        for lines, credit in [([(1, DUE, 1)], 0.5), ([(1, DUE, 1.0)], 1)]:
            with self.assertRaises(TypeError):
                allocate_credit(lines, credit)
        with self.assertRaises(ValueError):
            allocate_credit([(1, DUE, 1)], -1)

    def test_a_message_shows_credits_as_far_as_they_cover_it(self):
        rows = [
            {"name": "March", "currency_id": 1, "amount_residual": -30.0},
            {"name": "Dollars", "currency_id": 2, "amount_residual": -5.0},
            {"name": "April", "currency_id": 1, "amount_residual": -20.10},
        ]
        for amounts, expected in [
            ({}, []),
            ({1: Decimal(30)}, [("March", -30.0)]),
            ({1: Decimal(40)}, [("March", -30.0), ("April", -10.0)]),
            (
                {1: Decimal("50.1"), 2: Decimal("0.5")},
                [("March", -30.0), ("Dollars", -0.5), ("April", -20.1)],
            ),
            ({1: Decimal(999), 3: Decimal(1)}, [("March", -30.0), ("April", -20.1)]),
        ]:
            with self.subTest(amounts=amounts):
                shown = dunning_credit.take(rows, amounts)
                self.assertEqual([(row["name"], row["amount_residual"]) for row in shown], expected)

    def test_doctests(self):
        self.assertEqual(doctest.testmod(dunning_credit).failed, 0)


if given:

    class TestCreditProperty(BaseCase):
        @settings(max_examples=300, deadline=None, database=None)
        @given(
            st.lists(st.tuples(st.dates(), st.integers(0, 9999)), max_size=12),
            st.integers(0, 30000),
        )
        def test_credit_conserves_the_sum_oldest_first(self, rows, credit):
            due_lines = [(index, due, amount) for index, (due, amount) in enumerate(rows)]
            opened = allocate_credit(due_lines, credit)
            total = sum(amount for _due, amount in rows)
            self.assertEqual(sum(opened.values()), total - min(credit, total))
            untouched = False
            for index, _due, amount in sorted(due_lines, key=lambda line: (line[1], line[0])):
                self.assertTrue(0 <= opened[index] <= amount)
                # once a line is left open, no later one got anything
                self.assertTrue(not untouched or opened[index] == amount)
                untouched = untouched or opened[index] > 0


if __name__ == "__main__":
    unittest.main()
