from datetime import timedelta

from odoo.tests import tagged

from .common import DunningMailCommon, TourCase


@tagged("post_install", "-at_install")
class TestDunningDashboardTour(DunningMailCommon, TourCase):
    """K9: a manager's month in a real browser; the clock cannot be stopped there."""

    def test_k9_the_month_of_a_manager(self):
        self.company.dunning_activation_date = "2020-01-01"
        today = self.company._get_job_today()
        alpha, beta = self.env["res.partner"].create(
            [
                {"name": "Alpha Works", "email": "alpha@customer.example"},
                {"name": "Beta Trade", "email": "beta@customer.example"},
            ]
        )
        self.create_due_invoice(today - timedelta(days=40), 500.0, partner=alpha)
        paid = self.create_due_invoice(today - timedelta(days=40), 500.0, partner=beta)
        self.create_due_invoice(today + timedelta(days=10), 1000.0, partner=beta)
        self.execute((today - timedelta(days=20)).isoformat())
        self._register_payment(paid, payment_date=today - timedelta(days=17))
        self.company._dunning_follow_days(today)
        manager = self.create_user("month_manager", "dunning_group_manager")
        action = self.env.ref("account_recurrence_dunning.menu_root_action")
        self.start_tour(
            f"/odoo/action-{action.id}", "dunning_dashboard_tour", login=manager.login, timeout=120
        )

    def test_k9_a_slow_answer_does_not_hide_a_later_one(self):
        self.company.dunning_activation_date = "2020-01-01"
        today = self.company._get_job_today()
        self.create_due_invoice(today - timedelta(days=40), 500.0)
        manager = self.create_user("slow_manager", "dunning_group_manager")
        action = self.env.ref("account_recurrence_dunning.menu_root_action")
        self.start_tour(
            f"/odoo/action-{action.id}", "dunning_dashboard_slow_tour", login=manager.login
        )
