import io
from datetime import date
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from odoo.addons.base.models import ir_actions_report

from .common import DunningMailCommon

DAY = date(2026, 3, 10)
FAILING = "<t t-out=\"1 / (doc.partner_id.ref != 'broken')\"/>"


@tagged("post_install", "-at_install")
class TestDunningLetter(DunningMailCommon):
    """Letters as they are printed: who writes, what about, many at once (D14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.bank_ids = [
            Command.clear(),
            Command.create({"acc_number": "DE89370400440532013000"}),
        ]
        cls.level_1.write({"channel": "letter", "title": "Payment reminder"})
        cls.partner_a.write({"name": "Acme", "ref": "K-4711"})
        cls.partner_b.name = "Bolt"

    def text_of(self, content):
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        return [page.extract_text() for page in reader.pages]

    def printed(self, reminders):
        action = reminders.action_print()
        number = int(action["params"]["next"]["url"].split("/")[3].split("?")[0])
        return self.text_of(self.env["ir.attachment"].browse(number).raw)

    def new_letters(self, names):
        """Return a letter for each of these customers, in that order."""
        reminders = self.env["dunning.reminder"]
        partners = [self.partner_a.copy({"name": name, "ref": False}) for name in names]
        for partner in partners:
            self.create_due_invoice("2026-03-01", partner=partner)
        found = self.queue("2026-03-10").grouped("partner_id")
        for partner in partners:
            reminders |= found[partner]
        return reminders

    def test_d14_a_letter_names_references_and_who_to_ask(self):
        clerk = self.create_user("letter_clerk", "dunning_group_user")
        clerk.write({"name": "Mara Lind", "email": "mara@brightwater.example"})
        clerk.partner_id.phone = "+49 30 123456"
        self.program.write({"sender": "user", "sender_user_id": clerk.id})
        self.create_due_invoice("2026-03-01", 1234.5)
        reminder = self.queue("2026-03-10")
        (page,) = self.printed(reminder)
        for expected in (
            f"{reminder.text_date:%m/%d/%Y}",
            "K-4711",
            f"ML / {reminder.id:05}",
            "Mara Lind",
            "mara@brightwater.example",
            "+49 30 123456",
            "DE89 3704 0044 0532 0130 00",
            reminder.line_ids.move_name,
        ):
            self.assertIn(expected, page)
        self.assertEqual(page.count("Payment reminder"), 1)

    def test_d6_a_letter_needs_a_postal_address(self):
        self.partner_a.write({"street": False, "city": False})
        self.create_due_invoice("2026-03-01")
        run = self.env["dunning.run"].create({"date": DAY})
        run.action_simulate()
        self.assertEqual(run.line_ids.warning, "no_postal_address")
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.state, "undeliverable")
        self.assertEqual(reminder.failure_reason, "Acme has no postal address for a letter.")
        self.partner_a.write({"street": "Canal 1", "city": "Ghent"})
        (page,) = self.printed(reminder)
        self.assertIn("Ghent", page)
        self.assertEqual(reminder.state, "sent")

    def test_d6_a_postal_address_is_a_street_or_box_and_a_place(self):
        for address, is_enough in (
            ({"street": "Canal 1", "city": "Ghent"}, True),
            ({"street2": "P.O. Box 7", "zip": "9000"}, True),
            ({"city": "Ghent", "zip": "9000"}, False),
            ({"street": "Canal 1", "street2": "2nd floor"}, False),
            ({"street": " ", "city": "Ghent"}, False),
            ({}, False),
        ):
            nothing = dict.fromkeys(("street", "street2", "zip", "city"), False)
            self.partner_a.write({**nothing, **address})
            with self.subTest(address):
                self.assertEqual(self.partner_a._dunning_has_postal_address(), is_enough)

    def test_d6_the_letter_beside_an_e_mail_is_warned_of(self):
        self.level_1.channel = "email_letter"
        self.partner_a.write({"street": False, "city": False, "email": "a@customer.example"})
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.state, "queued")
        self.assertEqual(reminder.address_warning, "Acme has no postal address for a letter.")
        self.partner_a.write({"street": "Canal 1", "city": "Ghent"})
        self.assertFalse(reminder.address_warning)

    def test_rule_8_the_letter_beside_an_e_mail_is_not_printed_for_what_was_paid(self):
        """The e-mail left; two invoices, 100.00 and 50.00, are paid one after the other."""
        self.level_1.channel = "email_letter"
        self.partner_a.email = "a@customer.example"
        moves = [self.create_due_invoice("2026-03-01", amount) for amount in (100.0, 50.0)]
        reminder = self.queue("2026-03-10")
        with self.mock_mail_gateway():
            reminder._send_locked(date(2026, 3, 10))
        self.assertEqual((reminder.state, reminder.letter_state), ("sent", "to_print"))
        self._register_payment(moves[0])
        self.company._dunning_do_daily(date(2026, 3, 11))
        self.assertEqual(reminder.letter_state, "to_print")
        self._register_payment(moves[1])
        self.assertEqual(reminder.action_print()["tag"], "display_notification")
        self.assertEqual(reminder.letter_state, "not_needed")
        reminder.sudo().letter_state = "to_print"
        self.company._dunning_do_daily(date(2026, 3, 12))
        self.assertEqual(reminder.letter_state, "not_needed")
        self.assertTrue(all(reminder.line_ids.mapped("effective_date")), "its e-mail left")

    def test_d14_odoo_s_placeholder_for_a_logo_does_not_go_out(self):
        self.create_due_invoice("2026-03-01")
        self.assertTrue(self.company.uses_default_logo)
        page, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account_recurrence_dunning.dunning_letter_report", self.queue("2026-03-10").ids
        )
        self.assertNotIn(self.company.logo.decode(), page.decode())

    def test_d14_a_letter_in_hebrew_runs_from_right_to_left(self):
        self.env["res.lang"]._activate_lang("he_IL")
        self.partner_a.lang = "he_IL"
        self.create_due_invoice("2026-03-01")
        page, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account_recurrence_dunning.dunning_letter_report", self.queue("2026-03-10").ids
        )
        self.assertIn('class="page dunning_letter" dir="rtl"', page.decode())

    def test_d14_the_signature_stands_on_a_page_with_what_is_above_it(self):
        self.create_due_invoice("2026-03-01")
        text = self.queue("2026-03-10")._get_letter_text()
        self.assertRegex(text, r'(?s)<div class="dunning_kept"><p>.*[Rr]egards,.*</div>')

    def test_d14_letters_are_printed_as_they_are_listed(self):
        reminders = self.new_letters(["Zeta", "Alpha", "Midway"])
        pages = self.printed(reminders)
        order = [next(n for n in ("Zeta", "Alpha", "Midway") if n in page) for page in pages]
        self.assertEqual(order, ["Zeta", "Alpha", "Midway"])

    def test_d14_one_call_makes_letters_of_several_pages_with_headings_of_their_own(self):
        self.level_1.footer_html = "<h1>Terms</h1>" + "<p>Small print.</p>" * 60 + "<h1>End</h1>"
        reminders = self.new_letters(["One", "Two", "Three"])
        calls = []
        run = ir_actions_report._run_wkhtmltopdf

        def counted(args):
            calls.append(args)
            return run(args)

        with patch.object(ir_actions_report, "_run_wkhtmltopdf", counted):
            pdfs = reminders._render_letters()
        self.assertEqual(len(calls), 1)
        for reminder in reminders:
            pages = self.text_of(pdfs[reminder.id])
            self.assertGreater(len(pages), 1)
            self.assertIn(reminder.partner_id.name, pages[0])
            self.assertIn("End", pages[-1])
            self.assertNotIn("<div", "".join(pages))

    @mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation")
    def test_rule_15_one_letter_that_cannot_be_made_stops_no_other(self):
        reminders = self.new_letters(["One", "Two", "Three"])
        reminders[1].partner_id.ref = "broken"
        view = self.env.ref("account_recurrence_dunning.dunning_letter_page").sudo()
        view.arch_db = view.arch_db.replace(
            '<t t-set="recipient"', f'{FAILING}<t t-set="recipient"', 1
        )
        pages = self.printed(reminders)
        self.assertEqual(len(pages), 2)
        self.assertEqual(reminders.mapped("state"), ["sent", "failed", "sent"])
        self.assertIn("could not be created", reminders[1].failure_reason)
        moves = reminders.line_ids.move_id
        self.assertEqual(sorted(moves.mapped("dunning_level")), [0, 1, 1])

    def test_c2_what_a_company_lacks_is_told_where_a_clerk_sees_it(self):
        run = self.env["dunning.run"].create({"date": DAY})
        preview = self.env["dunning.level.preview"].create({"level_id": self.level_1.id})
        self.assertNotIn("bank account", run.document_warning or "")
        self.company.partner_id.bank_ids.unlink()
        settings = self.env["res.config.settings"].create({})
        run.invalidate_recordset()
        preview.invalidate_recordset()
        for told in (
            run.document_warning,
            preview.document_warning,
            settings.dunning_document_warning,
        ):
            self.assertIn("The company has no bank account", told)
        self.create_due_invoice("2026-03-01")
        run.action_simulate()
        run.action_execute()
        self.assertEqual(run.reminder_ids.state, "draft", "nothing is blocked by it")


@tagged("post_install", "-at_install")
class TestDunningEnclosure(DunningMailCommon):
    """What is enclosed and what is linked to (D14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"name": "Acme", "email": "a@customer.example"})
        cls.level_1.attach_invoices = True
        cls.small, cls.large = (
            cls.create_due_invoice("2026-03-01", 10.0),
            cls.create_due_invoice("2026-03-01", 20.0),
        )
        for move, size in ((cls.small, 1000), (cls.large, 800_000)):
            cls.env["ir.attachment"].sudo().create(
                {
                    "name": f"{move.name}.pdf".replace("/", "_"),
                    "raw": b"%PDF-1.4" + b" " * size,
                    "res_model": "account.move",
                    "res_field": "invoice_pdf_report_file",
                    "res_id": move.id,
                    "mimetype": "application/pdf",
                }
            )

    def send_one(self):
        reminder = self.queue("2026-03-10")
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "sent", reminder.failure_reason)
        return reminder

    def test_d14_what_was_sent_is_enclosed_unchanged(self):
        files = self.send_one().mail_id.attachment_ids
        self.assertEqual(sorted(map(len, files.mapped("raw"))), [1008, 800_008])

    def test_d14_what_would_make_the_message_too_large_is_linked_to(self):
        self.company.dunning_enclosure_mb = 1
        reminder = self.send_one()
        self.assertEqual([len(file.raw) for file in reminder.mail_id.attachment_ids], [1008])
        self.assertEqual(reminder.linked_move_ids, self.large)
        body = reminder.mail_id.body_html
        _before, links = body.split("too large to enclose")
        self.assertIn(self.large.access_token, links)
        self.assertNotIn(self.small.access_token, links)
        self.assertIn("too large to enclose", reminder.proof_body)

    def test_d14_under_the_limit_nothing_is_linked_to(self):
        self.company.dunning_enclosure_mb = 2
        self.assertNotIn("too large to enclose", self.send_one().mail_id.body_html)

    def test_d14_a_rendered_copy_counts_as_well(self):
        self.level_1.invoice_report_id = self.env.ref("account.account_invoices")
        self.company.dunning_enclosure_mb = 0
        reminder = self.send_one()
        self.assertFalse(reminder.mail_id.attachment_ids)
        self.assertEqual(reminder.linked_move_ids, self.small | self.large)
        self.assertIn("too large to enclose", reminder.mail_id.body_html)

    def test_d14_the_statement_stays_enclosed(self):
        self.level_1.attach_statement = True
        self.company.dunning_enclosure_mb = 0
        reminder = self.send_one()
        self.assertEqual(
            reminder.mail_id.attachment_ids.mapped("name"), ["Statement of 03-10-2026.pdf"]
        )

    def test_d14_a_level_may_send_links_only(self):
        self.level_1.write({"attach_invoices": False, "link_invoices": True})
        reminder = self.send_one()
        self.assertFalse(reminder.mail_id.attachment_ids)
        _before, links = reminder.mail_id.body_html.split("Open the documents here")
        for move in self.small | self.large:
            self.assertIn(f"/my/invoices/{move.id}?access_token={move.access_token}", links)

    def test_d14_the_limit_is_a_number_of_megabytes(self):
        for wrong in (-1, 101):
            with self.assertRaisesRegex(ValidationError, "0 to 100 MB"):
                self.company.dunning_enclosure_mb = wrong
