from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.term import find_renewed
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceScheduleRenewalMixin(models.AbstractModel):
    """Renewals: by themselves or by a person, who is reminded."""

    _name = "recurrence.schedule.renewal.mixin"
    _inherit = "recurrence.schedule.notice.mixin"
    _description = "Renewal of a Recurring Invoice"

    renewed_until = fields.Date(
        copy=False, tracking=True, help="Until when somebody has renewed the agreement."
    )
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
    pause_added = fields.Boolean(
        string="Added at the End",
        readonly=True,
        copy=False,
        help="The time of the pause is added at the end of the agreement.",
    )
    renewal_message = fields.Char(compute="_compute_renewal_message")

    @api.depends("term_end", "notice_limit", "notice_end", "state")
    @api.depends_context("lang")
    def _compute_renewal_message(self):
        """Say what is to be decided soon."""
        for schedule in self:
            is_near = schedule._is_renewal_near(schedule.company_id._get_job_today())
            schedule.renewal_message = is_near and schedule._describe_agreement()

    # === RENEWING === #

    def action_renew(self):
        """Let agreements that end go on: each for as long as was agreed, at least until today.

        A button hands the end that it was shown with, so that nobody renews twice.
        """
        self.check_access("write")
        seen = self.env.context.get("recurrence_renewed_from")
        for schedule in self:
            schedule._check_renewable()
            end, today = schedule.agreement_end, schedule.company_id._get_job_today()
            if seen and seen != fields.Date.to_string(end):
                raise UserError(
                    self.env._(
                        "%(name)s has been renewed already. Reload the page.", name=schedule.name
                    )
                )
            until = find_renewed(schedule._get_terms(), today)
            schedule.sudo().with_context(**ENGINE_CONTEXT).write({"renewed_until": until})
            schedule._withdraw_question("renewal_activity_id")
            schedule.message_post(
                body=schedule.env._(
                    "The agreement was renewed until %(end)s.",
                    end=format_date(schedule.env, until),
                )
            )
            schedule._go_on_after(end)
        return True

    def _check_renewable(self):
        """Refuse to renew what does not end, or ends by notice.

        :raise UserError: with the reason
        """
        if self.notice_end:
            raise UserError(
                self.env._("Notice has been given for %(name)s. Withdraw it first.", name=self.name)
            )
        if self.renewal != "ask" or not self._get_natural_end():
            raise UserError(
                self.env._("%(name)s does not end unless it is renewed.", name=self.name)
            )
        self._check_rule_is_planned()

    # === THE JOB === #

    def _follow_agreements(self, as_of):
        """Do what the agreements ask for on a day: renew them, remind of those to be renewed.

        :param as_of: the company's today, a ``date``
        """
        # time that will be added puts the last day off
        open_ = self.filtered(lambda s: not s.pause_added)
        passed = open_.filtered(lambda s: s.notice_limit and s.notice_limit < as_of)
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
        open_._remind_of_renewals(as_of)

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

    def _give_notice(self, vals, with_credit=False, expected=None):
        move = super()._give_notice(vals, with_credit, expected)
        self._withdraw_question("renewal_activity_id")
        return move

    def action_finish(self):
        """End the schedules; nothing is left to decide on."""
        self.check_access("write")
        result = super().action_finish()
        self._withdraw_question("renewal_activity_id")
        self.sudo().with_context(**ENGINE_CONTEXT).write({"pause_added": False})
        return result
