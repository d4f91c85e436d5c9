from datetime import date

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
class TestRecurrenceMany(RecurrenceInvoiceCommon):
    """Many at once from the list: failures stand apart, the outcome is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="many_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        cls.partner_a.email = False
        cls.partner_a.invoice_sending_method = "email"
        cls.rows = cls.env["recurrence.occurrence"]
        for number, mode in enumerate(("confirm", "send", "draft")):
            schedule = cls.create_schedule(
                cls.partner_a, name=f"S{number}", invoice_mode=mode, user_id=cls.clerk.id
            )
            schedule.sudo().state = "running"
            cls.rows += cls.create_occurrence(schedule, date(2026, 1, 6))

    def test_failures_stand_apart(self):
        action = self.rows.with_user(self.clerk).action_issue()
        self.assertEqual(self.rows.mapped("state"), ["done", "failed", "todo"])
        self.assertEqual(self.rows.move_id.mapped("state"), ["posted", "draft"])
        self.assertIn("Invoices issued: 2.", action["params"]["message"])
        self.assertIn("Failed, with the error shown on the date: 1.", action["params"]["message"])
        self.assertEqual(action["params"]["type"], "warning")

    def test_what_is_issued_already_is_left_out(self):
        self.rows[0].with_user(self.clerk).action_issue()
        action = self.rows.with_user(self.clerk).action_issue()
        self.assertIn(
            "Already issued or skipped, or not an invoice: 1", action["params"]["message"]
        )
        self.assertEqual(len(self.rows.move_id), 2)
