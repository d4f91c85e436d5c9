from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
class TestRecurrenceGuard(RecurrenceInvoiceCommon):
    """Rule 4: Odoo does not see the templates, so what they use is guarded here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Guarded"})
        cls.product = (
            cls.env["product.product"].sudo().create({"name": "Guarded"}).with_env(cls.env)
        )
        cls.tax = cls.tax_sale_a.copy({"name": "15 % guarded"})
        cls.account = cls.company_data["default_account_revenue"].copy()
        cls.journal = cls.company_data["default_journal_sale"].copy()
        cls.term = cls.env["account.payment.term"].create({"name": "Guarded"})
        cls.schedule = cls.create_schedule(
            cls.customer,
            template={"journal_id": cls.journal.id, "invoice_payment_term_id": cls.term.id},
            line={
                "product_id": cls.product.id,
                "tax_ids": [Command.set(cls.tax.ids)],
                "account_id": cls.account.id,
            },
        )
        cls.schedule.sudo().state = "running"

    def check(self, record):
        with self.assertRaisesRegex(UserError, f"running recurrences:\n- {self.schedule.name}"):
            record.active = False
        with self.assertRaisesRegex(UserError, f"running recurrences:\n- {self.schedule.name}"):
            record.unlink()
        self.schedule.sudo().state = "finished"
        record.active = False
        self.assertFalse(record.active)

    def test_customer(self):
        self.check(self.customer)

    def test_product(self):
        self.check(self.product)

    def test_product_template(self):
        self.check(self.product.product_tmpl_id)

    def test_tax(self):
        self.check(self.tax)

    def test_account(self):
        self.check(self.account)

    def test_journal(self):
        self.check(self.journal)

    def test_payment_term(self):
        self.check(self.term)

    def test_paused_counts_as_running(self):
        self.schedule.sudo().state = "paused"
        with self.assertRaisesRegex(UserError, "running recurrences"):
            self.customer.active = False

    def test_deliberately(self):
        self.customer.with_context(recurrence_archive_anyway=True).active = False
        self.assertFalse(self.customer.active)

    def test_what_no_template_uses_is_free(self):
        self.partner_b.active = False
        self.assertFalse(self.partner_b.active)

    def test_of_another_user_without_access(self):
        """The guard sees the schedules of every company and of every user."""
        schedule = self.schedule.sudo()
        schedule.company_id = self.env.company
        self.assertEqual(
            self.env["recurrence.template.guard"]._get_schedules(self.customer), schedule
        )

    def test_ten_names_at_most(self):
        for number in range(11):
            extra = self.create_schedule(self.customer, name=f"More {number}")
            extra.sudo().state = "running"
        with self.assertRaisesRegex(UserError, "and 2 more"):
            self.customer.active = False
        self.assertEqual(self.schedule.date_start, date(2026, 1, 1))
