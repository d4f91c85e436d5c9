from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningCustomer(DunningCommon):
    """What the customer's page says about how it pays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.create_user("customer_clerk", "dunning_group_user")
        cls.customer = cls.partner_a.with_user(cls.clerk)
        cls.foreign = cls.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])

    def pay(self, move, day):
        self._register_payment(move, payment_date=day)

    def test_overdue_total_per_currency_never_added_up(self):
        self.assertFalse(self.customer.dunning_overdue_text)
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-09", 50.0)
        self.create_due_invoice("2026-03-10", 999.0)
        self.create_due_invoice("2026-03-01", 70.0, currency_id=self.foreign.id)
        self.create_due_invoice("2026-03-01", 5.0, partner=self.partner_b)
        self.customer.invalidate_recordset()
        found = set(self.customer.dunning_overdue_text.split(", "))
        self.assertEqual(found, {"$\xa0150.00", "70.00\xa0€"})
        domain = self.customer.action_view_dunning_overdue()["domain"]
        self.assertEqual(len(self.env["account.move"].with_user(self.clerk).search(domain)), 3)

    def test_average_days_late_of_what_was_paid_in_a_year(self):
        late = self.create_due_invoice("2026-01-10")
        self.pay(late, "2026-01-20")
        early = self.create_due_invoice("2026-02-10")
        self.pay(early, "2026-02-06")
        old = self.create_due_invoice("2025-01-10")
        self.pay(old, "2025-03-01")
        self.create_due_invoice("2026-01-01")
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.dunning_paid_count, 2)
        self.assertAlmostEqual(self.customer.dunning_days_late, 3.0)
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        self.assertAlmostEqual(contact.with_user(self.clerk).dunning_days_late, 3.0)

    def test_a_reversed_invoice_was_not_paid(self):
        move = self.create_due_invoice("2026-01-10")
        self._reverse_invoice(move, post=True, is_modify=True)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.dunning_paid_count, 0)

    def test_rule_17_other_companies_do_not_count(self):
        self.create_due_invoice("2026-03-01", 100.0)
        self.pay(self.create_due_invoice("2026-01-10"), "2026-01-20")
        other = self.setup_other_company(name="Other")["company"]
        self.clerk.company_ids |= other
        elsewhere = self.customer.with_company(other)
        self.assertFalse(elsewhere.dunning_overdue_text)
        self.assertEqual(elsewhere.dunning_paid_count, 0)

    def test_open_reminders_are_those_still_to_be_done(self):
        self.partner_a.email = "customer@example.com"
        first = self.create_due_invoice("2026-03-01")
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10), moves=first)
        self.assertEqual(
            (self.customer.dunning_reminder_count, self.customer.dunning_open_count), (1, 1)
        )
        domain = self.customer.action_view_dunning_open()["domain"]
        found = self.env["dunning.reminder"].with_user(self.clerk).search(domain)
        self.assertEqual(found, run.reminder_ids)
        run.reminder_ids.sudo()._set_sent(date(2026, 3, 10))
        self.customer.invalidate_recordset()
        self.assertEqual(
            (self.customer.dunning_reminder_count, self.customer.dunning_open_count), (1, 0)
        )

    def test_no_query_per_customer(self):
        partners = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(12)])
        for partner in partners:
            self.create_due_invoice("2026-03-01", partner=partner)
        counts = []
        for found in (partners[:2], partners[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found.with_user(self.clerk).mapped("dunning_overdue_text")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
