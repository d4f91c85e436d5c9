import email
import socket
from datetime import date
from email import policy
from unittest.mock import patch

from aiosmtpd.controller import Controller

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningCommon


class Mailbox:
    """An SMTP handler that keeps messages and refuses one domain."""

    def __init__(self):
        self.messages = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append((envelope, message))
        return "250 OK"


@tagged("post_install", "-at_install")
class TestDunningSmtp(DunningCommon):
    """Reminders leave through a real SMTP server; what arrived is parsed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.company.write({"name": "Brightwater", "email": "billing@brightwater.example"})
        cls.partner_a.write(
            {"name": "Société Générale d'Été", "email": "compta@ete.example", "lang": "fr_FR"}
        )
        cls.partner_b.write({"name": "Bolt Ltd", "email": "accounts@bolt.example", "lang": "en_US"})
        template = cls.level_1.mail_template_id.sudo()
        template.with_context(lang="fr_FR").subject = "Rappel de la facture #REF#"
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

    def setUp(self):
        super().setUp()
        self.mailbox.messages.clear()
        # Odoo sends nothing while it tests, unless told otherwise.
        sending = patch.object(
            self.registry["ir.mail_server"], "_disable_send", classmethod(lambda cls: False)
        )
        sending.start()
        self.addCleanup(sending.stop)

    def run_day(self, day):
        as_of = date.fromisoformat(day)
        run = self.env["dunning.run"]._execute_for(self.company, as_of)
        self.env["dunning.reminder"]._send_queued(as_of)
        return run.reminder_ids

    def body_of(self, message, kind):
        return message.get_body(preferencelist=(kind,)).get_content()

    def test_what_arrives_is_what_was_decided(self):
        first = self.create_due_invoice("2026-02-20", 1234.5)
        second = self.create_due_invoice("2026-03-01", 100.0)
        english = self.create_due_invoice("2026-03-01", 80.0, partner=self.partner_b)
        pdf = self.env["ir.attachment"].create(
            {
                "name": "INV-sent.pdf",
                "raw": b"%PDF-1.4 as it was sent",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": first.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.level_1.attach_invoices = True
        reminders = self.run_day("2026-03-10")
        self.assertEqual(reminders.mapped("state"), ["sent", "sent"])
        by_recipient = {
            envelope.rcpt_tos[0]: message for envelope, message in self.mailbox.messages
        }
        self.assertEqual(set(by_recipient), {"compta@ete.example", "accounts@bolt.example"})

        message = by_recipient["compta@ete.example"]
        self.assertEqual(message["Subject"], f"Rappel de la facture {first.name}, {second.name}")
        self.assertEqual(message["From"].addresses[0].display_name, "Brightwater")
        self.assertEqual(message["To"].addresses[0].display_name, "Société Générale d'Été")
        self.assertEqual(message["Reply-To"].addresses[0].addr_spec, "billing@brightwater.example")
        reminder = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual(message["Message-Id"], reminder.mail_message_id.message_id)
        self.assertIn("dunning.reminder", message["Message-Id"])

        html = self.body_of(message, "html")
        self.assertIn('lang="fr"', html)
        self.assertIn("20/02/2026", html)
        self.assertRegex(html, r"1.234,50")
        for move in (first, second):
            self.assertIn(f"/my/invoices/{move.id}?access_token={move.access_token}", html)
        self.assertNotIn(english.name, html)
        self.assertIn(first.name, self.body_of(message, "plain"))
        attachments = sorted(message.iter_attachments(), key=lambda part: part.get_filename())
        # the second invoice was never made as a PDF: it is now, for this message alone
        names = [part.get_filename() for part in attachments]
        self.assertEqual(names, [pdf.name, f"{second.name.replace('/', '_')}.pdf"])
        self.assertTrue(attachments[1].get_content().startswith(b"%PDF"))
        self.assertFalse(second.invoice_pdf_report_id)
        self.assertEqual(attachments[0].get_content(), b"%PDF-1.4 as it was sent")

        other = by_recipient["accounts@bolt.example"]
        self.assertEqual(
            other["Subject"], f"Payment reminder: invoice {english.name} (Brightwater)"
        )
        self.assertIn('lang="en"', self.body_of(other, "html"))
        names = [part.get_filename() for part in other.iter_attachments()]
        self.assertEqual(names, [f"{english.name.replace('/', '_')}.pdf"])
        self.assertEqual((first.dunning_level, english.dunning_level), (1, 1))

    def test_several_messages_share_one_session(self):
        partners = self.env["res.partner"].create(
            [{"name": f"C{n}", "email": f"c{n}@customer.example"} for n in range(5)]
        )
        for partner in partners:
            self.create_due_invoice("2026-03-01", partner=partner)
        servers = self.registry["ir.mail_server"]
        with patch.object(
            servers, "_connect__", autospec=True, side_effect=servers._connect__
        ) as connect:
            self.run_day("2026-03-10")
        self.assertEqual(len(self.mailbox.messages), 5)
        self.assertEqual(connect.call_count, 1)

    @mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server")
    def test_a_refused_address_fails_alone_and_keeps_its_level(self):
        self.partner_a.email = "nobody@refused.example"
        refused = self.create_due_invoice("2026-03-01")
        fine = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.run_day("2026-03-10")
        bad = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual(bad.state, "failed")
        self.assertIn("No such user", bad.failure_reason)
        self.assertEqual((reminders - bad).state, "sent")
        self.assertEqual((refused.dunning_level, fine.dunning_level), (0, 1))
        self.assertEqual(len(self.mailbox.messages), 1)

    def test_a_payment_between_decision_and_sending_stops_the_message(self):
        move = self.create_due_invoice("2026-03-01")
        as_of = date(2026, 3, 10)
        self.env["dunning.run"]._execute_for(self.company, as_of)
        self._register_payment(move)
        self.env["dunning.reminder"]._send_queued(as_of)
        self.assertFalse(self.mailbox.messages)
