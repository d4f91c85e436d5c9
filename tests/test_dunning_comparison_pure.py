"""K9: control groups: the draw, the ladder without a level, and the comparison of both sides.

Numbers are worked out by hand, the comparison's in docs/figures.md; then properties.
Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_comparison_pure.py``.
"""

import doctest
import sys
import unittest
from datetime import date, timedelta
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import (
        comparison as dunning_comparison,
    )
    from odoo.addons.account_recurrence_dunning.tools.dunning import decision as dunning_decision
    from odoo.addons.account_recurrence_dunning.tools.dunning import ladder as dunning_ladder
    from odoo.addons.account_recurrence_dunning.tools.dunning import trial as dunning_trial
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import comparison as dunning_comparison
    from tools.dunning import decision as dunning_decision
    from tools.dunning import ladder as dunning_ladder
    from tools.dunning import trial as dunning_trial

try:
    from hypothesis import given
    from hypothesis import strategies as st
except ImportError:
    given = None

Rate, compare, measure_arm = (
    dunning_comparison.Rate,
    dunning_comparison.compare,
    dunning_comparison.measure_arm,
)
Observation = dunning_comparison.Observation
DueLine, Ladder, Level = dunning_ladder.DueLine, dunning_ladder.Ladder, dunning_ladder.Level
Trial, decide = dunning_trial.Trial, dunning_decision.decide
LADDER = Ladder(
    [
        Level(1, days=-3),
        Level(2, number=1, days=5, gap=7),
        Level(3, number=2, days=15, gap=7),
    ]
)


def trial(level_id, until, **values):
    return Trial(LADDER, level_id, until, "secret", 20, {7: True, 8: False}, **values)


def look(control, line, day, contact_gap=0):
    decision = control.decide(line, decide(line, LADDER, day, contact_gap), day)
    level = decision.level and decision.level.id
    return decision.remind, decision.reason, level, str(decision.next_date)


class TestDraw(BaseCase):
    def test_k9_who_was_drawn_stays(self):
        control = trial(2, date(2026, 4, 30))
        self.assertTrue(control.leaves_out(7))
        self.assertFalse(control.leaves_out(8))

    def test_k9_the_draw_is_the_same_each_time_and_another_one_for_each_trial(self):
        first = [dunning_trial.is_drawn("one", number, 50) for number in range(100)]
        again = [dunning_trial.is_drawn("one", number, 50) for number in range(100)]
        other = [dunning_trial.is_drawn("two", number, 50) for number in range(100)]
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual((sum(first), sum(other)), (48, 46))

    def test_k9_about_as_many_as_asked_for(self):
        for percent in (1, 10, 50):
            drawn = sum(dunning_trial.is_drawn("x", number, percent) for number in range(10_000))
            with self.subTest(percent):
                self.assertAlmostEqual(drawn, 100 * percent, delta=60 + percent)


class TestLeftOut(BaseCase):
    """Due on 1 March: the notice on 26 February, level 1 on 6 March, level 2 on 16 March."""

    line = DueLine(9, due=date(2026, 3, 1))

    def test_k9_the_level_is_passed_over_and_the_next_one_comes(self):
        control = trial(2, date(2026, 4, 30))
        for day, expected in (
            (date(2026, 3, 6), (False, "control_group", 3, "2026-03-16")),
            (date(2026, 3, 15), (False, "control_group", 3, "2026-03-16")),
            (date(2026, 3, 16), (True, "level_due", 3, "2026-03-16")),
        ):
            with self.subTest(day):
                self.assertEqual(look(control, self.line, day), expected)

    def test_k9_before_its_turn_the_reason_is_told_already(self):
        found = look(trial(2, date(2026, 4, 30)), self.line, date(2026, 3, 2))
        self.assertEqual(found, (False, "control_group", 3, "2026-03-16"))

    def test_k9_rule_12_after_the_trial_it_gets_the_level(self):
        control = trial(2, date(2026, 3, 12))
        found = look(control, self.line, date(2026, 3, 8))
        self.assertEqual(found, (False, "control_group", 2, "2026-03-13"))
        self.assertTrue(decide(self.line, LADDER, date(2026, 3, 13)).remind)

    def test_k9_the_last_level_comes_when_the_trial_is_over(self):
        line = DueLine(9, due=date(2026, 3, 1), level=1, last_date=date(2026, 3, 6))
        found = look(trial(3, date(2026, 4, 30)), line, date(2026, 3, 20))
        self.assertEqual(found, (False, "control_group", 3, "2026-05-01"))

    def test_k9_a_notice_is_never_made_up_for(self):
        found = look(trial(1, date(2026, 4, 30)), self.line, date(2026, 2, 27))
        self.assertEqual(found, (False, "control_group", 2, "2026-03-06"))

    def test_k9_a_level_that_comes_after_the_trial_is_none_of_its_business(self):
        control = trial(2, date(2026, 3, 3))
        found = look(control, self.line, date(2026, 3, 2))
        self.assertEqual(found, (False, "not_due_yet", 2, "2026-03-06"))

    def test_k9_another_level_goes(self):
        line = DueLine(9, due=date(2026, 3, 1), level=1, last_date=date(2026, 3, 6))
        found = look(trial(2, date(2026, 4, 30)), line, date(2026, 3, 16))
        self.assertEqual(found, (True, "level_due", 3, "2026-03-16"))

    def test_k9_a_hold_keeps_its_reason(self):
        line = DueLine(9, due=date(2026, 3, 1), hold="dispute")
        found = look(trial(2, date(2026, 4, 30)), line, date(2026, 3, 6))
        self.assertEqual(found, (False, "dispute", 3, "2026-03-16"))

    def test_k9_only_whose_turn_it_is_is_drawn(self):
        control = trial(2, date(2026, 4, 30))
        for day, hold, expected in (
            (date(2026, 3, 5), "", None),
            (date(2026, 3, 6), "", True),
            (date(2026, 3, 6), "dispute", None),
            (date(2026, 3, 16), "", True),  # level 2 goes in its place
        ):
            line = DueLine(9, due=date(2026, 3, 1), hold=hold)
            decision = control.decide(line, decide(line, LADDER, day), day)
            with self.subTest(day=day, hold=hold):
                self.assertEqual(decision.params.get(dunning_trial.LEFT_OUT), expected)


