from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningJob(DunningMailCommon):
    """Planned runs: at their hour in the company's time zone, once, and never unasked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.schedule = cls.program.schedule_ids
        cls.schedule.write({"sat": True, "sun": True, "hour": 8.0})
        cls.since("2026-03-09 12:00:00")
        cls.move = cls.create_due_invoice("2026-03-01")

    @classmethod
    def since(cls, moment):
        cls.schedule.sudo().write({"date_since": moment, "last_run": False})

    def run_job(self, xmlid="ir_cron_dunning_run"):
        with self.enter_registry_test_mode(), self.mock_mail_gateway():
            cron = self.env.ref(f"account_recurrence_dunning.{xmlid}")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()

    def runs(self):
        return self.env["dunning.run"].search([("company_id", "=", self.company.id)])

    @freeze_time("2026-03-10 08:30:00")
    def test_d3_manual_prepares_a_run_to_check_and_one_activity(self):
        self.program.user_id = self.create_user("responsible", "dunning_group_user")
        self.run_job()
        run = self.runs()
        self.assertEqual((run.state, str(run.date)), ("to_check", "2026-03-10"))
        self.assertEqual(run.line_ids.mapped("decision"), ["remind"])
        self.assertEqual(run.activity_ids.user_id, self.program.user_id)
        self.assertFalse(run.reminder_ids)
        run.with_user(self.program.user_id).action_execute()
        self.assertEqual(run.reminder_ids.state, "queued")
        self.assertFalse(run.activity_ids)

    @freeze_time("2026-03-10 08:30:00")
    def test_d3_automatic_runs_and_sends(self):
        self.program.mode = "automatic"
        self.run_job()
        run = self.runs()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.reminder_ids.state, "queued")
        self.run_job("ir_cron_dunning_outbox")
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(self.move.dunning_level, 1)

    @freeze_time("2026-03-10 08:30:00")
    def test_it_runs_once_a_planned_hour(self):
        self.run_job()
        self.run_job()
        self.assertEqual(len(self.runs()), 1)

    @freeze_time("2026-03-10 07:30:00")
    def test_not_before_its_hour(self):
        self.run_job()
        self.assertFalse(self.runs())

    @freeze_time("2026-03-10 07:30:00")
    def test_the_hour_is_the_company_s(self):
        self.company.recurrence_dunning_tz = "Europe/Berlin"
        self.since("2026-03-10 06:00:00")
        self.run_job()
        self.assertEqual(len(self.runs()), 1)

    @freeze_time("2026-03-10 23:30:00")
    def test_the_day_is_the_company_s(self):
        self.company.recurrence_dunning_tz = "Asia/Tokyo"
        self.run_job()
        self.assertEqual(str(self.runs().date), "2026-03-11")

    @freeze_time("2026-03-10 08:30:00")
    def test_nothing_where_dunning_is_off(self):
        self.company.dunning_active = False
        self.run_job()
        self.assertFalse(self.runs())

    @freeze_time("2026-03-10 08:30:00")
    @mute_logger(
        "odoo.addons.account_recurrence_dunning.models.dunning.run.dunning_program_schedule_job"
    )
    def test_rule_15_a_failing_program_is_noted_and_stops_no_other(self):
        other = self.program.copy({"name": "Other"})
        other.schedule_ids.sudo().write({"date_since": "2026-03-09 12:00:00", "hour": 8.1})
        original = type(self.env["dunning.program"])._run_for

        def fail(program, as_of, levels=None):
            if program.name == self.program.name:
                message = "Broken on purpose"
                raise UserError(message)
            return original(program, as_of, levels)

        with patch.object(self.registry["dunning.program"], "_run_for", fail):
            self.run_job()
        failed = self.runs().filtered(lambda run: run.state == "failed")
        self.assertEqual(failed.error, "Broken on purpose")
        self.assertEqual(failed.program_ids, self.program)
        self.assertTrue(failed.activity_ids)
        self.assertEqual((self.runs() - failed).program_ids, other)

    @freeze_time("2026-03-10 08:30:00")
    def test_w5_the_report_goes_to_the_chosen_users(self):
        reader = self.create_user("report_reader", "dunning_group_user")
        reader.email = "reader@company.example"
        self.program.report_user_ids = [Command.set(reader.ids)]
        self.run_job()
        run = self.runs()
        mail = (
            self.env["mail.mail"]
            .sudo()
            .search(
                [
                    ("model", "=", "dunning.run"),
                    ("res_id", "=", run.id),
                    ("email_to", "ilike", "reader@"),
                ]
            )
        )
        self.assertIn("reader@company.example", mail.email_to)
        self.assertIn("Level due", mail.body_html)
        self.assertIn(f"/odoo/dunning-runs/{run.id}", mail.body_html)

    @freeze_time("2026-03-10 08:30:00")
    def test_w5_a_run_of_all_programs_reports_to_those_of_the_ones_it_met(self):
        reader = self.create_user("report_reader", "dunning_group_user")
        other = self.program.copy({"name": "Other"})
        self.program.report_user_ids = [Command.set(reader.ids)]
        other.report_user_ids = [Command.set(self.env.user.ids)]
        run = self.env["dunning.run"].create({"date": "2026-03-10"})
        self.assertFalse(run.report_user_ids)
        run.action_execute()
        self.assertEqual(run.report_user_ids, reader)
        self.assertTrue(run.report_pending)
        self.run_job("ir_cron_dunning_outbox")
        self.run_job()
        self.assertFalse(run.report_pending)
        mails = self.env["mail.mail"].sudo()
        mail = mails.search([("model", "=", "dunning.run"), ("res_id", "=", run.id)])
        self.assertEqual(mail.mapped("email_to"), [reader.email_formatted])

    @freeze_time("2026-03-10 08:30:00")
    def test_rule_15_the_daily_work_of_one_company_stops_no_other(self):
        other = self.setup_other_company(name="Other")["company"].sudo()
        other.dunning_active = True
        done, real = [], type(self.company)._dunning_do_daily

        def fail(company, today):
            if company == self.company:
                raise ValueError("a fault of the program")
            done.append(company)
            return real(company, today)

        user = self.create_user("daily_user", "dunning_group_manager")
        self.program.user_id = user
        with (
            patch.object(type(self.company), "_dunning_do_daily", fail),
            mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"),
        ):
            self.run_job("ir_cron_dunning_refresh")
        self.assertIn(other, done)
        tasks = self.env["mail.activity"].sudo()
        [task] = tasks.search(
            [("user_id", "=", user.id), ("summary", "=", "The daily work of dunning failed")]
        )
        self.assertIn(self.company.name, task.note)

    @freeze_time("2026-03-10 08:30:00")
    def test_the_daily_refresh_moves_the_next_date(self):
        move = self.create_due_invoice("2026-03-20")
        self.assertEqual(str(move.dunning_next_date), "2026-03-17")
        self.level_1.days = 2
        self.notice.active = False
        self.run_job("ir_cron_dunning_refresh")
        self.assertEqual(str(move.dunning_next_date), "2026-03-22")

    @freeze_time("2026-03-10 08:30:00")
    def test_paying_empties_what_stands_on_the_invoice(self):
        self.execute("2026-03-06")
        self.assertEqual(
            (self.move.dunning_level, str(self.move.dunning_next_date)), (1, "2026-03-16")
        )
        self._register_payment(self.move)
        self.assertEqual((self.move.dunning_level, self.move.dunning_next_date), (0, False))
        line = self.move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        self.assertEqual(line.dunning_level, 1)
