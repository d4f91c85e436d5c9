from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.common import isolation
from .common import RecurrenceInvoiceCommon


@freeze_time("2026-02-01 10:00:00")
@tagged("post_install", "-at_install")
class TestActivityTypeDeleted(RecurrenceInvoiceCommon):
    """Anybody who sets up activities may delete their types: work goes on, told by a To-Do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="types_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.todo = cls.env.ref("mail.mail_activity_data_todo")
        kept = [f"mail.mail_activity_data_{name}" for name in ("todo", "call", "meeting")]
        types = cls.env["mail.activity.type"].sudo().with_context(active_test=False).search([])
        (types - types.browse().union(*map(cls.env.ref, kept))).unlink()

    def start(self, mode="post", **vals):
        vals = {"invoice_mode": mode, "user_id": self.clerk.id, **vals}
        schedule = self.create_schedule(self.partner_a, **vals)
        schedule.action_generate()
        return schedule

    def run_day(self, schedule, day="2026-02-01"):
        schedule.sudo()._run_due(date.fromisoformat(day))

    def states(self, schedule):
        return schedule.occurrence_ids.filtered(lambda o: o.date < date(2026, 3, 1)).mapped("state")

    def test_r9_invoices_are_issued_all_the_same(self):
        schedule = self.start()
        self.run_day(schedule)
        self.assertEqual(self.states(schedule), ["done", "done"])

    def test_r9_the_activity_to_issue_is_a_to_do(self):
        schedule = self.start("confirm", date_start=date(2026, 2, 1))
        self.run_day(schedule)
        self.assertEqual(schedule.occurrence_ids[0].activity_id.activity_type_id, self.todo)

    def test_r9_without_the_to_do_too(self):
        name = [("module", "=", "mail"), ("name", "=", "mail_activity_data_todo")]
        self.env["ir.model.data"].sudo().search(name).unlink()
        schedule = self.start("confirm", date_start=date(2026, 2, 1))
        self.run_day(schedule)
        self.assertTrue(schedule.occurrence_ids[0].activity_id.activity_type_id)

    @mute_logger(isolation.__name__)
    def test_rule_15_what_fails_is_told_once(self):
        schedule = self.start("confirm", date_start=date(2026, 2, 1))
        occurrence = schedule.occurrence_ids[0]
        self.run_day(schedule)
        for _time in range(2):
            occurrence._record_error("The journal is locked.")
        told = occurrence.activity_ids - occurrence.recurrence_activity_ids
        self.assertEqual(told.mapped("summary"), [f"Failed: {occurrence.display_name}"])
        self.assertIn("The journal is locked.", told.note)

    @mute_logger(isolation.__name__)
    def test_rule_15_a_failing_job_keeps_the_error(self):
        schedule = self.start(date_start=date(2026, 2, 1))
        broken = patch.object(
            type(self.env["account.move"]), "_post", side_effect=ValueError("broken")
        )
        with broken:
            self.run_day(schedule)
        self.assertEqual(self.states(schedule), ["failed"])
        self.assertEqual(len(schedule.occurrence_ids[0].activity_ids), 1)

    def test_r9_drafts_are_told_beside_the_tasks_of_people(self):
        schedule = self.start("draft")
        own = schedule.activity_schedule(
            activity_type_id=self.todo.id, summary="Call him", user_id=self.clerk.id
        )
        self.run_day(schedule)
        summaries = {"Call him", "Drafts of recurring invoices to post: 2"}
        self.assertEqual(set(schedule.activity_ids.mapped("summary")), summaries)
        schedule.occurrence_ids.move_id.action_post()
        self.assertEqual(schedule.activity_ids, own)

    def test_r9_changed_taxes_are_told_beside_the_drafts(self):
        self.product_a.taxes_id = self.tax_sale_a
        schedule = self.start(
            "draft", line={"product_id": self.product_a.id}, date_start=date(2026, 2, 1)
        )
        self.company.recurrence_fiscal_change = "keep"
        self.product_a.taxes_id = self.tax_sale_b
        self.run_day(schedule)
        taxes = schedule.activity_ids.filtered(lambda a: "as set in the template" in a.note)
        drafts = schedule.activity_ids - taxes
        self.assertEqual(len(taxes), 1)
        self.assertEqual(drafts.summary, "Drafts of recurring invoices to post: 1")
        schedule.action_fiscal_keep()
        self.assertEqual(schedule.activity_ids, drafts)

    def test_rule_15_jobs_that_stand_still_are_told(self):
        self.env["ir.cron"]._tell_user(self.clerk, ["Nothing was sent."])
        told = self.env["mail.activity"].sudo().search([("user_id", "=", self.clerk.id)])
        self.assertEqual(told.activity_type_id, self.todo)

    def test_dunning_a_reply_to_no_reminder_is_told(self):
        routes = [("res.partner", self.partner_a.id, {}, self.env.uid, self.env["mail.alias"])]
        message = {"message_type": "email", "email_from": "debtor@example.com", "body": "Hello"}
        self.env["dunning.reminder"].sudo()._ask_about_strays(message, routes)
        told = self.partner_a.activity_ids
        self.assertEqual(
            (told.summary, told.activity_type_id), ("An e-mail about reminders", self.todo)
        )

    def test_dunning_undelivered_reminders_are_told(self):
        reminder = self.env["dunning.reminder"].sudo().new({"state": "failed"})
        run = self.env["dunning.run"].sudo().create({"company_id": self.company.id})
        reminder.run_id = run
        reminder._ask_for_help()
        self.assertEqual(run.activity_ids.summary, "Reminders were not delivered")

    def test_dunning_the_plan_goes_out_without_its_template(self):
        self.env.ref("account_recurrence_dunning.mail_template_dunning_plan").sudo().unlink()
        action = self.env["dunning.plan"].sudo().new({}).action_send()
        self.assertFalse(action["context"]["default_template_id"])

    def test_rule_15_what_a_deleted_job_would_do_waits(self):
        names = ("recurrence_cron_run_due", "ir_cron_dunning_outbox")
        jobs = self.env["ir.cron"]._get_jobs(names)
        self.assertEqual(len(jobs), 2)
        jobs.unlink()
        schedule = self.start()
        self.env["recurrence.issuing"]._retry_soon()
        self.run_day(schedule)
        self.assertEqual(self.states(schedule), ["done", "done"])
        self.env["dunning.reminder"].sudo()._release()
