import smtplib
from contextlib import contextmanager
from datetime import date

from aiosmtpd.controller import Controller

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..tools.dunning.handover import HandoverError, is_temporary, watched
from .smtp_case import DunningSmtpCase, TalkingMailbox, get_free_port

DAY = date(2026, 3, 10)


@tagged("post_install", "-at_install")
class TestDunningRefusal(DunningSmtpCase):
    """Rule 15: what a mail server refuses for now is tried again; why it never will is kept."""

    def setUp(self):
        super().setUp()
        # not around the class: it would not be found as a test
        self.enterContext(mute_logger("odoo.addons.mail.models.mail_mail"))

    def queue_for(self, *partners):
        for partner in partners:
            self.create_due_invoice("2026-03-01", partner=partner)
        reminders = self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids
        return [reminders.filtered(lambda r, p=p: r.partner_id == p) for p in partners]

    def test_a_temporary_refusal_at_any_step_is_tried_again(self):
        (reminder,) = self.queue_for(self.partner_a)
        tries = 0
        for step in ("MAIL", "RCPT", "DATA"):
            for answer in ("451 4.7.1 Greylisted", "452 4.3.1 No space", "421 4.3.2 Busy"):
                with self.subTest(step=step, answer=answer):
                    reminder.sudo().try_count = tries = 0
                    self.mailbox.answers = {step: lambda address, answer=answer: answer}
                    reminder._send_queued(DAY)
                    tries += 1
                    self.assertEqual((reminder.state, reminder.try_count), ("queued", tries))
                    self.assertIn(answer, reminder.failure_reason)
                    self.assertTrue(reminder.try_after)
                    self.assertEqual(reminder.mail_id.state, "outgoing")
        self.mailbox.answers.clear()
        reminder._send_queued(DAY)
        self.assertEqual((reminder.state, len(self.mailbox.messages)), ("sent", 1))

    def test_a_lasting_refusal_at_any_step_fails_with_the_servers_words(self):
        for step in ("MAIL", "RCPT", "DATA"):
            with self.subTest(step=step), self.env.cr.savepoint() as savepoint:
                (reminder,) = self.queue_for(self.partner_a)
                self.mailbox.answers = {step: lambda address: "550 5.7.1 Not from you"}
                reminder._send_queued(DAY)
                self.assertEqual(reminder.state, "failed")
                self.assertIn("550 5.7.1 Not from you", reminder.failure_reason)
                savepoint.rollback()

    def test_it_is_over_after_the_last_try(self):
        (reminder,) = self.queue_for(self.partner_a)
        self.mailbox.answers = {"RCPT": lambda address: "451 4.7.1 Later"}
        for _attempt in range(6):
            reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("451 4.7.1 Later", reminder.failure_reason)

    def test_the_others_of_a_batch_leave(self):
        for step in ("MAIL", "RCPT", "DATA"):
            for answer in ("451 4.7.1 Later", "550 5.1.1 Never", "421 4.3.2 Going"):
                with self.subTest(step=step, answer=answer), self.env.cr.savepoint() as savepoint:
                    self.mailbox.messages.clear()
                    bad, good = self.queue_for(self.partner_a, self.partner_b)
                    asked = iter([answer])
                    self.mailbox.answers = {step: lambda address, asked=asked: next(asked, "")}
                    (bad | good)._send_queued(DAY)
                    states = sorted((bad | good).mapped("state"))
                    self.assertEqual(states[1], "sent")
                    self.assertEqual(states[0], "failed" if answer[0] == "5" else "queued")
                    self.assertEqual(len(self.mailbox.messages), 1)
                    savepoint.rollback()

    def test_a_refused_copy_is_noted_and_the_message_counts(self):
        self.level_1.cc_partner_ids = self.partner_b
        (reminder,) = self.queue_for(self.partner_a)
        self.mailbox.answers = {
            "RCPT": lambda address: "550 5.1.1 Unknown" if address.startswith("b@") else ""
        }
        reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "sent")
        self.assertIn("b@customer.example: 550", str(reminder.message_ids.mapped("body")))

    def test_a_message_that_reached_the_copy_only_is_not_delivered(self):
        self.level_1.cc_partner_ids = self.partner_b
        (reminder,) = self.queue_for(self.partner_a)
        self.mailbox.answers = {
            "RCPT": lambda address: "550 5.1.1 Unknown" if address.startswith("a@") else ""
        }
        reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "undeliverable")
        self.assertIn("a@customer.example: 550 5.1.1 Unknown", reminder.failure_reason)
        self.assertEqual(reminder.line_ids.move_id.dunning_level, 0)

    def test_a_mail_cancelled_in_the_list_cancels_the_message(self):
        (reminder,) = self.queue_for(self.partner_a)
        reminder.mail_id.cancel()
        reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "cancelled")
        self.assertIn("cancelled in the list of e-mails", reminder.failure_reason)

    def test_a_deleted_mail_is_told(self):
        (reminder,) = self.queue_for(self.partner_a)
        reminder.mail_id.sudo().unlink()
        reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "failed")

    def test_odoos_retry_button_goes_through_the_outbox(self):
        (reminder,) = self.queue_for(self.partner_a)
        self.mailbox.answers = {"RCPT": lambda address: "550 5.1.1 Unknown"}
        reminder._send_queued(DAY)
        self.mailbox.answers.clear()
        reminder.mail_id.action_retry()
        self.env["mail.mail"].sudo().process_email_queue()
        self.assertEqual(reminder.state, "sent")

    def test_a_refused_repetition_waits_or_says_so(self):
        (reminder,) = self.queue_for(self.partner_a)
        reminder._send_queued(DAY)
        for answer, state in (("451 4.7.1 Later", "outgoing"), ("550 5.1.1 Never", "exception")):
            self.mailbox.answers = {"RCPT": lambda address, answer=answer: answer}
            reminder.action_send_again()
            mail = self.env["mail.mail"].sudo().search([("res_id", "=", reminder.id)], limit=1)
            self.assertEqual(mail.state, state)
            self.assertEqual(reminder.state, "sent")
        self.assertIn("550 5.1.1 Never", str(reminder.message_ids.mapped("body")))


