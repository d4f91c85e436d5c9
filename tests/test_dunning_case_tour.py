from datetime import date, timedelta

from odoo.tests import tagged

from .common import DunningMailCommon, TourCase

USER = "account_recurrence_dunning.dunning_group_user"


@tagged("post_install", "-at_install")
class TestDunningCaseTour(DunningMailCommon, TourCase):
    """K1, K2: the morning of a clerk in a real browser; the clock cannot be stopped there."""

    def test_k1_the_morning_of_a_clerk(self):
        clerk = self.create_user("morning_clerk", USER)
        self.program.user_id = clerk
        self.company.dunning_activation_date = "2020-01-01"
        today = self.company._get_job_today()
        alpha, beta = self.env["res.partner"].create(
            [{"name": "Alpha Works", "email": "alpha@customer.example"}, {"name": "Beta Trade"}]
        )
        for partner, amount in ((alpha, 900.0), (beta, 80.0)):
            self.create_due_invoice(today - timedelta(days=30), amount, partner=partner)
        promise = self.env["dunning.promise"].create(
            {
                "partner_id": alpha.id,
                "date_given": today - timedelta(days=9),
                "date": today - timedelta(days=2),
            }
        )
        self.env["dunning.promise"]._judge(self.company, today)
        self.assertEqual(promise.state, "broken")
        self.company._dunning_refresh_status(today)
        action = self.env.ref("account_recurrence_dunning.dunning_case_action")
        self.start_tour(
            f"/odoo/action-{action.id}", "dunning_morning_tour", login=clerk.login, timeout=120
        )
        calls = self.env["dunning.call"].search([("partner_id", "=", alpha.id)])
        self.assertEqual((calls.outcome, calls.user_id), ("reached", clerk))
        self.assertEqual(calls.promise_id.date, date.today() + timedelta(days=30))
        dispute = self.env["dunning.dispute"].search([("partner_id", "=", beta.id)])
        self.assertEqual((dispute.reason, dispute.state), ("not_received", "open"))
        self.assertEqual(dispute.block_ids.move_id.amount_total, 80.0)
