import io
from ast import literal_eval
from datetime import date

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.mail.tests.common import MailCommon

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningDocument(DunningCommon, MailCommon, HttpCase):
    """Letters and what e-mails enclose, as real PDFs (D14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.partner_a.write({"name": "Acme", "email": "a@customer.example", "lang": "fr_FR"})
        cls.partner_b.write({"name": "Bolt", "email": "b@customer.example", "lang": "en_US"})

    def queue(self):
        return self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10)).reminder_ids

    def send(self, reminders):
        with self.mock_mail_gateway():
            reminders._send_queued(date(2026, 3, 10))

    def text_of(self, content):
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        return "\n".join(page.extract_text() for page in reader.pages), len(reader.pages)

    def letters_of(self, reminders):
        return self.env["ir.attachment"].search(
            [("res_model", "=", "dunning.reminder"), ("res_id", "in", reminders.ids)], order="id"
        )

    def test_rule_11_letters_are_printed_into_one_pdf_and_count_then(self):
        self.level_1.channel = "letter"
        first = self.create_due_invoice("2026-03-01", 1234.5)
        second = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.queue()
        self.assertEqual(set(reminders.mapped("state")), {"draft"})
        self.assertEqual(first.dunning_level, 0)
        action = reminders.action_print()
        self.assertEqual(
            action["params"]["next"]["target"], "new", "with it the list shows what was printed"
        )
        number = int(action["params"]["next"]["url"].split("/")[3].split("?")[0])
        text, pages = self.text_of(self.env["ir.attachment"].browse(number).raw)
        self.assertEqual(pages, 2)
        self.assertIn("01/03/2026", text)
        self.assertIn("03/01/2026", text)
        self.assertRegex(text, r"1.234,50")
        self.assertIn("Bolt", text)
        self.assertNotIn("opens the invoice", text, "paper has no links")
        self.assertEqual(set(reminders.mapped("state")), {"sent"})
        self.assertEqual(set(reminders.mapped("letter_state")), {"printed"})
        self.assertEqual((first.dunning_level, second.dunning_level), (1, 1))
        self.assertFalse(reminders.activity_ids)
        self.assertEqual(len(self.letters_of(reminders)), 2, "the proof stays on each")

    def test_rule_13_the_name_of_a_letter_is_in_the_language_of_the_customer(self):
        self.level_1.channel = "letter"
        self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.queue()
        reminders.with_context(lang="fr_FR").action_print()
        french = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        day = french.text_date
        self.assertEqual(french.letter_id.name, f"Lettre du {day:%d-%m-%Y}.pdf")
        self.assertEqual((reminders - french).letter_id.name, f"Letter of {day:%m-%d-%Y}.pdf")

    def test_rule_8_a_letter_is_not_printed_for_what_is_paid(self):
        self.level_1.channel = "letter"
        paid = self.create_due_invoice("2026-03-01")
        reminder = self.queue()
        self._register_payment(paid)
        action = reminder.action_print()
        self.assertIn("paid or blocked", action["params"]["message"])
        self.assertEqual((reminder.state, paid.dunning_level), ("cancelled", 0))

    def test_only_letters_are_printed(self):
        self.create_due_invoice("2026-03-01")
        with self.assertRaisesRegex(UserError, "letter to print"):
            self.queue().action_print()

    def test_d4_e_mail_and_letter_counts_with_the_mail_and_is_listed_to_print(self):
        self.level_1.channel = "email_letter"
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue()
        self.assertEqual((reminder.state, reminder.letter_state), ("queued", "to_print"))
        self.send(reminder)
        self.assertEqual((reminder.state, reminder.letter_state), ("sent", "to_print"))
        self.assertEqual(move.dunning_level, 1)
        action = self.env.ref("account_recurrence_dunning.dunning_reminder_action_todo")
        todo = self.env["dunning.reminder"].search(literal_eval(action.domain))
        self.assertIn(reminder, todo)
        reminder.action_print()
        self.assertEqual(reminder.letter_state, "printed")
        self.assertEqual(len(self.letters_of(reminder)), 1)

    def test_d14_the_statement_is_enclosed_where_the_level_says_so(self):
        self.level_1.attach_statement = True
        self.create_due_invoice("2026-03-01", 1234.5)
        self.create_due_invoice("2026-03-01", 80.0, partner=self.partner_b)
        reminders = self.queue()
        self.assertFalse(reminders.document_ids, "made when it leaves")
        self.send(reminders)
        self.assertEqual(reminders.mapped("state"), ["sent", "sent"])
        french = reminders.filtered(lambda r: r.partner_id == self.partner_a)
        self.assertEqual(french.mail_id.attachment_ids, french.document_ids)
        text, _pages = self.text_of(french.document_ids.raw)
        self.assertRegex(text, r"1.234,50")
        self.assertNotIn("80", text)
        other = reminders - french
        self.assertIn("80.00", self.text_of(other.document_ids.raw)[0])

    def test_rule_8_the_statement_speaks_of_what_is_open_when_it_leaves(self):
        self.level_1.attach_statement = True
        move = self.create_due_invoice("2026-03-01", 100.0)
        reminder = self.queue()
        self._register_payment(move, amount=40.0)
        self.send(reminder)
        self.assertIn("60.00", self.text_of(reminder.document_ids.raw)[0].replace(",", "."))

    def test_d14_a_named_report_encloses_the_invoice_marked_as_copy(self):
        self.level_1.write(
            {
                "attach_invoices": True,
                "invoice_report_id": self.env.ref("account.account_invoices").id,
            }
        )
        move = self.create_due_invoice("2026-03-01", 80.0, partner=self.partner_b)
        reminder = self.queue()
        self.send(reminder)
        self.assertFalse(reminder.failure_reason)
        self.assertEqual(reminder.state, "sent")
        document = reminder.document_ids
        self.assertEqual(document.name, f"{move.name.replace('/', '_')} (copy).pdf")
        text, _pages = self.text_of(document.raw)
        self.assertIn(move.name, text)
        self.assertIn("COPY", text)
        self.assertFalse(move.invoice_pdf_report_file, "the invoice's own PDF is left alone")

    def test_a_page_about_no_record_is_not_found(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.queue()
        stranger = self.create_user("document_stranger")
        clerk = self.create_user("document_clerk", "dunning_group_user")
        for report in ("dunning_letter", "dunning_statement_document"):
            for user, number, status in (
                (clerk, reminder.id, 200),
                (clerk, 999999999, 404),
                (stranger, reminder.id, 403),
            ):
                with self.subTest(report=report, user=user.login, number=number):
                    self.authenticate(user.login, user.login)
                    response = self.url_open(
                        f"/report/html/account_recurrence_dunning.{report}/{number}"
                    )
                    self.assertEqual(response.status_code, status)
