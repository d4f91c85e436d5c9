"""K10: whether a day produced what was expected: a table of literal values, then properties.

Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_day_pure.py``.
"""

import doctest
import sys
import unittest
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import day as dunning_day
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import day as dunning_day

try:
    from hypothesis import given
    from hypothesis import strategies as st
except ImportError:
    given = None

Count, judge = dunning_day.Count, dunning_day.judge
NONE = Count()


class TestJudge(BaseCase):
    def test_k10_table(self):
        for runs, messages, invoices, expected in (
            (NONE, NONE, NONE, "good"),
            (Count(1, 1), Count(0, 0), NONE, "good"),
            (Count(1, 0), NONE, NONE, "alarm"),
            (Count(2, 1), NONE, NONE, "less"),
            (Count(0, 3), Count(0, 9), Count(0, 1), "good"),
            (Count(1, 1), Count(12, 6), NONE, "good"),
            (Count(1, 1), Count(12, 5), NONE, "alarm"),
            (Count(1, 1), Count(5, 2), NONE, "alarm"),
            (Count(1, 1), Count(4, 0), NONE, "less"),
            (Count(1, 1), Count(4, 2), NONE, "good"),
            (NONE, NONE, Count(5, 0), "alarm"),
            (NONE, NONE, Count(1, 0), "less"),
            (Count(1, 0), Count(1, 1), NONE, "alarm"),
        ):
            with self.subTest(runs=runs, messages=messages, invoices=invoices):
                self.assertEqual(judge(runs, messages, invoices), expected)

    def test_doctests(self):
        self.assertEqual(doctest.testmod(dunning_day).failed, 0)


if given:
    counts = st.builds(Count, st.integers(0, 50), st.integers(0, 50))
    order = ["good", "less", "alarm"]

    class TestJudgeProperties(BaseCase):
        @given(counts, counts, counts, st.integers(1, 9))
        def test_k10_more_done_is_never_worse(self, runs, messages, invoices, more):
            before = judge(runs, messages, invoices)
            for better in (
                judge(runs._replace(done=runs.done + more), messages, invoices),
                judge(runs, messages._replace(done=messages.done + more), invoices),
                judge(runs, messages, invoices._replace(done=invoices.done + more)),
            ):
                self.assertLessEqual(order.index(better), order.index(before))

        @given(counts, counts, counts)
        def test_k10_all_that_was_expected_is_good(self, runs, messages, invoices):
            met = [count._replace(done=count.expected) for count in (runs, messages, invoices)]
            self.assertEqual(judge(*met), "good")


if __name__ == "__main__":
    unittest.main()
