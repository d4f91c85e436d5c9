from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .test_recurrence_quantity import QuantityCase

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
APRIL = date(2026, 4, 1)


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceUsage(QuantityCase):
    """R12: usage that is entered or imported is billed once, and never silently left out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.storage = cls.create_quantity(cls.clerk, name="Storage", source="usage", unit="GB")

    def create_metered(self, *lines, paid="post", **vals):
        lines = lines or (self.line("Storage", 0.5, recurrence_quantity_id=self.storage.id),)
        return self.create_running(*lines, period_paid=paid, **vals)

    def use(self, schedule, day, used, **vals):
        rows = self.env["recurrence.usage"].with_user(self.clerk)
        return rows.create(
            {
                "quantity_id": self.storage.id,
                "schedule_id": schedule.id,
                "day": day,
                "used": used,
                **vals,
            }
        )

    def on(self, schedule, day):
        with freeze_time(f"{day} 10:00:00"):
            return self.run_on(schedule, day)

    def load(self, *rows, columns=("day", "quantity_id", "partner_id", "used", "reference")):
        """Import rows as from a file."""
        model = self.env["recurrence.usage"].with_user(self.clerk)
        return model.with_context(import_file=True).load(list(columns), [list(row) for row in rows])

    # --- billed once ---

    def test_r12_usage_of_the_days_is_billed_once(self):
        schedule = self.create_metered()
        january = self.use(schedule, "2026-01-10", 100) + self.use(schedule, "2026-01-31", 20.5)
        february = self.use(schedule, "2026-02-01", 7)
        move = self.on(schedule, FEBRUARY)
        # 120.5 GB at 0.50
        self.assertLines(move, ("Storage", 60.25))
        self.assertEqual(january.move_id, move)
        self.assertFalse(february.move_id)
        self.assertLines(self.on(schedule, MARCH), ("Storage", 3.5))
        self.assertEqual(self.counted(schedule, FEBRUARY), [("Storage", 120.5, 120.5, 2)])

    def test_r12_usage_that_comes_late_is_billed_with_the_next_invoice(self):
        schedule = self.create_metered()
        self.use(schedule, "2026-01-10", 100)
        self.on(schedule, FEBRUARY)
        late = self.use(schedule, "2026-01-20", 40)
        before = self.use(schedule, "2025-11-20", 1000)
        self.use(schedule, "2026-02-10", 10)
        self.assertLines(self.on(schedule, MARCH), ("Storage", 25.0))
        self.assertEqual(late.occurrence_id, self.occurrence_on(schedule, MARCH))
        self.assertFalse(before.occurrence_id)

    def test_r12_late_usage_is_billed_once_when_two_dates_are_issued_together(self):
        schedule = self.create_metered()
        self.use(schedule, "2026-01-10", 100)
        self.on(schedule, FEBRUARY)
        self.use(schedule, "2026-01-20", 40)
        self.use(schedule, "2026-02-10", 10)
        self.use(schedule, "2026-03-10", 20)
        with freeze_time("2026-04-01 10:00:00"):
            schedule.sudo()._run_due(APRIL)
        march, april = (self.occurrence_on(schedule, day).move_id for day in (MARCH, APRIL))
        self.assertLines(march, ("Storage", 25.0))
        self.assertLines(april, ("Storage", 10.0))

    def test_r12_usage_of_a_skipped_date_is_not_billed_later(self):
        schedule = self.create_metered()
        skipped = self.use(schedule, "2026-01-10", 100)
        self.use(schedule, "2026-02-10", 10)
        self.occurrence_on(schedule, FEBRUARY).with_user(self.clerk).action_skip("Holiday")
        self.assertLines(self.on(schedule, MARCH), ("Storage", 5.0))
        self.assertFalse(skipped.occurrence_id)

    def test_r12_usage_of_a_cancelled_invoice_is_billed_by_its_replacement(self):
        schedule = self.create_metered()
        row = self.use(schedule, "2026-01-10", 100)
        move = self.on(schedule, FEBRUARY)
        with self.assertRaisesRegex(UserError, f"is billed by {move.name}"):
            row.used = 1
        with self.assertRaisesRegex(UserError, "Add a row with the difference"):
            row.unlink()
        row.note = "read by Ann"
        move.button_draft()
        move.button_cancel()
        row.used = 60
        occurrence = self.occurrence_on(schedule, FEBRUARY).with_user(self.clerk)
        with freeze_time("2026-02-02 10:00:00"):
            if occurrence.state == "skipped":
                occurrence.action_plan_again()
            again = self.env["recurrence.issuing"].with_user(self.clerk)._issue(occurrence)
        self.assertLines(again, ("Storage", 30.0))
        self.assertEqual(self.counted(schedule, FEBRUARY), [("Storage", 60.0, 60.0, 1)])

    def test_r12_in_advance_the_month_before(self):
        schedule = self.create_metered(
            self.line("Base", 50.0),
            self.line("Storage", 0.5, recurrence_quantity_id=self.storage.id),
            paid="pre",
        )
        self.use(schedule, "2026-01-10", 100)
        self.assertLines(self.on(schedule, JANUARY), ("Base", 50.0))
        self.assertLines(self.on(schedule, FEBRUARY), ("Base", 50.0), ("Storage", 50.0))

    def test_r12_free_allowance_and_steps(self):
        schedule = self.create_metered(
            self.line("101 to 500", 0.4, recurrence_formula="max(min(storage, 500) - 100, 0)"),
            self.line("From 501 on", 0.2, recurrence_formula="max(storage - 500, 0)"),
        )
        self.use(schedule, "2026-01-10", 620)
        self.use(schedule, "2026-02-10", 80)
        # 400 at 0.40 and 120 at 0.20
        self.assertLines(self.on(schedule, FEBRUARY), ("101 to 500", 160.0), ("From 501 on", 24.0))
        self.assertFalse(self.on(schedule, MARCH))
        self.assertEqual(self.occurrence_on(schedule, MARCH).state, "skipped")

    # --- not there ---

    def test_r12_missing_usage_waits_and_is_billed_when_it_comes(self):
        schedule = self.create_metered()
        self.assertFalse(self.on(schedule, FEBRUARY))
        waiting = self.occurrence_on(schedule, FEBRUARY)
        self.assertEqual(waiting.state, "failed")
        self.assertEqual(
            waiting.error, "Storage: no usage has been imported for 01/01/2026 – 01/31/2026."
        )
        with freeze_time("2026-02-04 10:00:00"):
            self.use(schedule, "2026-01-10", 100)
            schedule.sudo()._run_due(date(2026, 2, 4))
        self.assertEqual(waiting.move_id.amount_untaxed, 50.0)
        self.assertFalse(waiting.error)

    def test_r12_nothing_imported_may_mean_zero(self):
        self.storage.none_is_zero = True
        schedule = self.create_metered()
        self.assertFalse(self.on(schedule, FEBRUARY))
        self.assertEqual(self.occurrence_on(schedule, FEBRUARY).state, "skipped")
        # what comes later for these days is not lost
        self.use(schedule, "2026-01-10", 100)
        self.assertLines(self.on(schedule, MARCH), ("Storage", 50.0))

    # --- import ---

    def test_r12_file_names_the_customer(self):
        schedule = self.create_metered()
        result = self.load(("2026-01-10", "Storage", self.partner_a.name, "12.5", "A-1"))
        self.assertFalse(result["messages"])
        row = self.env["recurrence.usage"].browse(result["ids"])
        self.assertEqual((row.schedule_id, row.used, row.day), (schedule, 12.5, date(2026, 1, 10)))

    def test_r12_file_that_is_imported_again_adds_nothing(self):
        schedule = self.create_metered()
        first = ("2026-01-10", "Storage", self.partner_a.name, "12", "A-1")
        plain = ("2026-01-11", "Storage", self.partner_a.name, "5", "")
        self.assertFalse(self.load(first, plain)["messages"])
        again = ("2026-01-10", "Storage", self.partner_a.name, "14", "A-1")
        other = ("2026-01-10", "Storage", self.partner_a.name, "1", "A-2")
        self.assertFalse(self.load(again, plain, other)["messages"])
        rows = self.env["recurrence.usage"].search([("schedule_id", "=", schedule.id)])
        self.assertEqual(sorted(rows.mapped("used")), [1.0, 5.0, 14.0])
        self.on(schedule, FEBRUARY)
        # what is billed stays: the same says nothing new, another number is refused
        self.assertFalse(self.load(again, plain, other)["messages"])
        result = self.load(("2026-01-10", "Storage", self.partner_a.name, "15", "A-1"))
        self.assertIn("is billed by", result["messages"][0]["message"])

    def test_file_with_what_cannot_be(self):
        self.load(("2026-01-10", "Storage", self.partner_a.name, "12", "A-1"))
        for row, sentence in (
            (
                ("2026-01-10", "Storage", self.partner_a.name, "12", "A-1"),
                "has no running recurring invoice",
            ),
            (("2026-01-10", "Storage", "", "12", "A-1"), "needs a customer or a recurrence"),
        ):
            result = self.load(row)
            self.assertFalse(result["ids"])
            self.assertIn(sentence, result["messages"][0]["message"])
        self.create_metered()
        self.create_metered()
        result = self.load(("2026-01-10", "Storage", self.partner_a.name, "12", "A-1"))
        self.assertIn("has several recurring invoices", result["messages"][0]["message"])

    def test_second_row_of_a_day_needs_a_reference(self):
        schedule = self.create_metered()
        self.use(schedule, "2026-01-10", 1, reference="A")
        self.use(schedule, "2026-01-10", 1, reference="B")
        self.use(schedule, "2026-01-10", 1)
        # an empty one is none
        self.use(schedule, "2026-01-11", 1, reference=" ")
        self.use(schedule, "2026-01-12", 1, reference="")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.use(schedule, "2026-01-10", 1)

    def test_negative_rows_correct_and_a_negative_sum_waits(self):
        schedule = self.create_metered()
        self.use(schedule, "2026-01-10", 10)
        self.use(schedule, "2026-01-11", -4)
        self.assertLines(self.on(schedule, FEBRUARY), ("Storage", 3.0))
        self.use(schedule, "2026-02-11", -4)
        self.assertFalse(self.on(schedule, MARCH))
        self.assertIn("comes to -4.0", self.occurrence_on(schedule, MARCH).error)

    # --- found in a review ---

    def test_late_usage_is_billed_once_by_two_lines_with_days_of_their_own(self):
        """The line changed in the middle of February: each bills its days, late usage the first."""
        schedule = self.create_metered(
            self.line(
                "Old", 0.5, recurrence_quantity_id=self.storage.id, recurrence_until="2026-02-14"
            ),
            self.line(
                "New", 1.0, recurrence_quantity_id=self.storage.id, recurrence_start="2026-02-15"
            ),
        )
        self.use(schedule, "2026-01-10", 10)
        self.on(schedule, FEBRUARY)
        self.use(schedule, "2026-01-20", 40)
        self.use(schedule, "2026-02-10", 2)
        self.use(schedule, "2026-02-20", 3)
        # 40 + 2 at 0.50, and 3 at 1.00
        self.assertLines(self.on(schedule, MARCH), ("Old", 21.0), ("New", 3.0))

    def test_usage_does_not_revive_an_invoice_that_was_cancelled(self):
        schedule = self.create_metered()
        self.use(schedule, "2026-01-10", 100)
        move = self.on(schedule, FEBRUARY)
        move.button_draft()
        move.button_cancel()
        with freeze_time("2026-02-10 10:00:00"):
            self.use(schedule, "2026-02-05", 1)
            schedule.sudo()._run_due(date(2026, 2, 10))
        self.assertEqual(self.occurrence_on(schedule, FEBRUARY).move_id, move)

    def test_cancelled_invoice_is_not_revived_after_another_billed_its_usage(self):
        schedule = self.create_metered()
        self.use(schedule, "2026-01-10", 10)
        self.on(schedule, FEBRUARY)
        late = self.use(schedule, "2026-01-20", 40)
        self.use(schedule, "2026-02-10", 1)
        march = self.on(schedule, MARCH)
        self.assertEqual(march.amount_untaxed, 20.5)
        march.button_draft()
        march.button_cancel()
        self.use(schedule, "2026-03-10", 2)
        april = self.on(schedule, APRIL)
        self.assertEqual(late.move_id, april)
        self.assertEqual(april.amount_untaxed, 21.0)
        with self.assertRaisesRegex(UserError, "usage on .* has changed since"):
            march.button_draft()

    def test_usage_within_the_allowance_is_settled_and_late_usage_still_comes(self):
        schedule = self.create_metered(
            self.line("Over 100", 1.0, recurrence_formula="max(storage - 100, 0)")
        )
        row = self.use(schedule, "2026-01-10", 80)
        self.assertFalse(self.on(schedule, FEBRUARY))
        self.assertFalse(row.is_open)
        with self.assertRaisesRegex(UserError, "Add a row with the difference"):
            row.used = 200
        self.use(schedule, "2026-01-20", 50)
        self.use(schedule, "2026-02-10", 70)
        # 50 that came late and 70 of February
        self.assertLines(self.on(schedule, MARCH), ("Over 100", 20.0))

    def test_number_entered_for_missing_usage_leaves_the_file_unbilled(self):
        schedule = self.create_metered()
        self.on(schedule, FEBRUARY)
        occurrence = self.occurrence_on(schedule, FEBRUARY).with_user(self.clerk)
        wizards = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        with freeze_time("2026-02-03 10:00:00"):
            wizard = wizards.create({"occurrence_id": occurrence.id})
            wizard.line_ids.quantity = 100
            wizard.action_issue()
        self.assertEqual(occurrence.move_id.amount_untaxed, 50.0)
        row = self.use(schedule, "2026-01-10", 100)
        self.use(schedule, "2026-02-10", 1)
        self.assertLines(self.on(schedule, MARCH), ("Storage", 0.5))
        self.assertTrue(row.is_open)

    def test_line_taken_out_of_the_invoice_leaves_its_usage_unbilled(self):
        schedule = self.create_metered(
            self.line("Base", 5.0),
            self.line("Storage", 0.5, recurrence_quantity_id=self.storage.id),
        )
        row = self.use(schedule, "2026-01-10", 100)
        wizards = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        with freeze_time("2026-02-01 10:00:00"):
            wizard = wizards.create({"occurrence_id": self.occurrence_on(schedule, FEBRUARY).id})
            wizard.line_ids[1].unlink()
            wizard.action_issue()
        self.assertLines(self.occurrence_on(schedule, FEBRUARY).move_id, ("Base", 5.0))
        self.assertTrue(row.is_open)
        self.assertFalse(row.occurrence_id)

    def test_row_that_stands_twice_in_a_file_is_refused(self):
        self.create_metered()
        row = ("2026-01-10", "Storage", self.partner_a.name, "10", "")
        other = ("2026-01-10", "Storage", self.partner_a.name, "5", "")
        result = self.load(row, other)
        self.assertFalse(result["ids"])
        self.assertIn("stands twice in the file", result["messages"][0]["message"])
        self.assertFalse(self.env["recurrence.usage"].search_count([]))

    def test_file_is_imported_again_after_the_recurrence_has_ended(self):
        schedule = self.create_metered()
        row = ("2026-01-10", "Storage", self.partner_a.name, "10", "A-1")
        self.assertFalse(self.load(row)["messages"])
        schedule.sudo().state = "finished"
        self.assertFalse(self.load(row)["messages"])

    def test_row_of_another_customer_or_of_what_is_not_billed(self):
        schedule = self.create_metered()
        with self.assertRaisesRegex(UserError, "bills partner_a, not partner_b"):
            self.use(schedule, "2026-01-10", 1, partner_id=self.partner_b.id)
        plain = self.create_running(self.line("Base", 5.0), period_paid="post")
        with self.assertRaisesRegex(UserError, "has no line that bills Storage"):
            self.use(plain, "2026-01-11", 1)
        row = self.use(schedule, "2026-01-12", 1)
        self.assertEqual(row.partner_id, self.partner_a)
        with self.assertRaisesRegex(UserError, "not partner_b"):
            row.partner_id = self.partner_b
        result = self.load(
            ("Storage", self.partner_a.name, "1"), columns=("quantity_id", "partner_id", "used")
        )
        self.assertIn("Usage needs: Day.", result["messages"][0]["message"])

    def test_cancelled_draft_of_a_skipped_date_bills_nothing_again(self):
        schedule = self.create_metered()
        self.use(schedule, "2026-01-10", 10)
        self.on(schedule, FEBRUARY)
        late = self.use(schedule, "2026-01-20", 20)
        self.use(schedule, "2026-02-10", 100)
        schedule.invoice_mode = "draft"
        draft = self.on(schedule, MARCH)
        self.assertEqual((draft.state, draft.amount_untaxed), ("draft", 60.0))
        self.occurrence_on(schedule, MARCH).with_user(self.clerk).action_skip("No")
        self.assertFalse(late.occurrence_id)
        self.use(schedule, "2026-03-10", 1)
        self.assertEqual(self.on(schedule, APRIL).amount_untaxed, 10.5)
        with self.assertRaisesRegex(UserError, "usage on .* has changed since"):
            draft.button_draft()

    def test_date_that_is_issued_again_without_its_usage_bills_none(self):
        schedule = self.create_metered(
            self.line("Base", 5.0),
            self.line("Storage", 0.5, recurrence_quantity_id=self.storage.id),
        )
        row = self.use(schedule, "2026-01-10", 100)
        move = self.on(schedule, FEBRUARY)
        move.button_draft()
        move.button_cancel()
        schedule.template_move_id.invoice_line_ids[1].recurrence_billing = "held"
        occurrence = self.occurrence_on(schedule, FEBRUARY).with_user(self.clerk)
        with freeze_time("2026-02-02 10:00:00"):
            self.env["recurrence.issuing"].with_user(self.clerk)._issue(occurrence)
        self.assertLines(occurrence.move_id, ("Base", 5.0))
        self.assertTrue(row.is_open)
        self.assertFalse(occurrence.count_ids)

    def test_last_day_of_the_month_in_advance_waits_for_the_end_of_the_day(self):
        """The last day of January pays for February, and counts January with that day."""
        schedule = self.create_schedule(
            self.partner_a,
            template={
                "invoice_line_ids": [
                    self.line("Base", 5.0),
                    self.line("Storage", 0.5, recurrence_quantity_id=self.storage.id),
                ]
            },
            invoice_mode="post",
            user_id=self.clerk.id,
            date_start=date(2025, 12, 31),
            day=-1,
        )
        schedule.sudo().state = "running"
        schedule.sudo()._generate(JANUARY)
        self.use(schedule, "2026-01-31", 10)
        day = date(2026, 1, 31)
        self.on(schedule, day)
        occurrence = self.occurrence_on(schedule, day)
        self.assertEqual((occurrence.state, occurrence.error), ("todo", False))
        with freeze_time("2026-02-01 10:00:00"):
            schedule.sudo()._run_due(FEBRUARY)
        self.assertLines(occurrence.move_id, ("Base", 5.0), ("Storage", 5.0))

    def test_line_that_is_deleted_from_a_draft_leaves_its_usage_unbilled(self):
        schedule = self.create_metered(
            self.line("Base", 5.0),
            self.line("Storage", 0.5, recurrence_quantity_id=self.storage.id),
        )
        schedule.invoice_mode = "draft"
        row = self.use(schedule, "2026-01-10", 100)
        draft = self.on(schedule, FEBRUARY)
        count = self.occurrence_on(schedule, FEBRUARY).count_ids
        self.assertEqual((row.move_id, count.billed), (draft, 100.0))
        draft.invoice_line_ids[1].quantity = 90
        self.assertEqual(count.billed, 90.0)
        draft.invoice_line_ids[1].unlink()
        self.assertTrue(row.is_open)
        self.assertEqual((count.billed, count.is_settled), (0.0, False))
