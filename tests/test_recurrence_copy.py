import base64
from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .common import RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
class TestRecurrenceCopy(RecurrenceInvoiceCommon):
    """Rule 5: nothing is lost between the template and its invoices. One test per field."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls.env.ref("base.user_admin")
        cls.tag = cls.env["account.move.tag"].create({"name": "Subscription"})
        cls.bank = cls.env["res.partner.bank"].create(
            {
                "acc_number": "BE71096123456769",
                "partner_id": cls.company_data["company"].partner_id.id,
                "allow_out_payment": True,
            }
        )
        cls.shipping = cls.env["res.partner"].create(
            {"name": "Depot", "type": "delivery", "parent_id": cls.partner_a.id}
        )
        cls.incoterm = cls.env["account.incoterms"].search([], limit=1)
        cls.rounding = cls.env["account.cash.rounding"].create(
            {
                "name": "To 0.05",
                "rounding": 0.05,
                "strategy": "add_invoice_line",
                "rounding_method": "HALF-UP",
                "profit_account_id": cls.company_data["default_account_revenue"].id,
                "loss_account_id": cls.company_data["default_account_expense"].id,
            }
        )
        cls.schedule = cls.create_schedule(
            cls.partner_a,
            template={
                "date": date(2025, 12, 10),
                "invoice_user_id": cls.salesman.id,
                "ref": "PO 4711",
                "payment_reference": "RF18 5390",
                "invoice_origin": "Contract 12",
                "delivery_date": date(2025, 12, 13),
                "invoice_payment_term_id": False,
                "invoice_date_due": date(2026, 1, 9),
                "narration": "<p>Thank you</p>",
                "partner_shipping_id": cls.shipping.id,
                "partner_bank_id": cls.bank.id,
                "invoice_incoterm_id": cls.incoterm.id,
                "incoterm_location": "Ghent",
                "invoice_cash_rounding_id": cls.rounding.id,
                "tag_ids": [Command.set(cls.tag.ids)],
                "dunning_choice": "never",
                "invoice_line_ids": [
                    Command.create({"display_type": "line_section", "name": "Hosting"}),
                    Command.create(
                        {
                            "product_id": cls.product_a.id,
                            "name": "Server",
                            "quantity": 3,
                            "price_unit": 20.0,
                            "discount": 10.0,
                            "tax_ids": [Command.set(cls.tax_sale_a.ids)],
                        }
                    ),
                    Command.create({"display_type": "line_note", "name": "Monitored"}),
                ],
            },
        )
        cls.template = cls.schedule.template_move_id
        cls.attachment = cls.env["ir.attachment"].create(
            {
                "name": "terms.txt",
                "raw": b"Our terms",
                "res_model": "account.move",
                "res_id": cls.template.id,
            }
        )
        cls.occurrence = cls.create_occurrence(cls.schedule, date(2026, 3, 1))
        cls.invoice = cls.env["recurrence.issuing"]._issue(
            cls.occurrence, mode="post", as_of=date(2026, 3, 1)
        )

    def test_salesperson(self):
        self.assertEqual(self.invoice.invoice_user_id, self.salesman)

    def test_customer_reference(self):
        self.assertEqual(self.invoice.ref, "PO 4711")

    def test_payment_reference(self):
        self.assertEqual(self.invoice.payment_reference, "RF18 5390")
        receivable = self.invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        self.assertEqual(receivable.name, "PO 4711 - RF18 5390")

    def test_origin(self):
        self.assertEqual(self.invoice.invoice_origin, "Contract 12")

    def test_delivery_date_keeps_its_distance(self):
        self.assertEqual(self.invoice.delivery_date, date(2026, 3, 4))

    def test_due_date_keeps_its_distance(self):
        self.assertEqual(self.invoice.invoice_date_due, date(2026, 3, 31))

    def test_attachments(self):
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", self.invoice.id)]
        )
        self.assertEqual(attachments.mapped("name"), ["terms.txt"])
        self.assertEqual(attachments.raw, b"Our terms")
        self.assertNotEqual(attachments, self.attachment)
        self.assertEqual(base64.b64decode(self.attachment.datas), b"Our terms")

    def test_invoice_tags(self):
        self.assertEqual(self.invoice.tag_ids, self.tag)

    def test_choice_of_reminders(self):
        self.assertEqual(self.invoice.dunning_choice, "never")

    def test_terms_and_conditions(self):
        self.assertIn("Thank you", self.invoice.narration)

    def test_delivery_address(self):
        self.assertEqual(self.invoice.partner_shipping_id, self.shipping)

    def test_bank_account(self):
        self.assertEqual(self.invoice.partner_bank_id, self.bank)

    def test_incoterm(self):
        self.assertEqual(self.invoice.invoice_incoterm_id, self.incoterm)
        self.assertEqual(self.invoice.incoterm_location, "Ghent")

    def test_cash_rounding(self):
        self.assertEqual(self.invoice.invoice_cash_rounding_id, self.rounding)

    def test_lines(self):
        shown = self.invoice.invoice_line_ids.filtered(
            lambda line: line.display_type != "rounding"
        ).sorted("sequence")
        self.assertRecordValues(
            shown,
            [
                {"display_type": "line_section", "name": "Hosting", "quantity": 0},
                {"display_type": "product", "name": "Server", "quantity": 3},
                {"display_type": "line_note", "name": "Monitored", "quantity": 0},
            ],
        )
        line = shown.filtered("product_id")
        self.assertRecordValues(
            line,
            [
                {
                    "price_unit": 20.0,
                    "discount": 10.0,
                    "price_subtotal": 54.0,
                    "tax_ids": self.tax_sale_a.ids,
                    "account_id": self.template.invoice_line_ids.filtered(
                        "product_id"
                    ).account_id.id,
                }
            ],
        )

    def test_totals_are_those_of_the_template(self):
        # 54.00 + 15 % = 62.10
        self.assertEqual(self.invoice.amount_total, 62.1)
        self.assertEqual(self.invoice.amount_total, self.template.amount_total)

    def test_link_and_dates_are_its_own(self):
        self.assertRecordValues(
            self.invoice,
            [
                {
                    "invoice_date": date(2026, 3, 1),
                    "date": date(2026, 3, 1),
                    "is_recurrence_template": False,
                    "recurrence_schedule_id": self.schedule.id,
                    "recurrence_occurrence_id": self.occurrence.id,
                    "auto_post": "no",
                    "state": "posted",
                }
            ],
        )

    def test_fields_of_other_addons(self):
        """What another addon adds to the fields of recurring entries is copied too."""

        def copied(move, values):
            values = original(move, values)
            return {**values, "qr_code_method": False, "narration": "<p>Other addon</p>"}

        model = type(self.env["account.move"])
        original = model._get_fields_to_copy_recurring_entries
        self.patch(model, "_get_fields_to_copy_recurring_entries", copied)
        occurrence = self.create_occurrence(self.schedule, date(2026, 4, 1))
        invoice = self.env["recurrence.issuing"]._issue(
            occurrence, mode="draft", as_of=date(2026, 4, 1)
        )
        self.assertIn("Other addon", invoice.narration)
