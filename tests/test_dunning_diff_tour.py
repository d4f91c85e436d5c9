from datetime import timedelta

from odoo.tests import tagged

from .common import DunningMailCommon, TourCase


@tagged("post_install", "-at_install")
class TestDunningDiffTour(DunningMailCommon, TourCase):
    """K11: program A against B on today's customers, in a real browser with its own clock."""

    def test_k11_program_diff(self):
        self.company.write({"email": "us@example.com", "dunning_activation_date": "2020-01-01"})
        (self.partner_a | self.partner_b).email = "customer@example.com"
        self.program.name = "Standard program"
        self.program.schedule_ids.unlink()  # by hand: on any day
        other = self.program.copy({"name": "Impatient"})
        other.level_ids.filtered(lambda level: level.days == 15).days = 8
        other.level_ids.filtered(lambda level: level.days == 30).days = 16
        today = self.company._get_job_today()
        for partner in (self.partner_a, self.partner_b):
            self.create_due_invoice(today - timedelta(days=5), partner=partner)
        manager = self.create_user("diff_manager", "dunning_group_manager")
        action = self.env.ref("account_recurrence_dunning.dunning_forecast_action")
        self.start_tour(
            f"/odoo/action-{action.id}", "dunning_diff_tour", login=manager.login, timeout=120
        )
        forecast = self.env["dunning.forecast"].sudo().search([], order="id desc", limit=1)
        found = {
            program.name: count
            for program, count in forecast.line_ids._read_group(
                [("forecast_id", "=", forecast.id)], ["program_id"], ["__count"]
            )
        }
        self.assertEqual(found, {"Standard program": 6, "Impatient": 6})
