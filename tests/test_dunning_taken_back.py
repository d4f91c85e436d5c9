"""A reminder is taken back, and what was got or set besides stays as it was (rule 2)."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningTakenBack(DunningMailCommon):
    """An invoice due on 1 March 2026; levels after 5, 15 and 30 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dunning_contact_gap = 0
        cls.partner_a.email = "a@customer.example"
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)

    def run_on(self, day):
        with freeze_time(f"{day} 10:00:00"):
            return self.execute(day).reminder_ids

    def withdraw(self, reminder, day):
        with freeze_time(f"{day} 12:00:00"):
            reminder.action_cancel()
        self.assertEqual(reminder.state, "reversed")

    def stands(self):
        line = self.get_receivable()
        return line.dunning_level, line.dunning_last_date

    def get_receivable(self):
        return self.move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def test_rule_2_a_level_set_by_hand_outlives_a_withdrawal(self):
        """Level 1 on 6 March, level 2 of 20 March by hand, level 3 on 3 April, withdrawn."""
        self.run_on("2026-03-06")
        self.move._dunning_apply({"level": 2, "last_date": date(2026, 3, 20)})
        third = self.run_on("2026-04-03")
        self.assertEqual(self.stands(), (3, date(2026, 4, 3)))
        self.withdraw(third, "2026-04-04")
        self.assertEqual(self.stands(), (2, date(2026, 3, 20)))

    def test_rule_2_what_leaves_late_lowers_nothing(self):
        """Level 1 could not be delivered; the clerk set level 2, then counted level 1 as sent."""
        self.partner_a.email = False
        first = self.run_on("2026-03-06")
        self.assertEqual(first.state, "undeliverable")
        self.move._dunning_apply({"level": 2, "last_date": date(2026, 3, 20)})
        with freeze_time("2026-03-21 10:00:00"):
            first.action_mark_sent()
        self.assertEqual(first.state, "sent")
        self.assertEqual(self.stands(), (2, date(2026, 3, 20)))

    def test_rule_2_a_mailing_that_was_got_does_not_come_again(self):
        """On 6, 11 and 16 March; level 2 is withdrawn on the 17th: level 2 alone comes again."""
        mailing = self.level_1.copy(
            {"name": "Mailing", "days": 10, "counts": False, "program_id": self.program.id}
        )
        self.level_2.gap = 0
        self.run_on("2026-03-06")
        self.assertEqual(self.run_on("2026-03-11").level_id, mailing)
        second = self.run_on("2026-03-16")
        self.assertEqual(second.level_id, self.level_2)
        self.withdraw(second, "2026-03-17")
        self.assertEqual(self.stands(), (1, date(2026, 3, 6)))
        self.assertEqual(self.run_on("2026-03-18").level_id, self.level_2)

    def test_rule_2_repetitions_that_were_got_count_on(self):
        """Every 7 days, twice at most: the second one is withdrawn, so one more is left."""
        (self.level_2 | self.level_3).active = False
        self.level_1.write({"repeat_every": 7, "repeat_max": 2})
        for day in ("2026-03-06", "2026-03-13"):
            self.assertTrue(self.run_on(day))
        last = self.run_on("2026-03-20")
        self.withdraw(last, "2026-03-21")
        self.assertEqual(self.stands(), (1, date(2026, 3, 13)))
        again = self.run_on("2026-03-23")
        self.assertEqual(again.line_ids.mapped("repeat"), [2])
        self.assertFalse(self.run_on("2026-04-30"))

    def test_rule_7_the_reason_tells_of_the_withdrawal_until_the_next_one(self):
        self.run_on("2026-03-06")
        second = self.run_on("2026-03-16")
        self.withdraw(second, "2026-03-17")
        self.level_2.gap = 14
        [fact] = self.company._dunning_decide(date(2026, 3, 18), moves=self.move)
        self.assertEqual(fact.decision.reason, "withdrawn")
        self.run_on("2026-03-20")
        [fact] = self.company._dunning_decide(date(2026, 3, 21), moves=self.move)
        self.assertEqual(fact.decision.reason, "not_due_yet")

    def test_rule_14_a_queued_message_is_not_counted_as_sent(self):
        """It would be cancelled, and the customer never get it."""
        [queued] = self.queue("2026-03-06")
        with self.assertRaisesRegex(UserError, "leaves by itself"):
            queued.action_mark_sent()
        self.assertEqual((queued.state, queued.mail_id.state), ("queued", "outgoing"))

    def test_rule_7_what_is_gone_was_not_always_paid(self):
        run = self.env["dunning.run"].create({"date": "2026-03-06"})
        run.action_simulate()
        self.move.button_draft()
        with freeze_time("2026-03-06 10:00:00"):
            run.action_execute()
        self.assertEqual(run.line_ids.mapped("reason"), ["not_posted"])

    def test_rule_7_a_message_says_that_its_invoice_was_cancelled(self):
        [queued] = self.queue("2026-03-06")
        self.move.button_draft()
        self.move.button_cancel()
        queued._send_locked(date(2026, 3, 6))
        self.assertEqual(queued.state, "cancelled")
        self.assertEqual(queued.failure_reason, "There is nothing left to remind: Not posted.")

    def test_rule_7_another_program_applies(self):
        run = self.env["dunning.run"].create(
            {"date": "2026-03-06", "program_ids": self.program.ids}
        )
        run.action_simulate()
        self.partner_a.dunning_program_id = self.program.copy({"name": "Own"})
        self.partner_a.dunning_policy = "own"
        with freeze_time("2026-03-06 10:00:00"):
            run.action_execute()
        self.assertEqual(run.line_ids.mapped("reason"), ["other_program"])
