from datetime import date, datetime
from unittest import skipUnless
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from ..models.recurrence import recurrence_company_calendar_mixin as of_company
from .common import RecurrenceCommon


@freeze_time("2026-03-02")
@tagged("post_install", "-at_install")
class TestRecurrenceCalendar(RecurrenceCommon):
    """Which days are no working days."""

    def reason(self, day):
        calendar = self.company._recurrence_get_calendar(date(2026, 1, 1), date(2026, 12, 31))
        return calendar.closed(date.fromisoformat(day))

    def test_weekend_of_the_company(self):
        self.assertEqual(self.reason("2026-03-07"), "weekend")
        self.assertEqual(self.reason("2026-03-06"), "")
        self.company.sudo().recurrence_weekend = "fri,sat"
        self.assertEqual(self.reason("2026-03-06"), "weekend")
        self.assertEqual(self.reason("2026-03-08"), "")

    def test_company_leaves_count_by_whole_days_in_local_time(self):
        self.env["resource.calendar.leaves"].sudo().create(
            [
                {
                    "name": "Summer closing",
                    "company_id": self.company.id,
                    "calendar_id": self.company.resource_calendar_id.id,
                    # 20 and 21 July in Brussels
                    "date_from": datetime(2026, 7, 19, 22),
                    "date_to": datetime(2026, 7, 21, 21, 59),
                },
                {
                    "name": "Afternoon off",
                    "company_id": self.company.id,
                    "calendar_id": self.company.resource_calendar_id.id,
                    "date_from": datetime(2026, 12, 24, 11),
                    "date_to": datetime(2026, 12, 24, 20),
                },
            ]
        )
        self.company.sudo().resource_calendar_id.tz = "Europe/Brussels"
        self.assertEqual(self.reason("2026-07-19"), "weekend")
        self.assertEqual(self.reason("2026-07-20"), "Summer closing")
        self.assertEqual(self.reason("2026-07-21"), "Summer closing")
        self.assertEqual(self.reason("2026-07-22"), "")
        self.assertEqual(self.reason("2026-12-24"), "")

    def test_leave_of_one_person_does_not_count(self):
        resource = (
            self.env["resource.resource"]
            .sudo()
            .create({"name": "Ann", "company_id": self.company.id})
        )
        self.env["resource.calendar.leaves"].sudo().create(
            {
                "name": "Holiday of Ann",
                "resource_id": resource.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 7, 20),
                "date_to": datetime(2026, 7, 20, 23),
            }
        )
        self.assertEqual(self.reason("2026-07-20"), "")

    @skipUnless(of_company.holidays_library, "the extra holidays is not installed")
    def test_public_holidays_of_country_and_state(self):
        company = self.company.sudo()
        company.write(
            {"recurrence_public_holidays": True, "country_id": self.env.ref("base.de").id}
        )
        self.assertEqual(self.reason("2026-10-03"), "German Unity Day")
        self.assertEqual(self.reason("2026-01-06"), "")
        company.state_id = self.env.ref("base.state_de_by")
        self.assertEqual(self.reason("2026-01-06"), "Epiphany")
        note = company._recurrence_get_calendar_note()
        self.assertIn("public holidays of Bayern", note)

    def test_without_the_library_the_screen_says_so(self):
        self.company.sudo().recurrence_public_holidays = True
        with patch.object(of_company, "holidays_library", None):
            self.assertEqual(self.reason("2026-12-25"), "")
            note = self.company._recurrence_get_calendar_note()
            self.assertIn("library holidays is not installed", note)
            schedule = self.create_interaction()
            self.assertIn("library holidays is not installed", schedule.rule_preview)

    def test_shift_never_merges_two_dates(self):
        schedule = self.create_interaction(rrule_type="daily", day_shift="next")
        schedule.action_generate()
        on_monday = self.occurrence_on(schedule, "2026-03-09")
        self.assertEqual(
            [str(day) for day in on_monday.sorted("rule_date").mapped("rule_date")],
            ["2026-03-07", "2026-03-08", "2026-03-09"],
        )
        self.assertEqual(len(self.occurrence_on(schedule, "2026-03-10")), 1)

    def test_left_out_date_is_shown_with_its_reason(self):
        schedule = self.create_interaction(
            rrule_type="daily", day_shift="skip", end_type="count", count=7
        )
        schedule.action_generate()
        skipped = schedule.occurrence_ids.filtered(lambda o: o.state == "skipped")
        self.assertEqual([str(d) for d in skipped.mapped("date")], ["2026-03-07", "2026-03-08"])
        self.assertEqual(skipped[0].skip_reason, "Not a working day: weekend")

    # --- a day off that comes after the planning ---

    def close(self, *days):
        return (
            self.env["resource.calendar.leaves"]
            .sudo()
            .create(
                [
                    {
                        "name": "Company trip",
                        "company_id": self.company.id,
                        "date_from": datetime.fromisoformat(f"{day} 00:00:00"),
                        "date_to": datetime.fromisoformat(f"{day} 23:00:00"),
                    }
                    for day in days
                ]
            )
        )

    def next_dates(self, schedule):
        found = schedule._get_next_dates(schedule._get_rule(), date(2026, 3, 3), 3)
        return [str(item.date) for item in found]

    def test_r6_the_job_puts_planned_dates_on_working_days(self):
        schedule = self.create_interaction(day_shift="next")
        schedule.action_generate()
        moved = self.occurrence_on(schedule, "2026-03-16")
        moved.date = date(2026, 3, 18)
        self.close("2026-03-09", "2026-03-16", "2026-03-18")
        # what is shown is what would be done
        self.assertEqual(self.next_dates(schedule), ["2026-03-09", "2026-03-18", "2026-03-23"])
        self.run_day(schedule, "2026-03-03")
        self.assertEqual(self.next_dates(schedule), ["2026-03-10", "2026-03-18", "2026-03-23"])
        self.assertEqual(str(moved.date), "2026-03-18")
        self.assertTrue(self.occurrence_on(schedule, "2026-03-10"))

    def test_r6_a_date_is_left_out_and_comes_back_with_the_calendar(self):
        schedule = self.create_interaction(day_shift="skip")
        schedule.action_generate()
        monday = self.occurrence_on(schedule, "2026-03-09")
        leave = self.close("2026-03-09")
        self.run_day(schedule, "2026-03-03")
        self.assertEqual(monday.skip_reason, "Not a working day: Company trip")
        leave.unlink()
        self.run_day(schedule, "2026-03-04")
        self.assertEqual((monday.state, monday.skip_reason), ("planned", False))

    def test_r6_no_date_is_put_on_a_day_that_has_passed(self):
        schedule = self.create_interaction(day_shift="previous", catch_up="skip")
        schedule.action_generate()
        self.close("2026-03-09")
        self.run_day(schedule, "2026-03-09")
        self.assertEqual(self.occurrence_on(schedule, "2026-03-09").state, "todo")
