from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import DunningMailCommon

DAY = date(2026, 3, 10)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningOff(DunningMailCommon):
    """Rule 21: switched off, nothing executes and nothing queued leaves by any door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.partner_a | cls.partner_b).email = "customer@example.com"
        cls.clerk = cls.create_user("off_clerk", "dunning_group_user")
        cls.move = cls.create_due_invoice("2026-03-01")

    def switch_off_with_one_queued(self):
        reminder = self.queue("2026-03-10")
        self.assertEqual(reminder.state, "queued")
        self.company.dunning_active = False
        return reminder

    def assertRefused(self, call, *args):
        with self.assertRaisesRegex(UserError, "Dunning is switched off"):
            call(*args)

    def test_what_is_queued_leaves_by_no_door(self):
        reminder = self.switch_off_with_one_queued()
        cron = self.env.ref("account_recurrence_dunning.ir_cron_dunning_outbox").sudo()
        with self.mock_mail_gateway():
            reminder._send_queued(DAY)
            self.env["dunning.reminder"]._send_queued(DAY)
            self.env["mail.mail"].sudo().process_email_queue()
            reminder.mail_id.sudo().send()
            self.assertRefused(reminder.with_user(self.clerk).action_send_now)
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertNotSentEmail()
        self.env.invalidate_all()
        self.assertEqual((reminder.state, reminder.is_held), ("queued", True))
        self.assertIn("Dunning is switched off", reminder.failure_reason)

    def test_a_company_switched_off_behind_the_back_of_the_outbox_sends_nothing(self):
        reminder = self.queue("2026-03-10")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET dunning_active = false WHERE id = %s", [self.company.id]
        )
        self.env.invalidate_all()
        self.send(reminder, "2026-03-10")
        self.assertNotSentEmail()
        self.assertTrue(reminder.is_held)

    def test_no_run_executes(self):
        run = self.env["dunning.run"].create({"date": DAY, "program_ids": self.program.ids})
        run.action_simulate()
        self.company.dunning_active = False
        self.assertTrue(run.is_off)
        self.assertRefused(run.action_execute)
        self.assertRefused(self.env["dunning.run"]._execute_for, self.company, DAY)
        self.assertRefused(self.env["dunning.remind"]._open, self.move)
        self.assertRefused(self.program.action_open_run)
        self.assertEqual(run.state, "simulated")
        self.assertFalse(run.reminder_ids)

    def test_w5_the_report_of_a_run_says_that_it_waits(self):
        self.program.report_user_ids = self.clerk
        self.clerk.email = "clerk@company.example"
        run = self.queue("2026-03-10", programs=self.program).run_id
        self.company.dunning_active = False
        mail = run.sudo()._send_report()
        self.assertIn("Dunning is switched off", mail.body_html)
        self.company.dunning_active = True
        mail = run.sudo()._send_report()
        self.assertNotIn("Dunning is switched off", mail.body_html)

    def test_it_can_be_simulated(self):
        self.company.dunning_active = False
        run = self.env["dunning.run"].create({"date": DAY, "program_ids": self.program.ids})
        run.action_simulate()
        self.assertEqual(run.state, "simulated")
        self.assertEqual(run.line_ids.move_id, self.move)

    def test_no_planned_run_is_made(self):
        self.program.mode = "automatic"
        lines = self.program.schedule_ids.sudo()
        lines.write({"hour": 0.0, "date_since": "2026-03-01 00:00:00"})
        self.company.dunning_active = False
        with self.enter_registry_test_mode():
            cron = self.env.ref("account_recurrence_dunning.ir_cron_dunning_run").sudo()
            cron.method_direct_trigger()
        self.env.invalidate_all()
        runs = self.env["dunning.run"].search([("company_id", "=", self.company.id)])
        self.assertFalse(runs)

    def test_nothing_is_sent_again_or_elsewhere(self):
        sent = self.execute("2026-03-10").reminder_ids
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.partner_b.email = False
        failed = self.execute("2026-03-10").reminder_ids
        self.assertEqual((sent.state, failed.state), ("sent", "undeliverable"))
        self.company.dunning_active = False
        self.assertRefused(sent.action_send_again)
        self.assertRefused(failed.action_send_again)
        self.assertRefused(failed.sudo()._send_elsewhere, "other@example.com")

    def test_no_letter_is_printed_that_was_not_before(self):
        self.level_1.channel = "letter"
        letter = self.queue("2026-03-10")
        self.company.dunning_active = False
        self.assertRefused(letter.with_user(self.clerk).action_print)
        self.assertEqual((letter.state, letter.letter_state), ("draft", "to_print"))

    def test_a_repetition_under_way_does_not_leave(self):
        reminder = self.execute("2026-03-10").reminder_ids
        copy = reminder.sudo()._copy_mail("a@example.com", "")
        self.company.dunning_active = False
        with self.mock_mail_gateway():
            self.env["mail.mail"].sudo().process_email_queue()
        self.assertNotSentEmail()
        self.assertEqual(copy.state, "cancel")

    def test_a_test_goes_to_who_asks_for_it(self):
        self.company.dunning_active = False
        with self.mock_mail_gateway():
            reminder = self.level_1._send_test(self.move, "me@us.example", DAY)
        self.assertEqual(reminder.state, "sent")

    # === ON AGAIN === #

    def test_on_again_it_goes_on_waiting_until_somebody_decides(self):
        reminder = self.switch_off_with_one_queued()
        self.company.dunning_active = True
        self.send(reminder, "2026-03-10")
        self.assertNotSentEmail()
        self.assertEqual((reminder.state, reminder.is_held), ("queued", True))
        self.assertIn("send it or cancel it", reminder.failure_reason)

    def test_settings_tell_and_offer_to_send(self):
        reminder = self.switch_off_with_one_queued()
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.dunning_held_count, 1)
        self.assertRefused(settings.action_dunning_send_held)
        self.company.dunning_active = True
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.dunning_held_count, 1)
        found = self.env["dunning.reminder"].search(settings.action_open_dunning_held()["domain"])
        self.assertEqual(found, reminder)
        settings.action_dunning_send_held()
        self.send(reminder, "2026-03-10")
        self.assertEqual((reminder.state, self.move.dunning_level), ("sent", 1))

    def test_settings_offer_to_cancel(self):
        reminder = self.switch_off_with_one_queued()
        self.company.dunning_active = True
        self.env["res.config.settings"].create({}).action_dunning_cancel_held()
        self.assertEqual((reminder.state, reminder.mail_id.state), ("cancelled", "cancel"))
        self.assertEqual(self.queue("2026-03-10").line_ids.move_id, self.move)

    def test_a_clerk_decides_on_each(self):
        reminder = self.switch_off_with_one_queued()
        self.company.dunning_active = True
        with self.mock_mail_gateway():
            reminder.with_user(self.clerk).action_send_now()
        self.assertEqual(reminder.state, "sent")

    def test_rule_17_only_the_company_that_is_off_waits(self):
        other = self.setup_other_company(name="Other")["company"]
        other.write({"dunning_active": True, "dunning_activation_date": "2026-01-01"})
        reminder = self.queue("2026-03-10")
        other.dunning_active = False
        self.assertFalse(reminder.is_held)
        self.send(reminder, "2026-03-10")
        self.assertEqual(reminder.state, "sent")
