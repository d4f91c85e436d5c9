from datetime import date

from odoo import Command
from odoo.tests import freeze_time, tagged

from ..tools.recurrence.term import Suspension
from .test_recurrence_agreement import NONE
from .test_recurrence_billed_line import FEBRUARY, JANUARY, MARCH
from .test_recurrence_notice import NoticeCase


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceSuspension(NoticeCase):
    """R15: the time of a pause is not billed, or is added at the end."""

    def pause(self, schedule, resume_date, pause_time):
        dialog = self.env["recurrence.schedule.stop"].with_user(self.clerk)
        dialog = dialog.create(
            {
                "schedule_ids": [Command.set(schedule.ids)],
                "mode": "pause",
                "resume_date": resume_date,
                "pause_time": pause_time,
            }
        )
        dialog.action_confirm()

    def test_r15_suspended_time_is_added_at_the_end(self):
        schedule = self.create_agreement()
        for day in (JANUARY, FEBRUARY, date(2026, 3, 1)):
            self.run_on(schedule, day)
        with freeze_time("2026-03-20 10:00:00"):
            self.pause(schedule, date(2026, 6, 15), "added")
        with freeze_time("2026-06-15 10:00:00"):
            self.run_on(schedule, date(2026, 6, 15))
        self.assertEqual(schedule.state, "running")
        # April to June were not billed
        self.assertEqual(
            self.get_dates(schedule, "skipped"), ["2026-04-01", "2026-05-01", "2026-06-01"]
        )
        self.assertEqual(schedule.term_end, date(2027, 3, 31))
        self.assertEqual(schedule.notice_limit, date(2026, 12, 31))

    def test_r15_suspended_time_that_is_only_not_billed(self):
        schedule = self.create_agreement()
        self.run_on(schedule, JANUARY)
        with freeze_time("2026-01-20 10:00:00"):
            self.pause(schedule, date(2026, 3, 15), "lost")
        with freeze_time("2026-03-15 10:00:00"):
            self.run_on(schedule, date(2026, 3, 15))
        self.assertEqual(self.get_dates(schedule, "skipped"), ["2026-02-01", "2026-03-01"])
        self.assertEqual(schedule.term_end, date(2026, 12, 31))

    def test_r15_suspended_time_puts_off_each_kind_of_end(self):
        for vals, last in (
            ({"renewal": "end"}, "2027-02-01"),
            ({"renewal": "ask"}, "2027-02-01"),
            ({**NONE, "end_type": "end_date", "until": "2026-06-30"}, "2026-08-01"),
            ({**NONE, "end_type": "count", "count": 6}, "2026-08-01"),
        ):
            with self.subTest(vals=vals):
                schedule = self.create_agreement(**vals)
                self.run_on(schedule, JANUARY)
                with freeze_time("2026-01-20 10:00:00"):
                    self.pause(schedule, False, "added")
                with freeze_time("2026-03-15 10:00:00"):
                    schedule.with_user(self.clerk).action_resume()
                self.assertEqual(max(self.get_dates(schedule)), last)
                self.assertFalse(schedule.rule_stale)

    def test_r15_suspended_after_notice(self):
        schedule = self.create_agreement()
        self.run_on(schedule, JANUARY)
        self.give_notice(schedule)
        with freeze_time("2026-01-20 10:00:00"):
            self.pause(schedule, False, "added")
        with freeze_time("2026-02-10 10:00:00"):
            schedule.with_user(self.clerk).action_resume()
        self.assertEqual(schedule.notice_end, date(2027, 1, 31))
        self.assertEqual(max(self.get_dates(schedule)), "2027-01-01")

    def test_r15_pause_without_a_date_adds_nothing(self):
        schedule = self.create_agreement()
        self.run_on(schedule, JANUARY)
        with freeze_time("2026-01-10 10:00:00"):
            self.pause(schedule, date(2026, 1, 20), "added")
        with freeze_time("2026-01-20 10:00:00"):
            self.run_on(schedule, date(2026, 1, 20))
        self.assertFalse(schedule.suspensions)
        self.assertEqual(schedule.term_end, date(2026, 12, 31))

    def pause_and_resume(self, schedule, first, end, pause_time="added"):
        with freeze_time(f"{first} 10:00:00"):
            self.pause(schedule, False, pause_time)
        with freeze_time(f"{end} 10:00:00"):
            schedule.with_user(self.clerk).action_resume()

    def test_r15_month_that_was_billed_in_the_pause_is_not_added(self):
        schedule = self.create_agreement(renewal="end")
        for day in (JANUARY, FEBRUARY, MARCH):
            self.run_on(schedule, day)
        with freeze_time("2026-03-20 10:00:00"):
            self.pause(schedule, False, "added")
        self.occurrence_on(schedule, date(2026, 5, 1)).sudo().is_wanted = True
        with freeze_time("2026-07-01 10:00:00"):
            schedule.with_user(self.clerk).action_resume()
        # April and June
        self.assertEqual(schedule.agreement_end, date(2027, 2, 28))

    def test_r15_pause_over_the_end(self):
        """January to March; paused from 15 February to 10 April: May is the third month."""
        for vals in (
            {"term_number": 3, "renewal": "end"},
            {**NONE, "end_type": "end_date", "until": "2026-03-31"},
            {**NONE, "end_type": "count", "count": 3},
        ):
            with self.subTest(vals=vals):
                schedule = self.create_agreement(**vals)
                for day in (JANUARY, FEBRUARY):
                    self.run_on(schedule, day)
                self.pause_and_resume(schedule, "2026-02-15", "2026-04-10")
                self.assertEqual(self.get_dates(schedule), ["2026-05-01"])

    def test_r15_pause_longer_than_the_horizon(self):
        schedule = self.create_agreement()
        self.run_on(schedule, JANUARY)
        self.pause_and_resume(schedule, "2026-01-20", "2027-06-15")
        self.assertEqual(min(self.get_dates(schedule)), "2027-07-01")
        # February 2026 to June 2027 are 17 months
        self.assertEqual(schedule.term_end, date(2028, 5, 31))

    # === BY DAYS === #

    def test_r15_by_days_in_advance_the_pause_is_credited(self):
        schedule = self.create_agreement(proration="days")
        self.run_on(schedule, JANUARY)
        self.pause_and_resume(schedule, "2026-01-11", "2026-02-15", "lost")
        credit = self.occurrence_on(schedule, JANUARY).correction_move_ids
        # 21 of 31 days
        self.assertEqual((credit.state, credit.amount_untaxed), ("draft", 67.74))
        february = self.occurrence_on(schedule, FEBRUARY)
        self.assertEqual(
            (february.date, february.period_start, february.period_end),
            (date(2026, 2, 15), date(2026, 2, 15), date(2026, 2, 28)),
        )
        # 14 of 28 days
        self.assertEqual(self.run_on(schedule, date(2026, 2, 15)).amount_untaxed, 50.0)
        self.assertEqual(self.run_on(schedule, MARCH).amount_untaxed, 100.0)
        self.assertEqual(schedule.term_end, date(2026, 12, 31))

    def test_r15_by_days_in_the_middle_of_a_billed_month(self):
        schedule = self.create_agreement(proration="days")
        self.run_on(schedule, JANUARY)
        self.pause_and_resume(schedule, "2026-01-11", "2026-01-21", "added")
        credit = self.occurrence_on(schedule, JANUARY).correction_move_ids
        # 10 of 31 days
        self.assertEqual(credit.amount_untaxed, 32.26)
        self.assertEqual(schedule.term_end, date(2027, 1, 10))

    def test_r15_by_days_in_arrears_the_days_before_and_after_are_billed(self):
        schedule = self.create_agreement(proration="days", period_paid="post")
        self.pause_and_resume(schedule, "2026-01-11", "2026-01-22", "lost")
        schedule.sudo()._run_due(FEBRUARY)
        dates = schedule.occurrence_ids.filtered("move_id").sorted("period_start")
        self.assertEqual(
            [(str(o.period_start), str(o.period_end)) for o in dates],
            [("2026-01-01", "2026-01-10"), ("2026-01-22", "2026-01-31")],
        )
        # ten of 31 days each
        self.assertEqual(dates.move_id.mapped("amount_untaxed"), [32.26, 32.26])
        self.assertEqual(self.run_on(schedule, MARCH).amount_untaxed, 100.0)

    def test_r15_by_days_pause_over_the_end(self):
        schedule = self.create_agreement(proration="days", renewal="end", term_number=3)
        for day in (JANUARY, FEBRUARY, MARCH):
            self.run_on(schedule, day)
        self.pause_and_resume(schedule, "2026-03-22", "2026-04-11")
        # twenty days, ten of them billed in March
        self.assertEqual(schedule.agreement_end, date(2026, 4, 20))
        [rest] = schedule.occurrence_ids.filtered(lambda o: o.state == "planned")
        self.assertEqual(
            (rest.period_start, rest.period_end), (date(2026, 4, 11), date(2026, 4, 20))
        )

    def test_r15_by_days_end_that_was_billed_is_put_off(self):
        """A year's agreement to 30 June, billed on 1 January; March is added: July is billed."""
        schedule = self.create_agreement(
            self.line("Hosting", 1200.0),
            rrule_type="yearly",
            proration="days",
            renewal="end",
            term_number=6,
        )
        self.run_on(schedule, JANUARY)
        self.pause_and_resume(schedule, "2026-03-01", "2026-04-01")
        self.assertEqual(schedule.agreement_end, date(2026, 7, 31))
        [rest] = schedule.occurrence_ids.filtered(lambda o: o.state == "planned")
        self.assertEqual(
            (rest.date, rest.period_start, rest.period_end),
            (date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 31)),
        )
        # 31 of 365 days
        self.assertEqual(self.run_on(schedule, date(2026, 7, 1)).amount_untaxed, 101.92)

    def test_r15_by_days_a_number_of_times_is_put_off_by_days(self):
        schedule = self.create_agreement(proration="days", **NONE, end_type="count", count=3)
        self.run_on(schedule, JANUARY)
        self.pause_and_resume(schedule, "2026-01-05", "2026-01-25")
        self.assertEqual((schedule.end_type, schedule.until), ("end_date", date(2026, 4, 20)))
        last = schedule.occurrence_ids.sorted("rule_date")[-1]
        self.assertEqual(
            (last.period_start, last.period_end), (date(2026, 4, 1), date(2026, 4, 20))
        )

    def test_r15_date_on_another_working_day_is_not_added(self):
        """1 March 2026 is a Sunday, and billed on the 2nd, when it goes on."""
        schedule = self.create_agreement(day_shift="next", renewal="end")
        for day in (date(2026, 1, 2), date(2026, 2, 2)):
            self.run_on(schedule, day)
        self.pause_and_resume(schedule, "2026-02-20", "2026-03-02")
        self.assertFalse(schedule.suspensions)
        self.assertEqual(schedule.agreement_end, date(2026, 12, 31))

    def test_r15_by_days_what_is_to_do_is_cut(self):
        schedule = self.create_agreement(proration="days", invoice_mode="confirm")
        self.run_on(schedule, JANUARY)
        january = self.occurrence_on(schedule, JANUARY)
        self.assertEqual(january.state, "todo")
        self.pause_and_resume(schedule, "2026-01-05", "2026-01-15", "lost")
        with freeze_time("2026-01-16 10:00:00"):
            rest = self.occurrence_on(schedule, date(2026, 1, 15))
            (january | rest).with_user(self.clerk).action_issue()
        # 4 and 17 of 31 days
        self.assertEqual(january.move_id.amount_untaxed, 12.9)
        self.assertEqual(rest.move_id.amount_untaxed, 54.84)

    def test_r15_by_days_draft_of_the_pause_is_named(self):
        schedule = self.create_agreement(proration="days", invoice_mode="draft")
        self.run_on(schedule, JANUARY)
        self.pause_and_resume(schedule, "2026-01-21", "2026-02-01", "lost")
        asked = schedule.activity_ids.filtered(
            lambda a: a.summary == "A draft bills days of the pause"
        )
        self.assertEqual(len(asked), 1)
        january = self.occurrence_on(schedule, JANUARY)
        january.move_id.with_user(self.clerk).button_cancel()
        january.with_user(self.clerk).action_issue()
        # 20 of 31 days
        self.assertEqual(january.move_id.amount_untaxed, 64.52)

    def test_r15_counted_lines_are_left_and_the_others_credited(self):
        quantity = self.env["recurrence.quantity"].create(
            {"name": "Hours", "source": "entered", "company_id": self.company.id}
        )
        schedule = self.create_agreement(
            self.line("Hosting", 100.0),
            self.line("Hours", 50.0, recurrence_quantity_id=quantity.id, quantity=0),
            proration="days",
        )
        changes = schedule._get_ending_changes(JANUARY)
        self.assertEqual(len(changes), 2)
        schedule.sudo()._credit_suspended(Suspension(JANUARY, date(2026, 1, 10)))
        self.assertFalse(schedule.activity_ids)

    def test_r15_notice_given_in_the_pause_ends_it_as_told(self):
        schedule = self.create_agreement(**NONE)
        self.run_on(schedule, JANUARY)
        with freeze_time("2026-01-20 10:00:00"):
            self.pause(schedule, False, "added")
        with freeze_time("2026-01-25 10:00:00"):
            self.give_notice(schedule, end_date=date(2026, 3, 31))
        with freeze_time("2026-02-10 10:00:00"):
            schedule.with_user(self.clerk).action_resume()
        self.assertEqual(schedule.agreement_end, date(2026, 3, 31))
        self.assertEqual(self.get_dates(schedule), ["2026-03-01"])

    def test_r15_finished_in_the_pause_nothing_is_added_later(self):
        schedule = self.create_agreement()
        with freeze_time("2026-01-20 10:00:00"):
            self.pause(schedule, False, "added")
            self.assertTrue(schedule.pause_added)
            schedule.with_user(self.clerk).action_finish()
        self.assertFalse(schedule.pause_added)
