from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import RecurrenceCommon


@freeze_time("2026-03-02 06:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceResponsible(RecurrenceCommon):
    """R9: what is open goes to the responsible there is now, meetings with their activities."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.new_employee("rec_colleague")
        cls.guest = cls.env["res.partner"].sudo().create({"name": "Guest"})

    def start(self, **vals):
        schedule = self.create_interaction(end_type="count", count=3, **vals)
        schedule.action_generate()
        self.run_day(schedule, "2026-03-02")
        return schedule

    def start_meeting(self, **vals):
        return self.start(
            activity_type_id=self.env.ref("mail.mail_activity_data_meeting").id,
            meeting_hour=9,
            meeting_tz="UTC",
            meeting_partner_ids=[Command.set(self.guest.ids)],
            **vals,
        )

    # === SOMEBODY ELSE === #

    def test_a_meeting_goes_to_the_new_responsible(self):
        schedule = self.start_meeting(subject="partner", partner_id=self.partner.id)
        event = schedule.occurrence_ids[0].recurrence_activity_ids.calendar_event_id
        asked = self.partner | self.guest
        self.assertEqual(event.partner_ids, asked | self.employee.partner_id)
        schedule.user_id = self.colleague
        self.assertEqual(event.user_id, self.colleague)
        self.assertEqual(event.activity_ids.user_id, self.colleague)
        self.assertEqual(event.partner_ids, asked | self.colleague.partner_id)

    def test_the_former_one_still_comes_where_asked_to(self):
        both = self.guest | self.employee.partner_id
        schedule = self.start_meeting()
        schedule.meeting_partner_ids = both
        schedule.user_id = self.colleague
        event = schedule.occurrence_ids[0].event_id
        self.assertEqual(event.partner_ids, both | self.colleague.partner_id)

    def test_a_meeting_that_began_stays_with_who_held_it(self):
        schedule = self.start_meeting()
        event = schedule.occurrence_ids[0].event_id
        with freeze_time("2026-03-02 09:30:00"):
            schedule.user_id = self.colleague
        self.assertEqual(event.user_id, self.employee)

    def test_who_is_archived_by_an_import_leaves_nothing_open(self):
        schedule = self.start()
        self.company.sudo().recurrence_user_id = self.colleague
        self.employee.sudo().write({"active": False})
        activity = schedule.sudo().occurrence_ids[0].recurrence_activity_ids
        self.assertEqual((activity.user_id, activity.active), (self.colleague, True))

    # === ANOTHER HOUR === #

    def test_another_hour_reaches_open_meetings(self):
        schedule = self.start_meeting()
        occurrence = schedule.occurrence_ids[0]
        schedule.write({"meeting_hour": 15, "meeting_duration": 2})
        event = occurrence.event_id
        self.assertEqual(
            (event.start, event.stop), (datetime(2026, 3, 2, 15), datetime(2026, 3, 2, 17))
        )
        self.assertEqual(occurrence.date, date(2026, 3, 2))
        self.assertFalse(occurrence.is_moved)
        schedule.meeting_tz = "Europe/Brussels"
        self.assertEqual(event.start, datetime(2026, 3, 2, 14))

    def test_one_that_a_person_changed_or_that_began_stays(self):
        schedule = self.start_meeting()
        event = schedule.occurrence_ids[0].event_id
        longer = event.stop + timedelta(hours=1)
        event.stop = longer
        schedule.meeting_hour = 15
        self.assertEqual((event.start, event.stop), (datetime(2026, 3, 2, 9), longer))
        event.stop = datetime(2026, 3, 2, 16)
        event.start = datetime(2026, 3, 2, 15)
        with freeze_time("2026-03-02 15:30:00"):
            schedule.meeting_hour = 17
        self.assertEqual(event.start, datetime(2026, 3, 2, 15))
