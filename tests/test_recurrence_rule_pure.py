"""A rule's dates, computed by hand, without a database.

Runs in Odoo's test runs and without Odoo: ``python tests/test_recurrence_rule_pure.py``.
"""

import doctest
import importlib
import pickle
import sys
import time
import unittest
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.recurrence import rule as recurrence_rule
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.recurrence import rule as recurrence_rule

    BaseCase = unittest.TestCase

RecurrenceRule, RuleError = recurrence_rule.RecurrenceRule, recurrence_rule.RuleError
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
ROOM = Path(recurrence_rule.__file__).parent
MODULES = (
    "common.working_calendar",
    *(f"{ROOM.name}.{path.stem}" for path in sorted(ROOM.glob("[!_]*.py"))),
)


def day(text):
    return date.fromisoformat(text)


def rule(start, rrule_type="monthly", **columns):
    return RecurrenceRule(day(start), rrule_type=rrule_type, **columns)


def weekly(start, *weekdays, **columns):
    return rule(start, "weekly", weekdays=frozenset(weekdays), **columns)


def first_from(tested, date_from):
    return next(tested.iter_rule_dates(date_from))


class TestRuleDates(BaseCase):
    """What each kind of rule says, against dates read from a calendar."""

    def assertFirst(self, tested, expected):
        """The rule's first dates are the expected ones, written as one text."""
        expected = expected.split()
        found = [str(found) for found in tested.rule_dates(limit=len(expected))]
        self.assertEqual(found, expected)

    def assertAll(self, tested, expected):
        """The rule's dates are the expected ones and no others."""
        self.assertEqual([str(found) for found in tested.rule_dates()], expected.split())

    def test_daily(self):
        self.assertFirst(rule("2025-02-27", "daily"), "2025-02-27 2025-02-28 2025-03-01")
        self.assertFirst(rule("2024-02-27", "daily", interval=2), "2024-02-27 2024-02-29")

    def test_weekly_on_the_anchors_weekday(self):
        self.assertFirst(weekly("2025-01-01"), "2025-01-01 2025-01-08 2025-01-15")

    def test_weekly_on_several_days(self):
        self.assertFirst(
            weekly("2025-01-07", TUE, THU), "2025-01-07 2025-01-09 2025-01-14 2025-01-16"
        )

    def test_weekly_drops_what_lies_before_the_anchor(self):
        self.assertFirst(weekly("2025-01-08", TUE, THU), "2025-01-09 2025-01-14 2025-01-16")

    def test_every_second_week_counts_from_the_monday_of_a_midweek_anchor(self):
        # Wednesday 8 January: Monday of that week is past, the next week is left out.
        self.assertFirst(
            weekly("2025-01-08", MON, FRI, interval=2),
            "2025-01-10 2025-01-20 2025-01-24 2025-02-03",
        )

    def test_every_second_week_from_a_sunday(self):
        self.assertFirst(weekly("2025-01-12", MON, interval=2), "2025-01-20 2025-02-03")

    def test_first_tuesday(self):
        self.assertFirst(
            rule("2025-01-01", month_by="day", byday="1", weekday=TUE),
            "2025-01-07 2025-02-04 2025-03-04 2025-04-01",
        )

    def test_first_tuesday_after_a_late_anchor(self):
        self.assertFirst(
            rule("2025-01-08", month_by="day", byday="1", weekday=TUE), "2025-02-04 2025-03-04"
        )

    def test_fourth_and_last_friday(self):
        self.assertFirst(
            rule("2025-01-01", month_by="day", byday="-1", weekday=FRI),
            "2025-01-31 2025-02-28 2025-03-28 2025-04-25 2025-05-30",
        )
        self.assertFirst(
            rule("2025-01-01", month_by="day", byday="4", weekday=FRI),
            "2025-01-24 2025-02-28 2025-03-28 2025-04-25 2025-05-23",
        )

    def test_31st_clamped_does_not_drift(self):
        self.assertFirst(
            rule("2025-01-31"), "2025-01-31 2025-02-28 2025-03-31 2025-04-30 2025-05-31"
        )

    def test_31st_skipped(self):
        self.assertFirst(
            rule("2025-01-31", month_end="skip"), "2025-01-31 2025-03-31 2025-05-31 2025-07-31"
        )

    def test_30th_clamped_in_a_leap_year(self):
        self.assertFirst(rule("2023-12-30"), "2023-12-30 2024-01-30 2024-02-29 2024-03-30")

    def test_chosen_day_of_the_month(self):
        self.assertFirst(rule("2025-01-10", day=5), "2025-02-05 2025-03-05")
        self.assertFirst(rule("2025-02-10", day=31), "2025-02-28 2025-03-31")

    def test_last_day(self):
        self.assertFirst(rule("2024-01-15", day=-1), "2024-01-31 2024-02-29 2024-03-31 2024-04-30")
        # Skipping is about a day a month lacks; it always has a last one.
        self.assertFirst(rule("2025-01-31", day=-1, month_end="skip"), "2025-01-31 2025-02-28")

    def test_every_third_month_from_november_30(self):
        self.assertFirst(
            rule("2024-11-30", interval=3), "2024-11-30 2025-02-28 2025-05-30 2025-08-30"
        )

    def test_yearly(self):
        self.assertFirst(rule("2025-03-31", "yearly"), "2025-03-31 2026-03-31 2027-03-31")
        # By date, a yearly rule has its anchor's day, whatever stands in the monthly column.
        self.assertFirst(rule("2025-03-31", "yearly", day=5), "2025-03-31 2026-03-31")

    def test_yearly_on_february_29_clamped(self):
        self.assertFirst(
            rule("2024-02-29", "yearly"),
            "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29",
        )

    def test_yearly_on_february_29_skipped(self):
        self.assertFirst(
            rule("2024-02-29", "yearly", month_end="skip"), "2024-02-29 2028-02-29 2032-02-29"
        )
        # 2100 is no leap year.
        skipped = rule("2096-02-29", "yearly", month_end="skip")
        self.assertFirst(skipped, "2096-02-29 2104-02-29")

    def test_yearly_by_weekday_stays_in_the_anchors_month(self):
        thanksgiving = rule("2025-11-01", "yearly", month_by="day", byday="4", weekday=THU)
        self.assertFirst(thanksgiving, "2025-11-27 2026-11-26 2027-11-25")

    def test_ends_after_a_count_of_dates_not_of_periods(self):
        self.assertAll(
            weekly("2025-01-08", MON, WED, end_type="count", count=3),
            "2025-01-08 2025-01-13 2025-01-15",
        )
        self.assertAll(
            rule("2025-01-31", month_end="skip", end_type="count", count=3),
            "2025-01-31 2025-03-31 2025-05-31",
        )

    def test_until_is_inclusive(self):
        for until in ("2025-02-28", "2025-03-30"):
            self.assertAll(
                rule("2025-01-31", end_type="end_date", until=day(until)),
                "2025-01-31 2025-02-28",
            )

    def test_ends_that_the_type_does_not_use_are_ignored(self):
        unused = rule("2025-01-01", "daily", count=1, until=day("2025-01-01"))
        self.assertFirst(unused, "2025-01-01 2025-01-02 2025-01-03")

    def test_bounds_are_inclusive_and_counted_from_the_anchor(self):
        ten = rule("2025-01-31", end_type="count", count=10)
        window = ten.rule_dates(day("2025-02-28"), day("2025-04-30"))
        self.assertEqual(window, [day("2025-02-28"), day("2025-03-31"), day("2025-04-30")])
        self.assertEqual(ten.rule_dates(day("2025-10-31")), [day("2025-10-31")])
        self.assertEqual(ten.rule_dates(day("2025-11-01")), [])
        self.assertEqual(ten.rule_dates(day("1999-01-01"), limit=1), [day("2025-01-31")])
        self.assertEqual(ten.rule_dates(limit=0), [])

    def test_next_and_previous_are_strict(self):
        tested = rule("2025-01-31", end_type="count", count=3)
        self.assertEqual(tested.next_after(day("2024-06-01")), day("2025-01-31"))
        self.assertEqual(tested.next_after(day("2025-01-31")), day("2025-02-28"))
        self.assertEqual(tested.next_after(day("2025-02-27")), day("2025-02-28"))
        self.assertIsNone(tested.next_after(day("2025-03-31")))
        self.assertIsNone(tested.previous_before(day("2025-01-31")))
        self.assertEqual(tested.previous_before(day("2025-02-01")), day("2025-01-31"))
        self.assertEqual(tested.previous_before(day("2030-01-01")), day("2025-03-31"))

    def test_last_date(self):
        self.assertIsNone(rule("2025-01-31").last_date())
        self.assertEqual(
            rule("2025-01-31", end_type="count", count=14).last_date(), day("2026-02-28")
        )
        self.assertEqual(
            rule("2025-01-31", end_type="end_date", until=day("2025-03-30")).last_date(),
            day("2025-02-28"),
        )
        none_at_all = weekly("2025-01-08", MON, end_type="end_date", until=day("2025-01-12"))
        self.assertIsNone(none_at_all.last_date())
        self.assertEqual(none_at_all.rule_dates(), [])

    def test_rule_without_any_date(self):
        # Every twelfth month from February: never a 30th.
        never = rule("2025-02-01", day=30, interval=12, month_end="skip")
        self.assertEqual(never.rule_dates(), [])
        self.assertIsNone(never.next_after(day("2025-01-01")))
        self.assertIsNone(never.previous_before(date.max))

    def test_clamped_dates_are_marked(self):
        flags = [found.clamped for found in rule("2025-01-30").dates(limit=4)]
        self.assertEqual(flags, [False, True, False, False])
        self.assertFalse(rule("2025-01-31", day=-1).is_clamped(day("2025-02-28")))
        self.assertFalse(rule("2025-01-31", month_end="skip").is_clamped(day("2025-03-31")))
        self.assertFalse(weekly("2025-01-31").is_clamped(day("2025-02-28")))
        self.assertTrue(rule("2024-02-29", "yearly").is_clamped(day("2025-02-28")))
        by_weekday = rule("2025-01-31", month_by="day", byday="-1", weekday=FRI)
        self.assertFalse(by_weekday.is_clamped(day("2025-02-28")))


