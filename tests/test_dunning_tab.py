from datetime import date, timedelta

from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import DunningCommon, TourCase


@tagged("post_install", "-at_install")
class TestDunningTab(DunningCommon, MailCommon, TourCase):
    """The page of the invoice in a real browser; the clock cannot be stopped there."""

    def test_w1_open_an_overdue_invoice_test_remind_now_block(self):
        clerk = self.create_user("tab_clerk", "dunning_group_user")
        clerk.email = "clerk@example.com"
        self.company.email = "us@example.com"
        self.partner_a.email = "customer@example.com"
        today = self.company._get_job_today()
        self.company.dunning_activation_date = date(2020, 1, 1)
        move = self.create_due_invoice(today - timedelta(days=8))
        patient = self.program.copy({"name": "Patient"})
        action = self.env.ref("account.action_move_out_invoice")
        with self.mock_mail_gateway():
            self.start_tour(
                f"/odoo/action-{action.id}/{move.id}", "dunning_tab_tour", login=clerk.login
            )
        move.invalidate_recordset()
        self.assertEqual(move.dunning_level, 1)
        self.assertEqual(move.dunning_last_date, today)
        self.assertEqual(move.dunning_block_ids.lifted_user_id, clerk)
        self.assertEqual(move.dunning_program_id, patient, "saved before the block was lifted")
        self.assertFalse(move.dunning_include)
        self.assertEqual(
            [mail["email_to"][0] for mail in self._mails[:4]], ["clerk@example.com"] * 4
        )
        reminder = self.env["dunning.reminder"].search(
            [("partner_id", "=", self.partner_a.id), ("is_test", "=", False)]
        )
        self.assertEqual(reminder.state, "sent")
        self.assertTrue(reminder.by_hand)
