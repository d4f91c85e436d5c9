from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .smtp_case import DunningSmtpCase

DAY = date(2026, 3, 10)
# Which states the e-mail of a reminder may have; None: there is none.
ALLOWED = {
    "draft": {None, "cancel"},
    "queued": {"outgoing"},
    "sent": {"sent", "cancel", None},
    "failed": {"exception", None},
    # one that came back had left
    "undeliverable": {"exception", "sent", None},
    "cancelled": {"cancel", "sent", None},
    "reversed": {"sent", "cancel", None},
}


@tagged("post_install", "-at_install")
class TestDunningMailState(DunningSmtpCase):
    """A reminder and its e-mail say the same: what stands under Not Delivered leaves unasked by
    no queue, whatever the obstacle was and whenever it is gone (rules 7, 11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.create_user("state_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@us.example"
        cls.move = cls.create_due_invoice("2026-03-01")

    def setUp(self):
        super().setUp()
        # not around the class: it would not be found as a test
        quiet = mute_logger(
            "odoo.addons.mail.models.mail_mail",
            "odoo.addons.account_recurrence_dunning.models.dunning.message.dunning_reminder_sending_mixin",
            "odoo.addons.account_recurrence_dunning.models.common.isolation",
        )
        self.enterContext(quiet)

    def queue(self):
        return self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids

    def get_sent(self):
        """Return who of the customers was written to; colleagues are told by mail as well."""
        to = [address for addresses, _message in self.mailbox.messages for address in addresses]
        return [address for address in to if address.endswith("@customer.example")]

    def assertAllowed(self, reminder):
        mail = reminder.sudo().mail_id
        self.assertIn(mail.state or None, ALLOWED[reminder.state], reminder.state)

    def assertStays(self, reminder, cure=None, state="failed"):
        """A failed reminder stays, also when Odoo's queue and the outbox run and it could leave."""
        for repair in (None, cure):
            if repair:
                repair()
            self.env["mail.mail"].sudo().process_email_queue()
            self.env["dunning.reminder"]._send_queued(DAY)
            self.env["dunning.reminder"].search([("state", "=", "queued")])._send_queued(DAY)
            self.assertEqual(reminder.state, state)
            self.assertAllowed(reminder)
            self.assertFalse(self.get_sent())
        mail = reminder.sudo().mail_id
        self.assertTrue(reminder.failure_reason)
        self.assertEqual(mail.state, "exception")
        self.assertTrue(mail.failure_reason)
        self.assertIn(mail.failure_reason, reminder.failure_reason)

    def assertRetried(self, reminder):
        """A person lets it leave by Odoo's list of e-mails."""
        reminder.sudo().mail_id.action_retry()
        self.env["mail.mail"].sudo().process_email_queue()
        self.assertEqual((reminder.state, len(self.get_sent())), ("sent", 1))
        self.assertAllowed(reminder)

    @contextmanager
    def broken(self, model, method):
        with patch.object(self.registry[model], method, side_effect=ValueError("boom")):
            yield

    # === FAILURES === #

    def test_a_sender_who_lost_the_right(self):
        self.program.write({"sender": "user", "sender_user_id": self.clerk.id})
        reminder = self.queue()
        group = self.env.ref("account_recurrence_dunning.dunning_group_user")
        self.clerk.sudo().group_ids = [Command.unlink(group.id)]
        reminder._send_queued(DAY)
        self.assertStays(
            reminder, lambda: self.clerk.sudo().write({"group_ids": [Command.link(group.id)]})
        )
        self.assertRetried(reminder)

    def test_a_mail_server_that_is_gone(self):
        server = self.server.copy({"name": "Own"})
        self.program.mail_server_id = server
        reminder = self.queue()
        self.env.cr.execute("UPDATE ir_mail_server SET active = false WHERE id = %s", [server.id])
        self.env.invalidate_all()
        reminder._send_queued(DAY)
        self.assertStays(reminder, lambda: server.write({"active": True}))
        self.assertRetried(reminder)

    def test_an_enclosure_that_cannot_be_made(self):
        self.level_1.attach_statement = True
        reminder = self.queue()
        with self.broken("dunning.reminder", "_attach_all_documents"):
            reminder._send_queued(DAY)
        self.assertStays(reminder)

    def test_an_exception_in_the_outbox_job(self):
        reminder = self.queue()
        self.env.flush_all()
        with (
            self.broken("dunning.reminder", "_recheck"),
            patch.object(self.env.cr, "rollback"),
            patch.object(self.registry["ir.cron"], "_commit_progress", return_value=100.0),
        ):
            self.env["dunning.reminder"].sudo()._cron_send_outbox()
        self.assertStays(reminder)
        self.assertRetried(reminder)

    def test_an_exception_in_odoos_queue_fails_one_alone(self):
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.queue()
        bad = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        recheck = self.registry["dunning.reminder"]
        check = recheck._recheck

        def fail(reminders, as_of=None):
            if bad in reminders:
                message = "boom"
                raise ValueError(message)
            return check(reminders, as_of)

        with patch.object(recheck, "_recheck", fail):
            self.env["mail.mail"].sudo().process_email_queue()
            self.assertEqual(len(self.get_sent()), 1)
            self.assertEqual((reminders - bad).state, "sent")
            self.mailbox.messages.clear()
            self.assertStays(bad)
            # tried again by a person, and broken once more
            bad.sudo().mail_id.action_retry()
            self.env["mail.mail"].sudo().process_email_queue()
            self.assertStays(bad)
        self.assertRetried(bad)

    def test_a_server_that_cannot_be_reached_until_it_is_over(self):
        reminder = self.queue()
        with patch.object(
            self.registry["ir.mail_server"], "_connect__", side_effect=OSError("no route")
        ):
            for _attempt in range(5):
                reminder._send_queued(DAY)
                self.assertEqual(reminder.state, "queued")
                self.assertAllowed(reminder)
            reminder._send_queued(DAY)
        self.assertStays(reminder)
        self.assertRetried(reminder)

    def test_a_lasting_refusal(self):
        reminder = self.queue()
        self.mailbox.answers = {"RCPT": lambda address: "550 5.1.1 Unknown"}
        reminder._send_queued(DAY)
        self.mailbox.answers.clear()
        self.assertEqual(reminder.state, "failed")
        self.env["mail.mail"].sudo().process_email_queue()
        self.assertAllowed(reminder)
        self.assertFalse(self.get_sent())

    # === WHAT A PERSON DOES WITH THEM === #

    def fail_one(self):
        reminder = self.queue()
        with self.broken("dunning.reminder", "_attach_documents"):
            self.env["mail.mail"].sudo().process_email_queue()
        self.assertEqual(reminder.state, "failed")
        self.assertAllowed(reminder)
        return reminder

    def test_send_again(self):
        reminder = self.fail_one()
        reminder.with_user(self.clerk).action_send_again()
        self.assertEqual((reminder.state, len(self.get_sent())), ("sent", 1))
        self.assertAllowed(reminder)

    def test_counted_as_sent_taken_back_dropped_or_another_way_it_leaves_by_no_retry(self):
        doors = {
            "sent": lambda reminder: reminder.action_mark_sent(),
            "reversed": lambda reminder: (reminder.action_mark_sent(), reminder.action_cancel()),
            "cancelled": lambda reminder: reminder.action_cancel(),
            "draft": lambda reminder: reminder.sudo()._change_channel("call"),
        }
        for state, go in doors.items():
            with self.subTest(state=state), self.env.cr.savepoint() as savepoint:
                reminder = self.fail_one()
                go(reminder)
                self.assertEqual(reminder.state, state)
                self.assertAllowed(reminder)
                # the form of a cancelled e-mail offers to retry it as well
                reminder.sudo().mail_id.mark_outgoing()
                self.env["mail.mail"].sudo().process_email_queue()
                self.assertFalse(self.get_sent())
                self.assertAllowed(reminder)
                savepoint.rollback()

    def test_bounced(self):
        reminder = self.queue()
        reminder._send_queued(DAY)
        self.assertAllowed(reminder)
        reminder._message_receive_bounce("a@customer.example", self.env["res.partner"])
        self.assertEqual(reminder.state, "undeliverable")
        self.assertAllowed(reminder)
        self.mailbox.messages.clear()
        self.env["mail.mail"].sudo().process_email_queue()
        self.assertFalse(self.get_sent())

    def test_every_state_is_in_the_table(self):
        self.assertEqual(
            set(ALLOWED), set(self.env["dunning.reminder"]._fields["state"].get_values(self.env))
        )
