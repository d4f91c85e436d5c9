import io
from unittest import SkipTest

from freezegun import freeze_time
from pypdf import PdfReader

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import DunningMailCommon

IBAN = "FR1420041010050500013M02606"
DAY = "2026-03-10"


@tagged("post_install", "-at_install")
@freeze_time(f"{DAY} 09:00:00")
class TestBill(DunningMailCommon, HttpCase):
    """The bill of exchange of a French customer, and what it lacks (C3, D14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        france = cls.env.ref("base.fr")
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.company.partner_id.write(
            {"street": "1 rue du Port", "city": "Lyon", "zip": "69002", "country_id": france.id}
        )
        cls.company.company_registry = "732 829 320 00074"
        cls.partner_a.write(
            {
                "name": "Établissements Lefèvre",
                "email": "lefevre@example.com",
                "street": "5 place Bellecour",
                "city": "Lille",
                "zip": "59000",
                "country_id": france.id,
                "ref": "CLIENT-0042-LONG",
                "bank_ids": [Command.create({"acc_number": IBAN})],
            }
        )
        cls.euro = euro
        cls.level_1.write({"attach_bill": True, "bill_days": 20})
        cls.move = cls.create_due_invoice("2026-03-01", 1234.56, currency_id=euro.id)

    def get_reminder(self):
        reminder = self.queue(DAY)
        self.assertEqual(reminder.level_id, self.level_1)
        return reminder

    def test_c3_a_form_that_was_deleted_is_foreseen(self):
        self.partner_b.country_id = self.env.ref("base.us")
        self.create_due_invoice("2026-02-28", partner=self.partner_b, currency_id=self.euro.id)
        self.env.ref("account_recurrence_dunning.dunning_bill_report").sudo().unlink()
        run = self.env["dunning.run"].create({"date": DAY})
        run.action_simulate()
        line = run.line_ids.filtered(lambda found: found.move_id == self.move)
        self.assertEqual(line.warning, "enclosure_broken")
        self.assertIn("The report dunning_bill_report was deleted", line.reason_text)

    def test_c3_the_bill_says_who_pays_whom_how_much_and_when(self):
        reminder = self.get_reminder()
        bill = reminder._prepare_bill()
        self.assertEqual(
            {name: bill[name] for name in ("place", "date", "due", "amount", "words", "siren")},
            {
                "place": "Lyon",
                "date": "10/03/2026",
                "due": "30/03/2026",
                "amount": "1\u202f234,56",
                "words": "mille deux cent trente-quatre euros et cinquante-six centimes",
                "siren": "732829320",
            },
        )
        self.assertEqual([*bill["rib"]], ["20041", "01005", "0500013M026", "06"])
        self.assertEqual(
            (bill["drawer"], bill["drawee"]), (self.company.partner_id, self.partner_a)
        )
        self.assertEqual(bill["drawee_reference"], "CLIENT-004")
        self.assertEqual(bill["drawer_reference"], f"{reminder.id:08d}")

    def test_c3_the_mail_encloses_it_on_one_page(self):
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            raise SkipTest("wkhtmltopdf is not installed")
        reminder = self.get_reminder()
        self.send(reminder, DAY)
        self.assertEqual(reminder.state, "sent", reminder.failure_reason)
        self.assertEqual(reminder.document_ids.name, "Bill of exchange of 03-10-2026.pdf")
        pdf = PdfReader(io.BytesIO(reminder.document_ids.raw))
        self.assertEqual(len(pdf.pages), 1)
        text = pdf.pages[0].extract_text()
        for part in (
            "LETTRE DE CHANGE",
            "mille deux cent trente-quatre euros",
            "0500013M026",
            "Lefèvre",
            "30/03/2026",
            "non acceptée",
        ):
            self.assertIn(part, text)

    def test_c3_what_is_missing_keeps_the_message_back_and_is_named(self):
        company = self.company
        for record, values, code, said in (
            (self.partner_a.bank_ids, {"acc_number": "BE71096123456769"}, "bill_iban", "IBAN"),
            (self.partner_a, {"city": False}, "bill_address", "Lefèvre names no city"),
            (company, {"company_registry": "12", "vat": False}, "bill_siren", "SIREN"),
            (company.partner_id, {"city": False}, "bill_place", "city"),
        ):
            before = {name: record[name] for name in values}
            before = record._convert_to_write(before)
            record.write(values)
            with self.subTest(code):
                with self.env.cr.savepoint() as savepoint:
                    reminder = self.queue(DAY)
                    self.assertEqual((reminder.state, reminder.failure_code), ("failed", code))
                    self.assertIn(said, reminder.failure_reason)
                    savepoint.rollback()
                self.env.invalidate_all()
            record.write(before)

    def test_c3_an_account_of_another_company_is_not_told(self):
        other = self.setup_other_company(name="Second")["company"]
        self.partner_a.bank_ids.company_id = other
        reminder = self.queue(DAY)
        self.assertEqual((reminder.state, reminder.failure_code), ("failed", "bill_iban"))

    def test_c3_who_is_not_in_france_gets_the_message_without_it(self):
        self.partner_a.country_id = self.env.ref("base.be")
        reminder = self.get_reminder()
        self.send(reminder, DAY)
        self.assertEqual(reminder.state, "sent", reminder.failure_reason)
        self.assertFalse(reminder.document_ids)

    def test_c3_nobody_knows_where_a_customer_without_a_country_is(self):
        self.partner_a.country_id = False
        self.company.country_id = self.env.ref("base.us")
        run = self.env["dunning.run"].create({"date": DAY})
        run.action_simulate()
        line = run.remind_line_ids.filtered(lambda line: line.move_id == self.move)
        self.assertEqual(line.warning, "bill_country")
        self.assertIn("The address of Établissements Lefèvre names no country", line.reason_text)
        with self.env.cr.savepoint() as savepoint:
            reminder = self.queue(DAY)
            self.assertEqual((reminder.state, reminder.failure_code), ("failed", "bill_country"))
            savepoint.rollback()
        self.env.invalidate_all()
        # with the sender in France it is meant to be there too, as on an envelope
        self.company.country_id = self.env.ref("base.fr")
        reminder = self.get_reminder()
        self.assertTrue(reminder._filter_billed())

    def test_c3_a_country_that_went_missing_since_is_named_when_it_is_sent(self):
        self.company.country_id = self.env.ref("base.us")
        reminder = self.get_reminder()
        self.partner_a.country_id = False
        self.send(reminder, DAY)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("names no country", reminder.failure_reason)

    def test_c3_it_is_about_euros_alone(self):
        self.create_due_invoice("2026-03-01", 5.0)
        reminder = self.get_reminder()
        self.assertEqual(len(reminder._get_totals()), 2)
        self.assertEqual(reminder._prepare_bill()["amount"], "1\u202f234,56")

    def test_c3_without_euros_there_is_none(self):
        self.move.button_draft()
        self.move.button_cancel()
        self.create_due_invoice("2026-03-01", 5.0)
        reminder = self.get_reminder()
        self.assertEqual(reminder.state, "queued")
        self.assertFalse(reminder._filter_billed())

    def test_c3_credits_are_taken_off(self):
        self.create_refund(234.56, currency_id=self.euro.id)
        self.assertEqual(self.get_reminder()._prepare_bill()["words"], "mille euros")

    def test_c3_amounts_in_words_as_french_writes_them(self):
        reminder = self.get_reminder()
        for amount, words in (
            (0.05, "zéro euro et cinq centimes"),
            (1.01, "un euro et un centime"),
            (80.0, "quatre-vingts euros"),
            (1_000_000.0, "un million d'euros"),
        ):
            reminder.sudo().line_ids.amount_residual = amount
            self.assertEqual(reminder._prepare_bill()["words"], words)

    def test_c3_what_went_missing_since_is_named_when_it_is_sent(self):
        reminder = self.get_reminder()
        self.partner_a.bank_ids.unlink()
        self.send(reminder, DAY)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("French IBAN", reminder.failure_reason)

    def test_c3_the_simulation_names_what_is_missing(self):
        self.partner_a.bank_ids.unlink()
        run = self.env["dunning.run"].create({"date": DAY})
        run.action_simulate()
        line = run.remind_line_ids.filtered(lambda line: line.move_id == self.move)
        self.assertEqual(line.warning, "bill_iban")
        self.assertIn("Lefèvre has no bank account with a valid French IBAN", line.reason_text)

    def test_c3_the_bill_is_the_last_page_of_a_letter(self):
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            raise SkipTest("wkhtmltopdf is not installed")
        self.level_1.channel = "letter"
        reminder = self.get_reminder()
        letter = reminder._render_letters()[reminder.id]
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(letter)).pages]
        self.assertEqual(len(pages), 2)
        self.assertIn("LETTRE DE CHANGE", pages[1])
        self.assertNotIn("LETTRE DE CHANGE", pages[0])
