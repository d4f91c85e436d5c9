from collections import defaultdict
from datetime import datetime, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ...tools.common.value_bounds import MOST_INTEGER

# The longest meeting.
MAX_HOURS = 24 * 14
MEETING_TIMES = {"meeting_hour", "meeting_tz", "meeting_duration"}


class RecurrenceScheduleSubjectMixin(models.AbstractModel):
    """What an interaction is about and what the responsible shall do."""

    _name = "recurrence.schedule.subject.mixin"
    _inherit = ["recurrence.schedule.filter.mixin"]
    _description = "Subject of a Recurrence"

    # The activity mixin has a computed field of this name (the type of the next activity). Here it
    # is a choice, so nothing of that one may be inherited.
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Activity Type",
        related=None,
        compute=None,
        search=None,
        store=True,
        readonly=False,
        groups=None,
        ondelete="restrict",
        default=lambda self: self.env.ref("mail.mail_activity_data_todo", False),
    )
    summary = fields.Char()
    lead_days = fields.Integer(
        string="Days Ahead",
        help="The activity or the draft is created this many days before the date.",
    )
    subject = fields.Selection(
        [
            ("none", "Nothing in particular"),
            ("partner", "The contact"),
            ("record", "A record"),
            ("filter", "A saved filter"),
        ],
        string="About",
        required=True,
        default="none",
    )
    res_model = fields.Char(string="Model of the Record")
    res_id = fields.Many2oneReference(string="Record", model_field="res_model")
    record_ref = fields.Reference(
        selection="_selection_record_ref",
        string="Which Record",
        compute="_compute_record_ref",
        readonly=False,
    )
    meeting_hour = fields.Float(string="Starts At", default=9.0)
    meeting_tz = fields.Selection(
        _tz_get, string="Time Zone", default=lambda self: self.env.user.tz or "UTC"
    )
    activity_category = fields.Selection(related="activity_type_id.category")
    meeting_duration = fields.Float(string="Duration", default=1.0)
    meeting_location = fields.Char(string="Location")
    meeting_partner_ids = fields.Many2many("res.partner", string="Attendees")

    # === COMPUTES === #

    @api.model
    def _selection_record_ref(self):
        """Return the kinds of records that take activities."""
        kinds = (
            self.env["ir.model"]
            .sudo()
            .search([("is_mail_activity", "=", True), ("transient", "=", False)], order="name")
        )
        return [(kind.model, kind.name) for kind in kinds if kind.model in self.env]

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_record_ref(self):
        """Give the record, as far as its reader may see it: else its name would be told."""
        for model, schedules in self.grouped("res_model").items():
            known = self.env[model or "res.partner"].browse()
            if model in self.env:
                records = self.env[model].browse(filter(None, schedules.mapped("res_id")))
                known = records.exists()._filtered_access("read")
            for schedule in schedules:
                is_known = schedule.res_id in known._ids
                schedule.record_ref = f"{model},{schedule.res_id}" if is_known else False

    # === CONSTRAINTS === #

    @api.constrains("lead_days", "meeting_hour", "meeting_duration")
    def _check_numbers(self):
        for schedule in self:
            if not 0 <= schedule.lead_days <= 366:
                raise ValidationError(self.env._("Days ahead must be between 0 and 366."))
            if not 0 <= schedule.meeting_hour < 24:
                raise ValidationError(self.env._("A meeting must start between 0:00 and 23:59."))
            if not 0 < schedule.meeting_duration <= MAX_HOURS:
                raise ValidationError(
                    self.env._(
                        "A meeting lasts longer than nothing and at most %(hours)s hours.",
                        hours=MAX_HOURS,
                    )
                )

    @api.constrains("target", "subject", "partner_id", "res_model", "res_id", "filter_id")
    def _check_subject(self):
        """Refuse a subject that can get no activity; what it is about may be read elsewhere."""
        for schedule in self.filtered(lambda s: s.target == "interaction"):
            sentence = schedule._get_subject_gap()
            if sentence:
                raise ValidationError(sentence)

    def _get_subject_gap(self):
        """Return what is missing for an activity, as a sentence; False when nothing is."""
        if self.subject == "partner" and not self.partner_id:
            return self.env._("Choose the contact this recurrence is about.")
        if self.subject == "record":
            if not self.res_model or not self.res_id or self.res_model not in self.env:
                return self.env._("Choose the record this recurrence is about.")
            if not self._takes_activities(self.res_model):
                return self.env._("Records of this kind have no activities.")
            if not self.env[self.res_model].browse(self.res_id).exists():
                return self.env._("The record this recurrence is about no longer exists.")
        if self.subject == "filter":
            model = self.filter_id.model_id
            if not model or model not in self.env:
                return self.env._("Choose the saved filter this recurrence is about.")
            if self.filter_mode == "each" and not self._takes_activities(model):
                return self.env._(
                    "Records of this kind have no activities: choose one activity for all."
                )
        return False

    @api.model
    def _takes_activities(self, model):
        return isinstance(self.env[model], self.env.registry["mail.activity.mixin"])

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        schedules = super().create([self._split_record_ref(vals) for vals in vals_list])
        schedules._check_subject_access({name for vals in vals_list for name in vals})
        return schedules

    def write(self, vals):
        meetings = self._get_planned_meetings() if MEETING_TIMES & vals.keys() else {}
        result = super().write(self._split_record_ref(vals))
        self._check_subject_access(vals)
        for event, (schedule, day) in meetings.items():
            event.write(schedule._get_meeting_times(day))
        return result

    def _get_planned_meetings(self):
        """Return the meetings to come that are still at the hour of their schedule.

        One that a person put at another hour, or made longer, stays as it is.

        :return: dict of event → (schedule, day)
        """
        meetings, now = {}, fields.Datetime.now()
        for occurrence in self.sudo().occurrence_ids:
            schedule = occurrence.schedule_id
            for event in occurrence.recurrence_activity_ids.filtered("active").calendar_event_id:
                is_planned = {"start": event.start, "stop": event.stop} == (
                    schedule._get_meeting_times(occurrence.date)
                )
                if event.start > now and is_planned:
                    # the day stays, so the activity has nothing to follow
                    event = event.with_context(mail_activity_meeting_update=True)
                    meetings[event] = (schedule, occurrence.date)
        return meetings

    @api.model
    def _split_record_ref(self, vals):
        """Turn the picked record into model and id before the constraints look at them."""
        if "record_ref" in vals:
            vals = dict(vals)
            model, _comma, res_id = str(vals.pop("record_ref") or "").partition(",")
            vals.update(res_model=model or False, res_id=res_id)
        if "res_id" in vals:
            res_id = str(vals["res_id"] or 0)
            if not res_id.isdecimal() or int(res_id) > MOST_INTEGER:
                raise ValidationError(self.env._("Choose the record this recurrence is about."))
            vals = {**vals, "res_id": int(res_id)}
        return vals

    # === ACCESS === #

    def _check_subject_access(self, names):
        """Refuse a record that whoever writes may not read: the activity would tell its name.

        Other links are checked with all of ``recurrence.dunning.own.record.mixin``. Constraints run
        as superuser, so this is none.

        :param names: the fields that were written
        """
        if self.env.su:
            return
        if {"res_model", "res_id", "record_ref"}.isdisjoint(names):
            return
        for model, schedules in self.grouped("res_model").items():
            if model not in self.env:
                continue
            records = self.env[model].browse(filter(None, schedules.mapped("res_id")))
            if not records.exists().has_access("read"):
                raise ValidationError(
                    self.env._("The record this recurrence is about is gone, or not yours to see.")
                )

    def _get_subject_problems(self, user):
        """Return why a user cannot get the activities of these schedules.

        :param user: the responsible of all of them
        :return: dict of schedule → sentence, without those that have no problem
        """
        problems = {}
        wanted = {}
        for schedule in self.sudo().filtered(lambda s: s.target == "interaction"):
            if schedule.subject == "partner":
                wanted[schedule] = ("res.partner", schedule.partner_id.id)
            elif schedule.subject == "record":
                wanted[schedule] = (schedule.res_model, schedule.res_id)
        readable = self._get_readable(wanted.values(), user)
        for schedule, (model, res_id) in wanted.items():
            known, seen = readable.get(model, ((), ()))
            if schedule.subject == "partner" and res_id not in known:
                problems[schedule] = self.env._("The contact this recurrence is about was deleted.")
            elif res_id not in known:
                problems[schedule] = self.env._("The record this recurrence is about was deleted.")
            elif res_id not in seen:
                problems[schedule] = self.env._(
                    "%(user)s may not see what this recurrence is about.", user=user.sudo().name
                )
        return problems

    @api.model
    def _get_readable(self, wanted, user):
        """Return which records exist and which of them a user may read.

        :param wanted: pairs of model and id
        :return: dict of model → (ids that exist, ids that the user may read)
        """
        ids = defaultdict(set)
        for model, res_id in wanted:
            if res_id and model in self.env:
                ids[model].add(res_id)
        result = {}
        for model, res_ids in ids.items():
            records = self.env[model].sudo().browse(res_ids).exists()
            try:
                seen = records.with_user(user)._filtered_access("read")
            except AccessError:
                # a company that is not this user's
                seen = records.browse()
            result[model] = records._ids, seen._ids
        return result

    def _withdraw_unreadable(self):
        """Take back activities on records that their user may not read any more."""
        activities = self.env["mail.activity"].search(
            [
                ("recurrence_occurrence_id.schedule_id", "in", self.ids),
                ("recurrence_occurrence_id.target", "=", "interaction"),
                ("res_model", "not in", ("recurrence.occurrence", False)),
                ("res_id", "!=", 0),
            ]
        )
        lost = activities.browse()
        for user, group in activities.grouped("user_id").items():
            readable = self._get_readable(group.mapped(lambda a: (a.res_model, a.res_id)), user)
            lost |= group.filtered(lambda a, r=readable: a.res_id not in r[a.res_model][1])
        occurrences = lost.recurrence_occurrence_id
        lost.unlink()
        for occurrence in occurrences.filtered(lambda o: o.state == "todo"):
            if not occurrence.recurrence_activity_ids.filtered("active"):
                user = occurrence.schedule_id._get_responsible()
                occurrence._record_error(
                    self.env._(
                        "%(user)s may not see what this recurrence is about.", user=user.name
                    )
                )

    def _get_meeting_times(self, day):
        """Return start and stop of the meeting of a day, at the same hour of every day.

        The hour is local time: it stays the same when the clocks change.

        :return: dict of naive UTC ``datetime``
        """
        tz = pytz.timezone(self.meeting_tz or "UTC")
        midnight = datetime.combine(day, datetime.min.time())
        local = midnight + timedelta(minutes=round(self.meeting_hour * 60))
        start = tz.localize(local).astimezone(pytz.utc).replace(tzinfo=None)
        return {"start": start, "stop": start + timedelta(hours=self.meeting_duration)}