class TestCalendarEnds(BaseCase):
    """Where Python's calendar ends, a rule ends quietly."""

    def test_every_type_ends_in_9999(self):
        for rrule_type, last in (
            ("daily", "9999-12-31"),
            ("weekly", "9999-12-25"),
            ("monthly", "9999-12-25"),
            ("yearly", "9999-12-25"),
        ):
            with self.subTest(rrule_type):
                tested = rule("9999-12-25", rrule_type)
                self.assertEqual(tested.rule_dates()[-1], day(last))
                self.assertIsNone(tested.next_after(date.max))

    def test_count_beyond_the_calendar(self):
        tested = weekly("9999-12-01", MON, SUN, end_type="count", count=2_000_000_000)
        self.assertEqual(tested.last_date(), day("9999-12-27"))
        skipped = rule("2025-01-31", month_end="skip", end_type="count", count=2_000_000_000)
        self.assertEqual(skipped.last_date(), day("9999-12-31"))

    def test_an_interval_beyond_the_calendar_has_one_date(self):
        for rrule_type in ("daily", "weekly", "monthly", "yearly"):
            tested = rule("9999-01-31", rrule_type, interval=999)
            self.assertEqual(tested.rule_dates(), [day("9999-01-31")])

    def test_first_day_of_the_calendar(self):
        tested = weekly("0001-01-03", MON, WED)
        self.assertEqual(tested.rule_dates(limit=2), [day("0001-01-03"), day("0001-01-08")])
        self.assertIsNone(tested.previous_before(day("0001-01-03")))

    def test_period_reaches_to_the_end(self):
        self.assertEqual(
            rule("9999-12-15").period(day("9999-12-15")), (day("9999-12-15"), date.max)
        )
        self.assertEqual(
            rule("0001-01-15").period(day("0001-01-15"), "post"), (date.min, day("0001-01-14"))
        )


