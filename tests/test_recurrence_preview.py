from datetime import date
from io import BytesIO

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.pdf import PdfFileReader

from .common import RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
class TestRecurrencePreview(RecurrenceInvoiceCommon, HttpCase):
    """R8: the PDF of a future invoice; nothing is stored or numbered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"].sudo()._activate_lang("fr_FR")
        cls.partner_a.lang = "fr_FR"
        cls.schedule = cls.create_schedule(
            cls.partner_a, line={"name": "Abonnement #MONTH# #YEAR# no #NUMBER#"}
        )

    def render(self, schedule, day):
        """Return the text of the preview; rendering to PDF is switched on in one test only."""
        return schedule._preview_pdf(day).decode()

    def test_r8_shows_the_invoice_of_the_date(self):
        text = self.render(self.schedule, date(2026, 4, 1))
        self.assertIn("Abonnement avril 2026 no 4", text)
        self.assertIn("01/04/2026", text)
        self.assertIn("115", text)

    def test_r8_language_of_the_customer(self):
        text = self.render(self.schedule, date(2026, 4, 1))
        self.assertIn("Facture", text)
        self.assertNotIn("Invoice Date", text)

    def test_r8_stores_and_numbers_nothing(self):
        tables = ("account_move", "account_move_line", "recurrence_occurrence", "mail_message")

        def state():
            self.env.flush_all()
            counts = []
            for table in tables:
                self.env.cr.execute(f"SELECT COUNT(*), MAX(id) FROM {table}")
                counts.append(self.env.cr.fetchone())
            return counts

        before = state()
        self.schedule._preview_pdf(date(2026, 4, 1))
        self.assertEqual(state(), before)
        invoice = self.init_invoice(
            "out_invoice", partner=self.partner_b, amounts=[1], invoice_date="2026-04-01", post=True
        )
        self.assertEqual(invoice.name, "INV/2026/00001")

    def test_r8_is_a_marked_pdf(self):
        schedule = self.schedule.with_context(force_report_rendering=True)
        for lang, word in (("fr_FR", "APERÇU"), ("en_US", "PREVIEW")):
            self.partner_a.lang = lang
            pdf = schedule._preview_pdf(date(2026, 4, 1))
            self.assertEqual(pdf[:5], b"%PDF-")
            for page in PdfFileReader(BytesIO(pdf)).pages:
                self.assertIn(word, page.extract_text())

    def test_planned_occurrence_is_taken_as_it_is(self):
        self.create_occurrence(
            self.schedule,
            date(2026, 4, 1),
            date=date(2026, 4, 3),
            number=17,
            period_start=date(2026, 4, 1),
        )
        text = self.render(self.schedule, date(2026, 4, 1))
        self.assertIn("no 17", text)
        self.assertIn("03/04/2026", text)

    def test_opens_from_template_schedule_and_occurrence(self):
        url = f"/recurrence/preview/{self.schedule.id}/"
        occurrence = self.create_occurrence(self.schedule, date(2026, 5, 1))
        self.assertEqual(
            self.schedule.template_move_id.action_recurrence_preview()["url"], url + "2026-05-01"
        )
        self.assertEqual(self.schedule.action_preview()["url"], url + "2026-05-01")
        wizard = self.env["recurrence.occurrence.issue"].create({"occurrence_id": occurrence.id})
        self.assertEqual(wizard.action_preview()["url"], url + "2026-05-01")

    def test_without_a_template(self):
        schedule = self.env["recurrence.schedule"].create({"name": "Call"})
        with self.assertRaisesRegex(UserError, "no template"):
            schedule._preview_pdf(date(2026, 4, 1))

    def test_page(self):
        new_test_user(
            self.env,
            login="preview_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=self.company_data["company"].id,
            company_ids=[Command.set(self.company_data["company"].ids)],
        )
        self.authenticate("preview_clerk", "preview_clerk")
        response = self.url_open(f"/recurrence/preview/{self.schedule.id}/2026-04-01")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        for path in (f"{self.schedule.id}/yesterday", "0/2026-04-01"):
            self.assertEqual(self.url_open(f"/recurrence/preview/{path}").status_code, 404)

    def test_page_is_not_for_everybody(self):
        new_test_user(self.env, login="preview_employee", groups="base.group_user")
        self.authenticate("preview_employee", "preview_employee")
        response = self.url_open(f"/recurrence/preview/{self.schedule.id}/2026-04-01")
        self.assertEqual(response.status_code, 404)

    def test_page_says_what_is_wrong(self):
        """No address, however odd, is answered with an error of the server."""
        new_test_user(
            self.env,
            login="preview_bad",
            groups="base.group_user,account.group_account_invoice",
            company_id=self.company_data["company"].id,
            company_ids=[Command.set(self.company_data["company"].ids)],
        )
        other_company = self.setup_other_company()["company"]
        foreign = (
            self.env["recurrence.schedule"]
            .sudo()
            .create({"name": "Foreign", "target": "invoice", "company_id": other_company.id})
        )
        ended = self.create_schedule(
            self.partner_b, end_type="end_date", until=date(2026, 3, 1), name="Ended"
        )
        empty = self.env["recurrence.schedule"].create({"name": "Empty", "target": "invoice"})
        schedule = self.schedule.id
        expected = {
            f"{schedule}/9999-12-31": (400, "too far in the future"),
            f"{schedule}/2150-01-01": (400, "too far in the future"),
            f"{schedule}/2025-12-01": (400, "starts on"),
            f"{schedule}/0001-01-01": (400, "starts on"),
            f"{schedule}/2026-04-02": (400, "has no date on 2026-04-02"),
            f"{ended.id}/2026-04-01": (400, "has no date on 2026-04-01"),
            f"{empty.id}/2026-04-01": (400, "no template"),
            f"{schedule}/2026-02-31": (404, ""),
            f"{schedule}/10000-01-01": (404, ""),
            f"{schedule}/x": (404, ""),
            f"{schedule}/2026-04-01?issue=x": (404, ""),
            f"{schedule}/2026-04-01?issue=999999": (404, ""),
            f"{schedule}/2026-04-01?issue=99999999999999999999": (404, ""),
            f"{foreign.id}/2026-04-01": (404, ""),
            "99999999999999999999/2026-04-01": (404, ""),
            "0/2026-04-01": (404, ""),
            "-1/2026-04-01": (404, ""),
        }
        self.authenticate("preview_bad", "preview_bad")
        for path, (status, text) in expected.items():
            with self.subTest(path):
                response = self.url_open(f"/recurrence/preview/{path}")
                self.assertEqual(response.status_code, status)
                self.assertIn(text, response.text)
