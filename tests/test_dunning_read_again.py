from datetime import date

from odoo.tests import freeze_time, tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningReadAgain(DunningMailCommon):
    """What is read once more before a message leaves (rule 8)."""

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

    @freeze_time("2026-03-10 10:00:00")
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
        move._dunning_set_included(False)
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

    def test_rule_8_a_notice_sent_again_after_its_level_was_archived(self):
        """Due on 12 March and sent on the 10th; it came back, and is no level any more."""
        self.create_due_invoice("2026-03-12")
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.level_id, self.notice)
        self.send(reminder, "2026-03-10")
        reminder.sudo()._message_receive_bounce(self.partner_a.email, self.partner_a)
        self.notice.active = False
        with freeze_time("2026-03-11 10:00:00"), self.mock_mail_gateway():
            reminder.action_send_again()
            reminder.sudo()._send_queued(date(2026, 3, 11))
        self.assertNotSentEmail()
        self.assertEqual(reminder.line_ids.mapped("drop_reason"), ["level_archived"])
        self.assertEqual(reminder.state, "cancelled")

    # === NOT DUE ANY MORE === #

    def get_due_line(self, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def test_rule_8_a_due_date_put_off_meanwhile(self):
        """H4: level 1 comes 5 days after the due date, on 25 March, not on the 10th."""
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.get_due_line(move).date_maturity = "2026-03-20"
        self.assertLeavesNothing(reminder, "not_due_yet")

    def test_rule_8_an_invoice_posted_again_with_a_later_due_date(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        move.button_draft()
        move.invoice_date_due = "2026-03-20"
        move.action_post()
        self.assertLeavesNothing(reminder, "not_due_yet")

    def test_rule_8_what_a_person_asked_for_is_due_or_not_as_well(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10", moves=move)
        self.get_due_line(move).date_maturity = "2026-03-20"
        self.assertLeavesNothing(reminder, "not_due_yet")

    def test_rule_8_one_instalment_put_off_leaves_the_others(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        other = self.create_due_invoice("2026-03-02", 50.0)
        reminder = self.queue("2026-03-10")
        self.get_due_line(move).date_maturity = "2026-03-20"
        self.send(reminder, "2026-03-10")
        self.assertEqual((reminder.state, self.reminded(reminder)), ("sent", [other.name]))
        self.assertEqual(reminder.total_text, "$\xa050.00")
        self.assertNotIn(move.name, reminder.mail_id.body_html)
        self.assertEqual((move.dunning_level, other.dunning_level), (0, 1))

    def test_rule_8_a_level_that_comes_later_now(self):
        """Level 1 at 12 instead of 5 days: on 13 March."""
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.level_1.days = 12
        self.assertLeavesNothing(reminder, "not_due_yet")

    def test_rule_8_a_level_taken_out_of_the_program(self):
        """Level 2 comes 15 days after 1 March."""
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.level_1.active = False
        self.assertLeavesNothing(reminder, "level_archived")
        self.assertEqual(
            reminder.failure_reason, "There is nothing left to remind: Level archived."
        )

    def test_rule_8_a_line_mentioned_that_is_not_overdue_any_more(self):
        old, reminder = self.queue_with_mentioned()
        self.get_due_line(old).date_maturity = "2026-03-10"
        self.send(reminder, "2026-03-10")
        dropped = reminder.line_ids.filtered("drop_reason")
        self.assertEqual((dropped.move_id, dropped.drop_reason), (old, "not_due_yet"))
        self.assertEqual(reminder.total_text, "$\xa070.00")

    # === WHAT ITS READER IS TOLD === #

    def test_rule_8_an_earlier_due_date_is_told(self):
        """H4: from 1 March to 24 February, 14 days before 10 March."""
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.get_due_line(move).date_maturity = "2026-02-24"
        self.send(reminder, "2026-03-10")
        line = reminder.line_ids
        self.assertEqual((str(line.due_date), line.days_late), ("2026-02-24", 14))
        self.assertIn("02/24/2026", reminder.mail_id.body_html)
        self.assertNotIn("03/01/2026", reminder.mail_id.body_html)
        self.assertRegex(reminder.mail_id.body_html, r">\s*Days late: 14\s*<")

    def test_rule_8_number_and_amounts_are_told_as_they_are(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        reminder = self.queue("2026-03-10")
        old = move.name
        move.button_draft()
        move.name = "INV/2026/77777"
        move.invoice_line_ids.price_unit = 70.0
        move.action_post()
        self.send(reminder, "2026-03-10")
        line = reminder.line_ids
        self.assertEqual(line.move_name, "INV/2026/77777")
        self.assertEqual((line.amount_total, line.amount_residual), (70.0, 70.0))
        self.assertIn("INV/2026/77777", reminder.subject)
        self.assertIn("INV/2026/77777", reminder.mail_id.subject)
        self.assertNotIn(old, reminder.mail_id.body_html)
        self.assertIn("70.00", reminder.mail_id.body_html)

    def test_rule_8_whatever_the_text_names_is_told_as_it_is(self):
        """Customer's reference, payment reference, name: nothing is left from before."""
        template = self.level_1.mail_template_id.sudo().copy()
        self.level_1.mail_template_id = template
        template.subject = "{{ object.partner_id.name }}"
        template.body_html = (
            "<p><t t-foreach='object.line_ids.move_id' t-as='move'>"
            "<t t-out='move.ref'/> <t t-out='move.payment_reference'/></t></p>"
        )
        move = self.create_due_invoice("2026-03-01", ref="Order 1", payment_reference="+++1+++")
        reminder = self.queue("2026-03-10")
        self.assertIn("Order 1 +++1+++", reminder.mail_id.body_html)
        move.write({"ref": "Order 2", "payment_reference": "+++2+++"})
        self.partner_a.name = "Acme Renamed"
        self.send(reminder, "2026-03-10")
        self.assertIn("Order 2 +++2+++", reminder.mail_id.body_html)
        self.assertEqual(self._mails[0]["subject"], "Acme Renamed")

    def test_rule_8_a_text_is_written_in_the_name_of_whoever_made_it(self):
        template = self.level_1.mail_template_id.sudo().copy()
        self.level_1.mail_template_id = template
        template.body_html = "<p t-out='user.name'/>"
        clerk = self.create_user("read_again_clerk", "dunning_group_manager")
        self.create_due_invoice("2026-03-01")
        run = self.env["dunning.run"].with_user(clerk)
        reminder = run._execute_for(self.company, date(2026, 3, 10)).reminder_ids.sudo()
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            cron = self.env.ref("account_recurrence_dunning.ir_cron_dunning_outbox")
            cron.sudo().method_direct_trigger()
        self.assertEqual(reminder.state, "sent")
        self.assertIn(clerk.name, reminder.mail_id.body_html)

    def test_rule_8_the_level_stands_where_it_is_now(self):
        """Level 1 comes 4 instead of 5 days after the due date."""
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        self.level_1.days = 4
        self.send(reminder, "2026-03-10")
        line = reminder.line_ids
        self.assertEqual((line.level_number, line.level_days), (1, 4))
        self.assertEqual(move.dunning_level, 1)

    def test_rule_8_the_pdf_of_a_paid_invoice_is_not_enclosed(self):
        self.level_1.attach_invoices = True
        paid = self.create_due_invoice("2026-03-01", 100.0)
        kept = self.create_due_invoice("2026-03-01", 50.0)
        papers = self.create_sent_pdf(paid) | self.create_sent_pdf(kept)
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.mail_id.attachment_ids, papers)
        self._register_payment(paid)
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.mail_id.attachment_ids.mapped("name"), [f"{kept.name}.pdf"])

    def create_sent_pdf(self, move, raw=b"%PDF-1.4 as it was sent"):
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{move.name}.pdf",
                    "raw": raw,
                    "res_model": "account.move",
                    "res_id": move.id,
                    "res_field": "invoice_pdf_report_file",
                }
            )
        )

    def test_rule_8_an_invoice_posted_again_goes_with_the_pdf_sent_last(self):
        self.level_1.attach_invoices = True
        move = self.create_due_invoice("2026-03-01")
        self.create_sent_pdf(move)
        reminder = self.queue("2026-03-10")
        move.button_draft()
        move.action_post()
        self.create_sent_pdf(move, b"%PDF-1.4 sent last")
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.mail_id.attachment_ids.raw, b"%PDF-1.4 sent last")

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
