from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import RecurrenceCommon, RecurrenceInvoiceCommon


@freeze_time("2026-03-02")
@tagged("post_install", "-at_install")
class TestRecurrenceRegenerate(RecurrenceCommon):
    """R6 and rule 3: a changed rule, moved and skipped dates."""

    def setUp(self):
        super().setUp()
        # Wednesdays of March 2026
        self.schedule = self.create_interaction(
            wed=True, end_type="end_date", until=date(2026, 3, 31)
        )
        self.schedule.action_generate()

    def open_dialog(self):
        action = self.schedule.action_open_regenerate()
        return self.env[action["res_model"]].with_context(**action["context"]).create({})

    def test_r6_dialog_lists_before_anything_changes(self):
        self.schedule.write({"wed": False, "thu": True})
        self.assertTrue(self.schedule.rule_stale)
        dialog = self.open_dialog()
        lines = dialog.line_ids.sorted(lambda line: (line.date, line.effect))
        self.assertEqual(
            [(str(line.date), line.effect) for line in lines],
            [
                ("2026-03-04", "removed"),
                ("2026-03-05", "added"),
                ("2026-03-11", "removed"),
                ("2026-03-12", "added"),
                ("2026-03-18", "removed"),
                ("2026-03-19", "added"),
                ("2026-03-25", "removed"),
                ("2026-03-26", "added"),
            ],
        )
        self.assertDates(self.schedule, ["2026-03-04", "2026-03-11", "2026-03-18", "2026-03-25"])
        dialog.action_confirm()
        self.assertDates(self.schedule, ["2026-03-05", "2026-03-12", "2026-03-19", "2026-03-26"])
        self.assertFalse(self.schedule.rule_stale)

    def test_rule_3_done_moved_and_skipped_stay(self):
        first, second, third, _fourth = self.schedule.occurrence_ids
        first.action_done()
        second.date = date(2026, 3, 13)
        third.action_skip("on holiday")
        self.schedule.write({"wed": False, "thu": True})
        self.schedule.action_regenerate()
        self.assertTrue((first + second + third).exists())
        # only invoices have periods: two calls in one week are two calls
        self.assertDates(
            self.schedule,
            [
                "2026-03-04",
                "2026-03-05",
                "2026-03-12",
                "2026-03-13",
                "2026-03-18",
                "2026-03-19",
                "2026-03-26",
            ],
        )

    def test_call_moved_from_friday_to_thursday(self):
        """Regenerate and Next Dates say the same of a date that was moved by hand."""
        schedule = self.create_interaction(fri=True, end_type="end_date", until=date(2026, 3, 20))
        schedule.action_generate()
        self.assertDates(schedule, ["2026-03-06", "2026-03-13", "2026-03-20"])
        self.occurrence_on(schedule, "2026-03-13").date = date(2026, 3, 12)
        self.assertIn("03/12/2026", schedule.rule_preview)
        self.assertNotIn(">03/13/2026<", schedule.rule_preview)
        schedule.write({"fri": False, "thu": True})
        action = schedule.action_open_regenerate()
        dialog = self.env[action["res_model"]].with_context(**action["context"]).create({})
        lines = [(str(line.date), line.effect) for line in dialog.line_ids]
        self.assertNotIn("covered", dialog.line_ids.mapped("effect"))
        self.assertCountEqual(
            lines,
            [
                ("2026-03-05", "added"),
                ("2026-03-06", "removed"),
                ("2026-03-12", "added"),
                ("2026-03-12", "kept"),
                ("2026-03-19", "added"),
                ("2026-03-20", "removed"),
            ],
        )
        shown = schedule.rule_preview
        dialog.action_confirm()
        self.assertDates(schedule, ["2026-03-05", "2026-03-12", "2026-03-12", "2026-03-19"])
        self.assertEqual(schedule.rule_preview, shown)

    def test_dialog_that_is_out_of_date_does_nothing(self):
        self.schedule.write({"wed": False, "thu": True})
        dialog = self.open_dialog()
        self.schedule.occurrence_ids[1].date = date(2026, 3, 13)
        with self.assertRaisesRegex(UserError, "have changed since this was shown"):
            dialog.action_confirm()

    def test_kept_dates_follow_a_new_shift(self):
        schedule = self.create_interaction(
            rrule_type="monthly", date_start=date(2026, 5, 31), end_type="count", count=1
        )
        schedule.action_generate()
        occurrence = schedule.occurrence_ids
        schedule.day_shift = "previous"
        schedule.action_regenerate()
        self.assertEqual(schedule.occurrence_ids, occurrence)
        self.assertEqual(str(occurrence.date), "2026-05-29")

    def test_left_out_dates_come_back_with_the_rule(self):
        schedule = self.create_interaction(
            rrule_type="daily", day_shift="skip", end_type="end_date", until=date(2026, 3, 8)
        )
        schedule.action_generate()
        self.assertDates(schedule, ["2026-03-07", "2026-03-08"], states=["skipped"])
        schedule.day_shift = "none"
        schedule.action_regenerate()
        self.assertDates(schedule, [], states=["skipped"])

    def test_activity_that_came_early_is_removed_with_its_date(self):
        self.schedule.lead_days = 5
        self.run_day(self.schedule, "2026-03-02")
        occurrence = self.schedule.occurrence_ids[0]
        activity = occurrence.activity_id
        self.assertTrue(activity)
        self.schedule.write({"wed": False, "thu": True})
        self.schedule.action_regenerate()
        self.assertFalse(occurrence.exists() or activity.exists())

    def test_move_this_one(self):
        occurrence = self.schedule.occurrence_ids[1]
        action = occurrence.action_open_move()
        with Form(self.env[action["res_model"]].with_context(**action["context"])) as form:
            form.date = date(2026, 3, 13)
        form.record.action_confirm()
        self.assertDates(self.schedule, ["2026-03-04", "2026-03-13", "2026-03-18", "2026-03-25"])
        self.assertTrue(occurrence.is_moved)
        self.assertEqual(str(occurrence.rule_date), "2026-03-11")

    def test_move_this_and_following(self):
        occurrence = self.schedule.occurrence_ids[1]
        action = occurrence.action_open_move()
        with Form(self.env[action["res_model"]].with_context(**action["context"])) as form:
            form.date = date(2026, 3, 12)
            form.scope = "following"
            self.assertIn("Every week on Thursday. From 03/12/2026", form.rule_summary)
        form.record.action_confirm()
        self.assertDates(self.schedule, ["2026-03-04", "2026-03-12", "2026-03-19", "2026-03-26"])
        self.schedule.action_regenerate()
        self.assertDates(self.schedule, ["2026-03-04", "2026-03-12", "2026-03-19", "2026-03-26"])

    def test_move_following_to_an_earlier_day(self):
        self.schedule.occurrence_ids[1]._move_following(date(2026, 3, 10))
        self.assertDates(
            self.schedule,
            ["2026-03-04", "2026-03-10", "2026-03-17", "2026-03-24", "2026-03-31"],
        )

    def test_move_following_keeps_the_count(self):
        schedule = self.create_interaction(end_type="count", count=4)
        schedule.action_generate()
        schedule.occurrence_ids[2]._move_following(date(2026, 3, 17))
        self.assertDates(schedule, ["2026-03-02", "2026-03-09", "2026-03-17", "2026-03-24"])
        self.assertEqual(schedule.last_date, date(2026, 3, 24))

    def start_meeting(self):
        """Start a monthly meeting on Saturday 7 March 2026 that is on people's lists already."""
        schedule = self.create_interaction(
            rrule_type="monthly",
            day=7,
            date_start=date(2026, 3, 7),
            lead_days=7,
            activity_type_id=self.env.ref("mail.mail_activity_data_meeting").id,
            meeting_hour=0.5,
            meeting_tz="Europe/Brussels",
        )
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        return schedule, schedule.occurrence_ids[0]

    def test_r6_activity_and_meeting_follow_their_date(self):
        schedule, occurrence = self.start_meeting()
        self.assertEqual(str(occurrence.event_id.start), "2026-03-06 23:30:00")
        schedule.day_shift = "next"
        schedule.action_regenerate()
        self.assertEqual((str(occurrence.date), occurrence.state), ("2026-03-09", "todo"))
        self.assertEqual(str(occurrence.activity_id.date_deadline), "2026-03-09")
        self.assertEqual(str(occurrence.event_id.start), "2026-03-08 23:30:00")
        self.assertFalse(occurrence.is_moved)

    def test_r6_activity_and_meeting_go_with_a_date_left_out(self):
        schedule, occurrence = self.start_meeting()
        activity, event = occurrence.activity_id, occurrence.event_id
        schedule.day_shift = "skip"
        schedule.action_regenerate()
        self.assertEqual(occurrence.state, "skipped")
        self.assertFalse(activity.exists() or event.exists())

    def test_closed_date_cannot_be_moved(self):
        occurrence = self.schedule.occurrence_ids[0]
        occurrence.action_done()
        with self.assertRaisesRegex(UserError, "is already closed and cannot be moved"):
            occurrence.date = date(2026, 3, 6)

    def test_skip_with_reason_and_plan_again(self):
        occurrence = self.schedule.occurrence_ids[1]
        action = occurrence.action_open_skip()
        dialog = self.env[action["res_model"]].with_context(**action["context"])
        dialog.create({"reason": "Fair"}).action_confirm()
        self.assertEqual((occurrence.state, occurrence.skip_reason), ("skipped", "Fair"))
        occurrence.action_plan_again()
        self.assertEqual(occurrence.state, "planned")

    def test_peer_4_changed_rule_moves_the_next_date(self):
        self.assertEqual(self.schedule.next_date, date(2026, 3, 4))
        self.schedule.write({"wed": False, "fri": True})
        self.schedule.action_regenerate()
        self.assertEqual(self.schedule.next_date, date(2026, 3, 6))


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestChangedRule(RecurrenceInvoiceCommon):
    """Until somebody regenerates, only what both rules give is issued; the rest waits and asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.sudo().write(
            {"recurrence_dunning_tz": "UTC", "recurrence_public_holidays": False}
        )

    def start(self, **vals):
        """Start a schedule from Monday 2 March 2026 on that the job posts."""
        schedule = self.create_schedule(
            self.partner_a,
            **{"date_start": date(2026, 3, 2), "day": 2, "invoice_mode": "post", **vals},
        )
        schedule.action_generate()
        return schedule

    def run_days(self, schedule, *days):
        for day in days:
            with freeze_time(f"{day} 10:00:00"):
                schedule.sudo()._run_due(date.fromisoformat(day))
        self.env.invalidate_all()

    def regenerate(self, schedule, day):
        with freeze_time(f"{day} 10:00:00"):
            schedule.action_regenerate()
        self.run_days(schedule, day)

    def assertIssued(self, schedule, *days):
        done = schedule.occurrence_ids.filtered(lambda o: o.state == "done")
        self.assertEqual([str(day) for day in done.sorted("date").mapped("date")], list(days))

    def shown(self, schedule):
        return [str(item.date) for item in schedule._get_preview_dates(schedule._get_rule())]

    def test_daily_became_yearly(self):
        schedule = self.start(rrule_type="daily")
        self.run_days(schedule, "2026-03-02")
        schedule.rrule_type = "yearly"
        self.assertEqual(self.shown(schedule)[0], "2027-03-02")
        self.run_days(schedule, "2026-03-03", "2026-03-04", "2026-03-09")
        self.assertIssued(schedule, "2026-03-02")
        question = schedule.activity_ids
        self.assertEqual(question.summary, "Rule changed: regenerate the dates")
        self.assertFalse(schedule.missed_message)

    def test_friday_became_monday(self):
        schedule = self.start(rrule_type="weekly", fri=True)
        self.assertEqual(self.shown(schedule)[0], "2026-03-06")
        schedule.write({"fri": False, "mon": True})
        self.assertEqual(self.shown(schedule)[:2], ["2026-03-02", "2026-03-09"])
        self.run_days(schedule, "2026-03-06", "2026-03-09")
        self.assertIssued(schedule)
        # what waited is not billed afterwards either
        self.regenerate(schedule, "2026-03-09")
        self.assertIssued(schedule, "2026-03-09")
        self.run_days(schedule, "2026-03-13", "2026-03-16")
        self.assertIssued(schedule, "2026-03-09", "2026-03-16")

    def test_monthly_became_quarterly(self):
        schedule = self.start()
        self.run_days(schedule, "2026-03-02")
        schedule.interval = 3
        self.assertEqual(self.shown(schedule)[0], "2026-06-02")
        self.run_days(schedule, "2026-04-02", "2026-05-02", "2026-06-02")
        self.assertIssued(schedule, "2026-03-02")
        # billed are the days from then on as the new rule has them
        self.regenerate(schedule, "2026-06-02")
        self.assertIssued(schedule, "2026-03-02", "2026-06-02")
        last = schedule.occurrence_ids.filtered(lambda o: o.state == "done")[-1]
        self.assertEqual(str(last.period_end), "2026-09-01")

    def test_what_both_rules_give_is_issued_up_to_the_earlier_end(self):
        schedule = self.start(end_type="end_date", until=date(2026, 12, 31))
        self.run_days(schedule, "2026-03-02")
        schedule.until = date(2026, 5, 1)
        self.assertTrue(schedule.rule_stale)
        self.run_days(schedule, "2026-04-02", "2026-05-02")
        self.assertIssued(schedule, "2026-03-02", "2026-04-02")

    def test_fewer_times(self):
        schedule = self.start(rrule_type="weekly", end_type="count", count=10)
        self.run_days(schedule, "2026-03-02")
        schedule.count = 2
        self.run_days(schedule, "2026-03-09", "2026-03-16")
        self.assertIssued(schedule, "2026-03-02", "2026-03-09")
        self.regenerate(schedule, "2026-03-17")
        self.assertIssued(schedule, "2026-03-02", "2026-03-09")

    def test_other_working_days(self):
        schedule = self.start(rrule_type="weekly", sat=True)
        schedule.day_shift = "next"
        self.run_days(schedule, "2026-03-07", "2026-03-09")
        self.assertIssued(schedule)
        self.regenerate(schedule, "2026-03-09")
        self.assertIssued(schedule, "2026-03-09")

    def test_person_decides_about_dates_of_the_former_rule(self):
        schedule = self.start(rrule_type="weekly", fri=True)
        first, second = schedule.occurrence_ids[:2]
        first.date = date(2026, 3, 5)
        schedule.write({"fri": False, "mon": True})
        self.run_days(schedule, "2026-03-05")
        second.action_issue()
        self.assertIssued(schedule, "2026-03-05", "2026-03-13")

    def test_billed_afterwards_instead_of_in_advance(self):
        schedule = self.start()
        self.run_days(schedule, "2026-03-02")
        first = schedule.occurrence_ids[0]
        self.assertEqual(
            (str(first.period_start), str(first.period_end)), ("2026-03-02", "2026-04-01")
        )
        schedule.period_paid = "post"
        self.assertTrue(schedule.rule_stale)
        self.run_days(schedule, "2026-04-02")
        self.assertIssued(schedule, "2026-03-02")
        # March is paid for already; April is billed in May
        self.regenerate(schedule, "2026-04-02")
        self.run_days(schedule, "2026-05-02")
        self.assertIssued(schedule, "2026-03-02", "2026-05-02")
        second = schedule.occurrence_ids.filtered(lambda o: o.state == "done")[-1]
        self.assertEqual(
            (str(second.period_start), str(second.period_end)), ("2026-04-02", "2026-05-01")
        )
        schedule.period_paid = "pre"
        self.assertTrue(schedule.rule_stale)

    def test_period_is_billed_in_advance_or_afterwards(self):
        schedule = self.start()
        for empty in ("", False):
            with self.assertRaisesRegex(ValidationError, "in advance or in arrears"):
                schedule.period_paid = empty

    def count_queries(self, schedules):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.assertEqual(len(schedules._get_waiting(date(2026, 3, 4))), len(schedules))
        return self.cr.sql_log_count - before

    def test_many_changed_rules_take_no_more_queries(self):
        schedules = self.env["recurrence.schedule"]
        for _number in range(12):
            schedule = self.start(rrule_type="weekly")
            schedule.write({"rrule_type": "yearly"})
            schedules |= schedule
        few = self.count_queries(schedules[:2])
        self.assertEqual(self.count_queries(schedules), few)
