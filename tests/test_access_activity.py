"""An activity asks for an invoice: whoever has it may not decide about the invoice (rule 19)."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import RecurrenceCommon, RecurrenceInvoiceCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestAccessActivity(RecurrenceInvoiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = new_test_user(
            cls.env,
            "activity_employee",
            groups="base.group_user",
            company_id=cls.env.company.id,
            company_ids=cls.env.company.ids,
        )
        cls.schedule = cls.create_schedule(
            cls.partner_a, date_start=date(2026, 3, 10), day=10, user_id=cls.employee.id
        )
        cls.schedule.action_generate()
        cls.schedule.sudo()._run_due(date(2026, 3, 10))
        cls.occurrence = cls.schedule.occurrence_ids.sorted("rule_date")[0]
        cls.activity = cls.occurrence.sudo().recurrence_activity_ids.with_user(cls.employee)

    def setUp(self):
        super().setUp()
        self.assertEqual((self.occurrence.state, len(self.activity)), ("todo", 1))

    def assertStillToDo(self):
        self.occurrence.invalidate_recordset()
        self.assertEqual(self.occurrence.state, "todo")
        self.assertFalse(self.occurrence.move_id)

    def test_h6_the_context_closes_no_date_without_its_invoice(self):
        forged = self.activity.with_context(recurrence_closing=True)
        for call in (
            forged.action_feedback,
            forged.action_done,
            lambda: forged.write({"active": False}),
            forged.action_archive,
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                call()
            self.assertStillToDo()
        biller = forged.with_user(self.env.user)
        for call in (biller.action_feedback, lambda: biller.write({"active": False})):
            with self.assertRaises(RedirectWarning), self.cr.savepoint():
                call()
            self.assertStillToDo()

    def test_h6_no_activity_left_closes_no_date_without_its_invoice(self):
        # archived by whatever other addon
        self.cr.execute("UPDATE mail_activity SET active = false")
        self.env.invalidate_all()
        self.assertFalse(self.occurrence.sudo().recurrence_activity_ids.active)
        self.occurrence._follow_activities()
        self.assertStillToDo()

    def test_l3_moving_the_activity_moves_a_billing_date_for_billers_alone(self):
        with self.assertRaisesRegex(AccessError, "Invoicing"), self.cr.savepoint():
            self.activity.date_deadline = "2028-09-10"
        self.env.invalidate_all()
        self.assertEqual(self.occurrence.date, date(2026, 3, 10))
        self.activity.with_user(self.env.user).date_deadline = "2026-03-12"
        self.assertEqual(self.occurrence.date, date(2026, 3, 12))
        self.assertTrue(self.occurrence.is_moved)

    def test_l3_not_beyond_what_a_calendar_knows(self):
        for day in ("9999-12-31", "0001-01-01"):
            with self.assertRaisesRegex(ValidationError, "between the years"), self.cr.savepoint():
                self.activity.with_user(self.env.user).date_deadline = day
            self.env.invalidate_all()
            self.assertEqual(self.occurrence.date, date(2026, 3, 10))

    def test_l2_the_context_leaves_no_date_done_whose_invoice_is_cancelled(self):
        self.occurrence.action_issue()
        move = self.occurrence.move_id
        self.assertEqual((move.state, self.occurrence.state), ("posted", "done"))
        forged = move.with_context(recurrence_issuing=True)
        forged.button_draft()
        self.assertEqual(self.occurrence.state, "todo")
        forged.button_cancel()
        self.assertEqual(self.occurrence.state, "failed")

    def test_l4_a_running_recurrence_keeps_its_template_and_customer(self):
        template = self.schedule.template_move_id
        other = self.create_schedule(self.partner_b).template_move_id
        for vals in (
            {"template_move_id": False},
            {"template_move_id": other.id},
            {"partner_id": self.partner_b.id},
            {"partner_id": False},
        ):
            for state in ("running", "paused"):
                self.schedule.sudo().state = state
                with self.assertRaisesRegex(UserError, "is running for"), self.cr.savepoint():
                    self.schedule.write(vals)
        self.schedule.write({"template_move_id": template.id, "partner_id": self.partner_a.id})


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00:00")
class TestAccessInteraction(RecurrenceCommon):
    def test_l3_an_interaction_moves_with_its_activity_within_bounds(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        self.run_day(schedule, date(2026, 3, 2))
        occurrence = schedule.occurrence_ids.sorted("rule_date")[0]
        activity = occurrence.recurrence_activity_ids
        self.assertEqual(len(activity), 1)
        for day in ("9999-12-31", "0001-01-01"):
            with self.assertRaisesRegex(ValidationError, "between the years"):
                with self.env.cr.savepoint():
                    activity.with_user(self.employee).date_deadline = day
            self.env.invalidate_all()
        activity.with_user(self.employee).date_deadline = "2026-03-06"
        self.assertEqual(occurrence.date, date(2026, 3, 6))
