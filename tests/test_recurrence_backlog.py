from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import RecurrenceCommon, RecurrenceInvoiceCommon

TODAY = date(2026, 3, 2)


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestInvoiceBacklog(RecurrenceInvoiceCommon):
    """More due at once than the bound waits, for as long as it is more and nobody agreed."""

    def setUp(self):
        super().setUp()
        self.env.company.sudo().write(
            {"recurrence_dunning_tz": "UTC", "recurrence_invoice_limit": 5}
        )
        # 10 Mondays, from 29 December 2025 to today
        self.schedule = self.create_schedule(
            self.partner_a,
            rrule_type="weekly",
            date_start=TODAY - timedelta(weeks=9),
            invoice_mode="post",
        )
        self.schedule.action_generate()
        self.run_day(TODAY)

    def run_day(self, day):
        self.schedule.sudo()._run_due(day)
        self.env.invalidate_all()

    def assertHeld(self, count):
        self.assertEqual(self.schedule.backlog_count, count)
        self.assertEqual(self.schedule.invoice_count, 0)
        self.assertEqual(len(self.schedule.activity_ids), 1)
        self.assertIn(
            f"Invoices due at the same time: {count}, more than the limit of 5", self.schedule.error
        )

    def assertReleased(self, invoices):
        self.assertEqual((self.schedule.backlog_count, self.schedule.error), (0, False))
        self.assertEqual(self.schedule.invoice_count, invoices)
        self.assertFalse(self.schedule.activity_ids)

    def test_holds_and_asks_once(self):
        self.assertHeld(10)
        self.run_day(TODAY)
        self.assertHeld(10)
        self.run_day(TODAY + timedelta(weeks=1))
        self.assertEqual(self.schedule.invoice_count, 0)
        self.assertEqual(len(self.schedule.activity_ids), 1)

    def test_skipping_missed_dates_releases_it(self):
        self.schedule.catch_up = "skip"
        self.assertEqual(self.schedule.backlog_count, 0)
        self.run_day(TODAY)
        self.assertReleased(1)
        for week in range(1, 4):
            self.run_day(TODAY + timedelta(weeks=week))
        self.assertReleased(4)

    def test_only_the_last_one_releases_it(self):
        self.schedule.catch_up = "last"
        self.assertEqual(self.schedule.backlog_count, 0)
        self.run_day(TODAY)
        self.assertReleased(1)

    def test_dates_skipped_by_hand_release_it(self):
        due = self.schedule.occurrence_ids.filtered(lambda o: o.date <= TODAY)
        due[:4].action_skip("too old")
        self.assertEqual(self.schedule.backlog_count, 6)
        due[4].action_skip("too old")
        self.assertEqual(self.schedule.backlog_count, 0)
        self.run_day(TODAY)
        self.assertReleased(5)

    def test_dates_moved_release_it(self):
        due = self.schedule.occurrence_ids.filtered(lambda o: o.date <= TODAY)
        due[:5].date = TODAY + timedelta(days=3)
        self.assertEqual(self.schedule.backlog_count, 0)
        self.run_day(TODAY)
        self.assertReleased(5)

    def test_a_raised_bound_releases_it(self):
        self.env.company.sudo().recurrence_invoice_limit = 10
        self.assertEqual(self.schedule.backlog_count, 0)
        self.run_day(TODAY)
        self.assertReleased(10)

    def test_a_lowered_bound_holds_what_was_not_issued_yet(self):
        self.env.company.sudo().recurrence_invoice_limit = 50
        self.assertEqual(self.schedule.backlog_count, 0)
        self.env.company.sudo().recurrence_invoice_limit = 9
        self.assertEqual(self.schedule.backlog_count, 10)
        self.env["recurrence.issuing"]._issue_due(self.env.company, TODAY)
        self.assertEqual(self.schedule.invoice_count, 0)

    def test_agreeing_counts_once(self):
        self.schedule.action_confirm_backlog()
        self.run_day(TODAY)
        self.assertReleased(10)
        self.assertFalse(self.schedule.catch_up_confirmed)

    def test_agreeing_is_not_kept_for_another_backlog(self):
        self.schedule.action_confirm_backlog()
        due = self.schedule.occurrence_ids.filtered(lambda o: o.date <= TODAY)
        due.action_skip("after all")
        self.run_day(TODAY)
        self.assertFalse(self.schedule.catch_up_confirmed)
        due.action_plan_again()
        self.run_day(TODAY)
        self.assertHeld(10)

    def test_finishing_or_pausing_settles_it(self):
        for action in ("action_pause", "action_finish"):
            with self.subTest(action), self.cr.savepoint() as savepoint:
                getattr(self.schedule, action)()
                self.assertReleased(0)
                savepoint.rollback()

    def test_finishing_keeps_the_error_of_a_date_that_failed(self):
        first = self.schedule.occurrence_ids[0]
        first._record_error("no journal")
        self.schedule.action_finish()
        self.assertEqual((first.error, self.schedule.error), ("no journal", "no journal"))

    def test_what_was_accepted_is_issued_after_a_crash(self):
        """Dates that are to do already were agreed to: the bound does not stop them again."""
        self.schedule.action_confirm_backlog()
        self.schedule.sudo()._process_due(TODAY)
        self.assertFalse(self.schedule.catch_up_confirmed)
        self.env["recurrence.issuing"]._issue_due(self.env.company, TODAY)
        self.assertEqual(self.schedule.invoice_count, 10)


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestInteractionBacklog(RecurrenceCommon):
    """Interactions have a bound too."""

    def start(self, days, **vals):
        schedule = self.create_interaction(
            rrule_type="daily", date_start=TODAY - timedelta(days=days - 1), **vals
        )
        schedule.action_generate()
        self.run_day(schedule, TODAY)
        return schedule

    def activities(self, schedule):
        return schedule.occurrence_ids.recurrence_activity_ids

    def test_a_thousand_activities_ask_first(self):
        schedule = self.start(500)
        self.assertFalse(self.activities(schedule))
        self.assertEqual(schedule.backlog_count, 500)
        self.assertIn(
            "Activities due at the same time: 500, more than the limit of 24", schedule.error
        )
        self.assertEqual(schedule.activity_ids.user_id, self.employee)
        schedule.action_confirm_backlog()
        self.assertFalse(schedule.activity_ids or schedule.error or schedule.backlog_count)
        self.run_day(schedule, TODAY)
        self.assertEqual(len(self.activities(schedule)), 500)

    def test_as_many_as_the_bound_ask_nothing(self):
        schedule = self.start(24)
        self.assertEqual(len(self.activities(schedule)), 24)
        self.assertFalse(schedule.activity_ids)

    def test_the_bound_is_a_setting_of_the_company(self):
        self.company.sudo().recurrence_activity_limit = 2
        self.assertEqual(self.start(3).backlog_count, 3)

    def test_days_ahead_count(self):
        schedule = self.start(1, lead_days=30)
        self.assertEqual(schedule.backlog_count, 31)

    def save_filter(self):
        self.env["res.partner"].sudo().create(
            [{"name": f"Oak {n}", "function": "backlog"} for n in range(10)]
        )
        return self.env["ir.filters"].create(
            {
                "name": "Wood",
                "model_id": "res.partner",
                "domain": "[('function', '=', 'backlog')]",
                "user_ids": [Command.link(self.env.uid)],
            }
        )

    def test_one_activity_each_counts_each(self):
        saved = self.save_filter()
        schedule = self.start(3, subject="filter", filter_mode="each", filter_id=saved.id)
        self.assertEqual(schedule.backlog_count, 30)
        self.assertFalse(self.activities(schedule))

    def test_one_date_is_nothing_to_catch_up_with(self):
        self.company.sudo().recurrence_activity_limit = 2
        saved = self.save_filter()
        schedule = self.start(1, subject="filter", filter_mode="each", filter_id=saved.id)
        self.assertEqual(len(self.activities(schedule)), 10)

    def test_what_catches_up_with_nothing_asks_nothing(self):
        schedule = self.start(300, catch_up="skip")
        self.assertEqual(len(self.activities(schedule)), 1)
        self.assertFalse(schedule.activity_ids)
