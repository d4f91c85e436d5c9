from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..models.recurrence import recurrence_schedule_job_mixin
from .common import RecurrenceCommon

CRON = "account_recurrence_dunning.recurrence_cron_run_due"


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceJob(RecurrenceCommon):
    """The daily job: catching up, pausing, finishing, errors, days of companies."""

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref(CRON).sudo().method_direct_trigger()
        self.env.invalidate_all()

    def test_cron_does_the_day_once(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        self.run_cron()
        self.assertEqual(schedule.occurrence_ids[0].state, "todo")
        self.assertEqual(schedule.run_date, date(2026, 3, 2))
        self.run_cron()
        self.assertEqual(len(schedule.occurrence_ids[0].recurrence_activity_ids), 1)

    @mute_logger(recurrence_schedule_job_mixin.__name__)
    def test_rule_15_one_bad_schedule_stops_nobody(self):
        good, bad, refused = (self.create_interaction(name=n) for n in ("good", "bad", "refused"))
        (good + bad + refused).action_generate()
        original = type(good)._start_due

        def start_due(schedules, as_of):
            if bad in schedules.sudo(False):
                raise ValueError("broken")
            if refused in schedules.sudo(False):
                message = "not today"
                raise UserError(message)
            return original(schedules, as_of)

        with patch.object(type(good), "_start_due", start_due):
            self.run_cron()
        self.assertEqual(good.occurrence_ids[0].state, "todo")
        self.assertEqual((bad.error, refused.error), ("broken", "not today"))
        self.assertEqual(bad.occurrence_ids[0].state, "planned")

    def test_peer_12_each_company_has_its_own_day(self):
        company = self.company.sudo()
        self.assertEqual(company._get_job_today(), date(2026, 3, 2))
        with freeze_time("2026-03-01 23:30:00"):
            self.assertEqual(company._get_job_today(), date(2026, 3, 2))
            company.recurrence_dunning_tz = "America/Bogota"
            self.assertEqual(company._get_job_today(), date(2026, 3, 1))
            schedule = self.create_interaction()
            schedule.action_generate()
            self.run_cron()
            self.assertEqual(schedule.occurrence_ids[0].state, "planned")

    def test_day_asks_the_database_as_often_for_many(self):
        def count_queries(schedules):
            schedules.action_generate()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            schedules.sudo()._process_due(date(2026, 3, 2))
            self.env.flush_all()
            self.assertEqual(set(schedules.mapped("occurrence_ids.activity_id.active")), {True})
            return self.env.cr.sql_log_count - before

        _warm_up, few, many = (
            count_queries(
                self.env["recurrence.schedule"].union(
                    *(self.create_interaction(name=f"{n} of {size}") for n in range(size))
                )
            )
            for size in (1, 2, 30)
        )
        self.assertLessEqual(many, few + 3)

    # --- catching up ---

    def miss_three(self, catch_up):
        schedule = self.create_interaction(end_type="count", count=5, catch_up=catch_up)
        schedule.action_generate()
        self.run_day(schedule, "2026-03-19")
        return schedule

    def test_peer_7_missed_nights_are_not_lost(self):
        schedule = self.miss_three("all")
        self.assertDates(schedule, ["2026-03-02", "2026-03-09", "2026-03-16"], states=["todo"])

    def test_catch_up_last_only(self):
        schedule = self.miss_three("last")
        self.assertDates(schedule, ["2026-03-02", "2026-03-09"], states=["skipped"])
        self.assertDates(schedule, ["2026-03-16"], states=["todo"])

    def test_catch_up_last_keeps_all_of_today(self):
        schedule = self.create_interaction(
            rrule_type="daily", day_shift="next", end_type="count", count=8, catch_up="last"
        )
        schedule.action_generate()
        with freeze_time("2026-03-09"):
            schedule.invalidate_recordset(["missed_message"])
            sentence = "Missed since 03/02/2026: 5. The next run skips them."
            self.assertEqual(schedule.missed_message, sentence)
        self.run_day(schedule, "2026-03-09")
        # Saturday and Sunday were put on Monday: none of the three was missed
        self.assertDates(schedule, ["2026-03-09"] * 3, states=["todo"])
        missed = [f"2026-03-0{day}" for day in range(2, 7)]
        self.assertDates(schedule, missed, states=["skipped"])

    def test_catch_up_leaves_what_a_person_moved(self):
        schedule = self.create_interaction(end_type="count", count=5, catch_up="last")
        schedule.action_generate()
        schedule.occurrence_ids[0].date = date(2026, 3, 4)
        self.run_day(schedule, "2026-03-19")
        self.assertDates(schedule, ["2026-03-04", "2026-03-16"], states=["todo"])
        self.assertDates(schedule, ["2026-03-09"], states=["skipped"])

    def test_catch_up_skip(self):
        schedule = self.miss_three("skip")
        self.assertDates(schedule, ["2026-03-02", "2026-03-09", "2026-03-16"], ["skipped"])
        self.assertEqual(schedule.occurrence_ids[0].skip_reason, "Missed")
        self.run_day(schedule, "2026-03-23")
        self.assertDates(schedule, ["2026-03-23"], states=["todo"])

    def test_missed_dates_are_shown_before_the_next_run(self):
        schedule = self.create_interaction(end_type="count", count=5)
        schedule.action_generate()
        self.assertFalse(schedule.missed_message)
        with freeze_time("2026-03-19"):
            schedule.invalidate_recordset(["missed_message"])
            sentence = "Missed since 03/02/2026: 3. The next run processes all of them."
            self.assertEqual(schedule.missed_message, sentence)
            schedule.catch_up = "last"
            self.assertIn("processes the last one and skips the others", schedule.missed_message)
            schedule.catch_up = "skip"
            self.assertIn("The next run skips them", schedule.missed_message)
            self.run_day(schedule, "2026-03-19")
            self.assertFalse(schedule.missed_message)

    # --- pausing, finishing ---

    def open_stop(self, action):
        return self.env[action["res_model"]].with_context(**action["context"])

    def test_pause_says_what_will_not_happen_and_resumes_by_itself(self):
        schedule = self.create_interaction(end_type="count", count=6)
        schedule.action_generate()
        dialog = self.open_stop(schedule.action_open_pause()).create(
            {"resume_date": date(2026, 3, 17)}
        )
        self.assertEqual(
            dialog.message,
            "Dates that will not take place (3): 03/02/2026, 03/09/2026, 03/16/2026.",
        )
        dialog.action_confirm()
        self.assertEqual(schedule.state, "paused")
        self.run_day(schedule, "2026-03-16")
        self.assertEqual(schedule.occurrence_ids[0].state, "planned")
        self.run_day(schedule, "2026-03-17")
        self.assertEqual(schedule.state, "running")
        self.assertDates(schedule, ["2026-03-02", "2026-03-09", "2026-03-16"], ["skipped"])
        self.assertEqual(schedule.occurrence_ids[0].skip_reason, "Paused")
        self.run_day(schedule, "2026-03-23")
        self.assertDates(schedule, ["2026-03-23"], states=["todo"])

    def test_pause_must_end_in_the_future(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        dialog = self.open_stop(schedule.action_open_pause()).create(
            {"resume_date": date(2026, 3, 2)}
        )
        with self.assertRaisesRegex(UserError, "must be in the future"):
            dialog.action_confirm()

    def test_finish_removes_what_is_planned_and_keeps_what_is_to_do(self):
        schedule = self.create_interaction(end_type="count", count=3)
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        dialog = self.open_stop(schedule.action_open_finish()).create({})
        self.assertEqual(
            dialog.message, "Dates that will not take place (2): 03/09/2026, 03/16/2026."
        )
        dialog.action_confirm()
        self.assertEqual(schedule.state, "finished")
        self.assertDates(schedule, ["2026-03-02"], states=["todo"])
        schedule.action_resume()
        self.assertEqual(schedule.state, "running")
        self.assertDates(schedule, ["2026-03-02", "2026-03-09", "2026-03-16"])

    def test_finishes_by_itself_when_all_is_done(self):
        schedule = self.create_interaction(end_type="count", count=2)
        schedule.action_generate()
        self.run_day(schedule, "2026-03-09")
        self.assertEqual(schedule.state, "running")
        schedule.occurrence_ids.action_done()
        self.run_day(schedule, "2026-03-10")
        self.assertEqual(schedule.state, "finished")

    def test_r2_about_to_end(self):
        ending = self.create_interaction(name="ending", end_type="count", count=4)
        later = self.create_interaction(name="later", end_type="count", count=9)
        endless = self.create_interaction(name="endless")
        schedules = ending + later + endless
        schedules.action_generate()
        self.assertEqual(schedules.mapped("is_ending"), [True, False, False])
        search = self.env["recurrence.schedule"].search
        self.assertEqual(search([("is_ending", "=", True)]), ending)
        self.assertEqual(search([("is_ending", "=", False)]), later + endless)
        self.company.sudo().recurrence_ending_days = 90
        self.assertEqual(search([("is_ending", "=", True)]), ending + later)
        action = self.env.ref("account_recurrence_dunning.recurrence_schedule_action").sudo()
        self.assertIn("search_default_active_ones", action.context)

    def test_running_one_is_not_archived_by_mistake(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        with self.assertRaisesRegex(UserError, "Pause or finish"):
            schedule.action_archive()

    def test_company_of_a_running_one_cannot_change(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        other = self.env["res.company"].sudo().create({"name": "Other"})
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            schedule.sudo().company_id = other