class TestDunningHandOver(BaseCase):
    """A real session is fit for the next message, whatever went wrong with the one before."""

    @contextmanager
    def session(self, mailbox):
        port = get_free_port()
        server = Controller(mailbox, hostname="127.0.0.1", port=port)
        server.start()
        session = smtplib.SMTP("127.0.0.1", port, timeout=10)
        try:
            yield session
        finally:
            session.close()
            server.stop()

    def send(self, session, to="a@customer.example"):
        from email.message import EmailMessage

        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "me@us.example", to, "Hello"
        message.set_content("Hello")
        return session.send_message(message)

    def test_a_failing_note_resets_the_session(self):
        mailbox, notes, told = TalkingMailbox(), [], []

        def begin():
            if not notes:
                notes.append("failed")
                message = "duplicate key"
                raise ValueError(message)

        with self.session(mailbox) as session:
            with watched(session, begin, notes.append, lambda *args: told.append(args)):
                with self.assertRaises(HandoverError):
                    self.send(session)
                self.send(session, "b@customer.example")
        self.assertEqual([to for to, _message in mailbox.messages], [["b@customer.example"]])
        self.assertEqual(notes, ["failed", True])
        self.assertTrue(is_temporary(told[0][0]), "nothing was handed over")
        self.assertEqual(told[1], (None, {}))

    def test_data_refused_before_the_content_resets_the_session(self):
        mailbox, notes = TalkingMailbox(), []
        with self.session(mailbox) as session:
            with watched(session, lambda: None, notes.append):
                data = session.putcmd

                def putcmd(command, args=""):
                    data("help" if command == "data" else command, args)

                session.putcmd = putcmd
                with self.assertRaises(smtplib.SMTPDataError):
                    self.send(session)
                del session.putcmd
                self.send(session, "b@customer.example")
        self.assertEqual([to for to, _message in mailbox.messages], [["b@customer.example"]])
        self.assertEqual(notes, [False, True])
