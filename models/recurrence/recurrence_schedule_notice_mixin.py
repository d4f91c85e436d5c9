from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.term import end_rule
from ..common.access_groups import INVOICE_READERS
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_schedule_correction_mixin import LineChange
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class EndPlan(NamedTuple):
    """What becomes of a recurrence whose agreement ends on a day.

    :ivar last: its last date, before any shift; None: no date bills anything
    :ivar period: first and last day that the last date bills
    :ivar dropped: dates that are planned or open and will not be invoiced
    :ivar credited_from: first day that posted invoices bill beyond the end; None: there is none
    """

    last: object
    period: tuple
    dropped: models.BaseModel
    credited_from: object


class RecurrenceScheduleNoticeMixin(models.AbstractModel):
    """Notice: it ends the agreement, and is known with who gave it, when and why."""

    _name = "recurrence.schedule.notice.mixin"
    _inherit = "recurrence.schedule.agreement.mixin"
    _description = "Notice of a Recurring Invoice"

    company_id = fields.Many2one("res.company")
    notice_date = fields.Date(string="Notice Given On", readonly=True, copy=False, index=True)
    notice_by = fields.Selection(
        [("them", "The customer or vendor"), ("us", "Our company")],
        string="Notice Given By",
        readonly=True,
        copy=False,
    )
    notice_end = fields.Date(string="Ends by Notice On", readonly=True, copy=False, tracking=True)
    notice_reason_id = fields.Many2one(
        "recurrence.notice.reason",
        string="Termination Reason",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    notice_remark = fields.Text(string="Remark on the Notice", readonly=True, copy=False)
    notice_value = fields.Monetary(
        string="Lost per Month",
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
        groups=INVOICE_READERS,
        help="What it billed per month on average when notice was given, without tax.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )

    # === DIALOG === #

    def action_open_notice(self):
        """Open the dialog that ends the agreement by notice, shown first."""
        self.ensure_one()
        self._check_notice_possible()
        return self._open_dialog("recurrence.schedule.notice", self.env._("Give Notice"))

    def action_resume(self):
        """Go on; what has ended by its agreement begins again only when that goes on."""
        self.check_access("write")
        for schedule in self.filtered(lambda s: s.state == "finished" and s.agreement_end):
            end = schedule.agreement_end
            if end < schedule.company_id._get_job_today():
                raise UserError(
                    self.env._(
                        "The agreement of %(name)s ended on %(end)s. Renew it, withdraw the "
                        "notice, or change its terms first.",
                        name=schedule.name,
                        end=format_date(self.env, end),
                    )
                )
        return super().action_resume()

    # === DECIDING === #

    def _check_notice_possible(self):
        """Refuse notice where nothing can end, or nobody knows what would be billed until then.

        :raise UserError: with what is to be done first
        """
        self.check_access("write")
        problem = False
        if self.target != "invoice" or self.is_kind or self.state not in ("running", "paused"):
            problem = self.env._(
                "%(name)s is not running, so there is nothing to end.", name=self.name
            )
        elif self.notice_end:
            problem = self.env._(
                "Notice has been given for %(name)s already. Withdraw it first.", name=self.name
            )
        elif self.rule_stale:
            problem = self.env._(
                "The rule of %(name)s was changed. Regenerate its dates first.", name=self.name
            )
        if problem:
            raise UserError(problem)
        self.template_move_id.check_access("write")

    def _get_end_plan(self, end):
        """Return what becomes of the dates when the agreement ends on a day; nothing is written.

        :param end: its last day, a ``date``
        :return: EndPlan
        """
        rule = end_rule(self._get_composed_rule(), end, self.period_paid)
        last = rule.last_date()
        period = rule.period(last, self.period_paid) if last else ()
        if not period or period[0] > end:
            last, period = None, ()
        plan = self._get_plan(self.company_id._get_job_today(), rule=rule)
        occurrences = self.sudo().occurrence_ids
        removed = occurrences.browse([row.id for row in plan.removed])
        dropped = removed | self._get_open_after(end)
        return EndPlan(last, period, dropped.sorted("date"), self._get_billed_after(end))

    def _get_open_after(self, end):
        """Return the dates still open that bill nothing up to a day."""
        return self.sudo().occurrence_ids.filtered(
            lambda o: o.state in OPEN_STATES and (o.period_start or o.rule_date) > end
        )

    def _get_billed_after(self, end):
        """Return the first day after another that a posted invoice bills, or None.

        Where whole periods are billed, the one that is under way is billed to its end.
        """
        posted = self._get_invoiced_from(end + timedelta(days=1)).filtered(
            lambda o: o.move_id.state == "posted" and o.move_id.payment_state != "reversed"
        )
        if self.proration == "whole":
            return min((o.period_start for o in posted if o.period_start > end), default=None)
        return max(end + timedelta(days=1), min(posted.mapped("period_start"))) if posted else None

    def _get_ending_changes(self, day):
        """Return that no line is billed from a day on, as list of LineChange."""
        return [
            LineChange(line, {"quantity": 0})
            for line in self.template_move_id.invoice_line_ids
            if line.display_type == "product"
            and line.recurrence_billing != "once"
            and not (line.recurrence_until and line.recurrence_until < day)
        ]

    def _get_end_corrections(self, plan):
        """Return what was billed ahead and is given back, as list of Correction.

        :param plan: EndPlan
        :raise UserError: it cannot be known what was billed
        """
        day = plan.credited_from
        return self._find_corrections(day, self._get_ending_changes(day)) if day else []

    def _check_end(self, end):
        """Refuse an end before anything is billed, or inside a draft that bills beyond it."""
        if end < self.date_start:
            raise UserError(
                self.env._(
                    "%(name)s starts on %(start)s. Finish it to end it before.",
                    name=self.name,
                    start=format_date(self.env, self.date_start),
                )
            )
        if self.proration == "whole":
            return
        drafts = self._get_invoiced_from(end + timedelta(days=1)).filtered(
            lambda o: o.move_id.state == "draft" and o.period_start <= end
        )
        if drafts:
            raise UserError(
                self.env._(
                    "The draft invoice of %(date)s bills days after %(end)s. Post it, or cancel "
                    "it to have it created anew.",
                    date=format_date(self.env, drafts[0].date),
                    end=format_date(self.env, end),
                )
            )

    # === DOING === #

    def _give_notice(self, vals, with_credit=False):
        """End the agreement by notice: plan the last period, drop what comes after it.

        :param vals: values of ``notice_date``, ``notice_by``, ``notice_end``, and, where they are
            known, ``notice_reason_id`` and ``notice_remark``
        :param with_credit: whether what was billed beyond the end is given back in a draft
        :return: that draft, account.move; empty: nothing was given back
        """
        self.ensure_one()
        self._check_notice_possible()
        end = fields.Date.to_date(vals["notice_end"])
        self._check_end(end)
        plan = self._get_end_plan(end)
        corrections = self._get_end_corrections(plan) if with_credit else []
        values = self._prepare_correction(corrections)
        value = self._get_value_per_month(vals["notice_date"])
        self.sudo().with_context(**ENGINE_CONTEXT).write({**vals, "notice_value": value})
        self._regenerate(self.company_id._get_job_today())
        left = self._get_open_after(end)
        if left:
            reason = self.env._(
                "The agreement ends on %(end)s by notice", end=format_date(self.env, end)
            )
            left.with_env(self.env).action_skip(reason)
        self.message_post(body=self._describe_notice())
        return self._create_correction(values, corrections, {})

    def _get_value_per_month(self, day):
        """Return what is billed per month on average, in the currency of the company.

        :param day: of the rate
        """
        currency = self.template_move_id.currency_id or self.company_id.currency_id
        return currency._convert(
            self.monthly_value, self.company_id.currency_id, self.company_id, day
        )

    def action_withdraw_notice(self):
        """Let the agreement go on as if no notice had been given."""
        self.check_access("write")
        for schedule in self.filtered("notice_end"):
            end = schedule.notice_end
            schedule.sudo().with_context(**ENGINE_CONTEXT).write(
                {
                    "notice_date": False,
                    "notice_by": False,
                    "notice_end": False,
                    "notice_reason_id": False,
                    "notice_remark": False,
                    "notice_value": 0,
                }
            )
            schedule.message_post(
                body=self.env._(
                    "The notice to the end of %(end)s was withdrawn.",
                    end=format_date(self.env, end),
                )
            )
            schedule._go_on()
        return True

    def _go_on(self):
        """Plan the dates of an agreement that ends later than it did, also where it is over."""
        if self.state == "finished":
            self.action_resume()
        elif self.state != "draft":
            self._regenerate(self.company_id._get_job_today())

    # === WORDS === #

    def _describe_notice(self):
        """Return who has given notice, when, why, and when it ends the agreement."""
        params = {
            "date": format_date(self.env, self.notice_date),
            "end": format_date(self.env, self.notice_end),
        }
        if self.notice_by == "us":
            text = self.env._(
                "We gave notice on %(date)s. The agreement ends on %(end)s.", **params
            )
        elif self.partner_id:
            text = self.env._(
                "%(partner)s gave notice on %(date)s. The agreement ends on %(end)s.",
                partner=self.partner_id.display_name,
                **params,
            )
        else:
            text = self.env._(
                "Notice was given on %(date)s. The agreement ends on %(end)s.", **params
            )
        reason = self.notice_reason_id.name
        return " ".join(filter(None, [text, reason and f"({reason})", self.notice_remark]))