class TestComparison(BaseCase):
    def test_k9_the_example_of_the_document(self):
        found = compare(Rate(50, 30), Rate(40, 14))
        self.assertAlmostEqual(found.points, 25.0)
        self.assertAlmostEqual(found.low, 4.928, places=3)
        self.assertAlmostEqual(found.high, 45.072, places=3)
        self.assertAlmostEqual(found.p_value, 0.01839, places=5)
        self.assertEqual(found.verdict, "clear")

    def test_k9_table(self):
        for sent, left_out, verdict in (
            (Rate(0, 0), Rate(9, 3), "few"),
            (Rate(0, 0), Rate(0, 0), "few"),
            (Rate(40, 4), Rate(40, 5), "few"),  # 4.5 expected to have paid on each side
            (Rate(40, 5), Rate(40, 5), "unclear"),
            (Rate(40, 36), Rate(10, 9), "few"),  # 1 of 10 expected not to have paid
            (Rate(50, 28), Rate(40, 19), "unclear"),
            (Rate(500, 300), Rate(400, 200), "clear"),
            (Rate(50, 14), Rate(40, 24), "clear"),
            (Rate(50, 50), Rate(40, 40), "few"),
        ):
            with self.subTest(sent=sent, left_out=left_out):
                self.assertEqual(compare(sent, left_out).verdict, verdict)

    def test_k9_days_that_are_not_over_do_not_count(self):
        first, as_of = date(2026, 3, 1), date(2026, 4, 1)
        seen = [
            Observation(True, first, 2, date(2026, 3, 8)),  # 7 days
            Observation(True, first, 1, date(2026, 3, 9)),  # 8 days
            Observation(True, first, 1, None),
            Observation(True, date(2026, 3, 20), 1, date(2026, 3, 20)),  # 12 days ago
            Observation(True, date(2026, 3, 26), 3, date(2026, 3, 27)),  # 6 days ago
        ]
        arm = measure_arm(seen, as_of)
        self.assertEqual((arm.customers, arm.items), (5, 8))
        self.assertEqual((arm.soon, arm.later), (Rate(4, 2), Rate(3, 2)))
        self.assertEqual(arm.median_days, 4)  # of 7, 8, 0 and 1

    def test_k9_shares(self):
        self.assertEqual(Rate(8, 2).share, 25.0)
        self.assertIsNone(Rate(0, 0).share)

    def test_doctests(self):
        for module in (dunning_comparison, dunning_trial):
            self.assertEqual(doctest.testmod(module).failed, 0)


if given:
    rates = st.integers(0, 500).flatmap(
        lambda tried: st.integers(0, tried).map(lambda paid: Rate(tried, paid))
    )
    days = st.integers(-10, 60).map(lambda number: date(2026, 3, 1) + timedelta(days=number))

    class TestComparisonProperties(BaseCase):
        @given(rates, rates)
        def test_k9_both_sides_are_treated_alike(self, first, second):
            found, turned = compare(first, second), compare(second, first)
            self.assertEqual(found.verdict, turned.verdict)
            if found.points is not None:
                self.assertAlmostEqual(found.points, -turned.points)
                self.assertAlmostEqual(found.p_value, turned.p_value)
                self.assertLessEqual(found.low, found.points)
                self.assertLessEqual(found.points, found.high)

        @given(rates, rates)
        def test_k9_clear_means_that_chance_is_unlikely(self, first, second):
            found = compare(first, second)
            if found.verdict == "clear":
                self.assertLess(found.p_value, 0.05)
                self.assertGreater(found.low * found.high, 0)

        @given(rates)
        def test_k9_alike_is_never_clear(self, rate):
            self.assertNotEqual(compare(rate, rate).verdict, "clear")

        @given(days, days, st.sampled_from((1, 2, 3)), st.integers(0, 30))
        def test_k9_the_level_never_goes_while_the_trial_runs(self, day, until, level_id, gap):
            line = DueLine(9, due=date(2026, 3, 1))
            control = trial(level_id, until, contact_gap=gap)
            if day > until:
                return
            decision = control.decide(line, decide(line, LADDER, day, gap), day)
            self.assertFalse(decision.remind and decision.level.id == level_id)
            if decision.level and not decision.remind and decision.level.id == level_id:
                self.assertGreater(decision.next_date, until)

        @given(st.integers(1, 10**9), st.integers(1, 49))
        def test_k9_a_larger_share_holds_the_smaller(self, partner_id, percent):
            if dunning_trial.is_drawn("s", partner_id, percent):
                self.assertTrue(dunning_trial.is_drawn("s", partner_id, percent + 1))


if __name__ == "__main__":
    unittest.main()
