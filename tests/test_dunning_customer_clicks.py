"""The commonest acts of a clerk take no more clicks than promised; each tour counts them."""

from datetime import date, timedelta

from odoo.tests import tagged

from .common import DunningMailCommon, TourCase

USER = "account_recurrence_dunning.dunning_group_user"


@tagged("post_install", "-at_install")
class TestDunningCustomerClicks(DunningMailCommon, TourCase):
    """In a real browser the clock cannot be stopped: dates are counted from today."""

    def setUp(self):
        super().setUp()
        self.clerk = self.create_user("customer_clerk", USER)
        self.clerk.email = "clerk@company.example"
        self.company.email = "us@company.example"
        self.partner_a.email = "pay@customer.example"
        self.company.dunning_activation_date = "2020-01-01"
        self.today = self.company._get_job_today()
        self.invoice = self.create_due_invoice(self.today - timedelta(days=9))
        self.company._dunning_refresh_status(self.today)

    def play(self, tour, record):
        model = record._name
        with self.mock_mail_gateway():
            self.start_tour(
                f"/odoo/m-{model}/{record.id}", tour, login=self.clerk.login, timeout=90
            )

    def get_case(self):
        return self.env["dunning.case"].search([("partner_id", "=", self.partner_a.id)])

    def test_w1_remind_one_customer_two_clicks(self):
        self.play("dunning_clicks_remind_customer", self.partner_a)
        reminder = self.env["dunning.reminder"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.line_ids.move_id, self.invoice)

    def test_k2_situation_at_a_glance_one_click(self):
        self.play("dunning_clicks_glance", self.partner_a)

    def test_k3_promise_during_a_call_three_clicks(self):
        self.play("dunning_clicks_promise", self.get_case())
        promise = self.env["dunning.promise"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual(promise.date, date.today() + timedelta(days=30))

    def test_w1_why_not_reminded_one_click(self):
        self.env["dunning.block"].create(
            {
                "partner_id": self.partner_a.id,
                "company_id": self.company.id,
                "kind": "legal",
                "reason": "With the lawyer",
            }
        )
        self.play("dunning_clicks_why", self.invoice)
