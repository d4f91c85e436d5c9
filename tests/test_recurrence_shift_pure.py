"""Dates that are no working days, and the periods that dates pay for, without a database.

Runs in Odoo's test runs and without Odoo: ``python tests/test_recurrence_shift_pure.py``.
"""

import sys
import unittest
from datetime import date, timedelta
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.recurrence import rule as recurrence_rule
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.recurrence import rule as recurrence_rule

    BaseCase = unittest.TestCase

RecurrenceRule, RuleError = recurrence_rule.RecurrenceRule, recurrence_rule.RuleError
WorkingCalendar = recurrence_rule.WorkingCalendar
TUE, THU, FRI, SAT = 1, 3, 4, 5


def day(text):
    return date.fromisoformat(text)


def rule(start, rrule_type="monthly", **columns):
    return RecurrenceRule(day(start), rrule_type=rrule_type, **columns)


class TestShift(BaseCase):
    """What becomes of a date that is no working day."""

    # Christmas 2025: Thursday and Friday are holidays, then comes the weekend.
    CHRISTMAS = WorkingCalendar(
        holidays={day("2025-12-25"): "Christmas Day", day("2025-12-26"): "Boxing Day"}
    )

    def shifted(self, day_shift, start="2025-12-24", count=6, calendar=CHRISTMAS):
        daily = rule(start, "daily", day_shift=day_shift, end_type="count", count=count)
        return [found.date and str(found.date) for found in daily.dates(calendar)]

    def test_none(self):
        expected = [f"2025-12-{number}" for number in range(24, 30)]
        self.assertEqual(self.shifted("none"), expected)

    def test_previous(self):
        self.assertEqual(self.shifted("previous"), ["2025-12-24"] * 5 + ["2025-12-29"])

    def test_next(self):
        # Four closed days in a row meet on Monday the 29th, which keeps its own: none is merged.
        self.assertEqual(self.shifted("next"), ["2025-12-24"] + ["2025-12-29"] * 5)

    def test_skip(self):
        expected = ["2025-12-24", None, None, None, None, "2025-12-29"]
        self.assertEqual(self.shifted("skip"), expected)

    def test_every_occurrence_keeps_its_rule_date_and_reason(self):
        daily = rule("2025-12-25", "daily", day_shift="next", end_type="count", count=5)
        rows = [
            (str(row.rule_date), row.shifted, row.reason) for row in daily.dates(self.CHRISTMAS)
        ]
        self.assertEqual(
            rows,
            [
                ("2025-12-25", True, "Christmas Day"),
                ("2025-12-26", True, "Boxing Day"),
                ("2025-12-27", True, "weekend"),
                ("2025-12-28", True, "weekend"),
                ("2025-12-29", False, ""),
            ],
        )

    def test_left_out_says_why(self):
        found = rule("2025-12-25", day_shift="skip").resolve(day("2025-12-25"), self.CHRISTMAS)
        self.assertEqual(found, (day("2025-12-25"), None, False, False, "Christmas Day"))

    def test_unshifted_holiday_is_named(self):
        found = rule("2025-12-25").resolve(day("2025-12-25"), self.CHRISTMAS)
        self.assertEqual(
            found, (day("2025-12-25"), day("2025-12-25"), False, False, "Christmas Day")
        )

    def test_a_shift_moves_no_other_date(self):
        # 31 August 2025 is a Sunday, 30 November too.
        month_ends = rule("2025-08-31", day_shift="next").dates(limit=4)
        self.assertEqual(
            [str(found.date) for found in month_ends],
            ["2025-09-01", "2025-09-30", "2025-10-31", "2025-12-01"],
        )

    def test_shift_leaves_the_month_and_the_end(self):
        ends = rule("2025-08-31", day_shift="next", end_type="end_date", until=day("2025-08-31"))
        self.assertEqual([str(found.date) for found in ends.dates()], ["2025-09-01"])

    def test_bounds_mean_rule_dates(self):
        month_ends = rule("2025-08-31", day_shift="next")
        september = month_ends.dates(date_from=day("2025-09-01"), date_to=day("2025-09-30"))
        self.assertEqual([str(found.rule_date) for found in september], ["2025-09-30"])

    def test_clamped_and_shifted(self):
        found = rule("2026-01-31", day_shift="previous").resolve(day("2026-02-28"))
        self.assertEqual(found, (day("2026-02-28"), day("2026-02-27"), True, True, "weekend"))

    def test_friday_and_saturday_weekend(self):
        calendar = WorkingCalendar(weekend=frozenset({FRI, SAT}))
        self.assertEqual(self.shifted("next", "2025-12-26", 3, calendar), ["2025-12-28"] * 3)

    def test_long_closure_is_crossed_up_to_a_year(self):
        start = day("2025-08-01")
        for days, expected in ((366, "2026-08-02"), (367, "2025-08-01")):
            closure = {start + timedelta(number): "Closed" for number in range(days)}
            calendar = WorkingCalendar(frozenset(), closure)
            found = rule("2025-08-01", day_shift="next").resolve(start, calendar)
            self.assertEqual(str(found.date), expected)

    def test_company_that_never_works_keeps_the_date(self):
        calendar = WorkingCalendar(weekend=frozenset(range(7)))
        for day_shift in ("previous", "next"):
            found = rule("2025-12-25", day_shift=day_shift).resolve(day("2025-12-25"), calendar)
            self.assertEqual((found.date, found.shifted), (day("2025-12-25"), False))

    def test_holidays_as_a_function(self):
        calendar = WorkingCalendar(holidays=lambda tested: "Half" if tested.day == 15 else "")
        self.assertEqual(calendar.closed(day("2025-12-15")), "Half")
        self.assertEqual(calendar.closed(day("2025-12-16")), "")
        self.assertEqual(calendar.closed(day("2025-12-20")), "weekend")

    def test_holiday_on_a_weekend_and_without_a_name(self):
        saturday, monday = day("2026-12-26"), day("2026-12-28")
        calendar = WorkingCalendar(holidays={saturday: "Boxing Day", monday: ""})
        self.assertEqual(calendar.closed(saturday), "Boxing Day")
        self.assertEqual(calendar.closed(monday), "holiday")

    def test_shift_at_the_end_stays(self):
        closed = WorkingCalendar(holidays={date.max: "The end"})
        found = rule("9999-12-31", day_shift="next").resolve(date.max, closed)
        self.assertEqual((found.date, found.shifted, found.reason), (date.max, False, "The end"))


