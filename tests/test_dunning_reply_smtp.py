from datetime import date
from email.message import EmailMessage

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .smtp_case import DunningSmtpCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningReplySmtp(DunningSmtpCase):
    """A reminder leaves through a real server; what is answered to it comes back in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "brightwater.example"})
        cls.company.alias_domain_id = cls.domain
        cls.move = cls.create_due_invoice("2026-03-01", 120.0)

    def send_reminder(self):
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10))
        self.env["dunning.reminder"]._send_queued(date(2026, 3, 10))
        return run.reminder_ids, self.mailbox.messages[-1][1]

    def test_c4_out_and_back_in(self):
        reminder, sent = self.send_reminder()
        self.assertEqual(sent["Reply-To"].addresses[0].addr_spec, "reminders@brightwater.example")
        answer = EmailMessage()
        answer["From"] = "Accounts of Acme <a@customer.example>"
        answer["To"] = sent["Reply-To"]
        answer["Subject"] = f"Re: {sent['Subject']}"
        answer["Message-ID"] = "<answer@customer.example>"
        answer["In-Reply-To"] = sent["Message-ID"]
        answer["References"] = f"{sent['References'] or ''} {sent['Message-ID']}".strip()
        answer.set_content("We pay on Friday.")
        answer.add_alternative("<p>We pay on Friday.</p>", subtype="html")
        answer.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="p.pdf")
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(False, answer.as_bytes())
        message = reminder.message_ids[0]
        self.assertEqual(message.author_id, self.partner_a)
        self.assertEqual(message.attachment_ids.name, "p.pdf")
        self.assertIn("We pay on Friday.", reminder.activity_ids.note)
        self.assertEqual(reminder.reply_hold_until, date(2026, 3, 16))

    def test_c4_headers_that_keep_loops_away(self):
        reminder, sent = self.send_reminder()
        self.assertEqual(sent["Auto-Submitted"], "auto-generated")
        self.assertEqual(sent["X-Auto-Response-Suppress"], "OOF, AutoReply")
        for name in ("Precedence", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"):
            self.assertIsNone(sent[name], name)
        reminder.sudo()._send_copies()
        reminder.sudo().copy_mail_ids.send()
        again = self.mailbox.messages[-1][1]
        self.assertNotEqual(again["Message-ID"], sent["Message-ID"])
        self.assertEqual(again["Auto-Submitted"], "auto-generated")

    def test_c4_what_a_person_writes_about_it_is_no_automatic_message(self):
        reminder, _sent = self.send_reminder()
        reminder.with_context(mail_notify_force_send=True).message_post(
            body="Thank you", partner_ids=self.partner_a.ids, subtype_xmlid="mail.mt_comment"
        )
        self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()
        written = self.mailbox.messages[-1][1]
        self.assertIn("Thank you", written.get_body(("plain",)).get_content())
        self.assertIsNone(written["Auto-Submitted"])
