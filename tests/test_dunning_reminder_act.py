"""Issue 15, section 5: an act on several reminders says how many it concerns before it happens."""

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningMailCommon

ADDON = "account_recurrence_dunning"
# These open a dialog, or ask how many copies: nothing has happened yet when they are pressed.
OPEN_A_DIALOG = {"action_deliver"}
# Printed letters count at once; the list offers to take that back.
OFFER_UNDO = {"action_print"}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningReminderAct(DunningMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.write({"name": "Acme", "email": "customer@example.com"})
        cls.partner_b.write({"name": "Bolt", "email": False})
        cls.clerk = cls.create_user("act_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@example.com"

    def prepare(self):
        """Return a reminder that was sent, 100.00, and one that found no address, 40.00."""
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-01", 40.0, partner=self.partner_b)
        reminders = self.execute("2026-03-10").reminder_ids.with_user(self.clerk)
        sent = reminders.filtered(lambda reminder: reminder.partner_id == self.partner_a)
        undelivered = reminders - sent
        self.assertEqual((sent.state, undelivered.state), ("sent", "undeliverable"))
        return sent, undelivered

    def ask(self, act, reminders):
        action = getattr(reminders, f"action_ask_{act}")()
        return self.env["dunning.reminder.act"].with_user(self.clerk).browse(action["res_id"])

    def test_nothing_happens_before_the_dialog_is_confirmed(self):
        sent, undelivered = self.prepare()
        for act in ("send_again", "mark_sent", "cancel"):
            self.ask(act, sent | undelivered)
            self.assertEqual((sent.state, undelivered.state), ("sent", "undeliverable"), act)

    def test_marking_as_sent_concerns_what_was_not_sent(self):
        sent, undelivered = self.prepare()
        dialog = self.ask("mark_sent", sent | undelivered)
        self.assertEqual(dialog.count, 1)
        self.assertEqual(dialog.left_count, 1)
        self.assertEqual(dialog.total_text, "$\xa040.00")
        self.assertEqual(dialog.effect_text, "Counted as sent; their levels take effect: 1")
        result = dialog.action_act()
        self.assertEqual(result["params"]["message"], "Marked as sent: 1")
        self.assertEqual(undelivered.state, "sent")

    def test_cancelling_tells_what_is_withdrawn_and_what_never_left(self):
        sent, undelivered = self.prepare()
        dialog = self.ask("cancel", sent | undelivered)
        self.assertEqual(
            dialog.effect_text,
            "Cancelled before being sent: 1\nWithdrawn; the levels before apply again: 1",
        )
        self.assertEqual(dialog.total_text, "$\xa0140.00")
        self.assertFalse(dialog.left_count)
        self.assertEqual(dialog.action_act()["params"]["message"], "Cancelled or withdrawn: 2")
        self.assertEqual((sent.state, undelivered.state), ("reversed", "cancelled"))
        # in another list these may be chosen once more
        with self.assertRaisesRegex(UserError, "cancelled or withdrawn already"):
            (sent | undelivered).action_ask_cancel()

    def test_sending_again_leaves_out_what_may_not_leave(self):
        sent, undelivered = self.prepare()
        dialog = self.ask("send_again", sent | undelivered)
        self.assertEqual(
            dialog.effect_text,
            "Sent once more; level and date stay: 1\n"
            "Not delivered so far, sent to the current address: 1",
        )
        self._register_payment(sent.line_ids.move_id)
        dialog = self.ask("send_again", sent | undelivered)
        self.assertEqual(dialog.effect_text, "Not delivered so far, sent to the current address: 1")
        self.assertEqual((dialog.count, dialog.left_count), (1, 1))
        with self.assertRaisesRegex(UserError, "may be sent again now"):
            sent.action_ask_send_again()

    def test_what_was_paid_meanwhile_is_not_sent_by_an_open_dialog(self):
        sent, undelivered = self.prepare()
        dialog = self.ask("send_again", sent)
        self._register_payment(sent.line_ids.move_id)
        dialog.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "may be sent again now"):
            dialog.action_act()
        self.assertFalse(sent.sudo().copy_mail_ids)

    def test_a_call_is_logged_not_counted(self):
        letter = self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-01", 40.0, partner=self.partner_b)
        self.level_1.channel = "call"
        calls = self.queue("2026-03-10").with_user(self.clerk)
        self.assertEqual(calls.mapped("state"), ["draft", "draft"])
        with self.assertRaisesRegex(UserError, "Each call is logged with its outcome: Acme, Bolt"):
            calls.action_ask_mark_sent()
        alone = calls.filtered(lambda found: found.partner_id == self.partner_b)
        self.assertEqual(alone.action_ask_mark_sent()["res_model"], "dunning.call")
        (calls - alone).sudo().channel = "letter"
        dialog = self.ask("mark_sent", calls)
        self.assertEqual((dialog.count, dialog.left_count), (1, 1))
        self.assertEqual(dialog.action_act()["params"]["message"], "Marked as sent: 1")
        self.assertEqual((letter.dunning_level, alone.state), (1, "draft"))

    def test_nothing_queued_is_a_sentence(self):
        sent, undelivered = self.prepare()
        with self.assertRaisesRegex(UserError, "nothing to send"):
            (sent | undelivered).action_ask_send_now()
        with self.assertRaisesRegex(UserError, "Choose the reminders first"):
            sent.browse().action_ask_cancel()

    def test_another_user_does_not_act_in_ones_dialog(self):
        sent, undelivered = self.prepare()
        dialog = self.ask("cancel", sent | undelivered)
        colleague = self.create_user("act_colleague", "dunning_group_user")
        with self.assertRaises(AccessError):
            dialog.with_user(colleague).action_act()
        self.assertEqual(sent.state, "sent")

    def test_every_act_above_a_list_of_reminders_asks_first(self):
        """Generated from the views: the next button passes here too."""
        views = self.env["ir.ui.view"].search(
            [("model", "=", "dunning.reminder"), ("type", "=", "list")]
        )
        names = {
            button.get("name")
            for view in views
            for button in etree.fromstring(view.arch).xpath("//list/header/button")
        }
        self.assertGreater(len(names), 4)
        asking = {name for name in names if name.startswith("action_ask_")}
        self.assertEqual(names - asking, OPEN_A_DIALOG | OFFER_UNDO)
