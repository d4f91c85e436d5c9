from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common import DunningMailCommon, TourCase


@tagged("post_install", "-at_install")
class TestDunningLettersTour(DunningMailCommon, TourCase):
    """Letters that the browser keeps back can be had again, in a real browser."""

    def test_a_blocked_window_loses_no_letters(self):
        self.level_1.channel = "letter"
        self.company.dunning_activation_date = "2020-01-01"
        today = self.company._get_job_today()
        self.create_due_invoice(today - timedelta(days=8))
        reminder = self.queue(today.isoformat())
        clerk = self.create_user("letters_clerk", "dunning_group_user")
        action = self.env.ref("account_recurrence_dunning.dunning_reminder_action_todo")
        # made before: the test's server refuses the browser whatever it asks meanwhile
        letters = reminder._render_letters()
        with patch.object(
            self.registry["dunning.reminder"], "_render_letters", return_value=letters
        ):
            self.start_tour(f"/odoo/action-{action.id}", "dunning_letters_tour", login=clerk.login)
        self.assertEqual((reminder.state, reminder.letter_state), ("sent", "printed"))
