from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.common.sealed import ON, unseal
from ..common.access_groups import INVOICE_READERS
from ..common.client_action import open_dialog
from .recurrence_occurrence_invoice_mixin import BACK_OFF, OPEN_STATES

STATE_COLORS = {"planned": 4, "todo": 3, "done": 10, "skipped": 0, "failed": 1}


class RecurrenceOccurrence(models.Model):
    """One date of a schedule.

    ``rule_date`` is what the rule says and, with the schedule, names the occurrence for ever;
    ``date`` is the day it is really due, after a shift to a working day or a move by a person.
    """

    _name = "recurrence.occurrence"
    _description = "Recurrence Date"
    _is_engine_made = True
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "recurrence.occurrence.move.mixin",
        "recurrence.occurrence.invoice.mixin",
        "recurrence.occurrence.draft.mixin",
        "recurrence.occurrence.money.mixin",
        "recurrence.dunning.may.write.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
        "recurrence.occurrence.interaction.mixin",
        "recurrence.occurrence.run.mixin",
        "recurrence.occurrence.invoice.date.mixin",
        "recurrence.occurrence.invoice.values.mixin",
        "recurrence.occurrence.billed.before.mixin",
        "recurrence.occurrence.billed.lines.mixin",
        "recurrence.occurrence.correction.mixin",
        "recurrence.occurrence.consolidation.mixin",
        "recurrence.occurrence.selection.mixin",
    ]
    _order = "date, rule_date, id"
    _check_company_auto = True

    schedule_id = fields.Many2one(
        "recurrence.schedule",
        string="Recurrence",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="schedule_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="schedule_id.partner_id", store=True, precompute=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        related="schedule_id.user_id", string="Responsible", store=True, precompute=True
    )
    target = fields.Selection(related="schedule_id.target", store=True, precompute=True)
    number = fields.Integer(
        readonly=True, help=("The number of this date within the recurrence, starting from 1.")
    )
    rule_date = fields.Date(required=True, readonly=True, help="The date according to the rule.")
    date = fields.Date(required=True)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("todo", "To do"),
            ("done", "Done"),
            ("skipped", "Skipped"),
            ("failed", "Failed"),
        ],
        string="Status",
        required=True,
        default="planned",
        readonly=True,
        tracking=True,
    )
    issue_step = fields.Selection(
        [("issue", "To Issue"), ("draft", "Draft Waiting"), ("failed", "Failed")],
        string="Next Step",
        compute="_compute_issue_step",
        compute_sudo=True,
        groups=INVOICE_READERS,
        help="A waiting draft is created already; somebody still has to post it.",
    )
    color = fields.Integer(compute="_compute_color")
    skip_reason = fields.Char(readonly=True)
    is_moved = fields.Boolean(string="Moved", readonly=True)
    is_manual = fields.Boolean(string="Added by Hand", readonly=True)
    is_left_out = fields.Boolean(
        readonly=True, help="The rule leaves it out because it is not a working day."
    )
    is_pinned = fields.Boolean(
        string="Not Regenerated",
        readonly=True,
        help="Not changed when the recurrence is regenerated.",
    )
    is_wanted = fields.Boolean(
        system=True,
        readonly=True,
        copy=False,
        help="Planned again or added manually: neither catching up nor a pause skips it.",
    )
    note = fields.Html(help="For this date only.")
    period_start = fields.Date(readonly=True)
    period_end = fields.Date(readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, copy=False, index="btree_not_null"
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    recurrence_activity_ids = fields.One2many(
        "mail.activity",
        "recurrence_occurrence_id",
        string="Activities of This Date",
        context={"active_test": False},
    )
    event_id = fields.Many2one(
        "calendar.event",
        string="Meeting",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    offered_date = fields.Date(
        readonly=True, copy=False, help="Day on which the activity was last created."
    )
    error = fields.Text(readonly=True, copy=False)
    error_count = fields.Integer(readonly=True, copy=False)
    retry_at = fields.Datetime(readonly=True, copy=False)
    done_date = fields.Date(readonly=True, copy=False)
    is_held = fields.Boolean(
        string="Waits for a Decision",
        readonly=True,
        copy=False,
        help="Not issued until somebody has decided on its taxes.",
    )

    subject = fields.Selection(related="schedule_id.subject")
    invoice_mode = fields.Selection(related="schedule_id.invoice_mode")
    filter_count = fields.Integer(compute="_compute_filter_count")

    _schedule_rule_date_uniq = models.UniqueIndex(
        "(schedule_id, rule_date)", "This recurrence already has this date."
    )
    _open_idx = models.Index("(company_id, date) WHERE state IN ('planned', 'todo', 'failed')")

    # === COMPUTES === #

    @api.depends("schedule_id.name", "schedule_id.name_pattern", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for occurrence in self:
            schedule = occurrence.schedule_id
            occurrence.display_name = schedule._get_name_for(occurrence) if schedule else ""

    @api.depends("state")
    def _compute_color(self):
        for occurrence in self:
            occurrence.color = STATE_COLORS.get(occurrence.state, 0)

    @api.depends("target", "state", "move_id.state")
    def _compute_issue_step(self):
        for occurrence in self:
            step = "failed" if occurrence.state == "failed" else "issue"
            if occurrence.move_id.state == "draft":
                step = "draft"
            is_open = occurrence.target == "invoice" and occurrence.state in OPEN_STATES
            occurrence.issue_step = is_open and step

    @api.depends("schedule_id.filter_id")
    def _compute_filter_count(self):
        for schedule, occurrences in self.grouped("schedule_id").items():
            is_filter = schedule.subject == "filter"
            occurrences.filter_count = schedule._count_matching() if is_filter else 0

    # === CRUD === #

    @api.model
    def _check_bounds(self, vals):
        """Days that people write have bounds; those of the engine may reach further."""
        if self.env.su:
            vals = {k: v for k, v in vals.items() if self._fields[k].type != "date"}
        return super()._check_bounds(vals)

    def write(self, vals):
        """A date written by a person is a move: only open ones move, and their activity too."""
        kept = super(RecurrenceOccurrence, self.sudo())
        is_engine = self.env.su and unseal(self.env.context, "recurrence_engine_write")
        if "date" not in vals or is_engine:
            result = super().write(vals)
            if "note" in vals:
                kept.write({"is_pinned": True})
            return result
        date = fields.Date.to_date(vals["date"])
        self._check_movable(date)
        before = {occurrence: occurrence.date for occurrence in self}
        result = super().write(vals)
        kept.write({"is_moved": True})
        self._redate_drafts(before)
        self.sudo().recurrence_activity_ids.filtered("active").write({"date_deadline": date})
        # moved into the past it is to be done now, not to be missed
        past = self.filtered(lambda o: date < o.company_id._get_job_today())
        past.sudo().is_wanted = True
        self.schedule_id._reset_run_date()
        return result

    def _check_movable(self, date):
        if not date:
            raise UserError(self.env._("An occurrence needs a date."))
        closed = self.filtered(lambda o: o.state not in OPEN_STATES)[:1]
        if closed:
            raise UserError(
                self.env._(
                    "%(name)s of %(date)s is already closed and cannot be moved.",
                    name=closed.display_name,
                    date=format_date(self.env, closed.date),
                )
            )

    # === ACTIONS === #

    def action_done(self):
        """Close interactions, with their activities; an invoice is issued or skipped instead."""
        self.check_access("write")
        self._check_issued()
        self._set_done(fields.Date.context_today(self))
        return True

    def action_skip(self, reason=None):
        """Leave these dates out; they keep their place in the count.

        :param reason: a sentence, shown with the occurrence
        """
        self.check_access("write")
        # an administrator closes dates of invoices that he may not read
        issued = self.filtered(lambda o: o.state == "done" or o.sudo().move_id.state == "posted")[
            :1
        ]
        if issued:
            raise UserError(
                self.env._(
                    "%(name)s of %(date)s is already done, so it cannot be skipped.",
                    name=issued.display_name,
                    date=format_date(self.env, issued.date),
                )
            )
        reason = reason or self.env._("Skipped by %(user)s", user=self.env.user.name)
        self._drop_activities()
        self._cancel_drafts(reason)
        self.sudo().write(
            {
                "state": "skipped",
                "skip_reason": reason,
                "error": False,
                "retry_at": False,
            }
        )
        self.schedule_id._refresh_error()
        self.schedule_id._refresh_expected()
        return True

    def action_plan_again(self):
        """Take skipped dates back into the plan."""
        self.check_access("write")
        skipped = self.filtered(lambda o: o.state == "skipped")
        skipped.sudo().write(
            {
                "state": "planned",
                "skip_reason": False,
                "is_left_out": False,
                "is_pinned": True,
                "is_wanted": True,
            }
        )
        skipped.schedule_id._reset_run_date()
        skipped.schedule_id._refresh_expected()
        return True

    def action_retry(self):
        """Try failed ones again at once."""
        self.check_access("write")
        failed = self.filtered(lambda o: o.state == "failed")
        failed.sudo().write({"error_count": 0, "retry_at": False})
        invoices = failed.filtered(lambda o: o.target == "invoice")
        if invoices:
            invoices._issue_or_post()
        today = fields.Date.context_today(self)
        (failed - invoices)._run_dates(today)
        return True

    def action_open_skip(self):
        return self._open_dialog("recurrence.occurrence.skip", self.env._("Skip"))

    def action_open_move(self):
        return self._open_dialog("recurrence.occurrence.move", self.env._("Move Date"))

    def action_open_close(self):
        return self._open_dialog("recurrence.occurrence.close", self.env._("Invoice Not Issued"))

    def action_open_records(self):
        """Open the records that match the saved filter of the schedule today."""
        self.ensure_one()
        self.check_access("read")
        return self.schedule_id.action_open_records()

    def action_open_schedule(self):
        self.ensure_one()
        return self.schedule_id._get_form_action()

    @api.model
    def _get_calendar_action(self):
        """Return the action of the calendar: of one's own dates, or of all who has none."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_occurrence_action"
        )
        own = [("user_id", "=", self.env.uid), ("state", "in", OPEN_STATES)]
        if not self.search_count(own, limit=1):
            action["context"] = {"search_default_open": 1}
        return action

    def _open_dialog(self, model, title):
        self.check_access("write")
        context = {"default_occurrence_ids": self.ids, "default_occurrence_id": self[:1].id}
        return open_dialog(self.env[model], title, context=context)

    # === STATE CHANGES === #

    def _set_done(self, as_of, feedback=None):
        """Close occurrences and mark what is left of their activities as done.

        :param as_of: the day it was done, a ``date``
        :param feedback: text kept with the activities
        """
        occurrences = self.sudo()
        occurrences.filtered(lambda o: o.state != "done").write(
            {
                "state": "done",
                "done_date": as_of,
                "error": False,
                "error_count": 0,
                "retry_at": False,
                "skip_reason": False,
            }
        )
        occurrences._close_activities(feedback)
        occurrences.schedule_id._refresh_error()

    def _close_activities(self, feedback=None):
        """Mark the open activities of these dates as done, without asking for the invoice."""
        activities = self.sudo().recurrence_activity_ids.filtered("active")
        if activities:
            activities.with_context(recurrence_closing=ON).action_feedback(feedback or False)

    def _drop_activities(self):
        """Remove open activities, and meetings that did not begin yet."""
        occurrences = self.sudo()
        activities = occurrences.recurrence_activity_ids
        # each record that a filter found has its own meeting, known by its activity only
        events = activities.calendar_event_id | occurrences.event_id
        activities.filtered("active").unlink()
        now = fields.Datetime.now()
        events.filtered(lambda event: event.start > now).unlink()

    def _record_error(self, message, now=None):
        """Keep an error with its dates: tried again after 1 h, 6 h and a day, then by a person.

        One activity tells the responsible, however often it fails.

        :param message: what went wrong, for the user
        :param now: naive UTC ``datetime``, default the clock's
        """
        now = now or fields.Datetime.now()
        for occurrence in self.sudo():
            count = occurrence.error_count
            wait = BACK_OFF[count] if count < len(BACK_OFF) else None
            occurrence.write(
                {
                    "state": "failed",
                    "error": message,
                    "error_count": count + 1,
                    "retry_at": now + timedelta(hours=wait) if wait else False,
                }
            )
            occurrence.schedule_id._keep_error(message, now)
        self._report_errors()
