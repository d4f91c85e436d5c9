from datetime import date
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from .common import RecurrenceInvoiceCommon


@freeze_time("2026-01-10 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceForecast(RecurrenceInvoiceCommon):
    """The recurring invoices to come, for whoever looks ahead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.sudo().write(
            {"recurrence_dunning_tz": "UTC", "recurrence_public_holidays": False}
        )

    def start(self, **vals):
        schedule = self.create_schedule(self.partner_a, **vals)
        schedule.action_generate()
        return schedule

    def planned(self, first="2026-01-10", last="2026-03-31"):
        found = self.company._recurrence_get_planned(
            date.fromisoformat(first), date.fromisoformat(last)
        )
        return sorted((str(day), schedule.id) for day, schedule in found)

    def test_k11_one_paused_without_an_end_bills_nothing(self):
        running, paused, back = self.start(), self.start(), self.start()
        paused.action_pause()
        back.action_pause(date(2026, 2, 15))
        self.assertEqual(
            self.planned(),
            [
                ("2026-02-01", running.id),
                ("2026-03-01", running.id),
                ("2026-03-01", back.id),
            ],
        )

    def test_k11_a_date_beyond_that_falls_back_within_counts(self):
        # Sunday 1 March 2026 is put on Friday 27 February
        schedule = self.start(day_shift="previous")
        self.assertEqual(self.planned("2026-02-20", "2026-02-28"), [("2026-02-27", schedule.id)])

    def test_k11_a_date_moved_by_hand_counts_on_its_day(self):
        schedule = self.start()
        moved = schedule.occurrence_ids.filtered(lambda o: str(o.date) == "2026-02-01")
        moved.date = date(2026, 2, 5)
        self.assertEqual(self.planned(last="2026-02-28"), [("2026-02-05", schedule.id)])

    def test_k11_beyond_the_horizon(self):
        schedule = self.start()
        self.assertEqual(
            self.planned("2029-01-02", "2029-03-01"),
            [("2029-02-01", schedule.id), ("2029-03-01", schedule.id)],
        )

    def test_k11_the_working_days_are_read_once(self):
        for _number in range(3):
            self.start(day_shift="next")
        company = type(self.company)
        with patch.object(
            company,
            "_recurrence_get_calendar",
            autospec=True,
            side_effect=company._recurrence_get_calendar,
        ) as calendar:
            self.planned()
        self.assertEqual(calendar.call_count, 1)
