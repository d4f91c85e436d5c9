from datetime import date

from odoo.tests import Form, freeze_time, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-21")
class TestDunningGrace(DunningCommon):
    """An invoice first sent after its due date is left alone for some days (b18)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.company.dunning_grace_days = 5
        cls.move = cls.create_due_invoice("2026-03-01", sent=False)

    def decide(self, day="2026-03-21", **vals):
        run = self.env["dunning.run"].create({"date": day, "move_ids": self.move.ids, **vals})
        run.action_simulate()
        return run.line_ids

    def test_b18_a_new_company_has_five_days(self):
        self.assertEqual(self.env["res.company"].create({"name": "New"}).dunning_grace_days, 5)

    def test_b18_reminded_five_days_after_the_sending(self):
        self.assertEqual(self.decide().reason, "never_sent")
        self.move.is_move_sent = True
        line = self.decide()
        self.assertEqual((line.decision, line.reason), ("skip", "first_sent"))
        self.assertEqual(
            line.reason_text,
            "It was sent on 03/21/2026, after its due date: reminders start on 03/26/2026.",
        )
        self.assertEqual(line.next_date, date(2026, 3, 26))
        self.assertEqual(self.move.dunning_next_date, date(2026, 3, 26))
        self.assertEqual(self.decide("2026-03-25").reason, "first_sent")
        self.assertEqual(self.decide("2026-03-26").reason, "level_due")

    def test_b18_sent_before_it_is_due(self):
        other = self.create_due_invoice("2026-03-31", sent=True)
        self.assertEqual(other.dunning_sent_date, date(2026, 3, 21))
        self.move = other
        self.assertEqual(self.decide("2026-04-05").reason, "level_due")

    def test_b18_sent_long_ago_nobody_knows_when(self):
        self.move.is_move_sent = True
        self.move.sudo().dunning_sent_date = False
        self.assertEqual(self.decide().reason, "level_due")

    def test_b18_the_first_sending_counts(self):
        self.move.is_move_sent = True
        with freeze_time("2026-03-25"):
            self.move.is_move_sent = True
            self.assertEqual(self.move.dunning_sent_date, date(2026, 3, 21))
            self.move.is_move_sent = False
            self.assertFalse(self.move.dunning_sent_date)
            self.move.is_move_sent = True
        self.assertEqual(self.move.dunning_sent_date, date(2026, 3, 25))

    def test_b18_the_batch_dialog_says_so_too(self):
        batch = self.env["dunning.batch"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        batch.create({"sent": "yes"}).action_apply()
        self.assertEqual(self.move.dunning_sent_date, date(2026, 3, 21))
        self.assertEqual(self.decide().reason, "first_sent")

    def test_b18_sent_as_odoo_sends_it(self):
        self.env["account.move.send.wizard"].with_context(
            active_model="account.move", active_ids=self.move.ids
        ).create({"sending_methods": ["email"]}).action_send_and_print()
        self.assertTrue(self.move.is_move_sent)
        self.assertEqual(self.decide().reason, "first_sent")

    def test_b18_off(self):
        self.company.dunning_grace_days = 0
        self.move.is_move_sent = True
        self.assertEqual(self.decide().reason, "level_due")

    def test_b18_a_person_may_remind_all_the_same(self):
        self.move.is_move_sent = True
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 21), moves=self.move)
        self.assertEqual(run.line_ids.decision, "remind")

    def test_b18_what_weighs_more_is_named(self):
        self.move.is_move_sent = True
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "legal"})
        line = self.decide()
        self.assertEqual((line.reason, line.next_date), ("legal", False))

    def test_b18_a_copy_was_not_sent(self):
        self.move.is_move_sent = True
        self.assertFalse(self.move.copy().dunning_sent_date)

    def test_b18_the_days_stand_in_the_settings(self):
        self.env.user.group_ids += self.env.ref("base.group_system")
        with Form(self.env["res.config.settings"]) as form:
            form.dunning_grace_days = 9
        form.record.execute()
        self.assertEqual(self.company.dunning_grace_days, 9)
