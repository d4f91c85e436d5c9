from datetime import date, timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..common.access_groups import INVOICE_READERS
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceScheduleNoticeMixin(models.AbstractModel):
    """Notice: it ends the agreement, and is known with who gave it, when and why."""

    _name = "recurrence.schedule.notice.mixin"
    _inherit = "recurrence.schedule.end.plan.mixin"
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
    notice_move_id = fields.Many2one(
        "account.move",
        string="Credit Note on Notice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=INVOICE_READERS,
    )
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
        if problem:
            raise UserError(problem)
        self._check_rule_is_planned()
        self.template_move_id.check_access("write")

    def _check_rule_is_planned(self):
        """Refuse to plan what nobody has seen: a rule that was changed and not regenerated."""
        if self.rule_stale:
            raise UserError(
                self.env._(
                    "The rule of %(name)s was changed. Regenerate its dates first.", name=self.name
                )
            )

    # === DOING === #

    def _give_notice(self, vals, with_credit=False, expected=None):
        """End the agreement by notice: plan the last period, drop what comes after it.

        :param vals: values of ``notice_date``, ``notice_by``, ``notice_end``, and, where they are
            known, ``notice_reason_id`` and ``notice_remark``
        :param with_credit: whether what was billed beyond the end is given back in a draft
        :param expected: what the person saw, as ``_get_end_key`` gives it; refused when it differs
        :return: that draft, account.move; empty: nothing was given back
        """
        self.ensure_one()
        self._check_notice_possible()
        end = fields.Date.to_date(vals["notice_end"])
        self._check_end(end)
        plan = self._get_end_plan(end)
        if expected is not None and self._get_end_key(plan) != expected:
            raise UserError(
                self.env._("The dates have changed since this was shown. Open the dialog again.")
            )
        corrections = self._get_end_corrections(plan) if with_credit else []
        values = self._prepare_correction(corrections)
        value = self._get_value_per_month(vals["notice_date"])
        engine = self.sudo().with_context(**ENGINE_CONTEXT)
        engine.write({**vals, "notice_value": value})
        self._regenerate(self.company_id._get_job_today())
        self._drop_open_after(end)
        self._cut_open_at(end)
        move = self._create_correction(values, corrections, {})
        engine.write({"notice_move_id": move.id})
        self.message_post(body=self._describe_notice())
        return move

    def _drop_open_after(self, end):
        """Skip what is still open of the days after the end, with its drafts."""
        left = self._get_open_after(end)
        if left:
            reason = self.env._(
                "The agreement ends on %(end)s by notice", end=format_date(self.env, end)
            )
            left.with_env(self.env).action_skip(reason)
            left.with_context(**ENGINE_CONTEXT).write({"is_dropped": True})

    def _cut_open_at(self, end):
        """Bill by days also what regenerating leaves alone: due, moved, or failed dates."""
        if self.proration != "whole":
            cut = self.sudo().occurrence_ids.filtered(
                lambda o: (
                    o.state in OPEN_STATES
                    and o.period_start
                    and o.period_start <= end < o.period_end
                    and not o._has_invoice()
                )
            )
            cut.with_context(**ENGINE_CONTEXT).write({"period_end": end})
            self._refresh_expected()

    def _get_value_per_month(self, day):
        """Return what is billed per month on average, in the currency of the company.

        :param day: of the rate
        """
        currency = self.template_move_id.currency_id or self.company_id.currency_id
        return currency._convert(
            self.monthly_value, self.company_id.currency_id, self.company_id, day
        )

    # === WITHDRAWING === #

    def action_withdraw_notice(self):
        """Let the agreement go on as if no notice had been given."""
        self.check_access("write")
        for schedule in self.filtered("notice_end"):
            schedule._check_rule_is_planned()
            schedule._take_back_credit()
            end = schedule.notice_end
            schedule.sudo().with_context(**ENGINE_CONTEXT).write(
                {
                    "notice_date": False,
                    "notice_by": False,
                    "notice_end": False,
                    "notice_reason_id": False,
                    "notice_remark": False,
                    "notice_value": 0,
                    "notice_move_id": False,
                    "renewal_told": False,
                }
            )
            schedule.message_post(
                body=self.env._(
                    "The notice to the end of %(end)s was withdrawn.",
                    end=format_date(self.env, end),
                )
            )
            schedule._go_on_after(end)
        return True

    def _take_back_credit(self):
        """Cancel the draft that would give back what is billed again.

        :raise UserError: it was posted, and nothing takes it back
        """
        move = self.sudo().notice_move_id
        taken_back = move.reversal_move_ids.filtered(lambda found: found.state == "posted")
        if move.state == "posted" and not taken_back:
            raise UserError(
                self.env._(
                    "%(move)s has credited what was billed after the end. Reset it to draft first.",
                    move=move.name,
                )
            )
        if move.state == "draft":
            move.button_cancel()

    def _go_on_after(self, end):
        """Plan the dates of an agreement that does not end on a day, also where it is over.

        :param end: the day on which it would have ended
        """
        if self.state == "draft":
            return
        self._check_startable()
        if self.state == "finished":
            self.sudo().write({"state": "running"})
        dropped = self.occurrence_ids.filtered(lambda o: o.is_dropped and o.state == "skipped")
        dropped.action_plan_again()
        dropped.sudo().with_context(**ENGINE_CONTEXT).write({"is_dropped": False})
        today, first = self.company_id._get_job_today(), end + timedelta(days=1)
        self._regenerate(today, first=min(today, first))
        # what has passed in the meantime is not missed
        passed = self.sudo().occurrence_ids.filtered(
            lambda o: o.state == "planned" and first <= o.rule_date and o.date < today
        )
        passed.with_context(**ENGINE_CONTEXT).write({"is_wanted": True})
        self._bill_on_from(end)

    def _bill_on_from(self, end):
        """Bill the rest of the period that an end had cut which is none any more, by days.

        :param end: the day on which it would have ended
        """
        if self.proration == "whole":
            return
        rule = self._get_rule()
        cut = self.sudo().occurrence_ids.filtered(
            lambda o: o.period_end == end and o.state != "skipped"
        )
        for occurrence in cut:
            last = rule.period(occurrence.rule_date, self.period_paid)[1]
            if occurrence.is_rest:
                last = min(rule.cycle_period(end)[1], self._get_agreement_end() or date.max)
            if last <= end:
                continue
            if occurrence.state in OPEN_STATES and not occurrence._has_invoice():
                occurrence.with_context(**ENGINE_CONTEXT).write({"period_end": last})
            elif self.period_paid == "pre":
                self._add_period(end + timedelta(days=1), last, occurrence.number)
        self._refresh_expected()

    def _add_period(self, start, end, number, falls_on=None):
        """Add a date that bills the rest of a period, on the first day that has none.

        :param start: first day that it bills
        :param end: last day that it bills
        :param number: of the date that bills the rest of the period
        :param falls_on: its date; None: its first day
        :return: recurrence.occurrence
        """
        taken, day = set(self.sudo().occurrence_ids.mapped("rule_date")), start
        while day in taken:
            day += timedelta(days=1)
        return self._create_occurrences(
            [
                {
                    "schedule_id": self.id,
                    "rule_date": day,
                    "date": falls_on or start,
                    "number": number,
                    "is_manual": True,
                    "is_rest": True,
                    "is_wanted": True,
                    "period_start": start,
                    "period_end": end,
                }
            ]
        )

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
