from datetime import date

from odoo.tests import freeze_time, tagged

from .common import RecurrenceCommon


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestPersonDecides(RecurrenceCommon):
    """What a person decided about a date is not undone by pause, catching up or an end."""

    def start(self, **vals):
        schedule = self.create_interaction(**{"rrule_type": "daily", **vals})
        schedule.action_generate()
        return schedule

    def states(self, schedule, first, last):
        found = schedule.occurrence_ids.sorted("date").filtered(
            lambda o: first <= str(o.date) <= last
        )
        return [(str(o.date)[5:], o.state, o.skip_reason or "") for o in found]

    # --- a late job after a pause ---

    def test_late_job_skips_only_what_lies_in_the_pause(self):
        schedule = self.start()
        schedule.action_pause(date(2026, 3, 5))
        self.run_day(schedule, "2026-03-07")
        self.assertEqual(
            self.states(schedule, "2026-03-02", "2026-03-08"),
            [
                ("03-02", "skipped", "Paused"),
                ("03-03", "skipped", "Paused"),
                ("03-04", "skipped", "Paused"),
                ("03-05", "todo", ""),
                ("03-06", "todo", ""),
                ("03-07", "todo", ""),
                ("03-08", "planned", ""),
            ],
        )

    def test_late_job_catches_up_as_the_schedule_says(self):
        schedule = self.start(catch_up="last")
        schedule.action_pause(date(2026, 3, 5))
        self.run_day(schedule, "2026-03-07")
        self.assertEqual(
            self.states(schedule, "2026-03-04", "2026-03-07"),
            [
                ("03-04", "skipped", "Paused"),
                ("03-05", "skipped", "Missed"),
                ("03-06", "skipped", "Missed"),
                ("03-07", "todo", ""),
            ],
        )

    def test_resumed_by_hand_before_the_date_to_resume(self):
        schedule = self.start()
        schedule.action_pause(date(2026, 3, 20))
        with freeze_time("2026-03-05 10:00:00"):
            schedule.action_resume()
            self.run_day(schedule, "2026-03-05")
        self.assertEqual(
            self.states(schedule, "2026-03-04", "2026-03-06"),
            [("03-04", "skipped", "Paused"), ("03-05", "todo", ""), ("03-06", "planned", "")],
        )

    def test_date_added_during_the_pause_is_done(self):
        schedule = self.start(rrule_type="weekly")
        schedule.action_pause(date(2026, 3, 12))
        schedule._add_date(date(2026, 3, 4))
        self.run_day(schedule, "2026-03-12")
        self.assertEqual(
            self.states(schedule, "2026-03-02", "2026-03-12"),
            [("03-02", "skipped", "Paused"), ("03-04", "todo", ""), ("03-09", "skipped", "Paused")],
        )

    def test_date_planned_again_before_the_pause_is_paused(self):
        schedule = self.start(rrule_type="weekly")
        second = schedule.occurrence_ids[1]
        second.action_skip("no")
        second.action_plan_again()
        schedule.action_pause(date(2026, 3, 12))
        self.run_day(schedule, "2026-03-12")
        self.assertEqual((second.state, second.skip_reason), ("skipped", "Paused"))

    # --- catching up ---

    def test_of_two_on_one_day_the_later_of_the_rule_is_the_last(self):
        # Saturday 14 March moves to Friday 13 March; it is older in the database than the Friday
        schedule = self.start(
            rrule_type="weekly",
            date_start=date(2026, 3, 7),
            sat=True,
            day_shift="previous",
            catch_up="last",
        )
        schedule.fri = True
        schedule.action_regenerate()
        self.run_day(schedule, "2026-03-16")
        found = schedule.occurrence_ids.filtered(lambda o: o.date == date(2026, 3, 13))
        self.assertEqual(
            sorted((str(o.rule_date)[5:], o.state) for o in found),
            [("03-13", "skipped"), ("03-14", "todo")],
        )

    def test_planned_again_wins_over_catching_up(self):
        for catch_up in ("skip", "last"):
            schedule = self.start(
                rrule_type="weekly", date_start=date(2026, 2, 2), catch_up=catch_up
            )
            self.run_day(schedule, "2026-03-02")
            first = schedule.occurrence_ids[0]
            self.assertEqual(first.state, "skipped")
            first.action_plan_again()
            self.run_day(schedule, "2026-03-02")
            self.assertEqual((first.state, first.skip_reason), ("todo", False))

    def test_added_by_hand_wins_over_catching_up(self):
        schedule = self.start(rrule_type="weekly", catch_up="skip")
        added = schedule._add_date(date(2026, 2, 20))
        self.assertFalse(schedule.missed_message)
        self.run_day(schedule, "2026-03-02")
        self.assertEqual(added.state, "todo")

    def test_moved_into_the_past_wins_over_catching_up(self):
        schedule = self.start(rrule_type="weekly", catch_up="skip")
        second = schedule.occurrence_ids[1]
        second.date = date(2026, 2, 27)
        self.run_day(schedule, "2026-03-02")
        self.assertEqual(second.state, "todo")

    # --- a finished one ---

    def test_planned_again_on_a_finished_one_is_offered(self):
        schedule = self.start(end_type="count", count=2)
        first, second = schedule.occurrence_ids
        second.action_skip("no")
        self.run_day(schedule, "2026-03-02")
        first.action_done()
        self.run_day(schedule, "2026-03-02")
        self.assertEqual(schedule.state, "finished")
        second.action_plan_again()
        self.assertEqual(schedule.next_date, date(2026, 3, 3))
        with freeze_time("2026-03-03 10:00:00"), self.enter_registry_test_mode():
            cron = self.env.ref("account_recurrence_dunning.recurrence_cron_run_due")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((second.state, schedule.state), ("todo", "finished"))
        self.assertTrue(second.recurrence_activity_ids)
        self.assertEqual(len(schedule.occurrence_ids), 2)

    def test_added_to_one_finished_by_hand_is_offered_and_starts_nothing_else(self):
        schedule = self.start()
        schedule.action_finish()
        self.assertFalse(schedule.occurrence_ids)
        added = schedule._add_date(date(2026, 3, 4))
        self.run_day(schedule, "2026-03-04")
        self.assertEqual(added.state, "todo")
        self.assertEqual((len(schedule.occurrence_ids), schedule.state), (1, "finished"))
