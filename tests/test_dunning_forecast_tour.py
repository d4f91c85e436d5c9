from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common import DunningMailCommon, TourCase


@tagged("post_install", "-at_install")
class TestDunningForecastTour(DunningMailCommon, TourCase):
    """K11: a forecast and what became of it, in a real browser with its own clock."""

    def test_k11_other_settings_are_another_forecast(self):
        self.company.write({"email": "us@example.com", "dunning_activation_date": "2020-01-01"})
        self.partner_a.email = "customer@example.com"
        self.program.schedule_ids.unlink()  # by hand: on any day
        self.create_due_invoice(self.company._get_job_today() - timedelta(days=5))
        manager = self.create_user("forecast_manager", "dunning_group_manager")
        action = self.env.ref("account_recurrence_dunning.dunning_forecast_action")
        forecasts = self.registry["dunning.forecast"]
        look_ahead = forecasts.action_continue
        with patch.object(
            forecasts, "action_continue", autospec=True, side_effect=look_ahead
        ) as looked:
            self.start_tour(
                f"/odoo/action-{action.id}", "dunning_forecast_tour", login=manager.login
            )
        self.assertEqual(looked.call_count, 1, "two clicks, one look")

    def test_k11_a_program_left_over_from_a_comparison_is_none(self):
        self.partner_a.email = "customer@example.com"
        self.create_due_invoice(self.company._get_job_today() - timedelta(days=5))
        other = self.program.copy({"name": "Other"})
        forecast = self.env["dunning.forecast"].create(
            {
                "company_id": self.company.id,
                "program_id": self.program.id,
                "other_program_id": other.id,
            }
        )
        forecast.program_id = False
        while not forecast.action_continue()["done"]:
            pass
        self.assertEqual(set(forecast.line_ids.mapped("variant")), {"now"})
        self.assertNotIn("search_default_by_program", forecast.action_open_days()["context"])
