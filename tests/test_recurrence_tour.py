from datetime import timedelta

from odoo.tests import new_test_user, tagged

from .common import TourCase


@tagged("post_install", "-at_install")
class TestRecurrenceTour(TourCase):
    def test_r6_weekly_call_for_a_year_then_wednesday_becomes_thursday(self):
        user = new_test_user(self.env, "rec_tour", groups="base.group_user")
        self.start_tour("/odoo/recurrences", "recurrence_weekly_call", login="rec_tour")
        schedule = self.env["recurrence.schedule"].search([("user_id", "=", user.id)])
        self.assertEqual(schedule.state, "running")
        dates = schedule.occurrence_ids.filtered(lambda o: o.state == "planned").mapped("date")
        self.assertEqual({day.weekday() for day in dates}, {3})
        self.assertIn(len(dates), (52, 53))
        # a year after the start, on the last day before its anniversary
        self.assertEqual(
            schedule.until + timedelta(days=1),
            schedule.date_start.replace(year=schedule.date_start.year + 1),
        )
