from datetime import date, timedelta

from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import DunningCommon, TourCase


@tagged("post_install", "-at_install")
class TestDunningTour(DunningCommon, MailCommon, TourCase):
    """The way of a new manager through a real browser; the clock cannot be stopped there."""

    def test_set_up_a_program_simulate_execute(self):
        manager = self.create_user("tour_manager", "dunning_group_manager")
        manager.email = "manager@example.com"
        self.company.email = "us@example.com"
        self.partner_a.email = "customer@example.com"
        self.company.dunning_activation_date = date(2020, 1, 1)
        today = self.company._get_job_today()
        move = self.create_due_invoice(today - timedelta(days=3))
        action = self.env.ref("account_recurrence_dunning.dunning_program_action")
        with self.mock_mail_gateway():
            self.start_tour(
                f"/odoo/action-{action.id}", "dunning_program_tour", login=manager.login
            )
        program = self.company.dunning_program_id
        self.assertEqual(program.name, "Resellers")
        self.assertEqual(program.level_ids.sorted("days").mapped("days"), [1, 8, 15])
        reminder = self.env["dunning.reminder"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual(reminder.line_ids.move_id, move)
        self.assertEqual(reminder.level_id.name, "Payment reminder")
        self.assertEqual(reminder.run_id.state, "done")
