from datetime import date

from odoo.tests import freeze_time, tagged

from odoo.addons.account_recurrence_dunning.tests.common import (
    RecurrenceCommon,
    RecurrenceInvoiceCommon,
)


@freeze_time("2026-03-02 09:00:00")
@tagged("post_install", "-at_install")
class TestInvoiceMode(RecurrenceInvoiceCommon):
    """An invoice mode that another addon adds."""

    def test_the_job_issues_in_the_mode(self):
        schedule = self.create_schedule(
            self.partner_a, date_start=date(2026, 3, 1), invoice_mode="shelf"
        )
        schedule.action_generate()
        schedule.sudo()._run_due(date(2026, 3, 1))
        move = schedule.occurrence_ids.sorted("date")[:1].move_id
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.shelf, f"2026/{move.name}")

    def test_a_person_issues_in_the_mode(self):
        schedule = self.create_schedule(
            self.partner_a, date_start=date(2026, 3, 1), invoice_mode="shelf"
        )
        occurrence = self.create_occurrence(schedule, date(2026, 3, 1))
        move = self.env["recurrence.issuing"]._issue(occurrence, as_of=date(2026, 3, 2))
        self.assertEqual((move.state, move.shelf), ("posted", f"2026/{move.name}"))


@freeze_time("2026-03-02 09:00:00")
@tagged("post_install", "-at_install")
class TestTarget(RecurrenceCommon):
    """A kind of recurrence that another addon adds."""

    def test_the_job_does_its_dates(self):
        schedule = self.create_interaction(target="note", partner_id=self.partner.id)
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        occurrence = self.occurrence_on(schedule, "2026-03-02")
        self.assertEqual((occurrence.state, str(occurrence.done_date)), ("done", "2026-03-02"))
        self.assertIn("Check the stock", self.partner.message_ids[:1].body)
        self.assertFalse(occurrence.sudo().recurrence_activity_ids)
        self.run_day(schedule, "2026-03-02")
        bodies = self.partner.message_ids.mapped("body")
        self.assertEqual(sum("Check the stock" in body for body in bodies), 1)

    def test_what_failed_is_told_and_tried_again(self):
        schedule = self.create_interaction(target="note", subject="none")
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        occurrence = self.occurrence_on(schedule, "2026-03-02")
        self.assertEqual(
            (occurrence.state, schedule.error), ("failed", "There is no contact to note it on.")
        )
        schedule.sudo().partner_id = self.partner
        occurrence.action_retry()
        self.assertEqual((occurrence.state, schedule.error), ("done", False))

    def test_the_job_tries_again(self):
        schedule = self.create_interaction(target="note", subject="none")
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        occurrence = self.occurrence_on(schedule, "2026-03-02")
        schedule.sudo().partner_id = self.partner
        occurrence.sudo().retry_at = "2026-03-01 00:00:00"
        self.run_day(schedule, "2026-03-02")
        self.assertEqual(occurrence.state, "done")
