from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import DunningMailCommon

MODULE = "account_recurrence_dunning"
JOBS = {
    "run": "ir_cron_dunning_run",
    "outbox": "ir_cron_dunning_outbox",
    "statements": "ir_cron_dunning_statements",
    "refresh": "ir_cron_dunning_refresh",
    "cases": "ir_cron_dunning_cases",
    "recurrence": "recurrence_cron_run_due",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 08:30:00")
class TestJobWatch(DunningMailCommon):
    """Missed work alarms somebody: any job of the addon notices that another stands still."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["recurrence.schedule"].sudo().search([]).state = "finished"
        others = cls.env["res.company"].sudo().search([("id", "!=", cls.company.id)])
        others.dunning_active = False
        cls.clerk = cls.create_user("watch_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@company.example"
        cls.biller = cls.create_user("watch_biller", "account.group_account_invoice")
        cls.biller.email = "biller@company.example"
        cls.program.user_id = cls.clerk
        cls.schedule = cls.env["recurrence.schedule"].create(
            {"name": "Call", "user_id": cls.biller.id, "date_start": "2026-03-10"}
        )
        cls.schedule.action_generate()
        now = fields.Datetime.from_string("2026-03-10 08:30:00")
        cls.jobs = {name: cls.env.ref(f"{MODULE}.{xmlid}").sudo() for name, xmlid in JOBS.items()}
        for job in cls.jobs.values():
            job.write({"nextcall": now + timedelta(minutes=10), "lastcall": False})
        cls.line = cls.program.schedule_ids.sudo()
        cls.line.write({"date_since": now, "last_run": False})

    def run_job(self, name):
        with self.enter_registry_test_mode():
            self.jobs[name].method_direct_trigger()
        self.env.invalidate_all()

    def alarms(self, user):
        """Return what a user was told by activities, and how many mails went to that user."""
        activities = self.env["mail.activity"].sudo()
        activities = activities.search([("user_id", "=", user.id), ("res_model", "=", False)])
        mails = self.env["mail.mail"].sudo().search([("email_to", "ilike", user.email)])
        return activities.mapped("note"), len(mails)

    def test_all_is_well(self):
        self.run_job("outbox")
        self.assertEqual(self.alarms(self.clerk), ([], 0))
        self.assertEqual(self.alarms(self.biller), ([], 0))

    def test_a_job_switched_off_is_noticed_by_every_other_one_once(self):
        for name, user in (("run", self.clerk), ("recurrence", self.biller)):
            self.jobs[name].active = False
            for watcher in set(JOBS) - {name}:
                self.run_job(watcher)
            notes, mails = self.alarms(user)
            self.assertEqual((len(notes), mails), (1, 1), name)
            self.assertIn("is switched off", notes[0])

    def test_each_job_notices_each_other(self):
        for watched in JOBS:
            for watcher in set(JOBS) - {watched}:
                with self.subTest(watched=watched, watcher=watcher):
                    self.jobs[watched].write({"active": False, "job_alarm_date": False})
                    self.run_job(watcher)
                    self.assertTrue(self.jobs[watched].job_alarm_date)
                    self.jobs[watched].active = True
                    self.run_job(watcher)
                    self.assertFalse(self.jobs[watched].job_alarm_date)

    def test_a_new_outage_is_told_again(self):
        self.jobs["recurrence"].active = False
        self.run_job("outbox")
        self.jobs["recurrence"].active = True
        self.run_job("outbox")
        self.jobs["recurrence"].active = False
        self.run_job("outbox")
        self.assertEqual(self.alarms(self.biller)[1], 2)

    def test_a_job_that_did_not_run_is_noticed(self):
        self.jobs["recurrence"].nextcall = "2026-03-10 06:45:00"
        self.run_job("outbox")
        self.assertEqual(self.alarms(self.biller), ([], 0), "it may be late")
        self.jobs["recurrence"].nextcall = "2026-03-10 06:15:00"
        self.run_job("outbox")
        self.assertIn("should have run", self.alarms(self.biller)[0][0])

    def test_a_long_backlog_is_no_outage(self):
        self.jobs["recurrence"].nextcall = "2026-03-10 03:00:00"
        self.env.flush_all()
        progress = self.env["ir.cron.progress"].sudo()
        progress.create({"cron_id": self.jobs["recurrence"].id, "done": 100, "remaining": 900})
        self.run_job("outbox")
        self.assertEqual(self.alarms(self.biller), ([], 0))

    def test_a_failing_job_is_noticed_before_odoo_switches_it_off(self):
        self.jobs["outbox"].write({"failure_count": 1, "first_failure_date": "2026-03-10 06:15:00"})
        self.run_job("recurrence")
        self.assertIn("has been failing since", self.alarms(self.clerk)[0][0])

    def test_d15_a_planned_run_that_did_not_happen_is_told_once(self):
        self.line.write({"hour": 6.0, "date_since": "2026-03-09 12:00:00", "last_run": False})
        self.line.program_id.company_id.recurrence_dunning_tz = "UTC"
        self.assertEqual(str(self.line.next_run), "2026-03-10 06:00:00")
        self.assertTrue(self.line.is_missed)
        self.run_job("recurrence")
        self.run_job("refresh")
        notes, mails = self.alarms(self.clerk)
        self.assertEqual((len(notes), mails), (1, 1))
        self.assertIn("did not take place", notes[0])
        self.run_job("run")
        self.assertFalse(self.line.is_missed)

    def test_nothing_to_do_nothing_to_miss(self):
        self.schedule.action_pause()
        self.company.dunning_active = False
        for job in self.jobs.values():
            job.active = False
        self.jobs["run"].active = True
        self.run_job("run")
        self.assertEqual(self.alarms(self.clerk), ([], 0))
        self.assertEqual(self.alarms(self.biller), ([], 0))

    def test_rule_16_a_copy_alarms_nobody(self):
        self.company.sudo().dunning_home = "elsewhere@erp.example.com"
        for name in ("run", "outbox", "refresh"):
            self.jobs[name].active = False
        self.line.write({"date_since": "2026-03-01 12:00:00", "last_run": False})
        self.run_job("recurrence")
        self.assertEqual(self.alarms(self.clerk), ([], 0))

    def test_without_a_responsible_administrators_are_told(self):
        self.schedule.sudo().user_id = False
        self.jobs["recurrence"].active = False
        self.run_job("outbox")
        admin = self.env.ref("base.user_admin")
        self.assertEqual(len(self.alarms(admin)[0]), 1)

    def test_times_are_those_of_who_is_told(self):
        self.clerk.tz, self.biller.tz = "America/New_York", "Asia/Tokyo"
        self.jobs["outbox"].nextcall = "2026-03-10 06:15:00"
        self.jobs["recurrence"].nextcall = "2026-03-10 06:15:00"
        self.run_job("refresh")
        self.assertIn("03/10/2026 02:15:00 AM", self.alarms(self.clerk)[0][0])
        self.assertIn("03/10/2026 03:15:00 PM", self.alarms(self.biller)[0][0])

    def test_since_when_a_job_fails_too_and_without_a_zone_that_of_the_company(self):
        self.clerk.tz, self.company.sudo().recurrence_dunning_tz = False, "Asia/Tokyo"
        self.jobs["outbox"].write({"failure_count": 1, "first_failure_date": "2026-03-10 06:15:00"})
        self.run_job("recurrence")
        self.assertIn(
            "has been failing since 03/10/2026 03:15:00 PM", self.alarms(self.clerk)[0][0]
        )

    def test_d15_a_missed_run_is_told_at_the_hour_of_its_line(self):
        self.company.sudo().recurrence_dunning_tz = "Asia/Tokyo"
        self.clerk.tz = "America/New_York"
        # 8:00 in Tokyo on Tuesday the 10th is 23:00 of the 9th in UTC
        self.line.write({"hour": 8.0, "date_since": "2026-03-09 12:00:00", "last_run": False})
        self.assertEqual(str(self.line.next_run), "2026-03-09 23:00:00")
        self.run_job("recurrence")
        notes, _mails = self.alarms(self.clerk)
        self.assertIn("planned for 03/10/2026 08:00:00 AM did not take place", notes[0])

    def test_only_an_administrator_is_sent_to_the_settings(self):
        self.jobs["outbox"].active = False
        self.run_job("refresh")
        note = self.alarms(self.clerk)[0][0]
        self.assertIn("ask an administrator", note)
        self.assertNotIn("Scheduled Actions", note)
        admin = self.env.ref("base.user_admin")
        admin.company_ids += self.company
        self.jobs["outbox"].active, self.program.user_id = True, admin
        self.run_job("refresh")
        self.jobs["outbox"].active = False
        self.run_job("refresh")
        self.assertIn("Scheduled Actions", self.alarms(admin)[0][0])

    def test_a_failure_noted_by_a_clock_ahead_is_noticed(self):
        self.jobs["outbox"].write({"failure_count": 9, "first_failure_date": "2026-09-10 06:15:00"})
        self.run_job("recurrence")
        notes, mails = self.alarms(self.clerk)
        self.assertEqual((len(notes), mails), (1, 1))
        self.assertIn("send queued reminders” is failing.", notes[0])

    def test_a_deleted_job_is_told_once_by_every_other_one(self):
        for name, user in (("outbox", self.clerk), ("recurrence", self.biller)):
            with self.subTest(name):
                self.jobs[name].unlink()
                for watcher in ("run", "refresh"):
                    self.run_job(watcher)
                notes, mails = self.alarms(user)
                self.assertEqual((len(notes), mails), (1, 1))
                self.assertIn("was deleted", notes[0])
        self.assertIn("was deleted", self.program.with_user(self.clerk).job_problem)
        self.assertIn("was deleted", self.schedule.with_user(self.biller).job_problem)

    def test_a_deleted_job_without_work_is_no_problem(self):
        self.schedule.action_pause()
        self.jobs["recurrence"].unlink()
        self.run_job("outbox")
        self.assertEqual(self.alarms(self.biller), ([], 0))

    def test_screens_show_it(self):
        self.jobs["outbox"].active = False
        self.jobs["recurrence"].active = False
        settings = self.env["res.config.settings"].create({})
        self.assertIn("switched off", settings.dunning_job_problem)
        self.assertIn("switched off", settings.recurrence_job_problem)
        self.assertIn("switched off", self.program.with_user(self.clerk).job_problem)
        self.assertIn("switched off", self.schedule.with_user(self.biller).job_problem)

    # === A CLOCK THAT RAN AHEAD === #

    def test_a_program_that_ran_in_the_future_runs_today(self):
        everyday = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), True)
        self.line.write({**everyday, "hour": 8.0})
        self.line.write({"date_since": "2026-02-01 12:00:00", "last_run": "2027-03-10 08:00:00"})
        self.create_due_invoice("2026-03-01")
        self.run_job("run")
        self.assertEqual(str(self.line.last_run), "2026-03-10 08:30:00")
        runs = self.env["dunning.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(runs.mapped("date"), [fields.Date.to_date("2026-03-10")])

    def test_a_line_expected_since_the_future_is_planned_anew(self):
        self.line.write({"date_since": "2027-03-10 08:00:00", "last_run": False})
        self.run_job("outbox")
        self.assertLess(str(self.line.next_run), "2026-03-14")

    def test_a_message_that_waits_for_the_future_leaves_now(self):
        self.partner_a.email = "a@customer.example"
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10").sudo()
        reminder.try_after = "2027-03-10 08:00:00"
        with self.mock_mail_gateway():
            self.run_job("outbox")
        self.assertEqual(reminder.state, "sent")

    def test_a_message_that_waits_for_its_time_stays(self):
        self.partner_a.email = "a@customer.example"
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10").sudo()
        reminder.try_after = "2026-03-10 20:00:00"
        with self.mock_mail_gateway():
            self.run_job("outbox")
        self.assertEqual(reminder.state, "queued")

    def test_a_schedule_looked_at_in_the_future_is_looked_at_today(self):
        self.schedule.sudo().run_date = "2027-01-01"
        self.run_job("recurrence")
        self.assertEqual(str(self.schedule.run_date), "2026-03-10")
        first = self.schedule.occurrence_ids.sorted("date")[:1]
        self.assertEqual((str(first.date), first.state), ("2026-03-10", "todo"))

    def test_a_failed_date_that_waits_for_the_future_is_tried_now(self):
        first = self.schedule.occurrence_ids.sorted("date")[:1].sudo()
        first.write({"state": "failed", "retry_at": "2027-01-01 00:00:00"})
        self.schedule.sudo().run_date = "2026-03-10"
        self.run_job("recurrence")
        self.assertEqual(first.state, "todo")

    def test_a_job_planned_for_the_future_is_planned_for_now(self):
        moment = {"nextcall": "2027-03-10 08:00:00", "lastcall": "2027-03-10 07:00:00"}
        self.jobs["recurrence"].write(moment)
        self.run_job("outbox")
        self.assertEqual(str(self.jobs["recurrence"].nextcall), "2026-03-10 08:30:00")
