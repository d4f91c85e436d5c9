import email
import socket
from datetime import date
from email import policy
from unittest.mock import patch

import psycopg2
from aiosmtpd.controller import Controller
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DunningCommon

VICTIM = "victim@x.example"
BREAKS = ("\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x1e")
NO_HTML = ("\x0b", "\x1e")
# what a message of the addon may have in its header
HEADERS = {
    *("message-id", "subject", "from", "reply-to", "to", "cc", "date", "mime-version"),
    *("content-type", "references", "x-odoo-objects", "return-path", "auto-submitted"),
    *("x-odoo-message-id", "x-auto-response-suppress", "precedence", "list-id"),
}


class Mailbox:
    """An SMTP handler that keeps who a message went to and its bytes."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningHeaders(DunningCommon):
    """No line break reaches a header, from whatever field; all leaves by a real SMTP server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox = Mailbox()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = Controller(cls.mailbox, hostname="127.0.0.1", port=port)
        server.start()
        cls.addClassCleanup(server.stop)
        servers = cls.env["ir.mail_server"].sudo()
        servers.search([]).active = False
        servers.create(
            {
                "name": "Local",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
            }
        )
        cls.company.email = "billing@brightwater.example"
        cls.partner_a.email = "customer@customer.example"
        cls.sender = cls.create_user("header_sender", "dunning_group_user")
        cls.sender.sudo().write({"email": "sender@brightwater.example", "dunning_notify": "each"})
        cls.program.write({"sender": "user", "sender_user_id": cls.sender.id})
        cls.copy = cls.env["res.partner"].create({"name": "Copy", "email": "copy@x.example"})
        cls.level_1.cc_partner_ids = cls.copy
        cls.program.report_user_ids = cls.sender

    def setUp(self):
        super().setUp()
        self.mailbox.messages.clear()
        sending = patch.object(
            self.registry["ir.mail_server"], "_disable_send", classmethod(lambda cls: False)
        )
        sending.start()
        self.addCleanup(sending.stop)

    def spoil(self, record, text):
        """Write a text into each field of a record that holds a line of text and takes it.

        :return: the names of those that took it
        """
        taken = []
        for name, field in record._fields.items():
            if field.type not in ("char", "text") or field.readonly:
                continue
            # an address field may name several addresses
            if "email" in name or name in ("login", "filter_domain", "lang", "tz", "password"):
                continue
            try:
                with self.env.cr.savepoint():
                    record.sudo().with_context(lang="en_US")[name] = text
                    self.env.flush_all()
            except (UserError, ValueError, psycopg2.Error):  # refused: it reaches no header
                self.env.invalidate_all()
                continue
            taken.append(name)
        return taken

    def send_all(self):
        """Send a reminder, the note to its sender and the report of its run."""
        as_of = date(2026, 3, 10)
        run = self.env["dunning.run"]._execute_for(self.company, as_of)
        reminders = self.env["dunning.reminder"]._send_queued(as_of)
        self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()
        return run.reminder_ids | reminders

    def assertClean(self, count):
        self.assertEqual(len(self.mailbox.messages), count)
        for recipients, content in self.mailbox.messages:
            self.assertNotIn(VICTIM, recipients)
            message = email.message_from_bytes(content, policy=policy.default)
            self.assertLessEqual({name.lower() for name in message}, HEADERS)
            addresses = [
                address.addr_spec
                for name in ("To", "Cc", "From", "Reply-To")
                if message[name]
                for address in message[name].addresses
            ]
            self.assertNotIn(VICTIM, addresses)
            head = content.replace(b"\r\n", b"\n").split(b"\n\n")[0]
            self.assertNotRegex(head, rb"(?m)^(bcc|x-hit):")

    def test_no_text_of_a_record_begins_a_header(self):
        """Generated: each text field of each record a message is made of, with each line break."""
        for number, line_break in enumerate(BREAKS):
            with self.subTest(line_break=repr(line_break)), self.env.cr.savepoint() as savepoint:
                text = f"Zed{line_break}Bcc: {VICTIM}{line_break}X-Hit: 1"
                move = self.create_due_invoice("2026-03-01")
                records = (
                    self.partner_a,
                    self.copy,
                    self.company,
                    self.company.partner_id,
                    self.sender.partner_id,
                    self.program,
                    self.level_1,
                    self.level_1.mail_template_id,
                )
                taken = {record: self.spoil(record, text) for record in records}
                for record in (self.partner_a, self.copy, self.company, self.program):
                    self.assertIn("name", taken[record])
                self.env.cr.execute(
                    "UPDATE account_move SET name = %s WHERE id = %s", [f"{text}{number}", move.id]
                )
                self.env.invalidate_all()
                self.mailbox.messages.clear()
                state = self.send_all().state
                # control characters that no HTML may hold are refused before
                self.assertEqual(state, "failed" if line_break in NO_HTML else "sent")
                self.assertClean(2 if state == "failed" else 3)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_subject_of_ones_own_and_another_address(self):
        for line_break in BREAKS:
            with self.subTest(line_break=repr(line_break)), self.env.cr.savepoint() as savepoint:
                self.create_due_invoice("2026-03-01")
                run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10))
                reminder = run.reminder_ids.sudo()
                reminder.write(
                    {
                        "own_subject": f"Pay{line_break}Bcc: {VICTIM}",
                        "other_email": f'"Z{line_break}Bcc: {VICTIM}" <other@customer.example>',
                    }
                )
                reminder.sudo()._make_mails()
                self.mailbox.messages.clear()
                self.env["dunning.reminder"]._send_queued(date(2026, 3, 10))
                self.assertClean(2)
                self.assertEqual(
                    self.mailbox.messages[0][0], ["other@customer.example", "copy@x.example"]
                )
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_line_break_in_an_address_adds_no_recipient(self):
        """Recipient and copy, with each line break; commas separate, as in Odoo."""
        for line_break in BREAKS:
            with self.subTest(line_break=repr(line_break)), self.env.cr.savepoint() as savepoint:
                self.create_due_invoice("2026-03-01")
                for record in (self.partner_a, self.copy):
                    first = record.email
                    record.email = f"{first},second@x.example{line_break}Bcc: {VICTIM}"
                    self.env.flush_all()
                self.env.invalidate_all()
                self.mailbox.messages.clear()
                self.assertEqual(self.send_all().state, "sent")
                self.assertEqual(
                    self.mailbox.messages[0][0],
                    [
                        "customer@customer.example",
                        "second@x.example",
                        "copy@x.example",
                        "second@x.example",
                    ],
                )
                self.assertClean(3)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_an_address_after_a_line_break_alone_is_none(self):
        self.create_due_invoice("2026-03-01")
        self.partner_a.email = f"nobody\n{VICTIM}"
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10))
        self.assertEqual(run.reminder_ids.failure_code, "bad_address")

    def test_the_sender_cannot_smuggle_one_in_while_it_waits(self):
        self.create_due_invoice("2026-03-01")
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10))
        message = run.reminder_ids.sudo().mail_message_id.with_user(self.sender)
        message.write(
            {"subject": f"Pay\r\nBcc: {VICTIM}", "reply_to": f"a@b.example\nBcc: {VICTIM}"}
        )
        self.env["dunning.reminder"]._send_queued(date(2026, 3, 10))
        self.assertClean(2)

    def test_one_address_is_typed_not_several(self):
        self.create_due_invoice("2026-03-01")
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10))
        for typed in (f"a@b.example\r\nBcc: {VICTIM}", f"a@b.example, {VICTIM}", "nobody", ""):
            deliver = self.env["dunning.deliver"].create(
                {"reminder_ids": run.reminder_ids.ids, "way": "address", "email": typed}
            )
            with self.subTest(typed), self.assertRaisesRegex(UserError, "one valid e-mail"):
                deliver.action_deliver()
