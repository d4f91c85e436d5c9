from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .test_recurrence_quantity import QuantityCase

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@freeze_time("2026-01-01 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceQuantityEntered(QuantityCase):
    """R12: a quantity that whoever issues the invoice is asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reading = cls.create_quantity(cls.clerk, name="Pages printed", source="entered")

    def create_asking(self, **vals):
        schedule = self.create_running(
            self.line("Base", 50.0),
            self.line("Pages", 0.02, quantity=1000, recurrence_quantity_id=self.reading.id),
            period_paid="post",
            **vals,
        )
        return schedule

    def open_dialog(self, schedule, day=FEBRUARY):
        occurrence = self.occurrence_on(schedule, day).with_user(self.clerk)
        action = occurrence.action_issue()
        self.assertEqual(action["res_model"], "recurrence.occurrence.issue")
        return Form(
            self.env["recurrence.occurrence.issue"]
            .with_user(self.clerk)
            .with_context(**action["context"], active_model="recurrence.occurrence")
        )

    @freeze_time("2026-02-01 10:00:00")
    def test_r12_a_person_is_asked_whatever_the_mode(self):
        schedule = self.create_asking()
        schedule.sudo()._run_due(FEBRUARY)
        occurrence = self.occurrence_on(schedule, FEBRUARY)
        self.assertFalse(occurrence.move_id)
        self.assertEqual(occurrence.state, "todo")
        self.assertEqual(occurrence.recurrence_activity_ids.user_id, self.clerk)
        dialog = self.open_dialog(schedule)
        self.assertEqual(dialog.count_problem, "Enter the quantity: Pages printed.")
        with dialog.line_ids.edit(1) as line:
            self.assertEqual(line.quantity, 0)
            line.quantity = 1250
        # 50.00 and 1,250 pages at 0.02 are 75.00; 15 % tax
        self.assertEqual(dialog.amount_total, 86.25)
        dialog.save().action_issue()
        self.assertLines(occurrence.move_id, ("Base", 50.0), ("Pages", 25.0))
        self.assertEqual(occurrence.move_id.state, "posted")

    @freeze_time("2026-02-01 10:00:00")
    def test_r12_nothing_entered_is_refused_and_a_deleted_line_left_out(self):
        schedule = self.create_asking()
        dialog = self.open_dialog(schedule)
        wizard = dialog.save()
        with self.assertRaisesRegex(UserError, "Enter the quantity of Pages"):
            wizard.action_issue()
        dialog = Form(wizard)
        dialog.line_ids.remove(1)
        dialog.save().action_issue()
        self.assertLines(self.occurrence_on(schedule, FEBRUARY).move_id, ("Base", 50.0))

    @freeze_time("2026-02-01 10:00:00")
    def test_r12_of_many_the_others_are_issued(self):
        asking = self.create_asking()
        other = self.create_running(self.line("Base", 10.0), period_paid="post")
        dates = self.occurrence_on(asking, FEBRUARY) + self.occurrence_on(other, FEBRUARY)
        dates.with_user(self.clerk)._issue_selection()
        self.assertEqual(self.occurrence_on(other, FEBRUARY).state, "done")
        waiting = self.occurrence_on(asking, FEBRUARY)
        self.assertEqual(waiting.error, "Enter the quantity: Pages printed.")

    @freeze_time("2026-02-01 10:00:00")
    def test_r12_part_of_a_period_is_what_was_entered(self):
        """By days, the base is cut; what is entered is of these days already."""
        schedule = self.create_running(
            self.line("Base", 310.0),
            self.line(
                "Pages",
                0.02,
                recurrence_quantity_id=self.reading.id,
                recurrence_start="2026-01-15",
            ),
            period_paid="post",
            proration="days",
        )
        dialog = self.open_dialog(schedule)
        with dialog.line_ids.edit(1) as line:
            line.quantity = 500
        dialog.save().action_issue()
        move = self.occurrence_on(schedule, FEBRUARY).move_id
        self.assertEqual(move.invoice_line_ids[1].price_subtotal, 10.0)

    @freeze_time("2026-02-01 10:00:00")
    def test_r12_what_was_counted_may_be_changed_for_one_invoice(self):
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_running(line, period_paid="post")
        self.work("2026-01-05", 4)
        occurrence = self.occurrence_on(schedule, FEBRUARY).with_user(self.clerk)
        wizards = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        stale = wizards.create({"occurrence_id": occurrence.id})
        self.assertIn("Hours: 4.00", stale.counted)
        self.work("2026-01-06", 2)
        with self.assertRaisesRegex(UserError, "has changed since this was shown"):
            stale.action_issue()
        wizard = wizards.create({"occurrence_id": occurrence.id})
        wizard.line_ids.quantity = 5
        wizard.action_issue()
        self.assertLines(occurrence.move_id, ("Support", 400.0))
        self.assertEqual(self.counted(schedule, FEBRUARY), [("Support", 6.0, 5.0, 2)])

    @freeze_time("2026-02-01 10:00:00")
    def test_r12_line_of_which_nothing_was_counted_is_shown_and_left_out(self):
        line = self.line("Support", 80.0, recurrence_quantity_id=self.create_hours().id)
        schedule = self.create_running(self.line("Base", 50.0), line, period_paid="post")
        wizards = self.env["recurrence.occurrence.issue"].with_user(self.clerk)
        wizard = wizards.create({"occurrence_id": self.occurrence_on(schedule, FEBRUARY).id})
        self.assertEqual(wizard.line_ids.mapped("quantity"), [1.0, 0.0])
        self.assertFalse(wizard.count_problem)
        wizard.action_issue()
        self.assertLines(self.occurrence_on(schedule, FEBRUARY).move_id, ("Base", 50.0))

    def test_r12_line_that_ended_or_is_on_hold_asks_nobody(self):
        for vals in ({"recurrence_until": "2025-12-31"}, {"recurrence_billing": "held"}):
            schedule = self.create_running(
                self.line("Base", 50.0),
                self.line("Pages", 0.02, recurrence_quantity_id=self.reading.id, **vals),
                period_paid="post",
            )
            with self.subTest(vals), freeze_time("2026-02-01 10:00:00"):
                self.assertLines(self.run_on(schedule, FEBRUARY), ("Base", 50.0))
