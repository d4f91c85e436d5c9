import os
from datetime import date
from pathlib import Path

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .mail_page import MailPage
from .smtp_case import DunningSmtpCase
from .test_dunning_picture import picture

DAY = date(2026, 3, 30)
LANGUAGES = ("en_US", "de_DE", "fr_FR", "ro_RO")
WIDTHS = (320, 390, 600)
NUMBER = "INV/2026/00012345 (2/3)"
REFERENCE = "Bestellung-PO-2026-0000123456789-Niederlassung-Süd/Abteilung-Einkauf"
# Where a person wants the messages that the tests look at, as HTML, text and pictures.
LOOK = os.environ.get("DUNNING_LOOK")


class MessageCase(DunningSmtpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGUAGES[1:]:
            cls.env["res.lang"]._activate_lang(code)
        cls.env["ir.module.module"]._load_module_terms(
            ["account_recurrence_dunning"], list(LANGUAGES[1:])
        )
        cls.company.write(
            {
                "phone": "+40 21 555 01 23",
                "website": "https://brightwater.example",
                "street": "Bulevardul Independenței 12",
                "city": "București",
                "logo": picture("green", (200, 60)),
            }
        )
        leu = cls.setup_other_currency("RON", symbol="RON", position="after")
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "RO49AAAA1B31007593840000", "partner_id": cls.company.partner_id.id}
        )
        cls.first = cls.create_due_invoice(
            "2026-03-01", 1234567.89, currency_id=leu.id, ref=REFERENCE
        )
        cls.second = cls.create_due_invoice("2026-03-21", 98765.43, currency_id=leu.id)
        cls.third = cls.create_due_invoice("2026-03-25", 250.0)
        # as an instalment is named by addons that number them
        cls.env.cr.execute(
            "UPDATE account_move SET name = %s WHERE id = %s", [NUMBER, cls.first.id]
        )
        cls.first.invalidate_recordset()

    def send_in(self, code, **level):
        """Send one reminder in a language and return the reminder and what the server got."""
        self.mailbox.messages.clear()
        self.partner_a.lang = code
        (self.level_1 | self.level_2).write(level)
        reminder = self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids
        reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "sent", reminder.failure_reason)
        ((_to, message),) = self.mailbox.messages
        return reminder, message

    @staticmethod
    def part(message, kind):
        return message.get_body((kind,)).get_content()


