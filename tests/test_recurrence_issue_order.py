from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-03-20 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceIssueOrder(RecurrenceInvoiceCommon):
    """Numbers follow dates, whoever issues the invoices and how."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.sudo().recurrence_dunning_tz = "UTC"
        cls.ann, cls.bob = (
            new_test_user(
                cls.env,
                login=f"order_{name}",
                groups="base.group_user,account.group_account_invoice",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name in ("ann", "bob")
        )

    def make(self, user, *days, mode="post"):
        schedule = self.create_schedule(self.partner_a, invoice_mode=mode, user_id=user.id)
        schedule.sudo().state = "running"
        return schedule.occurrence_ids.union(
            *(self.create_occurrence(schedule, date.fromisoformat(day)) for day in days)
        )

    def days_by_number(self, dates):
        moves = dates.move_id.sorted("sequence_number")
        return [str(day) for day in moves.recurrence_occurrence_id.mapped("date")]

    def test_rule_2_two_responsibles_take_turns_by_date(self):
        dates = self.make(self.ann, "2026-03-02", "2026-03-16")
        dates |= self.make(self.bob, "2026-03-09", "2026-03-18")
        self.env["recurrence.issuing"]._issue_due(self.company, date(2026, 3, 20))
        self.assertEqual(
            self.days_by_number(dates), ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-18"]
        )
        self.assertEqual(
            [str(day) for day in dates.move_id.sorted("sequence_number").mapped("invoice_date")],
            ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-18"],
        )
        self.assertEqual(dates.move_id.create_uid, self.ann | self.bob)

    def test_rule_2_a_person_issues_two_modes_by_date(self):
        dates = self.make(self.ann, "2026-03-02", "2026-03-16")
        dates |= self.make(self.ann, "2026-03-09", "2026-03-18", mode="confirm")
        self.env["recurrence.issuing"]._issue(dates)
        self.assertEqual(
            self.days_by_number(dates), ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-18"]
        )
