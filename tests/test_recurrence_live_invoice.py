from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-01-10 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceLiveInvoice(RecurrenceInvoiceCommon):
    """Rule 2: a date knows all its invoices, and one of them at most is live, at every door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="live_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.env = cls.env(user=cls.clerk)
        cls.schedule = cls.create_schedule(
            cls.partner_a.with_env(cls.env), invoice_mode="post", user_id=cls.clerk.id
        )
        cls.schedule.sudo().state = "running"
        cls.occurrence = cls.create_occurrence(cls.schedule, date(2026, 1, 6))
        cls.service = cls.env["recurrence.issuing"]
        cls.first = cls.issue()

    @classmethod
    def issue(cls):
        return cls.service._issue(cls.occurrence, mode="post", as_of=date(2026, 1, 10))

    def issue_due(self, day):
        return self.service._issue_due(self.company, day, commit=False)

    def replace_cancelled(self):
        """Cancel the first invoice and issue another one."""
        self.first.button_cancel()
        return self.issue()

    def reverse(self, move):
        """Return the dialog that reverses an invoice."""
        return (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": date(2026, 1, 10)})
        )

    def reverse_and_create(self, move):
        return self.env["account.move"].browse(self.reverse(move).modify_moves()["res_id"])

    def refund(self, move):
        return self.env["account.move"].browse(self.reverse(move).refund_moves()["res_id"])

    def assertRefused(self, other, call, *args):
        """The door is closed, and the sentence names the invoice that bills the date."""
        with self.assertRaisesRegex(UserError, other.name), self.cr.savepoint():
            call(*args)

    def test_rule_2_cancelled_one_stays_known(self):
        second = self.replace_cancelled()
        self.assertEqual(self.occurrence.invoice_ids, self.first + second)
        self.assertEqual(self.occurrence.move_id, second)
        self.assertEqual(self.first.recurrence_occurrence_id, self.occurrence)

    def test_rule_2_cancelled_one_is_refused_at_every_door(self):
        second = self.replace_cancelled()
        first = self.first
        doors = {
            "button_draft": (first.button_draft,),
            "write draft": (first.write, {"state": "draft"}),
            "write posted": (first.write, {"state": "posted"}),
            "in a batch": (lambda: (first + self.init_other()).button_draft(),),
            "context of the engine": (
                first.with_context(recurrence_issuing=True, recurrence_engine=True).button_draft,
            ),
        }
        for name, door in doors.items():
            with self.subTest(name):
                self.assertRefused(second, *door)
        for door in (first.action_post, first._post, (first + self.init_other()).action_post):
            with self.assertRaisesRegex(UserError, "must be in draft"), self.cr.savepoint():
                door()
        self.assertEqual((first.state, second.state), ("cancel", "posted"))

    def init_other(self):
        other = self._create_invoice_one_line(price_unit=5.0, partner_id=self.partner_a, post=True)
        other.button_cancel()
        return other

    def test_rule_2_the_first_counts_again_when_the_second_is_cancelled(self):
        second = self.replace_cancelled()
        second.button_cancel()
        self.first.button_draft()
        self.assertEqual(self.occurrence.move_id, self.first)
        self.assertEqual(self.occurrence.state, "todo")
        self.first.action_post()
        self.assertEqual(self.occurrence.state, "done")
        self.assertRefused(self.first, second.button_draft)
        self.assertEqual(self.issue_due(date(2026, 2, 1)), 0)

    def test_rule_2_two_cancelled_ones_cannot_come_back_together(self):
        second = self.replace_cancelled()
        second.button_cancel()
        with self.assertRaisesRegex(UserError, "billed twice"), self.cr.savepoint():
            (self.first + second).button_draft()

    def test_rule_2_reverse_and_create(self):
        draft = self.reverse_and_create(self.first)
        self.assertRecordValues(
            draft,
            [
                {
                    "state": "draft",
                    "recurrence_schedule_id": self.schedule.id,
                    "recurrence_occurrence_id": self.occurrence.id,
                    "is_recurrence_replaced": False,
                }
            ],
        )
        # found from the recurrence, and no bill of it
        credit = self.first.reversal_move_ids
        self.assertEqual(credit.recurrence_schedule_id, self.schedule)
        self.assertFalse(credit.recurrence_occurrence_id)
        self.assertEqual(self.schedule.invoice_count, 2)
        action = self.schedule.action_open_invoices()
        shown = self.env["account.move"].search(action["domain"])
        self.assertEqual(shown, self.first + draft + credit)
        self.assertEqual(self.occurrence.move_id, draft)
        self.assertEqual(self.occurrence.state, "todo")
        self.assertIn("INV/2026/00001 was credited", self.occurrence.error)
        self.assertEqual(self.occurrence.invoice_ids, self.first + draft)
        self.assertTrue(self.first.is_recurrence_replaced)
        self.assertEqual(self.issue_due(date(2026, 2, 1)), 0)
        draft.action_post()
        self.assertEqual(self.occurrence.state, "done")
        self.assertFalse(self.occurrence.error)

    def test_rule_2_replaced_one_and_its_credit_note_are_held(self):
        second = self.reverse_and_create(self.first)
        second.action_post()
        credit = self.first.reversal_move_ids
        self.assertEqual((self.first.payment_state, credit.state), ("reversed", "posted"))
        doors = {
            "original to draft": (self.first.button_draft,),
            "original cancelled": (self.first.button_cancel,),
            "credit note to draft": (credit.button_draft,),
            "credit note by write": (credit.write, {"state": "cancel"}),
            "reversed and created again": (self.reverse_and_create, self.first),
        }
        for name, door in doors.items():
            with self.subTest(name):
                self.assertRefused(second, *door)

    def test_rule_2_original_counts_again_without_its_successor(self):
        draft = self.reverse_and_create(self.first)
        draft.unlink()
        self.assertEqual(self.occurrence.state, "failed")
        self.first.button_draft()
        self.assertFalse(self.first.is_recurrence_replaced)
        self.assertEqual(self.occurrence.move_id, self.first)
        self.first.action_post()
        self.assertEqual(self.occurrence.state, "done")

    def leave(self, credit, door):
        """Take a credit note out of the books through one of its doors."""
        if door == "write":
            credit.write({"state": "cancel"})
            return
        credit.button_draft()
        if door == "delete":
            credit.unlink()
        elif door == "cancel":
            credit.button_cancel()

    def test_rule_2_original_counts_again_without_its_credit_note(self):
        for drop in ("unlink", "button_cancel"):
            for door in ("draft", "cancel", "delete", "write"):
                with self.subTest(f"{drop}, {door}"), self.cr.savepoint() as savepoint:
                    getattr(self.reverse_and_create(self.first), drop)()
                    self.leave(self.first.reversal_move_ids, door)
                    self.assertFalse(self.first.is_recurrence_replaced)
                    self.assertEqual(self.occurrence.move_id, self.first)
                    self.assertEqual(
                        (self.occurrence.state, self.occurrence.error), ("done", False)
                    )
                    with self.assertRaisesRegex(UserError, "already exists: INV/2026/00001"):
                        self.occurrence.action_issue()
                    self.assertEqual(self.issue_due(date(2026, 2, 1)), 0)
                    savepoint.rollback()

    def test_rule_2_credit_note_and_successor_go_together(self):
        draft = self.reverse_and_create(self.first)
        both = draft + self.first.reversal_move_ids
        both.write({"state": "cancel"})
        self.assertEqual((self.occurrence.state, self.occurrence.move_id), ("done", self.first))
        self.assertFalse(self.first.is_recurrence_replaced)

    def test_rule_2_original_counts_again_only_where_no_other_credit_note_covers_it(self):
        partial = self.refund(self.first)
        partial.invoice_line_ids.price_unit = 40.0
        partial.action_post()
        self.reverse_and_create(self.first).unlink()
        whole = self.first.reversal_move_ids - partial
        partial.button_draft()
        self.assertTrue(self.first.is_recurrence_replaced)
        partial.action_post()
        whole.button_draft()
        self.assertFalse(self.first.is_recurrence_replaced)
        self.assertEqual(self.occurrence.state, "done")

    def test_rule_2_credit_note_is_not_untied_from_what_was_replaced(self):
        self.reverse_and_create(self.first).unlink()
        with self.assertRaisesRegex(UserError, "cannot be edited"):
            self.first.reversal_move_ids.reversed_entry_id = False

    def test_rule_2_credit_note_stays_where_the_date_was_issued_again(self):
        self.reverse_and_create(self.first).unlink()
        again = self.issue()
        credit = self.first.reversal_move_ids
        self.assertRefused(again, credit.button_draft)
        self.assertRefused(again, credit.write, {"state": "cancel"})

    def test_rule_2_issued_again_after_the_successor_was_deleted(self):
        self.reverse_and_create(self.first).unlink()
        again = self.issue()
        self.assertEqual(self.occurrence.invoice_ids, self.first + again)
        self.assertRefused(again, self.first.button_draft)

    def test_rule_2_plain_reversal_replaces_nothing(self):
        self.refund(self.first)
        self.assertFalse(self.first.is_recurrence_replaced)
        self.assertEqual(self.occurrence.move_id, self.first)

    def test_rule_2_kept_by_the_database(self):
        self.replace_cancelled()
        for query in (
            "UPDATE account_move SET state = 'posted' WHERE id = %s",
            "UPDATE account_move SET state = 'draft' WHERE id = %s",
            "UPDATE account_move SET is_recurrence_replaced = TRUE WHERE id = %s",
        ):
            with (
                self.subTest(query),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.cr.execute(query, [self.first.id])

    def test_rule_2_replaced_is_kept_by_the_engine(self):
        with self.assertRaisesRegex(UserError, "cannot be edited"):
            self.first.is_recurrence_replaced = True
        with self.assertRaisesRegex(UserError, "only when it is issued from it"):
            self.env["account.move"].create(
                {"move_type": "out_invoice", "is_recurrence_replaced": True}
            )

    def test_rule_2_a_duplicate_is_an_ordinary_invoice(self):
        copied = self.first.copy()
        self.assertFalse(copied.recurrence_occurrence_id)
        self.assertFalse(copied.recurrence_schedule_id)

    def test_resequencing_changes_nothing(self):
        wizard = (
            self.env["account.resequence.wizard"]
            .sudo()
            .create({"move_ids": [Command.set(self.first.ids)], "first_name": "INV/2026/00042"})
        )
        wizard.resequence()
        self.assertEqual(self.first.name, "INV/2026/00042")
        self.assertEqual(self.occurrence.move_id, self.first)

    # --- finished ---

    def test_regenerate_of_a_finished_one_is_refused(self):
        self.schedule.action_finish()
        with self.assertRaisesRegex(UserError, "is finished.*Resume it first"):
            self.schedule.action_regenerate()
        self.assertEqual(self.issue_due(date(2026, 3, 15)), 0)
        self.assertEqual(self.schedule.invoice_count, 1)

    def test_finish_keeps_dates_that_had_an_invoice(self):
        self.first.button_cancel()
        self.occurrence.sudo().state = "planned"
        self.schedule.action_finish()
        self.assertTrue(self.occurrence.exists())

    def test_failed_dates_of_a_finished_one_are_not_retried(self):
        failed = self.create_occurrence(
            self.schedule, date(2026, 1, 7), state="failed", retry_at="2026-01-08 00:00:00"
        )
        todo = self.create_occurrence(self.schedule, date(2026, 1, 8), state="todo")
        self.schedule.action_finish()
        self.assertEqual(self.issue_due(date(2026, 2, 1)), 0)
        self.assertFalse(failed.retry_at)
        self.assertFalse((failed + todo).move_id)

    def test_planned_again_after_it_was_finished_is_issued(self):
        skipped = self.create_occurrence(self.schedule, date(2026, 1, 7), state="skipped")
        self.schedule.action_finish()
        skipped.action_plan_again()
        self.assertEqual(self.issue_due(date(2026, 2, 1)), 1)
        self.assertEqual(skipped.state, "done")

    def test_last_date_of_a_rule_that_ended_is_retried(self):
        schedule = self.create_schedule(
            self.partner_a,
            invoice_mode="post",
            user_id=self.clerk.id,
            date_start=date(2026, 1, 9),
            day=9,
            end_type="count",
            count=1,
        )
        account = schedule.template_move_id.invoice_line_ids.account_id.sudo()
        schedule.action_generate()
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            account.with_context(recurrence_archive_anyway=True).active = False
            schedule.sudo()._run_due(date(2026, 1, 9))
        self.assertEqual(schedule.occurrence_ids.state, "failed")
        account.active = True
        schedule.sudo()._run_due(date(2026, 1, 11))
        self.assertEqual(schedule.occurrence_ids.state, "done")
        schedule.sudo()._run_due(date(2026, 1, 12))
        self.assertEqual(schedule.state, "finished")

    # --- who acts ---

    def test_default_responsible_acts_for_one_that_left(self):
        second = new_test_user(
            self.env(su=True, user=1),
            login="live_second",
            groups="base.group_user,account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.company.sudo().recurrence_user_id = second
        self.clerk.sudo().active = False
        occurrence = self.create_occurrence(self.schedule, date(2026, 1, 9))
        service = self.env(user=1, su=True)["recurrence.issuing"]
        self.assertEqual(service._issue_due(self.company, date(2026, 1, 9), commit=False), 1)
        self.assertEqual(occurrence.sudo().move_id.create_uid, second)

    def test_without_a_default_responsible_it_fails_and_says_so(self):
        self.company.sudo().recurrence_user_id = False
        self.clerk.sudo().active = False
        occurrence = self.create_occurrence(self.schedule, date(2026, 1, 9)).sudo()
        service = self.env(user=1, su=True)["recurrence.issuing"]
        self.assertEqual(service._issue_due(self.company, date(2026, 1, 9), commit=False), 0)
        self.assertIn("is archived", occurrence.error)

    def issue_beside_one_without_responsible(self):
        """Run the job over a schedule that nobody is responsible for, and one of the clerk."""
        orphan = self.create_schedule(self.partner_b, invoice_mode="post", user_id=False)
        orphan.sudo().state = "running"
        rows = self.create_occurrence(orphan, date(2026, 1, 8))
        rows += self.create_occurrence(self.schedule, date(2026, 1, 9))
        service = self.env(user=1, su=True)["recurrence.issuing"]
        service._issue_due(self.company, date(2026, 1, 9), commit=False)
        return rows.sudo()

    def test_rule_15_one_without_responsible_stops_nobody(self):
        self.company.sudo().recurrence_user_id = False
        orphan, other = self.issue_beside_one_without_responsible()
        self.assertEqual(orphan.mapped("state") + other.mapped("state"), ["failed", "done"])
        self.assertIn("No responsible user", orphan.error)
        self.assertIn("No responsible user", orphan.schedule_id.error)

    def test_rule_15_default_responsible_acts_where_there_is_none(self):
        self.company.sudo().recurrence_user_id = self.clerk
        orphan, other = self.issue_beside_one_without_responsible()
        self.assertEqual(orphan.mapped("state") + other.mapped("state"), ["done", "done"])
        self.assertEqual(orphan.move_id.create_uid, self.clerk)

    def test_rule_15_taxes_that_cannot_be_compared_stop_nobody(self):
        bad = self.create_schedule(self.partner_b, invoice_mode="post", user_id=self.clerk.id)
        bad.sudo().state = "running"
        failing = self.create_occurrence(bad, date(2026, 1, 8)).sudo()
        other = self.create_occurrence(self.schedule, date(2026, 1, 9)).sudo()
        original = type(bad)._get_fiscal_changes

        def compare(schedules):
            if bad.id in schedules.ids:
                message = "no country"
                raise UserError(message)
            return original(schedules)

        service = self.env(user=1, su=True)["recurrence.issuing"]
        with patch.object(type(bad), "_get_fiscal_changes", compare):
            service._issue_due(self.company, date(2026, 1, 9), commit=False)
        self.assertEqual((failing.error, other.state), ("no country", "done"))