@tagged("post_install", "-at_install")
class TestDunningMessageOnScreens(MessageCase, HttpCase):
    """D14: a message fits a phone, in each language, with and without its style sheet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_1.write({"banner": picture("red", (1100, 150)), "title": "Zahlungserinnerung"})

    def setUp(self):
        super().setUp()
        self.page = MailPage(self)
        self.addCleanup(self.page.close)

    def look(self, name):
        if LOOK:
            self.page.save(Path(LOOK) / f"{name}.png")

    def assertFits(self, width, reminder, where):
        found = self.page.measure()
        self.assertEqual(found["outside"], [], where)
        self.assertLessEqual(found["scroll"], width, where)
        amounts = [*reminder._get_total_texts()]
        row = reminder._prepare_statement_row("", reminder.line_ids[0], reminder.lang)
        for text in (*amounts, row["amount"]):
            box = self.page.find(text)
            self.assertTrue(box, f"{where}: {text}")
            self.assertTrue(0 <= box[0] < box[2] <= width, f"{where}: {text} at {box}")
        return found

    def test_d14_nothing_is_cut_off_and_colours_hold(self):
        for code in LANGUAGES:
            with self.subTest(code), self.env.cr.savepoint() as savepoint:
                reminder, message = self.send_in(code)
                html = self.part(message, "html")
                for width in WIDTHS:
                    for dark in (False, True):
                        where = f"{code} {width} {'dark' if dark else 'light'}"
                        self.page.show(html, width, dark)
                        found = self.assertFits(width, reminder, where)
                        self.assertGreaterEqual(found["contrast"][0], 4.5, (where, found))
                        self.look(where.replace(" ", "_"))
                    # Gmail with other accounts, Outlook: no style sheet
                    self.page.show(reminder.mail_id.body_html, width)
                    self.assertFits(width, reminder, f"{code} {width} without styles")
                    # Odoo's chatter keeps fewer properties
                    self.page.show(str(reminder.mail_message_id.body), width)
                    self.assertFits(width, reminder, f"{code} {width} in the chatter")
                savepoint.rollback()

    def test_m3_what_is_claimed_fits_a_phone_and_the_dark(self):
        rule = self.env["dunning.charge.rule"].create(
            {
                "name": "Everybody",
                "debtor_kind": self.partner_a._dunning_get_debtor_kind(),
                "interest": "fixed",
                "fixed_rate": 12.345,
                "sequence": 1,
                "currency_id": self.first.currency_id.id,
                "legal_text": "Verzugszinsen nach dem Gesetz über den Zahlungsverkehr. " * 4,
                "tier_ids": [Command.create({"amount": 40.0})],
            }
        )
        rule.sudo().action_confirm()
        self.program.charge_compute = True
        for code in LANGUAGES:
            with self.subTest(code), self.env.cr.savepoint() as savepoint:
                reminder, message = self.send_in(code, charge_show=True)
                totals = reminder.with_context(lang=code)._get_total_rows()
                # three totals of lei, three of dollars
                self.assertEqual(len(totals), 6)
                for width in WIDTHS:
                    for dark in (False, True):
                        where = f"claims {code} {width} {'dark' if dark else 'light'}"
                        self.page.show(self.part(message, "html"), width, dark)
                        found = self.assertFits(width, reminder, where)
                        self.assertGreaterEqual(found["contrast"][0], 4.5, (where, found))
                        self.look(where.replace(" ", "_"))
                        for _label, text in totals:
                            box = self.page.find(text)
                            self.assertTrue(box and 0 <= box[0] < box[2] <= width, (where, text))
                savepoint.rollback()

    def test_d14_total_first_then_the_amount_beside_its_number(self):
        reminder, message = self.send_in("de_DE")
        self.page.show(self.part(message, "html"), 320)
        total = self.page.find(reminder._get_total_texts()[0])
        line = reminder.line_ids.filtered(lambda ln: ln.move_id == self.first)
        reminder = reminder.with_context(lang="de_DE")
        row = reminder._prepare_statement_row("", line, "de_DE")
        number, amount = self.page.find(row["number"]), self.page.find(row["amount"])
        due = self.page.find(row["details"][1])
        self.assertLess(total[1], number[1])
        self.assertLess(abs(number[1] - amount[1]), 8)
        self.assertLess(amount[1], due[1])

    def test_d14_a_logo_stands_on_a_light_plate_in_the_dark(self):
        _reminder, message = self.send_in("en_US")
        self.page.show(self.part(message, "html"), 390, dark=True)
        colors = self.page.evaluate(
            "['.dm-plate', '.dm-card'].map("
            "name => getComputedStyle(document.querySelector(name)).backgroundColor)"
        )
        self.assertEqual(colors, ["rgb(255, 255, 255)", "rgb(31, 41, 55)"])


@tagged("post_install", "-at_install")
class TestDunningMessage(MessageCase):
    """D14: what a message says, and what leaves beside its HTML."""

    def test_d14_the_plain_part_is_a_table_of_aligned_lines(self):
        reminder, message = self.send_in("en_US")
        text = self.part(message, "plain").replace("\r", "")
        lines = text.splitlines()
        head = lines.index(next(line for line in lines if line.startswith("Invoice ")))
        self.assertRegex(lines[head], r"^Invoice +Due +Days late +Amount$")
        self.assertEqual(lines[head + 2], f"  Your reference: {REFERENCE}")
        rows = [lines[head + 1], *lines[head + 3 : head + 5]]
        self.assertRegex(rows[0], r"^INV/2026/00012345 \(2/3\)  03/01/2026 +29  1,234,567.89 RON$")
        ends = {len(line) for line in [lines[head], *rows]}
        self.assertEqual(len(ends), 1, text)
        total = next(line for line in lines if line.startswith("Total outstanding"))
        self.assertTrue(total.endswith("1,333,333.32 RON"), total)
        self.assertEqual(len(total), ends.pop())
        self.assertIn("RO49AAAA1B31007593840000", text.replace(" ", ""))
        self.assertIn(f"All open items and payment: {reminder._get_page_url()}", text)
        self.assertNotIn("<", text)
        self.assertNotIn("{", text)
        self.assertEqual(reminder.partner_id.name, "Acme")
        self.assertTrue(text.startswith("Hello Acme,\n\n"), text)

    def test_d14_the_plain_part_has_sections_and_no_column_without_figures(self):
        self.create_refund(40.0)
        reminder, message = self.send_in("fr_FR")
        text = self.part(message, "plain").replace("\r", "").replace("\xa0", " ")
        self.assertRegex(text, r"\n\nAvoirs et acomptes\n\S+ +\$ -40,00\n\nTotal restant dû")
        self.assertIn("Payer : http", text)
        self.assertIn("Tous les postes ouverts et le paiement : http", text)
        self.assertIn("Paiement par virement\nBénéficiaire :", text)
        # as in a notice
        reminder.line_ids.sudo().days_late = 0
        plain = reminder.with_context(lang="fr_FR")._get_plain_items()
        self.assertRegex(plain, r"^Facture +Échéance +Montant\n")

    def test_d14_the_html_is_a_document_for_light_and_dark(self):
        _reminder, message = self.send_in("de_DE")
        html = self.part(message, "html")
        self.assertTrue(html.startswith("<!DOCTYPE html>"))
        for wanted in ('name="color-scheme" content="light dark"', "prefers-color-scheme: dark"):
            self.assertIn(wanted, html)

    def test_d14_the_company_stands_once(self):
        self.program.sender = "company"
        self.env.user.signature = False
        # as the beneficiary of a transfer it is named once more
        self.company.partner_id.bank_ids.action_archive()
        _reminder, message = self.send_in("en_US")
        self.assertEqual(self.part(message, "html").count("Brightwater"), 1 + 1)  # title of it
        self.assertEqual(self.part(message, "plain").count("Brightwater"), 1)
        self.assertEqual(message["Subject"].count("Brightwater"), 1)

    def test_d14_the_signature_of_the_sender(self):
        clerk = self.create_user("signing_clerk", "dunning_group_user")
        clerk.write({"email": "clerk@brightwater.example", "signature": "<p>Yours, <b>Eve</b></p>"})
        self.program.write({"sender": "user", "sender_user_id": clerk.id})
        _reminder, message = self.send_in("en_US")
        self.assertIn("<p>Yours, <b>Eve</b></p>", self.part(message, "html"))

    def test_d14_no_placeholder_of_odoo_as_logo(self):
        self.company.logo = False
        self.assertTrue(self.company.uses_default_logo)
        _reminder, message = self.send_in("en_US")
        self.assertNotIn("<img", self.part(message, "html"))

    def test_d14_the_logo_is_shown_in_the_chatter_wherever_that_is_opened(self):
        reminder, _message = self.send_in("en_US")
        self.assertIn(f'src="/logo.png?company={self.company.id}"', reminder.mail_message_id.body)

    def test_c4_nobody_is_asked_to_reply_where_nobody_reads_it(self):
        self.company.alias_domain_id = False
        _reminder, message = self.send_in("en_US")
        text = self.part(message, "plain")
        self.assertNotIn("reply", text)
        text = " ".join(text.split())
        self.assertIn("please contact us: +40 21 555 01 23 · billing@brightwater.example", text)

    def test_c4_a_reply_is_asked_for_where_odoo_takes_it_in(self):
        domain = self.env["mail.alias.domain"].create({"name": "brightwater.example"})
        self.company.alias_domain_id = domain
        _reminder, message = self.send_in("en_US")
        self.assertIn("please reply to this message", self.part(message, "plain"))

    def test_c5_buttons_only_where_there_is_a_page(self):
        with self.env.cr.savepoint() as savepoint:
            self.company.dunning_page = False
            _reminder, message = self.send_in("en_US")
            # each item leads to its invoice
            self.assertIn("/my/invoices/", self.part(message, "plain"))
            body = self.part(message, "html").split("</head>")[1]
            self.assertNotIn("dm-button", body)
            self.assertNotIn("(buttons)", body)
            savepoint.rollback()
        self.patch(
            self.registry["dunning.reminder"],
            "_get_page_url",
            lambda self, view="": f"https://pay.example/r/1?view={view}",
        )
        _reminder, message = self.send_in("en_US")
        html, text = self.part(message, "html"), self.part(message, "plain")
        for view, label in (("pay", "Pay"), ("dispute", "I have a question")):
            self.assertIn(f'href="https://pay.example/r/1?view={view}"', html)
            self.assertIn(f"{label}: https://pay.example/r/1?view={view}", text)
        self.assertIn("I will pay on …: https://pay.example/r/1?view=promise", text)

    def test_d14_a_credit_in_another_currency_is_mentioned_and_not_added(self):
        euro = self.setup_other_currency("EUR")
        self.create_refund(40.0, currency_id=euro.id)
        reminder, message = self.send_in("en_US")
        for kind in ("html", "plain"):
            text = self.part(message, kind).replace("\xa0", " ")
            text = " ".join(text.split())
            credit = "You also have a credit of 40.00 € (EUR), which is not deducted"
            self.assertIn(credit, text)
        self.assertEqual(len(reminder._get_totals()), 2)

    def test_d14_written_in_the_language_of_the_reader_whoever_makes_it(self):
        self.env.user.lang = "fr_FR"
        reminder, message = self.send_in("de_DE")
        self.assertNotIn("Invoice date", self.part(message, "plain"))
        self.assertIn("1.234.567,89", self.part(message, "plain"))
        self.assertIn("01.03.2026", self.part(message, "plain"))
        self.assertIn('lang="de"', self.part(message, "html"))
        self.assertEqual(reminder.date_text, "30.03.2026")

    def test_d14_title_and_header_too(self):
        self.level_1.with_context(lang="de_DE").write(
            {"title": "Erinnerung", "header_html": "<p>Sehr geehrte Damen und Herren</p>"}
        )
        self.level_2.active = False
        reminder, message = self.send_in("de_DE", active=True)
        self.assertEqual(reminder.lang, "de_DE")
        if reminder.level_id == self.level_1:
            self.assertIn("Erinnerung", self.part(message, "html"))


@tagged("post_install", "-at_install")
class TestDunningBigMessage(DunningSmtpCase):
    """D14: many items make a short message with the statement."""

    def make_reminder(self, count):
        self.create_due_invoice("2026-03-01", 10.0)
        (reminder,) = self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids
        reminder.line_ids.sudo().create(
            [
                {
                    **reminder._prepare_shared_lines(),
                    "currency_id": self.company.currency_id.id,
                    "amount_residual": 10.0,
                    "days_late": 28,
                    "move_name": f"INV/2026/{number:05}",
                    "due_date": date(2026, 3, 2),
                    "kind": "overdue",
                }
                for number in range(1, count)
            ]
        )
        return reminder

    def test_d14_up_to_the_limit_all_items_and_no_statement(self):
        reminder = self.make_reminder(50)
        reminder.sudo()._make_mails()
        self.assertFalse(reminder.enclose_statement)
        self.assertIn("INV/2026/00049", reminder.mail_id.body_html)

    def test_d14_a_thousand_items_are_the_oldest_and_the_statement(self):
        reminder = self.make_reminder(1000)
        reminder.sudo()._make_mails()
        body = reminder.mail_id.body_html
        self.assertLess(len(body.encode()), 100_000)
        self.assertTrue(reminder.enclose_statement)
        self.assertIn("The 50 oldest of 1000 items are listed here.", body)
        self.assertIn("INV/2026/00049", body)
        self.assertNotIn("INV/2026/00050", body)
        self.assertIn("10,000.00", body)
        reminder._send_queued(DAY)
        ((_to, message),) = self.mailbox.messages
        self.assertLess(len(message.get_body(("html",)).get_content().encode()), 100_000)
        self.assertEqual(len(list(message.iter_attachments())), 1)

    def test_d14_no_setting_makes_a_message_that_clients_cut_off(self):
        self.company.dunning_message_items = 1000
        reminder = self.make_reminder(1000)
        reminder.sudo()._make_mails()
        self.assertLess(len(reminder.mail_id.body_html.encode()), 100_000)
        self.assertTrue(reminder.enclose_statement)

    def test_rule_20_where_no_pdf_can_be_made_it_is_foreseen(self):
        self.company.dunning_message_items = 3
        levels = self.registry["dunning.level"]
        self.patch(levels, "_can_make_pdf", lambda self: False)
        for _number in range(3):
            self.create_due_invoice("2026-03-01", 10.0)
        self.assertEqual(self.foresee(), {False})
        self.create_due_invoice("2026-03-01", 10.0)
        self.assertEqual(self.foresee(), {"no_pdf"})

    def foresee(self):
        """Return what a simulation says will keep messages back."""
        run = self.env["dunning.run"].create({"date": DAY})
        run.action_simulate()
        return set(run.remind_line_ids.mapped("warning"))

    def test_d14_links_are_as_few_as_items(self):
        self.company.dunning_message_items = 3
        self.program.level_ids.link_invoices = True
        for _number in range(4):
            self.create_due_invoice("2026-03-02", 10.0)
        reminder = self.make_reminder(1)
        reminder.sudo()._make_mails()
        count = len(reminder.line_ids.move_id)
        self.assertIn(f"and {count - 3} more", reminder.mail_id.body_html)

    def test_d14_the_limit_is_a_setting(self):
        self.company.dunning_message_items = 3
        reminder = self.make_reminder(5)
        reminder.sudo()._make_mails()
        self.assertIn("The 3 oldest of 5 items", reminder.mail_id.body_html)
