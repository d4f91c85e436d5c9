import pytz

from odoo import models
from odoo.exceptions import UserError


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def unlink(self):
        # not left to the database, whose cascade would meet the date while it lets go of both
        self.activity_ids.filtered("recurrence_occurrence_id").unlink()
        return super().unlink()

    def _get_recurrence_companies(self):
        """Return ``{event id: companies}`` of those meetings that a recurrence made."""
        occurrences = self.env["recurrence.occurrence"].search([("event_id", "in", self.ids)])
        found = {occurrence.event_id.id: occurrence.company_id for occurrence in occurrences}
        # of a date with several meetings; also when it is done
        activities = self.env["mail.activity"].with_context(active_test=False)
        for activity in activities.search(
            [("calendar_event_id", "in", self.ids), ("recurrence_occurrence_id", "!=", False)]
        ):
            found[activity.calendar_event_id.id] = activity.recurrence_occurrence_id.company_id
        return found

    def action_make_recurring(self):
        """Open a new recurrence that repeats this meeting, at the same local hour."""
        self.check_access("read")
        self.env["recurrence.schedule"].check_access("create")
        self.ensure_one()
        if self.recurrency:
            raise UserError(self.env._("This meeting already repeats, by the calendar's own rule."))
        tz = self.env.user.tz or "UTC"
        start = pytz.utc.localize(self.start).astimezone(pytz.timezone(tz))
        meeting = self.env.ref("mail.mail_activity_data_meeting", False)
        if not meeting:
            meeting = self.env["mail.activity.type"].search([("category", "=", "meeting")], limit=1)
        return self.env["recurrence.schedule"]._open_new(
            {
                "default_name": self.name,
                "default_summary": self.name,
                "default_activity_type_id": meeting.id,
                "default_user_id": self.user_id.id or self.env.uid,
                "default_date_start": start.date(),
                "default_meeting_hour": start.hour + start.minute / 60,
                "default_meeting_tz": tz,
                "default_meeting_duration": self.duration or 1.0,
                "default_meeting_location": self.location,
                "default_meeting_partner_ids": self.partner_ids.ids,
            }
        )
