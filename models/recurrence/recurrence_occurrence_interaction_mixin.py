from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..common.activity_type import TODO, find_activity_type
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_saved_filter_mixin import JOB_SECONDS
from .recurrence_schedule_filter_mixin import MAX_ACTIVITIES
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceOccurrenceInteractionMixin(models.AbstractModel):
    """Gives people their activities: on a contact, a record, what a filter finds, or the date."""

    _name = "recurrence.occurrence.interaction.mixin"
    _description = "Activities of Recurrences"

    # === OFFERING === #

    def _offer_interactions(self, as_of):
        """Create the activities of due occurrences; those without a target keep their error.

        :param as_of: the company's today, a ``date``
        """
        grouped = self.sudo().grouped(lambda o: (o.schedule_id._get_responsible(), o.company_id))
        for (user, company), group in grouped.items():
            # as the responsible: his language, no mail to himself, this company only
            group = group.with_user(user).with_context(
                lang=user.lang,
                allowed_company_ids=company.ids,
                mail_activity_quick_update=True,
                **ENGINE_CONTEXT,
            )
            group.with_env(group.env)._offer_to_user(as_of)

    def _offer_to_user(self, as_of):
        plain, meetings, empty, notices = [], [], [], {}
        ready = self.sudo()
        problems = ready.schedule_id._get_subject_problems(self.env.user)
        for schedule, group in ready.grouped("schedule_id").items():
            try:
                targets = self._get_targets(schedule, problems, as_of)
            except UserError as error:
                group._record_error(str(error))
                ready -= group
                continue
            targets, notices[schedule] = self._cut_targets(schedule, targets)
            for occurrence in group:
                vals_list = occurrence._prepare_activities(targets)
                if not vals_list:
                    empty.append(occurrence.id)
                elif occurrence._needs_meeting(as_of):
                    meetings += [occurrence._prepare_meeting(vals) for vals in vals_list]
                else:
                    plain += vals_list
        self.env["mail.activity"].sudo().create(plain)
        events = self.env["calendar.event"].sudo().create(meetings)
        for event in events:
            event.activity_ids.recurrence_occurrence_id.event_id = event
        nothing = ready.browse(empty)
        nothing.write(
            {
                "state": "skipped",
                "skip_reason": self.env._("No record matches the filter"),
                "error": False,
                "retry_at": False,
            }
        )
        (ready - nothing)._set_offered(notices, as_of)
        ready.schedule_id._refresh_error()

    def _set_offered(self, notices, as_of):
        """Note that the activities of these dates are there.

        :param notices: dict of schedule → what is to be told beside, or False
        """
        for occurrence in self:
            activities = occurrence.recurrence_activity_ids.filtered("active")
            occurrence.write(
                {
                    "state": "todo",
                    "offered_date": as_of,
                    "activity_id": activities[:1].id,
                    "error": notices[occurrence.schedule_id],
                    "error_count": 0,
                    "retry_at": False,
                }
            )
        for schedule in self.schedule_id:
            if notices[schedule]:
                schedule._keep_error(notices[schedule], fields.Datetime.now())

    @api.model
    def _get_targets(self, schedule, problems, as_of):
        """Return the records that get the activity; an empty recordset stands for the date.

        :param problems: what ``_get_subject_problems`` found
        :raise UserError: when what the schedule is about is gone, or not the responsible's to see
        :return: a recordset, or None when a filter finds nothing
        """
        schedule = schedule.sudo()
        if schedule in problems:
            raise UserError(problems[schedule])
        if schedule.target == "invoice" or schedule.subject == "none":
            return schedule.browse()
        if schedule.subject == "partner":
            return schedule.partner_id
        if schedule.subject == "record":
            return self.env[schedule.res_model].sudo().browse(schedule.res_id)
        each = schedule.filter_mode == "each"
        limit = MAX_ACTIVITIES + 1 if each else 1
        matching = schedule._find_matching(self.env.user, as_of, limit)
        if not matching:
            return None
        return matching.sudo() if each else schedule.browse()

    @api.model
    def _cut_targets(self, schedule, targets):
        """Return no more records than may get an activity each, and what is to be told of it."""
        if not targets or len(targets) <= MAX_ACTIVITIES:
            return targets, False
        found = schedule._count_matching(self.env.user, JOB_SECONDS) or len(targets)
        notice = self.env._(
            "Records that match the filter: %(found)s. Activities created: %(limit)s.",
            found=found,
            limit=MAX_ACTIVITIES,
        )
        return targets[:MAX_ACTIVITIES], notice

    def _prepare_activities(self, targets):
        """Return the values of the activities of one occurrence."""
        if targets is None:
            return []
        schedule = self.schedule_id
        records = targets or self
        model_id = self.env["ir.model"]._get_id(records._name)
        note = self.note or schedule._fill_for(self, schedule.note)
        return [
            {
                "activity_type_id": self._get_activity_type(schedule).id,
                "summary": self._get_summary(),
                "note": note,
                "date_deadline": self.date,
                "user_id": self.env.uid,
                "res_model_id": model_id,
                "res_id": record.id,
                "automated": True,
                "recurrence_occurrence_id": self.id,
            }
            for record in records
        ]

    def _get_summary(self):
        schedule = self.schedule_id
        return schedule._fill_for(self, schedule.summary) or self.display_name

    @api.model
    def _get_activity_type(self, schedule):
        if schedule.target == "invoice":
            return find_activity_type(
                self.env, "account_recurrence_dunning.mail_activity_type_issue_invoice"
            )
        return schedule.activity_type_id or find_activity_type(self.env, TODO)

    # === MEETINGS === #

    def _needs_meeting(self, as_of):
        schedule = self.schedule_id
        return (
            schedule.target == "interaction"
            and schedule.activity_category == "meeting"
            and self.date >= as_of
        )

    def _prepare_meeting(self, activity_vals):
        """Return the values of the event of one occurrence."""
        schedule = self.schedule_id
        partners = self.env.user.partner_id | schedule.meeting_partner_ids
        if schedule.subject == "partner":
            partners |= schedule.partner_id
        return {
            "name": activity_vals["summary"],
            "description": activity_vals["note"],
            **schedule._get_meeting_times(self.date),
            "location": schedule.meeting_location,
            "user_id": self.env.uid,
            "partner_ids": [Command.set(partners.ids)],
            "res_model_id": activity_vals["res_model_id"],
            "res_id": activity_vals["res_id"],
            "activity_ids": [Command.create(activity_vals)],
        }

    # === MESSAGES === #

    def _report_errors(self):
        """Tell the responsible once per occurrence that it failed."""
        warning = find_activity_type(self.env, "mail.mail_activity_data_warning")
        told = self.sudo().activity_ids.filtered(
            # what asks for the work itself tells of no failure, though its type may be the same
            lambda a: a.activity_type_id == warning and not a.recurrence_occurrence_id
        )
        for occurrence in self.sudo().filtered(lambda o: o.id not in told.mapped("res_id")):
            occurrence.with_context(mail_activity_quick_update=True).activity_schedule(
                activity_type_id=warning.id,
                date_deadline=fields.Date.context_today(occurrence),
                summary=lambda spoken: spoken.env._("Failed: %(name)s", name=spoken.display_name),
                note=lambda spoken: spoken.error,
                user_id=occurrence.schedule_id._get_responsible().id,
            )

    # === FOLLOWING ACTIVITIES === #

    def _follow_activities(self):
        """Close occurrences whose last activity was marked done."""
        for occurrence in self.sudo().filtered(lambda o: o.state == "todo"):
            # a draft that was opened is nothing issued yet
            if occurrence.target == "invoice" and occurrence.move_id.state != "posted":
                continue
            activities = occurrence.recurrence_activity_ids
            if activities and not any(activities.mapped("active")):
                occurrence._set_done(fields.Date.context_today(occurrence))

    def _redate_activities(self):
        """Put open activities, and their meetings, on the days that the rule now gives."""
        for occurrence in self.sudo():
            activities = occurrence.recurrence_activity_ids.filtered("active")
            # the calendar counts the days to move in the time zone of who asks
            activities = activities.with_context(tz=occurrence.schedule_id.meeting_tz or "UTC")
            activities.write({"date_deadline": occurrence.date})

    def _follow_deadlines(self):
        """Move open dates whose only activity, or its meeting, was put on another day."""
        for occurrence in self.filtered(lambda o: o.state in OPEN_STATES):
            activities = occurrence.recurrence_activity_ids.filtered("active")
            if len(activities) == 1 and activities.date_deadline != occurrence.date:
                occurrence._check_deadline(activities.date_deadline)
                occurrence.date = activities.date_deadline

    def _check_deadline(self, date):
        """Refuse a day that the user of an activity may not move this date to."""
        mover = self.sudo(False)
        mover._check_bounds({"date": date})
        if self.target == "invoice" and not mover.has_access("write"):
            raise AccessError(
                self.env._(
                    "An invoice is issued on that day: only users with the Invoicing right can "
                    "move it."
                )
            )
