"""Issue 15, section 5: letters printed by mistake, what to say in a call, what imports promise."""

from base64 import b64encode

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningUnprint(DunningMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_1.channel = "letter"
        cls.clerk = cls.create_user("unprint_clerk", "dunning_group_user")
        cls.stranger = cls.create_user("unprint_stranger", "account.group_account_invoice")

    def print_letter(self):
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10").with_user(self.clerk)
        return move, reminder, reminder.action_print()

    @freeze_time("2026-03-10 10:00:00")
    def test_rule_11_printing_says_that_letters_count_and_is_undone(self):
        move, reminder, action = self.print_letter()
        self.assertEqual(action["tag"], "dunning_letters_printed")
        self.assertEqual(
            action["params"]["message"], "Letters printed, they count as sent from now on: 1"
        )
        self.assertEqual(action["params"]["ids"], reminder.ids)
        self.assertIn("/web/content/", action["params"]["next"]["url"])
        self.assertEqual(action["params"]["again"], "Download again")
        self.assertEqual((reminder.state, move.dunning_level), ("sent", 1))
        with self.assertRaises(AccessError):
            reminder.with_user(self.stranger).action_unprint()
        reminder.action_unprint()
        self.assertEqual((reminder.state, reminder.letter_state), ("draft", "to_print"))
        self.assertEqual((move.dunning_level, move.dunning_last_date), (0, False))
        self.assertFalse(reminder.letter_id)
        self.assertFalse(reminder.proof_hash)
        self.assertTrue(reminder.activity_ids, "a person is asked again")
        self.assertIn("undone by", reminder.message_ids[0].body)
        again = reminder.action_print()
        self.assertEqual(again["tag"], "dunning_letters_printed")
        self.assertEqual((reminder.state, move.dunning_level), ("sent", 1))
        self.assertTrue(reminder.proof_hash)
        self.assertEqual(reminder.action_print()["type"], "ir.actions.act_url", "a second copy")

    def test_the_case_is_that_of_today_whenever_the_letter_was_made(self):
        """Made on 10 March, printed and undone on 10 April: 40 days late, not 9."""
        with freeze_time("2026-03-10 10:00:00"):
            self.create_due_invoice("2026-03-01")
            reminder = self.queue("2026-03-10").with_user(self.clerk)
        with freeze_time("2026-04-10 10:00:00"):
            reminder.action_print()
            reminder.action_unprint()
            self.env["dunning.case.change"]._write_noted()
            case = self.env["dunning.case"].search([("partner_id", "=", self.partner_a.id)])
            self.assertEqual(case.days_late, 40)

    def test_what_may_have_been_posted_is_not_undone(self):
        with freeze_time("2026-03-10 10:00:00"):
            _move, reminder, _action = self.print_letter()
        with freeze_time("2026-03-11 10:00:00"):
            with self.assertRaisesRegex(UserError, "withdraw it instead"):
                reminder.action_unprint()
            self.assertEqual(reminder.state, "sent")

    @freeze_time("2026-03-10 10:00:00")
    def test_what_is_not_printed_is_not_undone(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        with self.assertRaisesRegex(UserError, "not printed today"):
            reminder.action_unprint()


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningCallScript(DunningMailCommon):
    def test_k3_the_script_of_the_level_is_filled_in(self):
        self.partner_a.write({"name": "Acme", "phone": "+32 2 555 01 23"})
        self.level_1.write(
            {"channel": "call", "call_script": "Ask #CUSTOMER# for #TOTAL# of #REF#. #COMPANY#"}
        )
        move = self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        action = reminder.action_mark_sent()
        self.assertEqual(action["res_model"], "dunning.call", "the outcome is asked")
        with Form(
            self.env["dunning.call"].with_context(**action["context"]), action["views"][0][0]
        ) as form:
            self.assertEqual(form.phone, "+32 2 555 01 23")
            self.assertEqual(
                form.script, f"Ask Acme for $\xa0100.00 of {move.name}. {self.company.name}"
            )
            form.outcome = "reached"

    def test_k3_without_one_there_are_words_for_any_call(self):
        self.partner_a.name = "Acme"
        self.create_due_invoice("2026-03-01")
        self.company._dunning_refresh_status(self.company._get_job_today())
        call = self.env["dunning.call"].new(
            {"partner_id": self.partner_a.id, "company_id": self.company.id}
        )
        self.assertIn("I am calling Acme about your account: $\xa0100.00 is overdue", call.script)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningImportPromise(DunningMailCommon):
    """What the preview promises is what is taken (W4)."""

    def test_w4_preview_and_result_agree(self):
        first = self.create_due_invoice("2026-02-01")
        paid = self.create_due_invoice("2026-02-01")
        self._register_payment(paid)
        tagged_only = self.create_due_invoice("2026-02-01")
        dialog = self.env["dunning.import"].create({})
        text = (
            "Invoice;Level;Tags\n"
            f"{first.name};1;\n"
            f"{paid.name};1;\n"
            f"{tagged_only.name};9;Old\n"
            "NOT/THERE;1;\n"
        )
        dialog.file = b64encode(text.encode())
        dialog.action_read()
        self.assertEqual(
            (dialog.matched_count, dialog.rejected_count, dialog.part_count), (2, 3, 1)
        )
        told = {line.line: line.problem for line in dialog.line_ids}
        self.assertEqual(
            told,
            {
                2: False,
                3: "Nothing is outstanding on the invoice.",
                4: "The program has no such level.",
                5: "No customer invoice has this number or reference.",
            },
        )
        self.assertEqual((first.dunning_level, tagged_only.tag_ids.ids), (0, []))
        dialog.action_import()
        self.assertEqual((dialog.changed_count, dialog.rejected_count), (2, 3))
        self.assertEqual({line.line: line.problem for line in dialog.line_ids}, told)
        self.assertEqual((first.dunning_level, tagged_only.tag_ids.name), (1, "Old"))
