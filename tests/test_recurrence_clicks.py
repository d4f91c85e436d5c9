"""How many clicks everyday work takes, and what the calendar offers, in Chromium."""

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import RecurrenceInvoiceCommon, TourCase


@tagged("post_install", "-at_install")
class TestRecurrenceClicks(RecurrenceInvoiceCommon, TourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.clerk = new_test_user(
            cls.env,
            login="click_clerk",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Tour Customer", "email": "tour@example.com"}
        )
        cls.today = cls.company._get_job_today()

    def play(self, tour, url="/odoo"):
        """Play a tour; it fails where it takes more or fewer clicks than it says."""
        self.start_tour(url, tour, login="click_clerk")

    def test_weekly_call_for_a_year(self):
        self.play("recurrence_clicks_weekly_call")
        schedule = self.env["recurrence.schedule"].search([("name", "=", "Call every week")])
        self.assertEqual((schedule.state, schedule.tue), ("running", True))
        self.assertIn(len(schedule.occurrence_ids), (52, 53))

    def test_monthly_recurring_invoice(self):
        self.play("recurrence_clicks_monthly_invoice")
        schedule = self.env["recurrence.schedule"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(
            schedule, [{"state": "running", "rrule_type": "monthly", "amount_untaxed": 50.0}]
        )

    def test_issue_what_is_due_today(self):
        schedules = self.env["recurrence.schedule"]
        for user in (self.clerk, self.clerk, self.env.user):
            schedules += self.create_schedule(
                self.customer,
                line={"price_unit": 50.0},
                date_start=self.today,
                day=self.today.day,
                user_id=user.id,
            )
        schedules.action_generate()
        self.play("recurrence_clicks_issue_today", "/odoo/recurrences")
        moves = schedules.invoice_ids
        self.assertEqual(moves.mapped("state"), ["posted", "posted"])
        self.assertEqual(moves.recurrence_schedule_id, schedules[:2])

    def test_calendar_offers_what_is_done_with_a_date(self):
        names = {"Call the customer": "done", "Check the stock": "skipped", "Somebody": "planned"}
        schedules = self.env["recurrence.schedule"]
        for name in names:
            user = self.env.user if name == "Somebody" else self.clerk
            schedules += (
                schedules.with_user(user)
                .sudo(False)
                .create(
                    {
                        "name": name,
                        "company_id": self.company.id,
                        "rrule_type": "daily",
                        "interval": 400,
                        "date_start": self.today,
                        "end_type": "count",
                        "count": 1,
                    }
                )
            )
        schedules.action_generate()
        self.start_tour("/odoo/recurrence-dates", "recurrence_calendar", login="click_clerk")
        states = {s.name: s.occurrence_ids.state for s in schedules.sudo()}
        self.assertEqual(states, names)
        skipped = schedules.sudo()[1].occurrence_ids
        self.assertEqual(skipped.skip_reason, "on holiday")
