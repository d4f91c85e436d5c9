from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class RecurrenceScheduleStop(models.TransientModel):
    """Shows what will not happen when schedules are paused or finished."""

    _name = "recurrence.schedule.stop"
    _description = "Pause or Finish a Recurrence"
    _inherit = "recurrence.dunning.own.record.mixin"

    schedule_ids = fields.Many2many("recurrence.schedule", string="Recurrences", required=True)
    mode = fields.Selection([("pause", "Pause"), ("finish", "Finish")], required=True)
    resume_date = fields.Date(
        string="Resume On", help=("Leave empty to pause until somebody resumes it.")
    )
    has_end = fields.Boolean(compute="_compute_has_end")
    pause_time = fields.Selection(
        [("lost", "Is not billed"), ("added", "Is not billed and is added at the end")],
        string="Time of the Pause",
        required=True,
        default="lost",
    )
    credits_days = fields.Boolean(compute="_compute_has_end")
    message = fields.Text(compute="_compute_message")

    @api.depends("schedule_ids")
    def _compute_has_end(self):
        """Time is added where something ends: a term of an agreement, or the rule."""
        for dialog in self:
            dialog.has_end = any(
                schedule.target == "invoice"
                and (schedule.term_number or schedule.notice_end or schedule.end_type != "forever")
                for schedule in dialog.schedule_ids
            )
            dialog.credits_days = any(
                schedule.target == "invoice" and schedule.proration != "whole"
                for schedule in dialog.schedule_ids
            )

    @api.depends("schedule_ids", "mode", "resume_date")
    def _compute_message(self):
        for dialog in self:
            dialog.message = dialog._get_message()

    def _get_message(self):
        domain = [("schedule_id", "in", self.schedule_ids.ids), ("state", "=", "planned")]
        if self.mode == "pause" and self.resume_date:
            domain.append(("date", "<", self.resume_date))
        occurrences = self.env["recurrence.occurrence"].search(domain, order="date")
        if not occurrences:
            return self.env._("No planned date is affected.")
        dates = ", ".join(format_date(self.env, day) for day in occurrences[:6].mapped("date"))
        params = {"count": len(occurrences), "dates": dates}
        if len(occurrences) > 6:
            params["dates"] = self.env._("%(dates)s and others", dates=dates)
        if "invoice" in self.schedule_ids.mapped("target"):
            return self.env._("Dates that will not be invoiced (%(count)s): %(dates)s.", **params)
        return self.env._("Dates that will not take place (%(count)s): %(dates)s.", **params)

    def action_confirm(self):
        self._check_dialog()
        self.ensure_one()
        if self.mode == "finish":
            return self.schedule_ids.action_finish()
        today = fields.Date.context_today(self)
        if self.resume_date and self.resume_date <= today:
            raise UserError(self.env._("The date to resume on must be in the future."))
        self.schedule_ids.action_pause(self.resume_date, self.pause_time == "added")
        return True
