from odoo.tests import tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningReadAgain(DunningMailCommon):
    """What is read once more before a message leaves (design rule 8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dunning_contact_gap = 0
        cls.partner_a.email = "acme@customer.example"

    # === PAID, BLOCKED === #

    def test_rule_8_a_line_paid_meanwhile_leaves_the_message(self):
        paid = self.create_due_invoice("2026-03-01", 100.0)
        kept = self.create_due_invoice("2026-03-01", 50.0)
        reminder = self.queue("2026-03-10")
        self._register_payment(paid)
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(self.reminded(reminder), [kept.name])
        self.assertNotIn(paid.name, reminder.mail_id.body_html)
        self.assertEqual(
            self._new_mails.mapped("subject") or [reminder.subject], [reminder.subject]
        )
        self.assertIn(kept.name, reminder.subject)
        dropped = reminder.line_ids.filtered("drop_reason")
        self.assertEqual(dropped.mapped("drop_reason"), ["paid"])
        self.assertEqual(paid.dunning_level, 0)

    def test_rule_8_an_empty_message_is_not_sent(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self._register_payment(move)
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "cancelled")
        self.assertEqual(reminder.mail_id.state, "cancel")
        self.assertNotSentEmail()

    def test_rule_8_holds_for_the_mail_queue_of_odoo_too(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.env["dunning.block"].create(
            {"partner_id": self.partner_a.id, "kind": "dispute", "date_from": "2026-03-10"}
        )
        with self.mock_mail_gateway():
            self.env["mail.mail"].sudo().process_email_queue(email_ids=reminder.mail_id.ids)
        self.assertEqual(reminder.state, "cancelled")
        self.assertNotSentEmail()
        self.assertEqual(move.dunning_level, 0)

    def test_the_mail_queue_of_odoo_makes_levels_effective(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        with self.mock_mail_gateway():
            self.env["mail.mail"].sudo().process_email_queue(email_ids=reminder.mail_id.ids)
        self.assertEqual(reminder.state, "sent")
        self.assertEqual((move.dunning_level, str(move.dunning_last_date)), (1, "2026-03-10"))

    def test_a_part_payment_changes_the_amount_in_the_message(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        reminder = self.queue("2026-03-10")
        self._register_payment(move, amount=40.0)
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.line_ids.amount_residual, 60.0)
        self.assertIn("60.00", reminder.mail_id.body_html)

    # === NOT TO BE REMINDED ANY MORE === #

    def assertLeavesNothing(self, reminder, reason):
        """Send a message of one line and see that nothing leaves, for this reason."""
        self.send(reminder, "2026-03-10")
        self.assertNotSentEmail()
        self.assertEqual(reminder.line_ids.mapped("drop_reason"), [reason])
        self.assertEqual(reminder.state, "cancelled")
        self.assertEqual(reminder.line_ids.move_id.dunning_level, 0)

    def test_rule_8_an_invoice_switched_off_meanwhile_is_not_reminded(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.env["dunning.policy"]._set_included(move, False)
        self.assertLeavesNothing(reminder, "invoice_off")

    def test_rule_8_a_customer_never_reminded_from_now_on_gets_nothing(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.partner_a.dunning_policy = "never"
        self.assertLeavesNothing(reminder, "customer_never")

    def test_rule_8_what_a_person_asked_for_goes_to_such_a_customer(self):
        self.partner_a.dunning_policy = "never"
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10", moves=move)
        self.send(reminder, "2026-03-10")
        self.assertEqual((reminder.state, move.dunning_level), ("sent", 1))

    def test_rule_8_a_program_switched_off_meanwhile_sends_nothing(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.program.active = False
        self.assertLeavesNothing(reminder, "program_off")

    def test_rule_8_an_invoice_that_follows_another_program_now_waits_for_its_run(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        move.dunning_program_id = self.program.copy({"name": "Friendly"})
        self.assertLeavesNothing(reminder, "other_program")

    def test_rule_8_what_the_filter_of_the_program_leaves_out_now(self):
        self.program.filter_domain = "[('ref', '!=', 'HQ')]"
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        move.ref = "HQ"
        self.assertLeavesNothing(reminder, "not_in_filter")

    def test_rule_8_what_the_filter_of_the_level_leaves_out_now(self):
        self.level_1.filter_domain = "[('ref', '!=', 'HQ')]"
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        move.ref = "HQ"
        self.assertLeavesNothing(reminder, "not_in_filter")

    # === WHAT ONLY STANDS IN THE MESSAGE === #

    def queue_with_mentioned(self):
        """Queue the first reminder of an invoice of 70; one of 100, reminded before, stands by.

        :return: the invoice mentioned, the reminder
        """
        old = self.create_due_invoice("2026-03-01", 100.0)
        self.execute("2026-03-07")
        self.create_due_invoice("2026-03-04", 70.0)
        reminder = self.queue("2026-03-10")
        mentioned = reminder.line_ids.filtered(lambda line: line.kind == "overdue")
        self.assertEqual(mentioned.move_id, old)
        return old, reminder

    def test_rule_8_a_line_mentioned_is_not_claimed_once_paid(self):
        old, reminder = self.queue_with_mentioned()
        self._register_payment(old)
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "sent")
        self.assertNotIn(old.name, reminder.mail_id.body_html)
        self.assertEqual(reminder.total_text, "$\xa070.00")

    def test_rule_8_a_line_mentioned_is_not_claimed_once_disputed(self):
        old, reminder = self.queue_with_mentioned()
        self.env["dunning.block"].create(
            {
                "partner_id": self.partner_a.id,
                "move_id": old.id,
                "kind": "dispute",
                "date_from": "2026-03-10",
            }
        )
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "sent")
        self.assertNotIn(old.name, reminder.mail_id.body_html)
        dropped = reminder.line_ids.filtered("drop_reason")
        self.assertEqual((dropped.move_id, dropped.drop_reason), (old, "dispute"))

    def test_rule_8_a_line_mentioned_says_what_is_open_when_it_leaves(self):
        old, reminder = self.queue_with_mentioned()
        self._register_payment(old, amount=40.0)
        self.send(reminder, "2026-03-10")
        self.assertIn("60.00", reminder.mail_id.body_html)
        self.assertEqual(reminder.total_text, "$\xa0130.00")

    def queue_and_use_credit(self, used):
        """Queue a reminder of 100 that shows a credit of 30, then use some of it elsewhere.

        :return: the reminder, the credit note
        """
        self.create_due_invoice("2026-03-01", 100.0)
        other = self.create_due_invoice("2026-05-01", used)
        refund = self.create_refund(30.0)
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.total_text, "$\xa070.00")
        items = (refund | other).line_ids
        items.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.send(reminder, "2026-03-10")
        return reminder, refund

    def test_rule_8_a_credit_says_what_is_left_of_it(self):
        reminder, _refund = self.queue_and_use_credit(25.0)
        # 30 of credit less the 25 it was used for
        self.assertEqual(reminder.total_text, "$\xa095.00")
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder._get_reminded().move_id.dunning_level, 1)

    def test_rule_8_a_credit_used_up_leaves_the_message(self):
        reminder, refund = self.queue_and_use_credit(30.0)
        self.assertEqual(reminder.total_text, "$\xa0100.00")
        self.assertNotIn(refund.name, reminder.mail_id.body_html)
