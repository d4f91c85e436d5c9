from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import DunningMailCommon

CALL = "mail.mail_activity_data_call"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningCall(DunningMailCommon):
    """K3: a call and what came of it; the 10th of March 2026 is a Tuesday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"phone": "+32 2 290 34 90", "email": "a@customer.example"})
        cls.level_1.channel = "call"
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)
        cls.clerk = cls.create_user("clerk", "dunning_group_user")
        cls.portal = new_test_user(cls.env, "call_portal", groups="base.group_portal")
        cls.Call = cls.env["dunning.call"].with_user(cls.clerk)

    def remind(self):
        [reminder] = self.execute("2026-03-10").reminder_ids
        self.assertEqual((reminder.state, reminder.channel), ("draft", "call"))
        return reminder

    def call(self, outcome="reached", **vals):
        return self.Call.create({"partner_id": self.partner_a.id, "outcome": outcome, **vals})

    # === THE CALL OF A LEVEL === #

    def test_k3_the_list_of_calls_tells_the_number(self):
        reminder = self.remind()
        self.assertEqual(reminder.call_phone, "+32 2 290 34 90")
        contact = self.partner_a.create(
            {"name": "Ann", "parent_id": self.partner_a.id, "phone": "+32 475 11 22 33"}
        )
        reminder.sudo().recipient_ids = contact
        self.assertEqual(reminder.call_phone, "+32 475 11 22 33")

    def test_k3_reached_makes_the_level_effective(self):
        reminder = self.remind()
        call = self.call()
        self.assertEqual(call.reminder_id, reminder)
        self.assertEqual((reminder.state, self.move.dunning_level), ("sent", 1))
        self.assertTrue(call.is_effective)
        self.assertFalse(reminder.activity_ids)

    def test_k3_not_reached_is_tried_again(self):
        reminder = self.remind()
        call = self.call("not_reached")
        self.assertEqual(call.date_again, date(2026, 3, 11))
        self.assertEqual((reminder.state, self.move.dunning_level), ("draft", 0))
        self.assertFalse(call.is_effective)
        [task] = reminder.activity_ids
        self.assertEqual(task.date_deadline, date(2026, 3, 11))
        self.assertFalse(call.activity_ids)
        self.call("not_reached", date_again="2026-03-16")
        self.assertEqual(reminder.activity_ids.date_deadline, date(2026, 3, 16))

    def test_k3_the_next_working_day(self):
        with freeze_time("2026-03-13 10:00:00"):
            self.assertEqual(self.call("not_reached").date_again, date(2026, 3, 16))

    def test_k3_a_wrong_number_is_looked_for(self):
        reminder = self.remind()
        call = self.call("wrong_number")
        self.assertEqual(reminder.state, "draft")
        [task] = call.activity_ids
        self.assertEqual(task.summary, "Find the phone number")
        self.assertIn("+32 2 290 34 90", task.note)
        self.assertTrue(task.user_id.has_group("account_recurrence_dunning.dunning_group_user"))

    def test_k3_without_a_waiting_level_it_is_logged(self):
        call = self.call(note="Friendly")
        self.assertFalse(call.reminder_id)
        self.assertFalse(call.is_effective)
        self.assertFalse(call.activity_ids)
        call = self.call("not_reached")
        [task] = call.activity_ids
        self.assertEqual((task.date_deadline, task.user_id), (date(2026, 3, 11), self.clerk))
        # whoever was to be called again was called now
        self.call()
        self.assertFalse(call.activity_ids)

    def test_k3_a_level_left_out_by_hand_waits(self):
        reminder = self.remind()
        self.call(reminder_id=False)
        self.assertEqual(reminder.state, "draft")

    # === THE FACTS ARE READ AGAIN === #

    def remind_of_two(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        reminder = self.remind()
        self.assertEqual(len(reminder.line_ids), 2)
        return reminder, other

    def test_rule_8_what_is_paid_or_disputed_since_is_not_claimed_in_a_call(self):
        reminder, other = self.remind_of_two()
        self._register_payment(self.move)
        [action] = [reminder.with_user(self.clerk).action_log_call()]
        calls = self.Call.with_context(**action["context"])
        script = calls.new({"partner_id": self.partner_a.id, "outcome": "reached"}).script
        self.assertIn(other.name, script)
        self.assertIn("50.00", script)
        self.assertNotIn(self.move.name, script)
        self.env["dunning.dispute"].create(
            {
                "partner_id": self.partner_a.id,
                "reason": "defective",
                "move_line_ids": other.line_ids.filtered("date_maturity").ids,
            }
        )
        call = self.call()
        self.assertFalse(call.is_effective)
        self.assertEqual(
            (reminder.state, self.move.dunning_level, other.dunning_level), ("cancelled", 0, 0)
        )
        self.assertFalse(reminder.activity_ids)

    def test_rule_8_a_promise_in_the_call_itself_takes_nothing_out_of_it(self):
        reminder = self.remind()
        self.call(promise_date="2026-03-20")
        self.assertEqual((reminder.state, self.move.dunning_level), ("sent", 1))

    def test_rule_8_the_button_says_that_nothing_is_left(self):
        reminder = self.remind()
        self._register_payment(self.move)
        action = reminder.with_user(self.clerk).action_log_call()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("nothing left to remind", action["params"]["message"])

    def test_rule_8_each_day_what_is_paid_leaves_the_list_of_calls_and_letters(self):
        reminder, other = self.remind_of_two()
        self._register_payment(self.move)
        self.company._dunning_do_daily(date(2026, 3, 11))
        self.assertEqual(reminder.state, "draft")
        self.assertIn("50.00", reminder.total_text)
        self._register_payment(other)
        self.level_1.channel = "letter"
        self.create_due_invoice("2026-03-03", 30.0, partner=self.partner_b)
        letter = self.execute("2026-03-10").reminder_ids
        self.assertEqual((letter.channel, letter.state), ("letter", "draft"))
        self._register_payment(letter.line_ids.move_id)
        self.company._dunning_do_daily(date(2026, 3, 12))
        self.assertEqual((reminder.state, letter.state), ("cancelled", "cancelled"))

    def test_rule_9_a_credit_on_account_is_not_asked_for(self):
        self.create_refund(40.0, "2026-03-02")
        call = self.Call.new({"partner_id": self.partner_a.id, "outcome": "reached"})
        self.assertIn("60.00", call.claim_text)

    # === EARLIER PROMISES === #

    def test_k4_the_call_tells_what_is_promised_and_undone_it_stands_again(self):
        self.create_due_invoice("2026-03-02", 50.0)
        first = self.call(promise_date="2026-03-20").promise_id
        new = self.Call.new(
            {"partner_id": self.partner_a.id, "outcome": "reached", "promise_date": "2026-03-12"}
        )
        self.assertIn("150.00 by 03/20/2026", new.promise_earlier_text)
        self.assertTrue(new.promise_replaces)
        line = self.move.line_ids.filtered("date_maturity")
        second = self.call(promise_date="2026-03-12", move_line_ids=line.ids)
        self.assertEqual(first.state, "withdrawn")
        second.unlink()
        self.assertEqual(first.state, "open")
        self.call(promise_date="2026-03-12", move_line_ids=line.ids, promise_replaces=False)
        self.assertEqual(first.state, "open")

    # === THE BUTTON OF THE REMINDER === #

    def test_k3_the_button_asks_what_came_of_it(self):
        reminder = self.remind().with_user(self.clerk)
        for action in (reminder.action_log_call(), reminder.action_mark_sent()):
            self.assertEqual((action["res_model"], action["target"]), ("dunning.call", "new"))
        self.assertEqual(reminder.state, "draft")
        calls = self.Call.with_context(**action["context"])
        call = calls.create({**calls.default_get(["partner_id"]), "outcome": "reached"})
        self.assertEqual((call.reminder_id, reminder.state), (reminder, "sent"))
        with self.assertRaisesRegex(UserError, "No call is waiting"):
            reminder.action_log_call()

    def test_k3_several_calls_are_logged_one_by_one(self):
        self.create_due_invoice("2026-03-01", 100.0, partner=self.partner_b)
        reminders = self.execute("2026-03-10").reminder_ids
        self.assertEqual(len(reminders), 2)
        with self.assertRaisesRegex(UserError, "partner_b"):
            reminders.action_mark_sent()
        self.assertEqual(set(reminders.mapped("state")), {"draft"})

    # === WHAT ONE HAS TO KNOW === #

    def test_k3_whom_to_call_and_about_what(self):
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.partner_a.id, "phone": "+32 1 11", "email": "a@x.be"}
        )
        self.partner_a.dunning_contact_id = contact
        self.create_due_invoice("2026-04-01", 50.0)
        promise = self.env["dunning.promise"].create(
            {"partner_id": self.partner_a.id, "date": "2026-03-12"}
        )
        call = self.Call.new({"partner_id": self.partner_a.id, "company_id": self.company.id})
        self.assertEqual((call.contact_id._origin, call.phone), (contact, "+32 1 11"))
        self.assertIn("100.00", call.overdue_text)
        self.assertIn("150.00", call.open_text)
        self.assertIn("03/12/2026: Open", call.last_promise_text)
        promise._judge(self.company, date(2026, 3, 13))
        call.invalidate_recordset(["last_promise_text"])
        self.assertIn("03/12/2026: Broken", call.last_promise_text)

    # === A PROMISE IN THE CALL === #

    def test_k3_a_promise_in_the_call(self):
        self.remind()
        call = self.call(promise_date="2026-03-20", promise_amount=60.0)
        promise = call.promise_id
        self.assertEqual((promise.date, promise.amount), (date(2026, 3, 20), 60.0))
        self.assertEqual((promise.source, promise.user_id), ("call", self.clerk))
        self.assertEqual((call.promise_date, call.promise_amount), (date(2026, 3, 20), 60.0))
        facts = self.company._dunning_decide(date(2026, 3, 20), moves=self.move)
        self.assertEqual([fact.decision.reason for fact in facts], ["promise"])

    def test_k3_of_chosen_items(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        line = other.line_ids.filtered("date_maturity")
        call = self.call(promise_date="2026-03-20", move_line_ids=line.ids)
        self.assertEqual(call.promise_id.move_line_ids, line)
        self.assertFalse(call.promise_id.amount)

    # === MISTAKES === #

    def test_k3_a_call_logged_by_mistake_is_deleted_the_same_day(self):
        call = self.call(promise_date="2026-03-20")
        promise = call.promise_id
        manager = self.create_user("manager", "dunning_group_manager")
        with self.assertRaisesRegex(UserError, "Only whoever logged"):
            call.with_user(manager).unlink()
        with freeze_time("2026-03-11 10:00:00"), self.assertRaisesRegex(UserError, "same day"):
            call.unlink()
        call.unlink()
        self.assertEqual(promise.state, "withdrawn")

    def test_k3_one_that_made_a_level_effective_stays(self):
        self.remind()
        with self.assertRaisesRegex(UserError, "withdraw the reminder"):
            self.call().unlink()

    def test_k3_wrong_input(self):
        foreign = self.create_due_invoice("2026-03-01", 10.0, partner=self.partner_b)
        foreign = foreign.line_ids.filtered("date_maturity")
        for vals, error in (
            ({"outcome": "maybe"}, "not one of the options"),
            ({"date_again": "2026-03-09"}, "is over"),
            ({"promise_amount": 10.0}, "needs a day"),
            ({"promise_date": "2026-03-09"}, "before the day"),
            ({"contact_id": self.partner_b.id}, "is not a contact of"),
            ({"move_line_ids": foreign.ids}, "is not a due line of"),
            ({"user_id": self.portal.id}, "is no colleague"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, error):
                self.call(**{"outcome": "reached", **vals})
        self.level_1.channel = "letter"
        letters = self.execute("2026-03-10").reminder_ids
        letter = letters.filtered(lambda found: found.partner_id == self.partner_a)
        with self.assertRaisesRegex(ValidationError, "is not a call to"):
            self.call(reminder_id=letter.id)

    def test_k3_what_was_logged_stays(self):
        call = self.call()
        call.note = "He was friendly"
        for vals in ({"outcome": "not_reached"}, {"is_effective": True}, {"date_logged": False}):
            with self.subTest(vals), self.assertRaises(AccessError):
                call.write(vals)

    def test_k3_the_script_leaves_out_what_is_disputed(self):
        """100.00 and 50.00 are overdue, 50.00 of them disputed."""
        other = self.create_due_invoice("2026-03-02", 50.0)
        line = other.line_ids.filtered(lambda found: found.account_type == "asset_receivable")
        self.env["dunning.dispute"].create(
            {"partner_id": self.partner_a.id, "reason": "amount", "move_line_ids": line.ids}
        )
        call = self.Call.new({"partner_id": self.partner_a.id})
        self.assertIn("150.00", call.overdue_text)
        self.assertIn("100.00", call.claim_text)
        self.assertIn("100.00", call.script)
        self.assertNotIn("150.00", call.script)

    def test_k3_the_day_to_call_again_has_a_limit(self):
        with self.assertRaisesRegex(ValidationError, "more than a year ahead"):
            self.call("not_reached", date_again="2126-03-11")

    def test_k3_the_door_on_the_customer(self):
        action = self.partner_a.with_user(self.clerk).action_dunning_call()
        self.assertEqual((action["res_model"], action["target"]), ("dunning.call", "new"))
        employee = self.create_user("call_employee")
        with self.assertRaises(AccessError):
            self.partner_a.with_user(employee).action_dunning_call()
