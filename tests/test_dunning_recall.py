from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .common import DunningMailCommon

CRON = "account_recurrence_dunning.ir_cron_dunning_outbox"


@tagged("post_install", "-at_install")
class TestDunningRecall(DunningMailCommon, CronMixinCase):
    """Minutes before sending: one click recalls a run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"email": "us@example.com", "dunning_send_delay": 30})
        cls.partner_a.email = "customer@example.com"
        cls.clerk = cls.create_user("recall_clerk", "dunning_group_user")

    @freeze_time("2026-03-10 10:00:00")
    def start(self):
        """Execute a run at 10:00 and return it."""
        self.move = self.create_due_invoice("2026-03-01")
        run = self.env["dunning.run"].with_user(self.clerk).create({})
        run.action_execute()
        return run

    def send(self, moment):
        """Let the outbox job run at a moment."""
        with (
            freeze_time(moment),
            self.mock_mail_gateway(),
            self.enter_registry_test_mode(),
        ):
            self.env.ref(CRON).sudo().method_direct_trigger()
        self.env.invalidate_all()

    def test_queued_reminders_wait_for_their_minutes(self):
        with self.capture_triggers(CRON) as triggers:
            run = self.start()
        self.assertIn(datetime(2026, 3, 10, 10, 30), triggers.records.mapped("call_at"))
        self.send("2026-03-10 10:29:00")
        self.assertEqual(run.reminder_ids.state, "queued")
        self.assertEqual(run.queued_count, 1)
        self.send("2026-03-10 10:30:00")
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(self.move.dunning_level, 1)

    def test_odoos_own_mail_queue_waits_too(self):
        run = self.start()
        with freeze_time("2026-03-10 10:05:00"), self.mock_mail_gateway():
            run.sudo().reminder_ids.mail_id.send()
        self.assertEqual(run.reminder_ids.state, "queued")
        self.assertFalse(self._mails)

    def test_recall_cancels_what_has_not_left(self):
        run = self.start()
        run.action_recall()
        self.assertEqual(run.reminder_ids.state, "cancelled")
        self.assertIn("Recalled by", run.reminder_ids.failure_reason)
        self.assertEqual(run.sudo().reminder_ids.mail_id.state, "cancel")
        self.send("2026-03-10 11:00:00")
        self.assertFalse(self._mails)
        self.assertEqual(self.move.dunning_level, 0)
        with freeze_time("2026-03-10 11:00:00"):
            again = self.env["dunning.run"].with_user(self.clerk).create({})
            again.action_execute()
        self.assertEqual(len(again.reminder_ids), 1, "what was recalled is due again")

    def test_what_has_left_cannot_be_recalled(self):
        run = self.start()
        self.send(datetime(2026, 3, 10, 10, 0) + timedelta(minutes=31))
        params = run.action_recall()["params"]
        self.assertEqual(
            (params["type"], params["message"]),
            ("warning", "Nothing can be recalled any more: everything has been sent."),
        )
        self.assertEqual(params["next"]["tag"], "soft_reload", "the button goes")
        self.assertEqual((run.reminder_ids.state, run.queued_count), ("sent", 0))
        self.assertFalse(run.message_ids.filtered(lambda m: "recalled by" in m.body))

    @freeze_time("2026-03-10 10:00:00")
    def test_what_a_person_sends_now_leaves_at_once(self):
        run = self.start()
        with self.mock_mail_gateway():
            run.reminder_ids.action_send_now()
        self.assertEqual(run.reminder_ids.state, "sent")
        move = self.create_due_invoice("2026-03-01")
        by_hand = self.env["dunning.run"]._execute_for(
            self.company, move.company_id._get_job_today(), moves=move
        )
        self.send("2026-03-10 10:01:00")
        self.assertEqual(by_hand.reminder_ids.state, "sent")
