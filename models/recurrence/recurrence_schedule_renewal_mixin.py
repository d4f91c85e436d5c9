from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.term import Suspension, find_renewed, put_off
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceScheduleRenewalMixin(models.AbstractModel):
    """Renewals: by themselves or by a person, who is reminded; suspended time that is added."""

    _name = "recurrence.schedule.renewal.mixin"
    _inherit = "recurrence.schedule.notice.mixin"
    _description = "Renewal of a Recurring Invoice"

    renewed_until = fields.Date(readonly=True, copy=False, tracking=True)
    renewal_told = fields.Date(string="Renewal Reminded Of", system=True, readonly=True, copy=False)
    renewal_activity_id = fields.Many2one(
        "mail.activity",
        string="Reminder of the Renewal",
        system=True,
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    renewal_message = fields.Char(compute="_compute_renewal_message")
    pause_added = fields.Boolean(
        string="Added at the End",
        readonly=True,
        copy=False,
        help="The time of the pause is added at the end of the agreement.",
    )

    @api.depends("term_end", "notice_limit", "notice_end", "state")
    @api.depends_context("lang")
    def _compute_renewal_message(self):
        """Say what is to be decided soon."""
        for schedule in self:
            is_near = schedule._is_renewal_near(schedule.company_id._get_job_today())
            schedule.renewal_message = is_near and schedule._describe_agreement()

    # === RENEWING === #

    def action_renew(self):
        """Let agreements that end go on: each for as long as was agreed."""
        self.check_access("write")
        for schedule in self:
            schedule._check_renewable()
            until = find_renewed(schedule._get_terms())
            schedule.sudo().with_context(**ENGINE_CONTEXT).write({"renewed_until": until})
            schedule._withdraw_question("renewal_activity_id")
            schedule.message_post(
                body=schedule.env._(
                    "The agreement was renewed until %(end)s.",
                    end=format_date(schedule.env, until),
                )
            )
            schedule._go_on()
        return True

    def _check_renewable(self):
        """Refuse to renew what does not end, or ends by notice.

        :raise UserError: with the reason
        """
        if self.notice_end:
            raise UserError(
                self.env._("Notice has been given for %(name)s. Withdraw it first.", name=self.name)
            )
        if self.renewal != "ask" or not self._has_terms():
            raise UserError(
                self.env._("%(name)s does not end unless it is renewed.", name=self.name)
            )
        if self.rule_stale:
            raise UserError(
                self.env._(
                    "The rule of %(name)s was changed. Regenerate its dates first.", name=self.name
                )
            )

    # === THE JOB === #

    def _follow_agreements(self, as_of):
        """Do what the agreements ask for on a day: renew them, remind of those to be renewed.

        :param as_of: the company's today, a ``date``
        """
        passed = self.filtered(lambda s: s.notice_limit and s.notice_limit < as_of)
        for name in ("notice_limit", "term_end"):
            self.env.add_to_compute(self._fields[name], passed)
        for schedule in passed.filtered(lambda s: s.renewal == "auto" and s.term_end):
            schedule._message_log(
                body=schedule.env._(
                    "No notice was given in time: the agreement is renewed and ends on %(end)s at "
                    "the earliest.",
                    end=format_date(schedule.env, schedule.term_end),
                )
            )
        self._remind_of_renewals(as_of)

    def _is_renewal_near(self, as_of):
        """Whether it is time to decide on the renewal."""
        day = self._get_decision_day()
        days = timedelta(days=self.company_id.sudo().recurrence_renewal_days)
        return bool(day and as_of <= day <= as_of + days)

    def _get_decision_day(self):
        """Return the last day to decide whether the agreement is renewed, or False."""
        if self.notice_end or self.state not in ("running", "paused") or not self._has_terms():
            return False
        return {"auto": self.notice_limit, "ask": self.term_end}.get(self.renewal, False)

    def _remind_of_renewals(self, as_of):
        """Remind the responsible once of each renewal that is to be decided on.

        :param as_of: the company's today, a ``date``
        """
        for schedule in self.filtered(lambda s: s.term_number and s.renewal in ("auto", "ask")):
            day = schedule._get_decision_day()
            if schedule.renewal_told == day or not schedule._is_renewal_near(as_of):
                continue
            schedule._withdraw_question("renewal_activity_id")
            activity = schedule._ask_responsible(
                lambda spoken: spoken.env._("Decide on the renewal"),
                lambda spoken: spoken._describe_agreement(),
            )
            schedule.with_context(**ENGINE_CONTEXT).write(
                {"renewal_activity_id": activity.id, "renewal_told": day}
            )

    def _give_notice(self, vals, with_credit=False):
        move = super()._give_notice(vals, with_credit)
        self._withdraw_question("renewal_activity_id")
        return move

    def action_finish(self):
        """End the schedules; nothing is left to decide on."""
        self.check_access("write")
        result = super().action_finish()
        self._withdraw_question("renewal_activity_id")
        return result

    # === SUSPENDING === #

    def _add_suspended(self, missed, as_of):
        """Add the time that was not billed in a pause at the end.

        :param missed: the dates that were skipped; what they would have billed was suspended
        :param as_of: the company's today, a ``date``
        """
        periods = missed.filtered("period_start")
        if not periods:
            return
        suspension = Suspension(
            min(periods.mapped("period_start")), max(periods.mapped("period_end"))
        )
        vals = {
            name: put_off(self[name], suspension)
            for name in ("notice_end", "renewed_until")
            if self[name]
        }
        if self.end_type == "end_date":
            vals.update(until=put_off(self.until, suspension), duration_number=0)
        elif self.end_type == "count":
            vals["count"] = self.count + len(missed.filtered(lambda o: not o.is_manual))
        known = [[day.isoformat() for day in span] for span in self._get_suspensions()]
        vals["suspensions"] = [*known, [day.isoformat() for day in suspension]]
        was_stale = self.rule_stale
        self.with_context(**ENGINE_CONTEXT).write(vals)
        self._message_log(
            body=self.env._(
                "Paused, and added at the end: %(start)s – %(end)s.",
                start=format_date(self.env, suspension.start),
                end=format_date(self.env, suspension.end),
            )
        )
        if self.rule_stale and not was_stale:
            self._regenerate(as_of)
