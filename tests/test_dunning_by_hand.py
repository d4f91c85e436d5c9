from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningByHand(DunningCommon, MailCommon):
    """Remind now, test and preview: doors to the one engine (rule 6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.email = "customer@example.com"
        cls.clerk = cls.create_user("hand_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@example.com"
        cls.move = cls.create_due_invoice("2026-03-01")

    def open_remind(self, moves):
        action = moves.with_user(self.clerk).action_dunning_remind()
        return self.env["dunning.remind"].with_user(self.clerk).browse(action["res_id"])

    def open_trial(self, **vals):
        action = self.move.with_user(self.clerk).action_dunning_test()
        dialog = self.env["dunning.test"].with_user(self.clerk).browse(action["res_id"])
        dialog.write(vals)
        return dialog

    def test_w1_remind_now_does_what_it_showed(self):
        remind = self.open_remind(self.move)
        self.assertRecordValues(
            remind.line_ids,
            [
                {
                    "move_id": self.move.id,
                    "level_id": self.level_1.id,
                    "is_reminded": True,
                    "residual": 100.0,
                    "reason": "Level 1 has been due since 03/06/2026.",
                }
            ],
        )
        self.assertFalse(remind.warning)
        with self.mock_mail_gateway():
            action = remind.action_remind()
        reminder = self.env["dunning.reminder"].browse(action["res_id"])
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.recipient_ids, self.partner_a)
        self.assertEqual(self.move.dunning_level, 1)
        self.assertEqual(self.move.dunning_last_date, date(2026, 3, 10))
        self.assertEqual(self.move.dunning_reminder_line_ids, reminder.line_ids)

    def test_rule_12_remind_now_ignores_the_contact_gap(self):
        with self.mock_mail_gateway():
            self.open_remind(self.move).action_remind()
        other = self.create_due_invoice("2026-03-01")
        self.assertIn("was contacted on", other.dunning_explanation)
        remind = self.open_remind(other)
        self.assertTrue(remind.line_ids.is_reminded)

    def test_d9_never_automatically_still_works_by_hand_after_a_warning(self):
        self.partner_a.dunning_policy = "never"
        remind = self.open_remind(self.move)
        self.assertEqual(remind.warning, "This customer is never reminded automatically.")
        with self.mock_mail_gateway():
            remind.action_remind()
        self.assertEqual(self.move.dunning_level, 1)

    def test_w1_remind_now_says_why_not(self):
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "dispute"})
        remind = self.open_remind(self.move)
        self.assertEqual(remind.remind_count, 0)
        text = "The customer disputes it. Blocked until lifted."
        self.assertEqual(remind.line_ids.reason, text)
        with self.assertRaisesRegex(UserError, "There is nothing left to remind"):
            remind.action_remind()

    def test_w1_test_goes_to_me_alone_and_changes_nothing(self):
        self.level_1.tag_id = self.env["account.move.tag"].create({"name": "Reminded"})
        with self.mock_mail_gateway():
            self.open_trial(level_id=self.level_1.id).action_send()
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(self._mails[0]["email_to"], ["clerk@example.com"])
        self.assertFalse(self._mails[0]["email_cc"])
        self.assertTrue(self._mails[0]["subject"].startswith("[TEST]"))
        self.assertIn(self.move.name, self._mails[0]["body"])
        self.assertEqual(self.move.dunning_level, 0)
        self.assertFalse(self.move.dunning_last_date)
        self.assertFalse(self.move.tag_ids)
        self.assertFalse(self.move.dunning_reminder_line_ids, "a test is no history")
        self.assertEqual(self.move.dunning_next_date, date(2026, 3, 10))

    def test_w1_test_of_all_levels(self):
        self.level_3.active = False
        with self.mock_mail_gateway():
            self.open_trial().action_send()
        self.assertEqual(len(self._mails), 3)
        self.assertEqual(len({mail["subject"] for mail in self._mails}), 3)

    def test_w1_test_needs_an_address(self):
        self.clerk.email = False
        with self.assertRaisesRegex(UserError, "one e-mail address"):
            self.open_trial(level_id=self.level_1.id).action_send()

    def test_w1_test_of_a_paid_invoice_is_a_clear_error(self):
        self._register_payment(self.move)
        with self.assertRaisesRegex(UserError, "Nothing is outstanding"):
            self.open_trial(level_id=self.level_1.id).action_send()

    def test_d4_preview_in_the_customers_language_without_effect(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_a.lang = "fr_FR"
        before = self.env["dunning.reminder"].search_count([])
        action = self.level_2.with_user(self.clerk).action_open_preview()
        preview = self.env["dunning.level.preview"].browse(action["res_id"])
        self.assertFalse(preview.problem)
        self.assertEqual(preview.move_id, self.move)
        self.assertEqual(preview.lang, "French / Français")
        self.assertIn("01/03/2026", preview.body)
        self.assertIn(self.move.name, preview.body)
        self.assertIn("us@example.com", preview.sender)
        self.assertEqual(self.env["dunning.reminder"].search_count([]), before)
        self.assertEqual(self.move.dunning_level, 0)

    def test_d4_preview_of_a_notice_speaks_of_the_day_before_due(self):
        notice = self.program.level_ids.filtered(lambda level: level.days == -3)
        action = notice.with_user(self.clerk).action_open_preview()
        previews = self.env["dunning.level.preview"].with_user(self.clerk)
        preview = previews.browse(action["res_id"])
        self.assertEqual(preview.about, "sample", "no invoice is still to become due")
        preview.write({"about": "invoice", "move_id": self.move.id})
        preview.action_show()
        self.assertFalse(preview.problem)
        self.assertIn("03/01/2026", preview.body)
        self.assertNotIn(">9<", preview.body.replace(" ", ""), "it is not late yet")

    def test_d4_preview_without_an_open_invoice_shows_a_sample(self):
        self._register_payment(self.move)
        self.level_2.attach_statement = True
        partners = self.env["res.partner"].search_count([])
        action = self.level_2.with_user(self.clerk).action_open_preview()
        previews = self.env["dunning.level.preview"].with_user(self.clerk)
        preview = previews.browse(action["res_id"])
        self.assertEqual((preview.about, preview.problem), ("sample", False))
        self.assertEqual(preview.recipient, "Sample Customer <customer@example.com>")
        self.assertIn("INV/2026/00041", preview.body)
        self.assertEqual(preview.attachments, "Statement of 03-10-2026.pdf")
        self.assertIn("Second payment reminder", preview.subject)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        preview.write({"about": "invoice", "move_id": self.move.id})
        preview.action_show()
        self.assertIn("Nothing is outstanding", preview.problem)
        self.assertFalse(preview.body)

    def test_w2_simulation_of_one_invoice_and_of_a_program(self):
        other = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        action = self.move.with_user(self.clerk).action_dunning_simulate()
        run = self.env["dunning.run"].browse(action["res_id"])
        self.assertEqual(run.state, "simulated")
        self.assertEqual(run.line_ids.move_id, self.move)
        action = self.program.with_user(self.clerk).action_simulate()
        run = self.env["dunning.run"].browse(action["res_id"])
        self.assertEqual(run.line_ids.move_id, self.move | other)
        self.assertFalse(run.reminder_ids)

    def test_w1_not_for_billers(self):
        biller = self.create_user("hand_biller", "account.group_account_invoice")
        move = self.move.with_user(biller)
        for method in ("action_dunning_remind", "action_dunning_test", "action_dunning_simulate"):
            with self.assertRaises(AccessError, msg=method):
                getattr(move, method)()

    def test_w1_an_invoice_of_another_company_is_out_of_reach(self):
        other = self.setup_other_company(name="Other")["company"]
        outsider = self.create_user("hand_outsider", "dunning_group_user", companies=other)
        with self.assertRaises(AccessError):
            self.move.with_user(outsider).action_dunning_remind()
        reminds = self.env["dunning.remind"].with_user(outsider)
        with self.assertRaises(AccessError):
            reminds.create({"move_ids": [Command.set(self.move.ids)]})