class TestValidate(BaseCase):
    """Every column that makes no sense is refused by name, with a sentence."""

    def test_refused(self):
        start = "2025-01-31"
        cases = (
            ("date_start", RecurrenceRule(None)),
            ("date_start", RecurrenceRule(datetime(2025, 1, 31))),
            ("rrule_type", rule(start, "hourly")),
            ("interval", rule(start, interval=0)),
            ("interval", rule(start, interval=-1)),
            ("interval", rule(start, interval=1000)),
            ("interval", rule(start, interval=1.5)),
            ("weekdays", weekly(start, 7)),
            ("month_by", rule(start, month_by="week")),
            ("day", rule(start, day=0)),
            ("day", rule(start, day=32)),
            ("day", rule(start, day=-2)),
            ("byday", rule(start, month_by="day", byday="5")),
            ("weekday", rule(start, month_by="day", weekday=7)),
            ("weekday", rule(start, month_by="day", weekday=None)),
            ("end_type", rule(start, end_type="never")),
            ("count", rule(start, end_type="count")),
            ("count", rule(start, end_type="count", count=0)),
            ("until", rule(start, end_type="end_date")),
            ("until", rule(start, end_type="end_date", until=day("2025-01-30"))),
            ("month_end", rule(start, month_end="drift")),
            ("day_shift", rule(start, day_shift="later")),
        )
        for part, tested in cases:
            with self.subTest(part=part, rule=tested):
                with self.assertRaises(RuleError) as caught:
                    tested.validate()
                error = caught.exception
                self.assertEqual(error.part, part)
                self.assertEqual(error.params["part"], part)
                self.assertTrue(str(error).startswith(f"{error.code}: "))
                with self.assertRaises(RuleError):
                    tested.rule_dates(limit=1)

    def test_columns_of_other_types_are_ignored(self):
        rule(
            "2025-01-31", "daily", weekdays=frozenset({9}), month_by="", day=0, byday=""
        ).validate()
        weekly("2025-01-31", day=0, weekday=9, month_end="").validate()
        rule("2025-01-31", "yearly", day=0).validate()
        rule("2025-01-31", month_by="day", day=0, month_end="").validate()

    def test_error_survives_another_process(self):
        error = pickle.loads(pickle.dumps(RuleError("day", "day", value=0)))
        self.assertEqual((error.code, error.part), ("day", "day"))
        self.assertIn("0", str(error))


