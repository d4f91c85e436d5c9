"""What generating and regenerating decide, without a database."""

from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.recurrence.plan import Row, extend, reconcile, rule_dates_left
from ..tools.recurrence.rule import RecurrenceRule, WorkingCalendar

WEDNESDAYS = RecurrenceRule(date(2026, 3, 4), rrule_type="weekly", weekdays=frozenset({2}))
THURSDAYS = RecurrenceRule(date(2026, 3, 4), rrule_type="weekly", weekdays=frozenset({3}))
ANY_DAY = WorkingCalendar(frozenset())


def wednesday(number, day, last, **vals):
    """A row of the rule of Wednesdays that stands for the week from ``day`` to ``last``."""
    return Row(number, day, number, period_start=day, period_end=last, **vals)


def days(items):
    return [str(item) for item in items]


@tagged("-at_install", "post_install")
class TestReconcile(BaseCase):
    def test_rule_3_unchanged_rule_changes_nothing(self):
        rows = [
            wednesday(1, date(2026, 3, 4), date(2026, 3, 10)),
            wednesday(2, date(2026, 3, 11), date(2026, 3, 17)),
        ]
        plan = reconcile(WEDNESDAYS, ANY_DAY, rows, date(2026, 3, 2), date(2026, 3, 17))
        self.assertEqual([row.id for row, _new in plan.kept], [1, 2])
        self.assertFalse(plan.added or plan.removed or plan.covered or plan.gap)

    def test_rule_3_new_weekday_replaces_planned_only(self):
        rows = [
            wednesday(1, date(2026, 3, 4), date(2026, 3, 10), fixed=True, covers=True),
            wednesday(2, date(2026, 3, 11), date(2026, 3, 17)),
            wednesday(3, date(2026, 3, 18), date(2026, 3, 24), fixed=True, covers=True),
        ]
        plan = reconcile(THURSDAYS, ANY_DAY, rows, date(2026, 3, 4), date(2026, 3, 31))
        self.assertEqual([row.id for row in plan.fixed], [1, 3])
        self.assertEqual([row.id for row in plan.removed], [2])
        self.assertEqual(days(n.item.rule_date for n in plan.added), ["2026-03-12", "2026-03-26"])
        self.assertEqual(
            [(str(c.item.rule_date), c.row.id) for c in plan.covered],
            [("2026-03-05", 1), ("2026-03-19", 3)],
        )

    def test_rule_3_covered_date_is_planned_when_chosen(self):
        rows = [wednesday(1, date(2026, 3, 4), date(2026, 3, 10), fixed=True, covers=True)]
        plan = reconcile(
            THURSDAYS,
            ANY_DAY,
            rows,
            date(2026, 3, 4),
            date(2026, 3, 15),
            chosen=[date(2026, 3, 5)],
        )
        self.assertEqual(days(n.item.rule_date for n in plan.added), ["2026-03-05", "2026-03-12"])

    def test_rule_3_period_begins_after_what_is_billed(self):
        # Billed afterwards: the invoice of 1 December stood for November.
        rows = [
            Row(
                1,
                date(2026, 12, 1),
                1,
                fixed=True,
                covers=True,
                period_start=date(2026, 11, 1),
                period_end=date(2026, 11, 30),
            )
        ]
        rule = RecurrenceRule(date(2026, 11, 1), day=15)
        plan = reconcile(rule, ANY_DAY, rows, date(2026, 12, 2), date(2027, 1, 31), paid="post")
        first, second = plan.added
        self.assertEqual(days(first[2:]), ["2026-12-01", "2026-12-14"])
        self.assertEqual(days(second[2:]), ["2026-12-15", "2027-01-14"])
        self.assertFalse(plan.gap)

    def test_rule_3_last_days_in_advance_do_not_cover_each_other(self):
        """Issued on 30 November for December: 31 December bills January."""
        rule = RecurrenceRule(date(2026, 11, 30), day=-1)
        november = Row(
            1,
            date(2026, 11, 30),
            1,
            fixed=True,
            covers=True,
            period_start=date(2026, 12, 1),
            period_end=date(2026, 12, 31),
        )
        plan = reconcile(rule, ANY_DAY, [november], date(2026, 12, 1), date(2027, 1, 31))
        self.assertEqual(days(plan.added[0][2:]), ["2027-01-01", "2027-01-31"])
        self.assertFalse(plan.covered or plan.gap)
        news, _all = extend(
            rule, ANY_DAY, 1, date(2026, 12, 1), date(2027, 1, 31), covering=[november]
        )
        self.assertEqual(days(news[0][2:]), ["2027-01-01", "2027-01-31"])

    def test_rule_3_a_planned_date_whose_days_others_pay_for_goes(self):
        # The first row was skipped, and is planned again after the rule has changed.
        rows = [
            Row(1, date(2026, 1, 26), 1, True, True, True, date(2026, 1, 26), date(2026, 2, 22)),
            Row(2, date(2026, 2, 15), 2, False, True, True, date(2026, 2, 15), date(2026, 2, 22)),
            Row(3, date(2026, 2, 23), 2, True, True, True, date(2026, 2, 23), date(2026, 3, 22)),
        ]
        rule = RecurrenceRule(date(2026, 1, 11), day=15)
        plan = reconcile(rule, ANY_DAY, rows, date(2026, 1, 19), date(2026, 3, 31))
        self.assertEqual([row.id for row in plan.removed], [2])
        self.assertFalse(plan.kept or plan.added)
        self.assertEqual(
            [(str(c.item.rule_date), c.row.id) for c in plan.covered],
            [("2026-02-15", 1), ("2026-03-15", 3)],
        )

    def test_rule_3_period_begins_after_all_that_is_paid_for(self):
        rows = [
            Row(1, date(2026, 3, 1), 1, True, True, True, date(2026, 3, 1), date(2026, 3, 10)),
            Row(2, date(2026, 3, 11), 2, True, True, True, date(2026, 3, 11), date(2026, 3, 20)),
            Row(3, date(2026, 3, 5), 3, False, True, True, date(2026, 3, 5), date(2026, 4, 4)),
        ]
        rule = RecurrenceRule(date(2026, 1, 1), day=5)
        plan = reconcile(rule, ANY_DAY, rows, date(2026, 3, 2), date(2026, 3, 31))
        [(row, new)] = plan.kept
        self.assertEqual(row.id, 3)
        self.assertEqual(days(new[2:]), ["2026-03-21", "2026-04-04"])

    def test_rule_3_days_that_nobody_bills_are_named(self):
        rows = [
            Row(
                1,
                date(2026, 11, 1),
                1,
                fixed=True,
                covers=True,
                period_start=date(2026, 11, 1),
                period_end=date(2026, 11, 30),
            )
        ]
        rule = RecurrenceRule(date(2026, 11, 1), day=15)
        plan = reconcile(rule, ANY_DAY, rows, date(2026, 11, 2), date(2026, 12, 31))
        self.assertEqual(days(c.item.rule_date for c in plan.covered), ["2026-11-15"])
        self.assertEqual(days(plan.gap), ["2026-12-01", "2026-12-14"])

    def test_r4_done_and_skipped_ones_count(self):
        rule = RecurrenceRule(
            date(2026, 3, 4),
            rrule_type="weekly",
            weekdays=frozenset({3}),
            end_type="count",
            count=4,
        )
        rows = [
            wednesday(1, date(2026, 3, 4), date(2026, 3, 10), fixed=True, covers=True),
            wednesday(2, date(2026, 3, 11), date(2026, 3, 17), fixed=True),
            wednesday(3, date(2026, 3, 18), date(2026, 3, 24)),
            wednesday(4, date(2026, 3, 25), date(2026, 3, 31)),
        ]
        plan = reconcile(rule, ANY_DAY, rows, date(2026, 3, 16), date(2027, 3, 1))
        self.assertEqual(days(n.item.rule_date for n in plan.added), ["2026-03-19", "2026-03-26"])
        self.assertEqual([n.number for n in plan.added], [3, 4])

    def test_r4_one_moved_ahead_counts_once(self):
        rule = RecurrenceRule(date(2026, 1, 1), end_type="count", count=4)
        rows = [
            Row(number, date(2026, number, 1), number, fixed=number == 3) for number in (1, 2, 3, 4)
        ]
        plan = reconcile(rule, ANY_DAY, rows, date(2026, 1, 1), date(2027, 1, 1))
        self.assertEqual([(row.id, new.number) for row, new in plan.kept], [(1, 1), (2, 2), (4, 4)])
        self.assertFalse(plan.added or plan.removed)

    def test_past_dates_that_are_done_stay_and_no_others_are_added(self):
        rows = [wednesday(1, date(2026, 3, 4), date(2026, 3, 10), fixed=True)]
        plan = reconcile(THURSDAYS, ANY_DAY, rows, date(2026, 3, 14), date(2026, 3, 20))
        self.assertEqual([row.id for row in plan.fixed], [1])
        self.assertEqual(days(n.item.rule_date for n in plan.added), ["2026-03-19"])

    def test_past_dates_that_wait_stay_where_the_rule_gives_them(self):
        rows = [
            wednesday(1, date(2026, 3, 4), date(2026, 3, 10)),
            Row(2, date(2026, 3, 5), 2),
            wednesday(3, date(2026, 3, 11), date(2026, 3, 17)),
            wednesday(4, date(2026, 3, 18), date(2026, 3, 24)),
        ]
        plan = reconcile(THURSDAYS, ANY_DAY, rows, date(2026, 3, 14), date(2026, 3, 20))
        self.assertEqual([row.id for row, _new in plan.kept], [2])
        self.assertEqual([row.id for row in plan.removed], [1, 3, 4])
        self.assertEqual(days(n.item.rule_date for n in plan.added), ["2026-03-19"])

    def test_never_more_than_720_rows(self):
        rule = RecurrenceRule(date(2026, 1, 1), rrule_type="daily")
        plan = reconcile(rule, ANY_DAY, [], date(2026, 1, 1), date(2030, 1, 1))
        self.assertEqual(len(plan.added), 720)
        self.assertEqual(str(plan.added[-1].item.rule_date), "2027-12-21")

    def test_r5_the_cap_alone_ends_nothing(self):
        rule = RecurrenceRule(date(2026, 1, 1), rrule_type="daily")
        start, horizon = date(2027, 12, 22), date(2028, 3, 1)
        self.assertEqual(extend(rule, ANY_DAY, 720, start, horizon, 0), ([], False))
        news, complete = extend(rule, ANY_DAY, 720, start, horizon, 2)
        self.assertEqual(days(n.item.rule_date for n in news), ["2027-12-22", "2027-12-23"])
        self.assertFalse(complete)

    def test_r5_all_is_planned_where_no_date_or_no_count_is_left(self):
        rule = RecurrenceRule(date(2026, 1, 1), rrule_type="daily")
        news, complete = extend(rule, ANY_DAY, 3, date(2026, 1, 4), date(2026, 1, 6), 3)
        self.assertEqual((len(news), complete), (3, True))
        ended = RecurrenceRule(date(2026, 1, 1), rrule_type="daily", end_type="count", count=5)
        news, complete = extend(ended, ANY_DAY, 3, date(2026, 1, 4), date(2026, 3, 1), 2)
        self.assertEqual((len(news), complete), (2, True))
        self.assertEqual(
            extend(ended, ANY_DAY, 5, date(2026, 1, 6), date(2026, 3, 1), 0), ([], True)
        )

    def test_dates_left_of_a_count(self):
        rule = RecurrenceRule(date(2026, 1, 31), end_type="count", count=5)
        self.assertEqual(
            days(rule_dates_left(rule, 3, date(2026, 4, 1), date(2028, 1, 1))),
            ["2026-04-30", "2026-05-31"],
        )
        self.assertFalse(rule_dates_left(rule, 5, date(2026, 6, 1), date(2028, 1, 1)))

    def test_rule_3_the_horizon_moves_into_what_is_paid_for(self):
        """A quarter was billed in advance, then the rule became monthly."""
        rule = RecurrenceRule(date(2026, 1, 1))
        quarter = Row(
            1, date(2026, 1, 1), 1, period_start=date(2026, 1, 1), period_end=date(2026, 3, 31)
        )
        news, complete = extend(
            rule, ANY_DAY, 1, date(2026, 2, 15), date(2026, 5, 31), covering=[quarter]
        )
        self.assertEqual(days(new.item.rule_date for new in news), ["2026-04-01", "2026-05-01"])
        self.assertEqual([new.number for new in news], [2, 3])
        self.assertTrue(complete)

    def test_rule_3_a_new_period_ends_before_one_that_stays(self):
        rows = [wednesday(1, date(2026, 3, 18), date(2026, 3, 24), fixed=True, covers=True)]
        rule = RecurrenceRule(date(2026, 3, 1))
        plan = reconcile(rule, ANY_DAY, rows, date(2026, 3, 1), date(2026, 3, 31))
        self.assertEqual(
            [(str(new.period_start), str(new.period_end)) for new in plan.added],
            [("2026-03-01", "2026-03-17")],
        )

    def test_a_count_counts_rows_and_not_their_numbers(self):
        """A moved date keeps its number when the rule changes, so that two bear the same."""
        rule = RecurrenceRule(date(2026, 3, 4), "weekly", end_type="count", count=3)
        rows = [
            wednesday(1, date(2026, 3, 4), date(2026, 3, 10), fixed=True),
            Row(2, date(2026, 3, 14), 1, fixed=True),
        ]
        plan = reconcile(rule, ANY_DAY, rows, date(2026, 3, 5), date(2026, 4, 30))
        self.assertEqual(days(new.item.rule_date for new in plan.added), ["2026-03-11"])
        news, _complete = extend(rule, ANY_DAY, 2, date(2026, 3, 12), date(2026, 4, 30), used=3)
        self.assertFalse(news)
