import io
from datetime import date

import zxingcpp
from PIL import Image

from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.account_recurrence_dunning.tests.common import DunningMailCommon
from odoo.addons.account_recurrence_dunning.tests.smtp_case import DunningSmtpCase

DAY = date(2026, 3, 10)
BELGIAN = "BE71096123456769"
GERMAN = "DE89370400440532013000"
SWISS = "CH9300762011623852957"
QR_IBAN = "CH4431999123000889012"


def decode(content):
    """Return the texts of the codes in a picture."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    # a reader wants some white around, as there is on paper
    framed = Image.new("RGB", (image.width + 80, image.height + 80), "white")
    framed.paste(image, (40, 40))
    return [found.text for found in zxingcpp.read_barcodes(framed)]


def codes_of(pdf):
    """Return the texts of the codes in a PDF, page by page."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    return [
        text
        for page in reader.pages
        for image in page.images
        if image.image.size == (384, 384)
        for text in decode(image.data)
    ]


class PaymentWorld:
    """A Swiss company that is paid in euros, to a German account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.country = cls.env.ref("base.de")
        cls.company.write({"name": "Brightwater GmbH", "email": "us@brightwater.example"})
        cls.company.partner_id.write(
            {
                "street": "Kanalstrasse 7",
                "zip": "8001",
                "city": "Zürich",
                "country_id": cls.env.ref("base.ch").id,
            }
        )
        cls.company.partner_id.bank_ids.unlink()
        cls.euro = cls.env.ref("base.EUR")
        cls.franc = cls.env.ref("base.CHF")
        (cls.euro | cls.franc).active = True
        cls.company.currency_id = cls.euro
        cls.partner_a.write({"name": "Acme", "email": "a@customer.example"})
        cls.german = cls.new_account(GERMAN)

    @classmethod
    def new_account(cls, number, partner=None, **vals):
        return cls.env["res.partner.bank"].create(
            {
                "acc_number": number,
                "partner_id": (partner or cls.company.partner_id).id,
                "bank_id": cls.env["res.bank"].create({"name": "Sparbank", "bic": "COBADEFF"}).id,
                **vals,
            }
        )

    def invoice(self, amount=100.0, **vals):
        return self.create_due_invoice("2026-03-01", amount, currency_id=self.euro.id, **vals)


@tagged("post_install", "-at_install")
class TestPayment(PaymentWorld, DunningMailCommon):
    """C2: how to pay, with the codes of Odoo's own addons, read back."""

    def parts_of(self, reminder):
        return reminder._get_payment_parts()

    def test_c2_one_invoice_is_paid_by_its_reference_in_a_code_that_is_read_back(self):
        move = self.invoice(1234.5)
        move.payment_reference = "RF18539007547034"
        (part,) = self.parts_of(self.queue("2026-03-10"))
        self.assertEqual(part["iban"], "DE89 3704 0044 0532 0130 00")
        self.assertEqual((part["bic"], part["bank"]), ("COBADEFF", "Sparbank"))
        self.assertEqual((part["beneficiary"], part["currency"]), ("Brightwater GmbH", "EUR"))
        self.assertIn("1,234.50", part["amount"])
        self.assertEqual(part["reference"], "RF18539007547034")
        lines = decode(part["qr"])[0].split("\n")
        self.assertEqual(lines[:4], ["BCD", "002", "1", "SCT"])
        self.assertEqual(
            lines[4:8], ["COBADEFF", "Brightwater GmbH", "DE89370400440532013000", "EUR1234.5"]
        )
        self.assertEqual(lines[9], "RF18539007547034", "structured")

    def test_c2_several_invoices_are_named_each_in_one_code(self):
        first, second = self.invoice(100.0), self.invoice(50.25)
        (part,) = self.parts_of(self.queue("2026-03-10"))
        expected = f"{first.payment_reference}, {second.payment_reference}"
        self.assertEqual(part["reference"], expected)
        lines = decode(part["qr"])[0].split("\n")
        self.assertEqual(lines[7], "EUR150.25")
        self.assertEqual((lines[9], lines[10]), ("", expected))

    def test_c2_many_invoices_leave_room_in_the_transfer(self):
        for _number in range(12):
            self.invoice(10.0)
        (part,) = self.parts_of(self.queue("2026-03-10"))
        self.assertLessEqual(len(part["reference"]), 140)
        self.assertRegex(part["reference"], r" \+ \d$")
        self.assertEqual(decode(part["qr"])[0].split("\n")[10], part["reference"])

    def test_c2_what_was_credited_is_not_asked_again(self):
        self.invoice(100.0)
        self.create_refund(30.0, currency_id=self.euro.id)
        (part,) = self.parts_of(self.queue("2026-03-10"))
        self.assertIn("70.00", part["amount"])
        self.assertEqual(decode(part["qr"])[0].split("\n")[7], "EUR70.0")

    def test_c2_each_currency_has_its_own_part_and_a_code_where_odoo_makes_one(self):
        self.invoice(100.0)
        self.create_due_invoice("2026-03-01", 80.0, currency_id=self.env.ref("base.USD").id)
        parts = {part["currency"]: part for part in self.parts_of(self.queue("2026-03-10"))}
        self.assertEqual(set(parts), {"EUR", "USD"})
        self.assertTrue(parts["EUR"]["qr"])
        self.assertFalse(parts["USD"]["qr"] or parts["USD"]["qr_src"])
        self.assertEqual(parts["USD"]["iban"], "DE89 3704 0044 0532 0130 00")

    def test_c2_the_account_of_the_currency_is_taken_and_two_accounts_are_two_parts(self):
        swiss = self.new_account(SWISS, currency_id=self.franc.id)
        other = self.new_account(BELGIAN)
        self.create_due_invoice(
            "2026-03-01", 60.0, currency_id=self.franc.id
        ).partner_bank_id = False
        self.invoice(100.0, partner_bank_id=self.german.id)
        self.invoice(40.0, partner_bank_id=other.id)
        found = [
            (part["currency"], part["iban"].replace(" ", ""), part["amount"].strip("€CHF\xa0 "))
            for part in self.parts_of(self.queue("2026-03-10"))
        ]
        self.assertEqual(
            sorted(found),
            [
                ("CHF", swiss.acc_number.replace(" ", ""), "60.00"),
                ("EUR", BELGIAN, "40.00"),
                ("EUR", GERMAN, "100.00"),
            ],
        )

    def test_c2_no_account_of_anybody_else_is_told(self):
        foreign = self.new_account(BELGIAN, partner=self.partner_b)
        move = self.invoice(100.0)
        self.env.cr.execute(
            "UPDATE account_move SET partner_bank_id = %s WHERE id = %s", [foreign.id, move.id]
        )
        move.invalidate_recordset()
        (part,) = self.parts_of(self.queue("2026-03-10"))
        self.assertEqual(part["iban"].replace(" ", ""), GERMAN)

    def test_c2_a_swiss_customer_gets_the_swiss_code(self):
        self.german.unlink()
        self.new_account(QR_IBAN)
        self.partner_a.write(
            {
                "street": "Bahnhofstrasse 1",
                "zip": "3000",
                "city": "Bern",
                "country_id": self.env.ref("base.ch").id,
            }
        )
        move = self.create_due_invoice("2026-03-01", 60.0, currency_id=self.franc.id)
        move.payment_reference = "210000000003139471430009017"
        second = self.create_due_invoice("2026-03-02", 40.0, currency_id=self.franc.id)
        second.payment_reference = "000000000000000000000000000"
        (part,) = self.parts_of(self.queue("2026-03-10"))
        lines = decode(part["qr"])[0].split("\n")
        self.assertEqual((lines[0], lines[3]), ("SPC", QR_IBAN))
        self.assertEqual((lines[18], lines[19]), ("100.00", "CHF"))
        self.assertEqual(lines[27:29], ["QRR", "210000000003139471430009017"])
        self.assertEqual(part["reference"], "210000000003139471430009017")
        self.partner_a.country_id = self.env.ref("base.us")
        (part,) = self.parts_of(self.queue("2026-03-11") or self.env["dunning.reminder"].search([]))
        self.assertFalse(part["qr"], "abroad the data alone")
        self.assertEqual(part["iban"].replace(" ", ""), QR_IBAN)

    def test_c2_nothing_stands_there_without_an_account(self):
        self.german.unlink()
        self.invoice(100.0)
        reminder = self.queue("2026-03-10")
        self.assertEqual(self.parts_of(reminder), [])
        self.assertNotIn("bank transfer", reminder.mail_id.body_html)

    def test_d14_the_german_layout_prints_title_and_references(self):
        self.company.write(
            {
                "external_report_layout_id": self.env.ref(
                    "l10n_din5008.external_layout_din5008"
                ).id,
                "paperformat_id": self.env.ref("l10n_din5008.paperformat_euro_din").id,
            }
        )
        self.level_1.write({"channel": "letter", "title": "First reminder"})
        self.partner_a.write({"ref": "K-4711", "street": "Am Markt 3", "city": "Bremen"})
        self.invoice(100.0)
        reminder = self.queue("2026-03-10")
        pdf = reminder._render_letters()[reminder.id]
        text = "\n".join(
            page.extract_text() for page in PdfFileReader(io.BytesIO(pdf), strict=False).pages
        )
        self.assertEqual(text.count("First reminder"), 1)
        for expected in ("K-4711", "Am Markt 3", f"{reminder.id:05}", "DE89 3704"):
            self.assertIn(expected, text)
        self.assertEqual(codes_of(pdf)[0].split("\n")[7], "EUR100.0")


@tagged("post_install", "-at_install")
class TestPaymentByMail(PaymentWorld, DunningSmtpCase):
    """C2: the code as a customer receives it."""

    def test_c2_the_code_is_inside_the_mail_and_on_paper(self):
        self.level_1.attach_statement = True
        self.invoice(100.0)
        reminder = self.env["dunning.run"]._execute_for(self.company, DAY).reminder_ids
        body = reminder.mail_id.body_html
        self.assertIn("DE89 3704 0044 0532 0130 00", body)
        self.assertNotIn("data:image", body)
        reminder._send_queued(DAY)
        self.assertEqual(reminder.state, "sent", reminder.failure_reason)
        ((_to, message),) = self.mailbox.messages
        html = message.get_body(("html",)).get_content()
        self.assertNotIn("/report/barcode", html)
        parts = [part for part in message.walk() if part["Content-ID"]]
        codes = [
            text
            for part in parts
            if f"cid:{part['Content-ID'][1:-1]}" in html
            for text in decode(part.get_content())
        ]
        self.assertEqual([code.split("\n")[7] for code in codes], ["EUR100.0"])
        (statement,) = message.iter_attachments()
        self.assertEqual(codes_of(statement.get_content()), codes)