class TestSpeed(BaseCase):
    """10,000 dates at once; far dates without a walk from the anchor."""

    RULES = {
        "daily": rule("2025-01-01", "daily"),
        "weekly": weekly("2025-01-01", MON, WED, FRI),
        "every second week": weekly("2025-01-01", TUE, interval=2),
        "monthly clamped": rule("1900-01-31"),
        "monthly skipped": rule("1000-01-31", month_end="skip"),
        "last Friday": rule("1900-01-31", month_by="day", byday="-1", weekday=FRI),
        # A yearly rule has 10,000 dates nowhere: the calendar has 9,999 years.
        "yearly": rule("0004-02-29", "yearly"),
        "yearly skipped": rule("0004-02-29", "yearly", month_end="skip"),
    }

    def test_ten_thousand_dates(self):
        # Measured: 0.02 s. The bound is generous because machines that run tests are busy.
        for name, tested in self.RULES.items():
            with self.subTest(name):
                started = time.perf_counter()
                found = tested.rule_dates(limit=10_000)
                self.assertLess(time.perf_counter() - started, 1)
                self.assertGreater(len(found), 2_000)

    def test_far_dates_take_no_walk(self):
        far = day("9000-06-15")
        for name, tested in self.RULES.items():
            cycle = type(tested._cycle())
            for ask in (RecurrenceRule.next_after, RecurrenceRule.previous_before, first_from):
                with (
                    self.subTest(name, ask=ask),
                    patch.object(cycle, "dates", autospec=True, side_effect=cycle.dates) as called,
                ):
                    ask(tested, far)
                    # A leap day is at most 8 years away, all else a period or two.
                    self.assertLessEqual(called.call_count, 9)

    def test_far_end_of_a_count_takes_no_walk(self):
        tested = weekly("2025-01-08", MON, WED, FRI, end_type="count", count=1_000_000)
        cycle = type(tested._cycle())
        with patch.object(cycle, "dates", autospec=True, side_effect=cycle.dates) as called:
            last = tested.last_date()
        # 333,333 weeks and two of three dates of the first week before.
        self.assertEqual(last, day("2025-01-08") + timedelta(weeks=333_333))
        self.assertLessEqual(called.call_count, 4)


class TestDoctests(BaseCase):
    def test_examples_in_the_docstrings(self):
        package = recurrence_rule.__name__.rsplit(".", 2)[0]
        for name in MODULES:
            module = importlib.import_module(f"{package}.{name}")
            with self.subTest(name):
                self.assertEqual(doctest.testmod(module).failed, 0)


if __name__ == "__main__":
    unittest.main()
