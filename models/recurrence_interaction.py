from datetime import datetime, timedelta

import pytz

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import safe_eval
from odoo.tools.safe_eval import time as safe_time

from .recurrence_planner import ENGINE_CONTEXT

# One activity each: on no more records than this.
MAX_ACTIVITIES = 50


class RecurrenceInteraction(models.AbstractModel):
    """Gives people their activities: on a contact, a record, what a filter finds, or the date."""

    _name = "recurrence.interaction"
    _description = "Activities of Recurrences"

    # === OFFERING === #

    @api.model
    def _offer(self, occurrences, as_of):
        """Create the activities of due occurrences; those without a target keep their error.

        :param as_of: the company's today, a ``date``
        """
        by_user = occurrences.sudo().grouped(lambda o: o.schedule_id._get_responsible())
        for user, group in by_user.items():
            # as the responsible: his language, his rights on the filter, no mail to himself
            group = group.with_user(user).with_context(
                lang=user.lang, mail_activity_quick_update=True, **ENGINE_CONTEXT
            )
            self.with_env(group.env)._offer_to_user(group, as_of)

    @api.model
    def _offer_to_user(self, occurrences, as_of):
        plain, meetings, empty = [], [], []
        ready = occurrences.sudo()
        for schedule, group in ready.grouped("schedule_id").items():
            try:
                targets = self._get_targets(schedule)
            except UserError as error:
                group._record_error(str(error))
                ready -= group
                continue
            for occurrence in group:
                vals_list = self._prepare_activities(occurrence, targets)
                if not vals_list:
                    empty.append(occurrence.id)
                elif self._needs_meeting(occurrence, as_of):
                    meetings += [self._prepare_meeting(occurrence, vals) for vals in vals_list]
                else:
                    plain += vals_list
        self.env["mail.activity"].sudo().create(plain)
        events = self.env["calendar.event"].sudo().create(meetings)
        for event in events:
            event.activity_ids.recurrence_occurrence_id.event_id = event
        nothing = ready.browse(empty)
        nothing.write(
            {"state": "skipped", "skip_reason": self.env._("No record matches the filter")}
        )
        for occurrence in ready - nothing:
            activities = occurrence.recurrence_activity_ids.filtered("active")
            occurrence.write(
                {
                    "state": "todo",
                    "offered_date": as_of,
                    "activity_id": activities[:1].id,
                    "error": False,
                    "retry_at": False,
                }
            )

    @api.model
    def _get_targets(self, schedule):
        """Return the records that get the activity; an empty recordset stands for the date.

        :raise UserError: when what the schedule is about is gone
        :return: a recordset, or None when a filter finds nothing
        """
        schedule = schedule.sudo()
        if schedule.target == "invoice" or schedule.subject == "none":
            return schedule.browse()
        if schedule.subject == "partner":
            return schedule.partner_id
        if schedule.subject == "record":
            record = self.env[schedule.res_model].sudo().browse(schedule.res_id).exists()
            if not record:
                raise UserError(self.env._("The record this recurrence is about was deleted."))
            return record
        matching = self._search_matching(schedule)
        if not matching:
            return None
        return matching[:MAX_ACTIVITIES] if schedule.filter_mode == "each" else schedule.browse()

    @api.model
    def _prepare_activities(self, occurrence, targets):
        """Return the values of the activities of one occurrence."""
        if targets is None:
            return []
        schedule = occurrence.schedule_id
        records = targets or occurrence
        model_id = self.env["ir.model"]._get_id(records._name)
        note = occurrence.note or schedule.note
        return [
            {
                "activity_type_id": self._get_activity_type(schedule).id,
                "summary": self._get_summary(occurrence),
                "note": note,
                "date_deadline": occurrence.date,
                "user_id": self.env.uid,
                "res_model_id": model_id,
                "res_id": record.id,
                "automated": True,
                "recurrence_occurrence_id": occurrence.id,
            }
            for record in records
        ]

    @api.model
    def _get_summary(self, occurrence):
        schedule = occurrence.schedule_id
        return schedule._fill_for(occurrence, schedule.summary) or occurrence.display_name

    @api.model
    def _get_activity_type(self, schedule):
        if schedule.target == "invoice":
            return self.env.ref("account_recurrence_dunning.mail_activity_type_issue_invoice")
        return schedule.activity_type_id or self.env.ref("mail.mail_activity_data_todo")

    # === MEETINGS === #

    @api.model
    def _needs_meeting(self, occurrence, as_of):
        schedule = occurrence.schedule_id
        return (
            schedule.target == "interaction"
            and schedule.activity_category == "meeting"
            and occurrence.date >= as_of
        )

    @api.model
    def _prepare_meeting(self, occurrence, activity_vals):
        """Return the values of the event of one occurrence, at the same hour of every day.

        The hour is local time: it stays the same when the clocks change.
        """
        schedule = occurrence.schedule_id
        tz = pytz.timezone(schedule.meeting_tz or "UTC")
        midnight = datetime.combine(occurrence.date, datetime.min.time())
        local = midnight + timedelta(minutes=round(schedule.meeting_hour * 60))
        start = tz.localize(local).astimezone(pytz.utc).replace(tzinfo=None)
        partners = self.env.user.partner_id | schedule.meeting_partner_ids
        if schedule.subject == "partner":
            partners |= schedule.partner_id
        return {
            "name": activity_vals["summary"],
            "description": activity_vals["note"],
            "start": start,
            "stop": start + timedelta(hours=schedule.meeting_duration),
            "location": schedule.meeting_location,
            "user_id": self.env.uid,
            "partner_ids": [Command.set(partners.ids)],
            "res_model_id": activity_vals["res_model_id"],
            "res_id": activity_vals["res_id"],
            "activity_ids": [Command.create(activity_vals)],
        }

    # === FILTERS === #

    @api.model
    def _get_filter_domain(self, schedule):
        """Return the domain of the saved filter, evaluated for the current user.

        :raise UserError: when it cannot be read
        """
        saved = schedule.sudo().filter_id
        try:
            return safe_eval(
                saved.domain or "[]",
                {
                    "uid": self.env.uid,
                    "datetime": safe_datetime,
                    "time": safe_time,
                    "context_today": lambda: fields.Date.context_today(self),
                },
            )
        except Exception as error:
            raise UserError(
                self.env._("The saved filter %(name)s cannot be read.", name=saved.name)
            ) from error

    @api.model
    def _search_matching(self, schedule, limit=None):
        """Return the records the saved filter finds, as far as the current user may see them."""
        saved = schedule.sudo().filter_id
        model = self.env[saved.model_id].sudo(False)
        if not model.has_access("read"):
            raise UserError(
                self.env._(
                    "%(user)s may not see the records of the filter %(name)s.",
                    user=self.env.user.name,
                    name=saved.name,
                )
            )
        try:
            return model.search(self._get_filter_domain(schedule), limit=limit)
        except (ValueError, KeyError) as error:
            raise UserError(
                self.env._("The saved filter %(name)s cannot be read.", name=saved.name)
            ) from error

    @api.model
    def _count_matching(self, schedule):
        """Return how many records the saved filter finds now; 0 when it cannot be read."""
        saved = schedule.sudo().filter_id
        if not saved or saved.model_id not in self.env:
            return 0
        try:
            return len(self._search_matching(schedule)._ids)
        except UserError:
            return 0

    @api.model
    def _open_matching(self, schedule):
        saved = schedule.sudo().filter_id
        return {
            "type": "ir.actions.act_window",
            "name": saved.name,
            "res_model": saved.model_id,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": self._get_filter_domain(schedule),
        }

    # === CHECKS AND MESSAGES === #

    @api.model
    def _check_subject(self, schedule):
        """Refuse a subject that can get no activity.

        :raise ValidationError: naming what is missing
        """
        sentence = False
        if schedule.subject == "partner" and not schedule.partner_id:
            sentence = self.env._("Choose the contact this recurrence is about.")
        elif schedule.subject == "record":
            sentence = self._check_record(schedule)
        elif schedule.subject == "filter":
            sentence = self._check_filter(schedule)
        if sentence:
            raise ValidationError(sentence)

    @api.model
    def _check_record(self, schedule):
        model = schedule.res_model
        if not model or not schedule.res_id or model not in self.env:
            return self.env._("Choose the record this recurrence is about.")
        if not self._takes_activities(model):
            return self.env._("Records of this kind have no activities.")
        record = self.env[model].browse(schedule.res_id)
        if not record.exists() or not record.has_access("read"):
            return self.env._("The record this recurrence is about is gone, or not yours to see.")
        return False

    @api.model
    def _check_filter(self, schedule):
        saved = schedule.sudo().filter_id
        if not saved or saved.model_id not in self.env:
            return self.env._("Choose the saved filter this recurrence is about.")
        if schedule.filter_mode == "each" and not self._takes_activities(saved.model_id):
            return self.env._(
                "Records of this kind have no activities: choose one activity for all."
            )
        return False

    @api.model
    def _takes_activities(self, model):
        return isinstance(self.env[model], self.env.registry["mail.activity.mixin"])

    @api.model
    def _report_errors(self, occurrences):
        """Tell the responsible once per occurrence that it failed."""
        warning = self.env.ref("mail.mail_activity_data_warning")
        told = occurrences.sudo().activity_ids.filtered(lambda a: a.activity_type_id == warning)
        for occurrence in occurrences.sudo().filtered(lambda o: o.id not in told.mapped("res_id")):
            occurrence.with_context(mail_activity_quick_update=True).activity_schedule(
                activity_type_id=warning.id,
                date_deadline=fields.Date.context_today(occurrence),
                summary=self.env._("Failed: %(name)s", name=occurrence.display_name),
                note=occurrence.error,
                user_id=occurrence.schedule_id._get_responsible().id,
            )

    @api.model
    def _ask(self, schedule, message):
        """Give the responsible one activity on the schedule with a question."""
        warning = self.env.ref("mail.mail_activity_data_warning")
        if warning in schedule.activity_ids.activity_type_id:
            return
        schedule.with_context(mail_activity_quick_update=True).activity_schedule(
            activity_type_id=warning.id,
            date_deadline=fields.Date.context_today(schedule),
            summary=self.env._("Many invoices at once"),
            note=message,
            user_id=schedule._get_responsible().id,
        )
