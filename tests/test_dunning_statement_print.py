import base64
import io
from unittest import SkipTest

from freezegun import freeze_time
from lxml import html
from pypdf import PdfReader

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import DunningMailCommon

MODULE = "account_recurrence_dunning"
DAY = "2026-03-10"
# A picture of one red pixel.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGA"
    "hKmMIQAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
@freeze_time(f"{DAY} 09:00:00")
class TestStatementPrint(DunningMailCommon, HttpCase):
    """The statement of open items as PDF: what stands on paper, page by page (C1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.create_user("print_clerk", "dunning_group_user")
        cls.partner_a.write({"name": "Late & Sons", "email": "books@customer.example"})

    def print(self, customers):
        """Return the text of each page of the statements of customers."""
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() == "install":
            raise SkipTest("wkhtmltopdf is not installed")
        pdf, _kind = (
            reports.with_user(self.clerk)
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(f"{MODULE}.dunning_customer_statements_report", customers.ids)
        )
        return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]

    def create_items(self, count, **vals):
        """Post one invoice of so many instalments, one a day from 1 January 2026 on."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Daily",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100 / count, "nb_days": day}
                    )
                    for day in range(count)
                ],
            }
        )
        move = self._create_invoice_one_line(
            price_unit=10.0 * count, tax_ids=[], partner_id=self.partner_a, **vals
        )
        move.write({"invoice_date": "2026-01-01", "invoice_payment_term_id": term.id})
        move.action_post()
        return move

    def test_c1_two_hundred_items_each_page_with_its_headings(self):
        move = self.create_items(200)
        pages = self.print(self.partner_a)
        self.assertGreater(len(pages), 2)
        full = [page for page in pages if move.name in page]
        self.assertTrue(all("Days late" in page for page in full))
        self.assertEqual(sum(page.count(move.name) for page in pages), 200)
        self.assertIn("2,000.00", pages[-1])
        with_total = next(page for page in pages if "Total outstanding" in page)
        self.assertIn(move.name, with_total, "the total does not stand on a page alone")

    def test_c1_a_table_and_the_ageing_for_each_currency(self):
        euro = self.setup_other_currency("EUR")
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2025-11-01", 70.0, currency_id=euro.id)
        self.create_refund(30.0)
        (page,) = self.print(self.partner_a)
        self.assertEqual(page.count("Total outstanding"), 2)
        self.assertEqual(page.count("Over 90 days"), 2)
        self.assertIn("Credits and payments on account", page)
        # Odoo glues the sign to its figure, by a mark that is of another font
        compact = "".join(page.replace("\ufeff", "").replace("\u200b", "").split())
        for amount in ("$100.00", "$-30.00", "70.00€"):
            self.assertIn(amount, compact)
        self.assertNotIn("140.00", page)

    def test_rule_17_what_is_printed_from_a_case_is_of_its_company(self):
        """100.00 in this company, 70.00 in one that is on the screen beside it."""
        self.create_due_invoice("2026-03-01", 100.0)
        other = self.setup_other_company(name="Other")
        self.clerk.sudo().company_ids |= other["company"]
        self.create_due_invoice("2026-03-01", 70.0, company_id=other["company"])
        both = (self.company | other["company"]).ids
        for companies, amounts in ((both, ["100.00", "70.00"]), (both[:1], ["100.00"])):
            customer = self.partner_a.with_user(self.clerk).with_context(
                allowed_company_ids=companies, force_report_rendering=True
            )
            action = customer.action_dunning_statement()
            dialog = customer.env["dunning.statement.dialog"].browse(action["res_id"])
            url = dialog.action_print()["url"]
            self.assertIn("/document/Statement%20-%20Late%20%26%20Sons.pdf?", url)
            pages = PdfReader(io.BytesIO(base64.b64decode(dialog.document))).pages
            text = "".join(page.extract_text() for page in pages)
            found = [amount for amount in ("100.00", "70.00") if amount in text]
            self.assertEqual(found, amounts)

    def render(self):
        page, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.clerk)
            ._render_qweb_html(f"{MODULE}.dunning_customer_statements_report", self.partner_a.ids)
        )
        return page.decode()

    def test_c1_the_customer_s_name_stands_once_in_the_address(self):
        self.partner_a.is_company = True
        self.create_due_invoice("2026-03-01", 100.0)
        (page,) = self.print(self.partner_a)
        self.assertEqual(page.count("Late & Sons"), 1)

    def test_c1_odoo_s_placeholder_for_a_logo_does_not_go_out(self):
        self.create_due_invoice("2026-03-01", 100.0)
        company = self.company.sudo()
        self.assertTrue(company.uses_default_logo)
        placeholder = company.logo.decode()
        self.assertNotIn(placeholder, self.render())
        company.logo = PIXEL
        self.assertFalse(company.uses_default_logo)
        self.assertIn(PIXEL, self.render())

    def test_c2_amounts_to_pay_run_from_left_to_right_in_every_language(self):
        self.env["res.lang"]._activate_lang("he_IL")
        self.partner_a.lang = "he_IL"
        self.create_due_invoice("2026-03-01", 100.0)
        bank = {"acc_number": "BE71096123456769", "partner_id": self.company.partner_id.id}
        self.env["res.partner.bank"].create(bank)
        (amount,) = html.fromstring(self.render()).xpath(
            "//table[contains(@class, 'dunning_payment')]"
            "//strong[@dir='ltr'][contains(., '100.00')]"
        )
        self.assertIn("unicode-bidi: embed", amount.get("style"))

    def test_c1_many_customers_one_pdf_each_in_its_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_b.write({"name": "Bertrand", "lang": "fr_FR"})
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-02", 50.0, partner=self.partner_b)
        pages = self.print(self.partner_a + self.partner_b)
        self.assertEqual(len(pages), 2)
        self.assertIn("Late & Sons", pages[0])
        self.assertIn("03/01/2026", pages[0])
        self.assertIn("Bertrand", pages[1])
        self.assertIn("02/03/2026", pages[1])

    def test_c1_what_belongs_together_is_one_row_for_the_page_break(self):
        self.create_items(20)
        refunds = [self.create_refund(1.0) for _ in range(5)]
        page = html.fromstring(self.render())
        section, total = (
            part.text_content() for part in page.xpath("//td[contains(@class, 'dunning_nest')]")
        )
        self.assertIn("Credits and payments on account", section)
        self.assertIn(refunds[0].name, section)
        self.assertEqual(section.count("INV/"), 1)
        self.assertIn("Total outstanding", total)
        self.assertIn(refunds[4].name, total)
        self.assertFalse(page.xpath("//div[@class='dunning_kept']/table"), "it needs pages")

    def test_c1_a_short_table_stays_on_one_page(self):
        self.create_items(10)
        page = html.fromstring(self.render())
        self.assertTrue(page.xpath("//div[@class='dunning_kept']/table[@class='dunning_items']"))

    def test_c1_long_names_stay_on_the_page(self):
        self.partner_a.name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau " * 3
        move = self.create_due_invoice("2026-03-01", 100.0)
        move.name = "INV/2026/" + "X" * 80
        (page,) = self.print(self.partner_a)
        self.assertIn("X" * 80, "".join(page.split()))
        self.assertIn("100.00", page)

    def test_c1_title_and_banner_of_the_program(self):
        self.program.write({"statement_title": "Your account", "statement_banner": PIXEL})
        self.create_due_invoice("2026-03-01", 100.0)
        page = self.render()
        self.assertIn("Your account", page)
        self.assertIn('class="banner"', page)
        statement = self.env["dunning.reminder"]._send_statements(
            self.partner_a.with_user(self.clerk)._dunning_get_statements()
        )
        body = statement.mail_id.body_html
        self.assertIn("Your account", body)
        url = f"/web/image/dunning.program/{self.program.id}/statement_banner"
        self.assertIn(url, body)
        self.assertTrue(statement._get_picture(url).startswith(b"\x89PNG"))

    def test_c1_the_level_s_title_stands_above_what_it_encloses(self):
        self.level_1.write({"title": "Payment reminder", "attach_statement": True})
        self.create_due_invoice("2026-03-01", 100.0)
        reminder = self.execute(DAY).reminder_ids
        self.assertEqual(reminder.state, "sent", reminder.failure_reason)
        (page,) = PdfReader(io.BytesIO(reminder.document_ids.raw)).pages
        text = page.extract_text()
        self.assertIn("Payment reminder", text)
        self.assertIn("Statement of open items", text)