class TestPeriod(BaseCase):
    """The days an occurrence pays for."""

    def assertPeriods(self, tested, paid, *expected):
        found = [tested.period(start, paid) for start in tested.rule_dates(limit=len(expected))]
        self.assertEqual([f"{first} {last}" for first, last in found], list(expected))

    def test_prepaid(self):
        self.assertPeriods(
            rule("2025-01-31"),
            "pre",
            "2025-01-31 2025-02-27",
            "2025-02-28 2025-03-30",
            "2025-03-31 2025-04-29",
        )

    def test_postpaid_begins_where_an_earlier_date_would_have_been(self):
        self.assertPeriods(
            rule("2025-01-31"), "post", "2024-12-31 2025-01-30", "2025-01-31 2025-02-27"
        )
        self.assertPeriods(rule("2025-01-10", day=1), "post", "2025-01-01 2025-01-31")

    def test_last_day_of_the_month_bills_whole_months(self):
        """Issued on 30 November: all of November in arrears, all of December in advance."""
        last = rule("2026-11-30", day=-1)
        self.assertPeriods(last, "post", "2026-11-01 2026-11-30", "2026-12-01 2026-12-31")
        self.assertPeriods(last, "pre", "2026-12-01 2026-12-31", "2027-01-01 2027-01-31")
        quarters = rule("2026-11-30", day=-1, interval=3)
        self.assertPeriods(quarters, "post", "2026-09-01 2026-11-30")
        self.assertPeriods(quarters, "pre", "2026-12-01 2027-02-28")

    def test_day_31_is_a_day_like_others(self):
        self.assertPeriods(rule("2026-11-01", day=31), "pre", "2026-11-30 2026-12-30")

    def test_last_day_added_by_hand_on_another_day(self):
        last = rule("2026-11-30", day=-1)
        self.assertEqual(last.period(day("2026-12-15")), (day("2026-12-15"), day("2026-12-31")))
        found = last.period(day("2026-12-15"), "post")
        self.assertEqual(found, (day("2026-12-01"), day("2026-12-14")))

    def test_last_day_at_the_end_of_the_calendar(self):
        last = rule("9999-12-31", day=-1)
        self.assertEqual(last.period(date.max), (date.max, date.max))

    def test_last_period_is_as_long_as_if_the_rule_went_on(self):
        once = rule("2025-01-31", end_type="count", count=1)
        self.assertEqual(once.period(day("2025-01-31")), (day("2025-01-31"), day("2025-02-27")))

    def test_skipped_month_belongs_to_the_date_before(self):
        self.assertPeriods(rule("2025-01-31", month_end="skip"), "pre", "2025-01-31 2025-03-30")

    def test_several_days_a_week(self):
        calls = rule("2025-01-07", "weekly", weekdays=frozenset({TUE, THU}))
        self.assertPeriods(calls, "pre", "2025-01-07 2025-01-08", "2025-01-09 2025-01-13")
        self.assertPeriods(calls, "post", "2025-01-02 2025-01-06")

    def test_other_word_is_refused(self):
        with self.assertRaises(RuleError):
            rule("2025-01-31").period(day("2025-01-31"), "later")


if __name__ == "__main__":
    unittest.main()
