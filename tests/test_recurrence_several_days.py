from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from ..tools.recurrence.agreement import AgreementRule
from ..tools.recurrence.moved import move_rule
from ..tools.recurrence.rule import RecurrenceRule
from ..tools.recurrence.value import dates_per_month
from .common import RecurrenceCommon
from .test_recurrence_billed_line import BilledLineCase


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceSeveralDays(RecurrenceCommon):
    """R14: several days of a month, as BYMONTHDAY and BYDAY of RFC 5545 list them."""

    def create_monthly(self, **vals):
        return self.create_interaction(
            **{"rrule_type": "monthly", "date_start": date(2026, 1, 1), "day": 1, **vals}
        )

    def assertNext(self, schedule, *days, date_from=None):
        found = schedule.get_rule_dates(date_from, limit=len(days))
        self.assertEqual([str(day) for day in found], list(days))

    def test_r14_first_and_fifteenth(self):
        schedule = self.create_monthly(more_days="15")
        self.assertNext(schedule, "2026-01-01", "2026-01-15", "2026-02-01", "2026-02-15")
        self.assertEqual(
            schedule.rule_summary,
            "Every month on these days: 1 and 15. From 01/01/2026, without an end.",
        )
        self.assertEqual(schedule.rrule, "FREQ=MONTHLY;BYMONTHDAY=1,15")

    def test_r14_fifteenth_and_last_day(self):
        schedule = self.create_monthly(day=15, more_days="-1", interval=2)
        self.assertNext(schedule, "2026-01-15", "2026-01-31", "2026-03-15", "2026-03-31")
        self.assertEqual(schedule.rule_cycle, "Every 2 months on these days: 15 and last day.")

    def test_r14_days_that_a_month_lacks(self):
        schedule = self.create_monthly(day=30, more_days="31,15", date_start=date(2026, 2, 1))
        # 30 and 31 are one date in February
        self.assertNext(schedule, "2026-02-15", "2026-02-28", "2026-03-15", "2026-03-30")
        self.assertIn("In shorter months, on the last day.", schedule.rule_summary)
        schedule.month_end = "skip"
        self.assertNext(schedule, "2026-02-15", "2026-03-15", "2026-03-30", "2026-03-31")

    def test_r14_first_and_third_monday_and_last_friday(self):
        schedule = self.create_monthly(
            month_by="day", byday="1", weekday="MON", more_weekdays="3MO,-1FR"
        )
        self.assertNext(
            schedule, "2026-01-05", "2026-01-19", "2026-01-30", "2026-02-02", "2026-02-16"
        )
        self.assertEqual(
            schedule.rule_cycle, "Every month on the first Monday, third Monday, and last Friday."
        )
        self.env["res.lang"]._activate_lang("de_DE")
        self.assertEqual(
            schedule.with_context(lang="de_DE").rule_cycle,
            "Jeden Monat am ersten Montag, dritten Montag und letzten Freitag.",
        )

    def test_r14_count_counts_each_date(self):
        schedule = self.create_monthly(more_days="15", end_type="count", count=3)
        self.assertEqual(
            [str(day) for day in schedule.get_rule_dates()],
            ["2026-01-01", "2026-01-15", "2026-02-01"],
        )

    def test_r14_text_is_read_and_written(self):
        schedule = self.create_monthly()
        schedule.rrule = "FREQ=MONTHLY;BYDAY=2TU,4TU"
        self.assertEqual(
            (schedule.month_by, schedule.byday, schedule.weekday, schedule.more_weekdays),
            ("day", "2", "TUE", "4TU"),
        )
        schedule.rrule = "FREQ=MONTHLY;BYMONTHDAY=-1,10"
        self.assertEqual((schedule.month_by, schedule.day, schedule.more_days), ("date", 10, "-1"))
        self.assertFalse(schedule.more_weekdays)

    def test_r14_what_cannot_be_read_is_refused_by_name(self):
        schedule = self.create_monthly()
        with self.assertRaisesRegex(ValidationError, "32 is not a day of the month"):
            schedule.more_days = "15,32"
        schedule.more_days = "15"
        schedule = self.create_monthly(month_by="day", byday="1", weekday="MON")
        with self.assertRaisesRegex(ValidationError, "5MO is not a weekday of the month"):
            schedule.more_weekdays = "5MO"
        schedule.more_weekdays = "3MO"
        form = Form(self.create_monthly())
        form.more_days = "next week"
        self.assertIn("next is not a day of the month", form.rule_summary)
        self.assertFalse(form.rule_preview)

    def test_r14_further_days_count_for_monthly_rules_only(self):
        schedule = self.create_monthly(more_days="15", more_weekdays="3MO", rrule_type="weekly")
        self.assertNext(schedule, "2026-01-01", "2026-01-08", "2026-01-15")
        schedule.rrule_type = "yearly"
        self.assertNext(schedule, "2026-01-01", "2027-01-01")
        schedule.write({"month_by": "day", "byday": "1", "weekday": "MON"})
        self.assertNext(schedule, "2026-01-05", "2027-01-04")

    def test_r14_following_move_changes_one_of_the_days(self):
        first, fifteenth, twentieth = date(2026, 3, 1), date(2026, 3, 15), date(2026, 3, 20)
        rule = RecurrenceRule(date(2026, 1, 1), day=1, more_days=(15,))
        self.assertEqual(move_rule(rule, fifteenth, twentieth).month_days(), (1, 20))
        self.assertEqual(move_rule(rule, first, twentieth).month_days(), (15, 20))
        self.assertEqual(move_rule(rule, first, fifteenth).month_days(), (15,))
        last = RecurrenceRule(date(2026, 1, 1), day=15, more_days=(-1,))
        moved = move_rule(last, date(2026, 2, 28), date(2026, 3, 31))
        self.assertEqual(moved.month_days(), (15, -1))
        mondays = RecurrenceRule(
            date(2026, 1, 1), month_by="day", byday="1", weekday=0, more_weekdays=((3, 0),)
        )
        # 16 March is the third Monday, 24 March the fourth Tuesday
        moved = move_rule(mondays, date(2026, 3, 16), date(2026, 3, 24))
        self.assertEqual(moved.month_weekdays(), ((1, 0), (4, 1)))

    def test_r14_following_move_of_an_agreement(self):
        rule = AgreementRule(date(2026, 1, 1), day=1, more_days=(15,))
        moved = move_rule(rule, date(2026, 1, 1), date(2026, 1, 5))
        self.assertEqual(moved.month_days(), (5, 15))
        # the first day of an agreement is none of the days: they stay
        rule = AgreementRule(date(2026, 1, 10), day=1, more_days=(15,))
        moved = move_rule(rule, date(2026, 1, 10), date(2026, 1, 12))
        self.assertEqual((moved.date_start, moved.month_days()), (date(2026, 1, 12), (1, 15)))

    def test_r14_date_of_two_days_moves_alone(self):
        schedule = self.create_monthly(day=30, more_days="31", date_start=date(2026, 2, 1))
        schedule.action_generate()
        with self.assertRaisesRegex(UserError, "stands for several days of the rule"):
            self.occurrence_on(schedule, "2026-02-28")._move_following(date(2026, 3, 3))

    def test_r14_another_start_leaves_chosen_days(self):
        schedule = self.create_monthly(more_days="15")
        schedule.date_start = date(2026, 1, 15)
        self.assertEqual((schedule.day, schedule.more_days), (1, "15"))
        self.assertNext(schedule, "2026-01-15", "2026-02-01", "2026-02-15")
        with Form(schedule) as form:
            form.date_start = date(2026, 1, 20)
            self.assertEqual(form.day, 1)

    def test_r14_31st_beside_the_last_day_is_one(self):
        schedule = self.create_monthly(day=31, more_days="-1")
        self.assertEqual(schedule.rule_cycle, "Every month on the last day.")
        self.assertEqual(dates_per_month(schedule._get_rule()), 1)

    def test_r14_plans_of_before_are_no_changed_rule(self):
        schedule = self.create_monthly(day=1)
        schedule.action_generate()
        # as it was written before there were further days
        self.assertEqual(
            schedule.generated_rule.replace("FakeDate", "datetime.date"),
            "RecurrenceRule(date_start=datetime.date(2026, 1, 1), rrule_type='monthly', "
            "interval=1, weekdays=frozenset(), month_by='date', day=1, byday=False, weekday=-1, "
            "end_type='forever', count=12, until=None, month_end='clamp', day_shift='none')",
        )
        schedule.more_days = "15"
        self.assertTrue(schedule.rule_stale)

    def test_r14_following_move_on_the_calendar(self):
        schedule = self.create_monthly(more_days="15")
        schedule.action_generate()
        self.occurrence_on(schedule, "2026-01-15")._move_following(date(2026, 1, 20))
        self.assertEqual((schedule.day, schedule.more_days), (20, "1"))
        self.assertNext(schedule, "2026-01-20", "2026-02-01", "2026-02-20")


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceSeveralDaysBilled(BilledLineCase):
    """R14: each of several days of a month bills the days up to the next one."""

    def test_r14_periods_of_first_and_fifteenth(self):
        schedule = self.create_running(self.line("Cleaning", 100.0, tax_ids=[]), more_days="15")
        rows = schedule.occurrence_ids.sorted("date")[:3]
        self.assertEqual(
            [(str(o.period_start), str(o.period_end)) for o in rows],
            [
                ("2026-01-01", "2026-01-14"),
                ("2026-01-15", "2026-01-31"),
                ("2026-02-01", "2026-02-14"),
            ],
        )
        for day in (date(2026, 1, 1), date(2026, 1, 15), date(2026, 2, 1)):
            self.assertEqual(self.run_on(schedule, day).invoice_date, day)
        self.assertEqual(schedule.invoice_count, 3)
        # two dates of 100.00 in a month
        self.assertEqual(schedule.monthly_value, 200.0)

    def test_r14_part_of_a_half_month(self):
        schedule = self.create_running(
            self.line("Cleaning", 170.0, tax_ids=[]),
            more_days="15",
            date_start=date(2026, 1, 22),
            proration="days",
        )
        # 22 to 31 January: 10 of the 17 days of 170.00
        self.assertEqual(self.run_on(schedule, date(2026, 1, 22)).amount_total, 100.0)
        self.assertEqual(self.run_on(schedule, date(2026, 2, 1)).amount_total, 170.0)
