import importlib.util
import re
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..tools.dunning.plain_text import html_to_text
from .common import DunningMailCommon

MODULE = "account_recurrence_dunning"
MIGRATION = Path(__file__).parents[1] / "migrations" / "19.0.1.2.0" / "post-migrate.py"
SHIPPED = (
    "notice",
    "level_1",
    "level_1_neutral",
    "level_2",
    "level_3",
    "friendly_1",
    "friendly_2",
    "strict_1",
    "strict_3",
)


@tagged("post_install", "-at_install")
class TestDunningTexts(DunningMailCommon):
    """D14: the shipped texts, their placeholders, and texts made of those of invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.write({"email": "a@customer.example", "lang": "en_US"})
        cls.texts = [cls.env.ref(f"{MODULE}.mail_template_{name}").sudo() for name in SHIPPED]

    def test_d14_each_shipped_text_has_all_its_parts(self):
        for text in self.texts:
            with self.subTest(text.name):
                body = str(text.body_html)
                for part in ("statement", "buttons", "signature"):
                    self.assertIn(f'"object.{part}_html"', body)
                self.assertIn('"object.answer_text"', body)
                self.assertNotIn("reply", body, "whether replies are read is not known here")
                self.assertIn("{{ object.reference_text }}", text.subject)

    def test_sentences_begin_with_capitals(self):
        self.create_due_invoice("2026-03-01")
        for text in self.texts:
            self.level_1.mail_template_id = text
            with self.subTest(text.name), self.env.cr.savepoint() as savepoint:
                (reminder,) = self.queue("2026-03-10")
                plain = html_to_text(reminder.body_html, reminder._get_plain_blocks())
                self.assertFalse(re.findall(r"(?:^|\. |\n\n)[a-z][^\n@]* [^\n@]*\.", plain), plain)
                self.assertTrue(reminder.subject[0].isupper())
                savepoint.rollback()

    def test_d8_invoices_read_as_one_or_as_several(self):
        first = self.create_due_invoice("2026-03-01")
        (reminder,) = self.queue("2026-03-10")
        self.assertEqual(reminder.reference_text, f"invoice {first.name}")
        reminder.sudo()._reverse()
        second = self.create_due_invoice("2026-03-02", partner=self.partner_b)
        third = self.create_due_invoice("2026-03-02", partner=self.partner_b)
        self.partner_b.email = "b@customer.example"
        found = self.queue("2026-03-10").filtered(lambda r: r.partner_id == self.partner_b)
        self.assertEqual(found.reference_text, f"invoices {second.name}, {third.name}")

    def test_d8_placeholders_are_shown_with_their_values_for_the_sample(self):
        action = self.level_1.action_open_placeholders()
        preview = self.env["dunning.level.preview"].browse(action["res_id"])
        self.assertTrue(preview.with_placeholders)
        self.assertFalse(preview.problem)
        shown = html_to_text(preview.placeholders_html)
        for path in self.env["dunning.reminder"]._get_placeholders():
            self.assertIn(f"object.{path}", shown)
        self.assertIn("Sample Customer", shown)
        # both of #REF# and of object.reference
        self.assertEqual(shown.count("\nINV/2026/00041, INV/2026/00042\n"), 2, shown)
        self.assertNotIn("Html", shown)

    def test_d8_a_placeholder_that_nothing_fills_in_never_reaches_a_customer(self):
        self.create_due_invoice("2026-03-01")
        text = self.texts[1].copy()
        self.level_1.mail_template_id = text
        self.level_2.active = False
        for body in ("Hello {{ object.addressee }}", "See #REFF#", "See ${object.name}"):
            with self.subTest(body), self.env.cr.savepoint() as savepoint:
                text.body_html = f"<p>{body}</p>"
                run = self.env["dunning.run"].create({"date": "2026-03-10"})
                run.action_simulate()
                self.assertEqual(run.remind_line_ids.mapped("warning"), ["text_broken"])
                (reminder,) = self.queue("2026-03-10")
                self.assertEqual(reminder.state, "failed")
                self.assertIn(body.split(" ", 1)[1], reminder.failure_reason)
                savepoint.rollback()

    def test_d8_a_text_of_invoices_becomes_one_of_reminders(self):
        invoice = self.env.ref("account.email_template_edi_invoice")
        action = invoice.action_dunning_copy()
        copy = self.env["mail.template"].browse(action["res_id"])
        self.assertEqual(copy.model, "dunning.reminder")
        self.assertIn("{{ object.reference }}", copy.subject)
        body = str(copy.body_html)
        for same in ("object.addressee", "object.total_text", "object.statement_html"):
            self.assertIn(same, body)
        for lost in ("object.invoice_origin", "object.payment_reference"):
            self.assertNotIn(lost, body)
            self.assertIn(lost, copy.description)
        self.create_due_invoice("2026-03-01")
        self.level_1.mail_template_id = copy
        (reminder,) = self.queue("2026-03-10")
        self.assertEqual(reminder.state, "queued", reminder.failure_reason)
        self.assertIn(self.partner_a.name, reminder.body_html)

    def test_d8_only_texts_of_invoices(self):
        with self.assertRaises(UserError):
            self.texts[0].action_dunning_copy()

    # === UPGRADE === #

    def migrate(self):
        spec = importlib.util.spec_from_file_location("dunning_post_migrate", MIGRATION)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()

    def test_an_upgrade_renews_what_nobody_edited_and_nothing_else(self):
        text, edited = self.texts[1], self.texts[3]
        old = (
            '<div><p>Hello <t t-out="object.addressee">Marc Demo</t>,</p><p>This may have been '
            "overlooked: we have not yet received payment for the following.</p>"
            '<t t-out="object.statement_html">(open items)</t><p>Please pay within the next few '
            "days. If you have already paid, thank you, and please disregard this reminder. If "
            "there is a reason why you have not paid, please reply to this message and we will "
            'find a solution.</p><p>Kind regards,<br/><t t-out="object.sender_name">YourCompany'
            "</t></p></div>"
        )
        subject = "{{ object.company_id.name }}: payment reminder (#REF#)"
        text.reply_to = "us@example.com"
        for code, _name in self.env["res.lang"].get_installed():
            text.with_context(lang=code).write({"body_html": old, "subject": subject})
        edited.body_html = "<p>Our words</p>"
        self.migrate()
        self.assertIn("object.buttons_html", text.body_html)
        self.assertIn("reference_text", text.subject)
        self.assertEqual(text.reply_to, "us@example.com")
        self.assertEqual(edited.body_html, "<p>Our words</p>")
