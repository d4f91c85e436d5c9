from datetime import date

from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import freeze_time, tagged

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-03-02")
@tagged("post_install", "-at_install")
class TestRecurrenceConfirm(RecurrenceInvoiceCommon):
    """R9: the activity "issue invoice", and the bound on invoices at once."""

    def start(self, day="2026-03-02", **vals):
        vals = {"day": 2, "date_start": date(2026, 3, 2), "invoice_mode": "confirm", **vals}
        schedule = self.create_schedule(self.partner_a, **vals)
        schedule.action_generate()
        self.run_day(schedule, day)
        return schedule

    def run_day(self, schedule, day):
        schedule.sudo()._process_due(date.fromisoformat(day))

    def assertAsks(self, activity):
        """The activity cannot be closed alone: a dialog offers to issue, skip or postpone."""
        with self.assertRaises(RedirectWarning) as caught:
            activity.action_feedback()
        message, action, button, _context = caught.exception.args
        self.assertIn("has not been issued yet", message)
        self.assertEqual(button, "Decide")
        return self.env[action["res_model"]].with_context(**action["context"])

    def test_r9_activity_to_issue_the_invoice(self):
        occurrence = self.start().occurrence_ids[0]
        self.assertEqual(occurrence.state, "todo")
        activity = occurrence.activity_id
        self.assertEqual(
            activity.activity_type_id,
            self.env.ref("account_recurrence_dunning.mail_activity_type_issue_invoice"),
        )
        self.assertEqual((activity.user_id, activity.res_id), (self.env.user, occurrence.id))

    def test_r9_issuing_closes_date_and_activity(self):
        occurrence = self.start().occurrence_ids[0]
        activity = occurrence.activity_id
        occurrence.action_issue()
        move = occurrence.move_id
        self.assertEqual((move.state, occurrence.state), ("posted", "done"))
        self.assertFalse(activity.active)

    def test_done_without_invoice_asks_and_skips_with_a_reason(self):
        occurrence = self.start().occurrence_ids[0]
        dialog = self.assertAsks(occurrence.activity_id).create({"choice": "skip"})
        with self.assertRaisesRegex(UserError, "Enter the reason"):
            dialog.action_confirm()
        dialog.reason = "Paid by barter"
        dialog.action_confirm()
        self.assertEqual((occurrence.state, occurrence.skip_reason), ("skipped", "Paid by barter"))
        self.assertFalse(occurrence.activity_id)

    def test_done_without_invoice_asks_and_postpones(self):
        occurrence = self.start().occurrence_ids[0]
        dialog = self.assertAsks(occurrence.activity_id).create({"choice": "postpone"})
        self.assertEqual(dialog.date, date(2026, 3, 3))
        dialog.date = date(2026, 3, 9)
        dialog.action_confirm()
        self.assertEqual(occurrence.date, date(2026, 3, 9))
        self.assertEqual(occurrence.activity_id.date_deadline, date(2026, 3, 9))
        self.assertEqual(occurrence.period_start, date(2026, 3, 2))

    def test_done_without_invoice_asks_and_issues(self):
        occurrence = self.start().occurrence_ids[0]
        dialog = self.assertAsks(occurrence.activity_id).create({"choice": "issue"})
        action = dialog.action_confirm()
        self.assertEqual(action["res_model"], "recurrence.occurrence.issue")

    def test_deleted_activity_is_offered_again(self):
        schedule = self.start()
        occurrence = schedule.occurrence_ids[0]
        occurrence.activity_id.unlink()
        self.run_day(schedule, "2026-03-03")
        self.assertEqual(occurrence.state, "todo")
        self.assertTrue(occurrence.activity_id)

    def test_invoice_date_is_not_done_by_hand(self):
        occurrence = self.start().occurrence_ids[0]
        with self.assertRaisesRegex(UserError, "Issue the invoice, or skip"):
            occurrence.action_done()

    def test_issued_date_cannot_be_skipped(self):
        occurrence = self.start().occurrence_ids[0]
        occurrence.action_issue()
        with self.assertRaisesRegex(UserError, "is already done"):
            occurrence.action_skip()

    def test_rule_3_regenerate_never_bills_a_period_twice(self):
        schedule = self.start()
        schedule.occurrence_ids[0].action_issue()
        move = schedule.occurrence_ids[0].move_id
        schedule.day = 15
        action = schedule.action_open_regenerate()
        dialog = self.env[action["res_model"]].with_context(**action["context"]).create({})
        covered = dialog.line_ids.filtered(lambda line: line.effect == "covered")
        self.assertEqual(str(covered.date), "2026-03-15")
        self.assertEqual(
            covered.reason,
            f"{move.display_name} of 03/02/2026 already bills 03/02/2026 to 04/01/2026",
        )
        self.assertEqual(
            dialog.gap_message, "The days from 04/02/2026 to 04/14/2026 are not billed."
        )
        dialog.action_confirm()
        dates = schedule.occurrence_ids.sorted("date").mapped("date")
        self.assertEqual([str(day) for day in dates[:2]], ["2026-03-02", "2026-04-15"])

    def test_peer_8_more_invoices_than_the_bound_stop_and_ask(self):
        self.env.company.sudo().recurrence_invoice_limit = 2
        schedule = self.start(date_start=date(2026, 1, 2), invoice_mode="post")
        occurrences = schedule.occurrence_ids
        schedule.sudo()._run_due(date(2026, 3, 2))
        self.assertEqual(schedule.backlog_count, 3)
        self.assertIn("Invoices due at the same time: 3, more than the limit of 2", schedule.error)
        self.assertFalse(occurrences.move_id)
        self.assertEqual(len(schedule.activity_ids), 1)
        schedule.action_confirm_backlog()
        self.run_day(schedule, "2026-03-02")
        self.assertEqual(occurrences[:3].mapped("state"), ["todo"] * 3)
        self.assertFalse(schedule.error or schedule.backlog_count)

    def test_generate_dialog_announces_the_question(self):
        self.env.company.sudo().recurrence_invoice_limit = 1
        schedule = self.create_schedule(self.partner_a)
        action = schedule.action_open_generate()
        dialog = self.env[action["res_model"]].with_context(**action["context"]).create({})
        self.assertIn("you will be asked before anything is issued or created", dialog.past_message)

    def test_schedule_with_invoices_is_not_deleted(self):
        schedule = self.start()
        schedule.occurrence_ids[0].action_issue()
        with self.assertRaisesRegex(UserError, "has issued invoices"):
            schedule.unlink()
