from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .test_recurrence_billed_line import FEBRUARY, JANUARY, MARCH, BilledLineCase
from .test_recurrence_line_change import MIDDLE, LineChangeCase


@freeze_time("2026-01-05 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceLineChangeEdges(LineChangeCase):
    """R10: changes of lines where something is missing, elsewhere or long ago."""

    def test_r10_correction_belongs_to_the_branch_that_billed(self):
        branch = self.env["res.company"].create(
            {
                "name": "Branch",
                "parent_id": self.company.id,
                "country_id": self.company.country_id.id,
            }
        )
        receivable = self.company_data["default_account_receivable"]
        self.partner_a.with_company(branch).property_account_receivable_id = receivable
        self.env.user.company_ids |= branch
        self.clerk.company_ids |= branch
        schedule = self.create_schedule(
            self.partner_a,
            template={
                "invoice_line_ids": [self.line("Hosting", 310.0)],
                "company_id": branch.id,
                "journal_id": self.company_data["default_journal_sale"].id,
            },
            invoice_mode="post",
            user_id=self.clerk.id,
            proration="days",
            company_id=branch.id,
        )
        self.assertEqual(schedule.company_id, branch)
        schedule.sudo().state = "running"
        schedule.sudo()._generate(JANUARY)
        self.assertEqual(self.run_on(schedule, JANUARY).company_id, branch)
        move = self.change(MIDDLE, price=620.0, schedule=schedule)
        self.assertRecordValues(
            move,
            [
                {
                    "company_id": branch.id,
                    "journal_id": self.company_data["default_journal_sale"].id,
                    "amount_untaxed": 170.0,
                }
            ],
        )

    def test_r10_recurrence_without_invoice_has_no_lines_to_change(self):
        reminder = self.env["recurrence.schedule"].create(
            {"name": "Call", "partner_id": self.partner_a.id, "date_start": JANUARY}
        )
        dialog = self.env["recurrence.line.change"].create(
            {
                "schedule_id": reminder.id,
                "date": FEBRUARY,
                "line_ids": [Command.create({"name": "Backup", "price_unit": 30.0})],
            }
        )
        self.assertFalse(dialog.problem)
        with self.assertRaises(UserError):
            dialog.action_confirm()

    def test_r10_new_line_needs_a_text_or_a_product(self):
        dialog = self.open_dialog(FEBRUARY).save()
        dialog.line_ids = [Command.create({"price_unit": 30.0})]
        self.assertEqual(dialog.problem, "Describe the new line, or choose a product.")
        with self.assertRaisesRegex(UserError, "Describe the new line"):
            dialog.action_confirm()
        self.assertEqual(len(self.template.invoice_line_ids), 1)

    def test_r10_first_day_of_a_period_is_found_however_long_ago_the_start(self):
        """From Monday, 1 January 2001, each week: Monday, 5 January 2026."""
        schedule = self.create_running(
            self.line("Cleaning", 70.0),
            rrule_type="weekly",
            date_start=date(2001, 1, 1),
        )
        dialog = self.open_dialog(date(2026, 1, 2), schedule)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 80.0
        self.assertIn("such as 01/05/2026", dialog.problem)

    def test_r10_line_with_a_new_price_neither_ends_nor_is_missed(self):
        self.template.write({"invoice_line_ids": [self.line("Backup", 30.0)]})
        self.change(FEBRUARY, price=280.0)
        self.assertFalse(self.schedule.ending_lines)
        move = self.run_on(self.schedule, FEBRUARY)
        self.assertNotIn("not billed", "".join(move.message_ids.mapped("body")))
        backup = self.template.invoice_line_ids.filtered(lambda line: line.name == "Backup")
        backup.recurrence_until = date(2026, 1, 20)
        self.schedule.invalidate_recordset()
        self.assertEqual(self.schedule.ending_lines, "Backup (until 01/20/2026)")

    def test_r10_the_last_day_of_a_month_pays_for_the_month_after_it(self):
        """On 31 January February is billed: its price changes on 1 February."""
        schedule = self.create_running(
            self.line("Laundry", 70.0), day=date(2026, 1, 31), date_start=date(2026, 1, 31)
        )
        schedule.day = -1
        schedule.sudo()._regenerate(date(2026, 1, 5))
        dialog = self.open_dialog(FEBRUARY, schedule)
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 80.0
        self.assertFalse(dialog.problem)
        self.confirm(dialog)
        self.assertEqual(self.bill(schedule, date(2026, 1, 31)), [("Laundry", 80.0)])

    def test_r10_period_in_which_a_line_changes_is_billed_by_days(self):
        """Whole months from the 1st, then from the 15th: 280.00 holds from 1 March on.

        From 15 February to 14 March, 28 days: 14 of 310.00 are 155.00, 14 of 280.00 140.00.
        """
        schedule = self.create_running(self.line("Hosting", 310.0))
        self.run_on(schedule, JANUARY)
        self.change(MARCH, price=280.0, schedule=schedule)
        schedule.date_start = date(2026, 2, 15)
        schedule.day = 15
        schedule.sudo()._regenerate(date(2026, 1, 5))
        self.assertEqual(
            self.bill(schedule, date(2026, 2, 15)),
            [
                ("Hosting\n14 of 28 days: 02/15/2026 – 02/28/2026", 155.0),
                ("Hosting\n14 of 28 days: 03/01/2026 – 03/14/2026", 140.0),
            ],
        )
        # until 28 February 320.00: 14 of 28 days are 160.00, for 155.00
        move = self.change(date(2026, 2, 15), price=320.0, schedule=schedule)
        self.assertRecordValues(move, [{"move_type": "out_invoice", "amount_untaxed": 5.0}])
        self.assertEqual(self.bill(schedule, date(2026, 3, 15)), [("Hosting", 280.0)])


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceBilledLineAgain(BilledLineCase):
    """R10: what was billed once is not billed by another invoice, whatever becomes of the first."""

    def fee_then_february(self):
        """Cancel January, which billed a fee; February bills it instead. Return both invoices."""
        schedule = self.create_running(
            self.line("Hosting", 100.0), self.line("Setup", 250.0, recurrence_billing="once")
        )
        january = self.run_on(schedule, JANUARY)
        self.assertLines(january, ("Hosting", 100.0), ("Setup", 250.0))
        january.button_draft()
        january.button_cancel()
        return schedule, january

    def test_r10_totals_follow_an_invoice_that_was_cancelled(self):
        schedule, _january = self.fee_then_february()
        # 15 % tax: 350.00 on the date that bills the fee, 100.00 on the others
        self.assertEqual(
            schedule.occurrence_ids.sorted("rule_date")[:3].mapped("amount_total"),
            [402.5, 115.0, 115.0],
        )

    def test_r10_fee_is_not_billed_again_by_the_invoice_that_was_cancelled(self):
        schedule, january = self.fee_then_february()
        occurrence = self.occurrence_on(schedule, JANUARY)
        occurrence.with_user(self.clerk).action_skip("not this month")
        february = self.run_on(schedule, FEBRUARY)
        self.assertLines(february, ("Hosting", 100.0), ("Setup", 250.0))
        january.button_draft()
        with self.assertRaisesRegex(UserError, f"Setup is billed already, with {february.name}"):
            january.action_post()
        self.assertEqual(january.state, "draft")
        january.invoice_line_ids.filtered(lambda line: line.name == "Setup").unlink()
        january.action_post()
        self.assertEqual(january.amount_untaxed, 100.0)

    def test_r10_invoice_that_was_reset_is_posted_again(self):
        schedule = self.create_running(
            self.line("Hosting", 100.0), self.line("Certificate", 60.0, recurrence_every=3)
        )
        january = self.run_on(schedule, JANUARY)
        self.run_on(schedule, FEBRUARY)
        january.button_draft()
        january.action_post()
        self.assertEqual(january.state, "posted")

    def test_r10_invoice_in_the_place_of_another_says_what_it_bills(self):
        schedule = self.create_running(
            self.line("Hosting", 100.0),
            self.line("Setup", 250.0, recurrence_billing="once"),
            proration="days",
        )
        january = self.run_on(schedule, JANUARY)
        reversal = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=january.ids)
            .create({"journal_id": january.journal_id.id, "reason": "wrong address"})
        )
        replacement = self.env["account.move"].browse(reversal.modify_moves()["res_id"])
        hosting, setup = schedule.template_move_id.invoice_line_ids
        days = {"recurrence_billed_start": JANUARY, "recurrence_billed_end": date(2026, 1, 31)}
        self.assertRecordValues(
            replacement.invoice_line_ids,
            [
                {"recurrence_line_id": hosting.id, **days},
                {"recurrence_line_id": setup.id, **days},
            ],
        )
        self.assertFalse(january.reversal_move_ids.invoice_line_ids.recurrence_line_id)
        replacement.action_post()
        self.assertLines(self.run_on(schedule, FEBRUARY), ("Hosting", 100.0))
        # 17 of 31 days: 54.84 of 100.00 given back, 109.68 of 200.00 billed
        dialog = Form(
            self.env["recurrence.line.change"].with_context(default_schedule_id=schedule.id)
        )
        dialog.date = MIDDLE
        with dialog.line_ids.edit(0) as line:
            line.price_unit = 200.0
        self.assertFalse(dialog.problem)
        self.assertIn("54.84", dialog.corrections)
        self.assertIn(replacement.name, dialog.corrections)

    def test_r10_waiting_draft_is_posted_though_its_line_is_on_hold_now(self):
        """*Issue Invoices* leaves out dates of which nothing is billed, no drafts."""
        schedule = self.create_running(self.line("Hosting", 100.0))
        schedule.invoice_mode = "draft"
        draft = self.run_on(schedule, JANUARY)
        schedule.template_move_id.invoice_line_ids.recurrence_billing = "held"
        dates = self.occurrence_on(schedule, JANUARY) + self.occurrence_on(schedule, FEBRUARY)
        dialog = (
            self.env["recurrence.occurrence.issue.many"]
            .with_user(self.clerk)
            .create({"occurrence_ids": [Command.set(dates.ids)], "post_drafts": True})
        )
        dialog.action_confirm()
        self.assertEqual(draft.state, "posted")
        self.assertEqual(dates.mapped("state"), ["done", "skipped"])
        self.assertEqual(self.occurrence_on(schedule, MARCH).state, "planned")
