from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningRemindNow(DunningMailCommon):
    """W1: recipients, text, enclosures and lines of one reminder are changed for it alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.write({"name": "Acme", "email": "customer@example.com"})
        cls.partner_b.write({"name": "Bolt", "email": "bolt@example.com"})
        cls.clerk = cls.create_user("now_clerk", "dunning_group_user")
        cls.manager = cls.create_user("now_manager", "dunning_group_manager")
        cls.move = cls.create_due_invoice("2026-03-01")

    def open_remind(self, moves=None, user=None):
        moves = (moves or self.move).with_user(user or self.clerk)
        action = moves.action_dunning_remind()
        return self.env["dunning.remind"].with_user(user or self.clerk).browse(action["res_id"])

    def remind(self, remind):
        with self.mock_mail_gateway():
            action = remind.action_remind()
        return self.env["dunning.reminder"].browse(action["res_id"])

    def test_w1_opening_the_dialog_leaves_nothing_behind(self):
        before = self.env["dunning.reminder"].search_count([])
        runs = self.env["dunning.run"].search_count([])
        remind = self.open_remind()
        self.assertEqual(remind.message_count, 1)
        self.assertEqual(remind.recipient_ids, self.partner_a)
        self.assertIn(self.move.name, remind.subject)
        self.assertIn("#ITEMS#", remind.body)
        self.assertNotIn("<table", remind.body)
        self.assertEqual(self.env["dunning.reminder"].search_count([]), before)
        self.assertEqual(self.env["dunning.run"].search_count([]), runs)
        self.assertEqual(self.move.dunning_level, 0)

    def test_w1_subject_text_and_recipients_are_changed_for_this_one(self):
        other = self.env["res.partner"].create({"name": "Boss", "email": "boss@example.com"})
        remind = self.open_remind()
        remind.write(
            {
                "subject": "Please call us about #REF#",
                "body": "<p>Dear friend,</p><p>#ITEMS#</p><p>Bye</p>",
                "recipient_ids": [Command.set(other.ids)],
                "cc_ids": [Command.set(self.partner_a.ids)],
            }
        )
        reminder = self.remind(remind)
        self.assertEqual(reminder.state, "sent")
        mail = self._mails[0]
        self.assertEqual(mail["subject"], f"Please call us about {self.move.name}")
        self.assertIn("Dear friend", mail["body"])
        self.assertIn("100.00", mail["body"])
        self.assertNotIn("#ITEMS#", mail["body"])
        self.assertEqual(mail["email_to"], [other.email_formatted])
        self.assertEqual(mail["email_cc"], [self.partner_a.email_formatted])
        self.assertNotIn("Dear friend", self.level_1.mail_template_id.body_html)
        self.assertEqual(self.move.dunning_level, 1)

    def test_w1_an_untouched_text_stays_that_of_the_level(self):
        reminder = self.remind(self.open_remind())
        self.assertFalse(reminder.own_body)
        self.assertFalse(reminder.own_subject)

    def test_w1_other_open_lines_are_ticked_or_not(self):
        overdue = self.create_due_invoice("2026-02-20", 55.0)
        coming = self.create_due_invoice("2026-04-01", 66.0)
        remind = self.open_remind()
        self.assertEqual(
            {line.move_id: line.is_included for line in remind.other_line_ids},
            {overdue: True, coming: False},
        )
        for line in remind.other_line_ids:
            line.is_included = line.move_id == coming
        reminder = self.remind(remind)
        lines = {line.move_id: line.kind for line in reminder.line_ids}
        self.assertEqual(lines, {self.move: "remind", coming: "overdue"})
        self.assertEqual((overdue.dunning_level, coming.dunning_level), (0, 0))
        self.assertIn("66.00", self._mails[0]["body"])
        self.assertNotIn("55.00", self._mails[0]["body"])

    def test_w1_a_line_is_left_out(self):
        second = self.create_due_invoice("2026-03-02", 70.0)
        remind = self.open_remind(self.move | second)
        remind.line_ids.filtered(lambda line: line.move_id == second).is_included = False
        reminder = self.remind(remind)
        self.assertEqual(reminder.state, "sent")
        self.assertEqual((self.move.dunning_level, second.dunning_level), (1, 0))
        self.assertNotIn("70.00", self._mails[0]["body"])
        remind = self.open_remind(second)
        remind.line_ids.is_included = False
        with self.assertRaisesRegex(UserError, "at least one line"):
            remind.action_remind()

    def test_w1_a_recipient_without_address_is_refused_at_once(self):
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        remind = self.open_remind()
        remind.recipient_ids = nobody
        with self.assertRaises(UserError) as refusal:
            remind.action_remind()
        self.assertEqual(str(refusal.exception), "Nobody: enter an e-mail address first.")
        remind.recipient_ids = False
        with self.assertRaises(UserError) as refusal:
            remind.action_remind()
        self.assertEqual(str(refusal.exception), "Choose the recipient.")

    def test_w1_an_unreachable_customer_is_reached_through_another_contact(self):
        self.partner_a.email = False
        remind = self.open_remind()
        remind.recipient_ids = self.partner_b
        reminder = self.remind(remind)
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(self._mails[0]["email_to"], [self.partner_b.email_formatted])

    def test_w1_what_cannot_be_delivered_at_all_is_not_offered(self):
        self.partner_b.email = False
        other = self.create_due_invoice("2026-03-01", 70.0, partner=self.partner_b)
        remind = self.open_remind(self.move | other)
        self.assertEqual((remind.message_count, remind.lost_text), (2, False))
        self.partner_a.email = False
        remind = self.open_remind(self.move | other)
        names = sorted((self.partner_a.display_name, self.partner_b.display_name))
        self.assertEqual(
            sorted(remind.lost_text.split("\n")),
            [f"{name} has no e-mail address." for name in names],
        )
        remind = self.open_remind()
        self.assertFalse(remind.lost_text, "the recipient is chosen in the dialog")

    def test_w1_attachments_are_added(self):
        remind = self.open_remind()
        paper = (
            self.env["ir.attachment"]
            .with_user(self.clerk)
            .create({"name": "terms.txt", "raw": b"Our terms", "res_model": "dunning.remind"})
        )
        remind.attachment_ids = paper
        reminder = self.remind(remind)
        self.assertEqual(
            [name for name, _raw, _type in self._mails[0]["attachments"]], [paper.name]
        )
        self.assertEqual((paper.res_model, paper.res_id), ("dunning.reminder", reminder.id))

    def test_rule_19_a_public_file_of_somebody_else_stays_where_it_is(self):
        terms = self.env["ir.attachment"].sudo()
        terms = terms.create({"name": "terms.txt", "raw": b"Our terms", "public": True})
        remind = self.open_remind()
        remind.attachment_ids = terms.ids
        self.remind(remind)
        self.assertEqual((terms.res_model, terms.res_id), (False, 0))

    def test_w1_several_customers_get_the_texts_of_their_levels(self):
        other = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        remind = self.open_remind(self.move | other)
        self.assertEqual((remind.message_count, remind.recipient_ids), (2, self.env["res.partner"]))
        with self.mock_mail_gateway():
            remind.action_remind()
        self.assertEqual(len(self._mails), 2)

    def test_w1_reminded_today_says_what_was_sent_and_what_can_be_done(self):
        self.remind(self.open_remind())
        remind = self.open_remind()
        self.assertEqual((remind.remind_count, remind.message_count), (0, 0))
        self.assertEqual(
            remind.last_text, "“First reminder” was sent on 03/10/2026 to Acme (E-mail)."
        )
        self.assertTrue(remind.can_repeat)
        self.assertTrue(remind.can_go_ahead)
        self.assertEqual(remind.action_log_call()["res_model"], "dunning.call")
        self.assertEqual(remind.action_statement()["res_model"], "dunning.statement.dialog")
        self.assertEqual(remind.action_open_last()["res_id"], remind.last_reminder_id.id)
        with self.mock_mail_gateway():
            result = remind.action_send_again()
            self.env["dunning.reminder"]._send_queued("2026-03-10")
        self.assertIn("Sent again: “First reminder” to", result["params"]["message"])
        self.assertEqual(self.move.dunning_level, 1)

    def test_w1_again_is_not_offered_where_it_would_be_refused(self):
        self.remind(self.open_remind())
        block = self.env["dunning.block"].create({"move_id": self.move.id, "kind": "legal"})
        remind = self.open_remind()
        self.assertTrue(remind.last_reminder_id)
        self.assertFalse(remind.can_repeat)
        with self.assertRaisesRegex(UserError, "could be sent again"):
            remind.action_send_again()
        block.action_lift()
        self.assertTrue(self.open_remind().can_repeat)
        self._register_payment(self.move)
        self.assertFalse(self.open_remind().can_repeat, "all of it is paid")

    def test_w1_the_next_level_is_sent_before_its_day_after_a_warning(self):
        self.remind(self.open_remind())
        remind = self.open_remind()
        with self.assertRaisesRegex(UserError, "nothing left to remind"):
            remind.action_remind()
        remind.action_go_ahead()
        self.assertEqual((remind.remind_count, remind.line_ids.level_id), (1, self.level_2))
        self.assertFalse(remind.can_go_ahead)
        reminder = self.remind(remind)
        self.assertEqual((reminder.state, reminder.level_id), ("sent", self.level_2))
        self.assertTrue(reminder.ahead)
        self.assertEqual(self.move.dunning_level, 2)

    def test_w1_ahead_takes_nothing_along_that_is_not_overdue(self):
        """An invoice due next week stays out, and the reason does not call the level due."""
        soon = self.create_due_invoice("2026-03-20")
        self.remind(self.open_remind())
        remind = self.open_remind(self.move | soon)
        remind.action_go_ahead()
        reminded = remind.line_ids.filtered("is_included")
        self.assertEqual(reminded.move_id, self.move)
        self.assertEqual(
            reminded.mapped("reason"),
            ["Level 2 goes before its day (03/17/2026), as somebody asked for it."],
        )

    def test_w1_ahead_is_no_way_past_a_block_or_the_end(self):
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "dispute"})
        remind = self.open_remind()
        self.assertFalse(remind.can_go_ahead)
        remind.action_go_ahead()
        self.assertEqual(remind.remind_count, 0)

    def test_w1_over_a_block_only_for_a_manager_after_naming_it_and_noted(self):
        self.env["dunning.block"].create(
            {"move_id": self.move.id, "kind": "dispute", "reason": "Wrong colour"}
        )
        remind = self.open_remind()
        self.assertEqual(remind.remind_count, 0)
        self.assertIn("Wrong colour", remind.block_text)
        self.assertFalse(remind.may_override)
        with self.assertRaises(AccessError):
            remind.action_over_block()
        remind.sudo().over_block = True
        with self.assertRaises(AccessError):
            remind.action_remind()

        remind = self.open_remind(user=self.manager)
        self.assertTrue(remind.may_override)
        with self.assertRaisesRegex(UserError, "There is nothing left to remind"):
            remind.action_remind()
        remind.action_over_block()
        self.assertEqual((remind.remind_count, remind.message_count), (1, 1))
        reminder = self.remind(remind)
        self.assertEqual((reminder.state, self.move.dunning_level), ("sent", 1))
        bodies = self.move.message_ids.mapped("body")
        (note,) = [body for body in bodies if "despite a block" in body]
        self.assertIn(self.manager.name, note)
        self.assertIn("despite: Dispute", str(reminder.message_ids.mapped("body")))
        self.assertEqual(self.move.dunning_current_block_ids.kind, "dispute", "it still blocks")

    def test_w1_over_a_block_is_said_only_where_something_is_sent(self):
        view = self.env.ref("account_recurrence_dunning.dunning_remind_view_form")
        path = "//field[@name='over_block']/parent::div/@invisible"
        [hidden] = etree.fromstring(view.arch).xpath(path)
        names = ("over_block", "remind_count", "lost_text")
        self.remind(self.open_remind())
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "legal"})
        for moves, is_said in (
            (self.move, False),
            (self.move | self.create_due_invoice("2026-03-01"), True),
        ):
            remind = self.open_remind(moves, self.manager)
            remind.action_over_block()
            self.assertEqual(bool(remind.remind_count), is_said)
            values = {name: remind[name] for name in names}
            self.assertEqual(not safe_eval(hidden, values), is_said)

    def test_rule_19_a_clerk_reminds_over_no_block(self):
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "legal"})
        runs = self.env["dunning.run"].with_user(self.clerk)
        values = {"date": "2026-03-10", "move_ids": self.move.ids}
        with self.assertRaisesRegex(AccessError, "managed by the system"):
            runs.create({**values, "over_block": True})
        run = runs.with_context(over_block=True, dunning_over_block=True).create(values)
        self.assertFalse(run.over_block)
        run.action_execute()
        self.assertEqual(run.line_ids.mapped("reason"), ["legal"])
        self.assertFalse(run.reminder_ids)

    def test_w1_drafts_have_the_toggle_too(self):
        draft = self._create_invoice_one_line(
            price_unit=10.0, partner_id=self.partner_a, invoice_date="2026-03-01"
        )
        self.assertEqual(draft.state, "draft")
        self.assertTrue(draft.dunning_include)
        draft.dunning_include = False
        self.assertEqual(draft.dunning_choice, "never")
        draft.action_post()
        self.assertFalse(draft.dunning_include)


@tagged("post_install", "-at_install")
class TestDunningPromise(DunningMailCommon):
    """A promise to pay: kept, or broken, which releases the block and says so."""

    def refresh(self, day):
        with freeze_time(f"{day} 06:00:00"):
            with self.enter_registry_test_mode():
                self.env.ref(
                    "account_recurrence_dunning.ir_cron_dunning_refresh"
                ).sudo().method_direct_trigger()

    def promise(self, move, **vals):
        with freeze_time("2026-03-10 10:00:00"):
            return self.env["dunning.block"].create(
                {"move_id": move.id, "kind": "promise", "date_until": "2026-03-20", **vals}
            )

    def test_a_broken_promise_releases_the_block_and_says_so(self):
        move = self.create_due_invoice("2026-03-01")
        block = self.promise(move)
        self.refresh("2026-03-20")
        self.assertFalse(block.outcome, "its day is not over")
        self.refresh("2026-03-21")
        self.assertEqual((block.outcome, str(block.lifted_date)), ("broken", "2026-03-21"))
        self.assertIn("was not kept", block.message_ids[0].body)
        self.assertIn("and now resume", move.message_ids[0].body)
        self.assertEqual(self.decisions(self.execute("2026-03-21"))[move.name][0], "remind")

    def test_a_kept_promise_is_noted(self):
        move = self.create_due_invoice("2026-03-01")
        block = self.promise(move)
        self._register_payment(move)
        self.refresh("2026-03-21")
        self.assertEqual((block.outcome, block.lifted_date), ("kept", False))

    def test_a_promise_for_all_invoices_is_broken_by_any_that_was_due(self):
        self.partner_a.email = "a@customer.example"
        paid = self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-04-30")
        block = self.promise(self.env["account.move"], partner_id=self.partner_a.id)
        self._register_payment(paid)
        self.refresh("2026-03-21")
        self.assertEqual(block.outcome, "kept", "the other one is not due yet")
        self.create_due_invoice("2026-03-05")
        second = self.promise(self.env["account.move"], partner_id=self.partner_a.id)
        self.refresh("2026-03-21")
        self.assertEqual(second.outcome, "broken")
        self.assertIn("was not kept", second.message_ids[0].body)
