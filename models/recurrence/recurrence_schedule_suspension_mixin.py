from dataclasses import replace
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.rule import RuleError
from ...tools.recurrence.term import Suspension, join_suspensions, put_off
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceScheduleSuspensionMixin(models.AbstractModel):
    """What becomes of the time of a pause: it is not billed, and may be added at the end.

    Where whole periods are billed, those of the dates that fell into the pause were suspended. By
    days it is the days of the pause: what was billed of them is credited in a draft, and of the
    periods that reach beyond the pause the other days are billed.
    """

    _name = "recurrence.schedule.suspension.mixin"
    _inherit = "recurrence.schedule.renewal.mixin"
    _description = "Suspended Time of a Recurring Invoice"

    def _suspend(self, first, end, as_of):
        """Leave out of the plan what lies in a pause that is over.

        :param first: first day of the pause
        :param end: the day on which it goes on
        :param as_of: the company's today, a ``date``
        """
        self.ensure_one()
        if first >= end:
            self.pause_added = False
            return
        if not self.rule_stale:
            # a long pause reaches beyond what was planned
            self._generate(as_of)
        if self.pause_added:
            self.pause_added = False
            self._add_suspended(first, end, as_of)
        planned = self.occurrence_ids.filtered(lambda o: o.state == "planned" and not o.is_wanted)
        missed = planned.filtered(lambda o: first <= o.date < end)
        if self._is_suspended_by_days():
            missed = self._suspend_days(planned, Suspension(first, end - timedelta(days=1)))
        missed.with_context(**ENGINE_CONTEXT).write(
            {"state": "skipped", "skip_reason": self.env._("Paused")}
        )

    def _is_suspended_by_days(self):
        return self.target == "invoice" and self.proration != "whole"

    # === BY DAYS === #

    def _suspend_days(self, planned, suspension):
        """Take the days of a pause out of the periods that are billed by days.

        :param planned: the dates that are planned
        :param suspension: Suspension
        :return: the dates of which no day is left
        """
        touched = planned.filtered(
            lambda o: (
                o.period_start
                and o.period_start <= suspension.end
                and o.period_end >= suspension.start
            )
        )
        empty = touched.filtered(
            lambda o: o.period_start >= suspension.start and o.period_end <= suspension.end
        )
        for occurrence in touched - empty:
            self._cut_period(occurrence, suspension)
        # without a period, as one that was added by hand may be
        dates = planned.filtered(
            lambda o: not o.period_start and suspension.start <= o.date <= suspension.end
        )
        self._credit_suspended(suspension)
        return empty | dates

    def _cut_period(self, occurrence, suspension):
        """Bill of a period what lies before a pause, and what lies after it."""
        resumed = suspension.end + timedelta(days=1)
        end, date = occurrence.period_end, max(occurrence.date, resumed)
        engine = occurrence.with_context(**ENGINE_CONTEXT)
        if occurrence.period_start >= suspension.start:
            engine.write(
                {
                    "date": date,
                    "period_start": resumed,
                    "is_pinned": True,
                    "is_moved": date != occurrence.date,
                }
            )
            return
        engine.write({"period_end": suspension.start - timedelta(days=1), "is_pinned": True})
        if end > suspension.end:
            self._add_period(resumed, end, occurrence.number, date)

    def _credit_suspended(self, suspension):
        """Give back in a draft what was billed for the days of a pause."""
        changes = self._get_ending_changes(suspension.start)
        try:
            found = self._find_corrections(suspension.start, changes, suspension.end)
            move = self._create_correction(self._prepare_correction(found), found, {})
        except UserError as error:
            self._message_log(
                body=self.env._(
                    "What was billed for the pause is not credited: %(reason)s", reason=str(error)
                )
            )
            return
        if move:
            self._message_log(
                body=self.env._(
                    "What was billed for the pause, %(start)s – %(end)s, is credited in a draft: "
                    "%(link)s",
                    start=format_date(self.env, suspension.start),
                    end=format_date(self.env, suspension.end),
                    link=move._get_html_link(),
                )
            )

    # === ADDED AT THE END === #

    def _add_suspended(self, first, end, as_of):
        """Add the time of a pause at the end, and plan the dates that come of it.

        :param first: first day of the pause
        :param end: the day on which it goes on
        :param as_of: the company's today, a ``date``
        """
        days = self._get_suspended_dates(first, end)
        spans = self._get_suspended_spans(days, first, end)
        if not spans:
            return
        vals = {
            name: self._put_off(self[name], spans)
            for name in ("notice_end", "renewed_until")
            if self[name]
        }
        if self.end_type == "end_date":
            vals.update(until=self._put_off(self.until, spans), duration_number=0)
        elif self.end_type == "count":
            vals["count"] = self.count + len(days)
        known = [*self._get_suspensions(), *spans]
        vals["suspensions"] = [[day.isoformat() for day in span] for span in known]
        was_stale = self.rule_stale
        self.with_context(**ENGINE_CONTEXT).write(vals)
        self._message_log(
            body=self.env._(
                "Paused, and added at the end: %(spans)s.",
                spans=", ".join(
                    f"{format_date(self.env, span.start)} – {format_date(self.env, span.end)}"
                    for span in spans
                ),
            )
        )
        if self.rule_stale and not was_stale:
            self._regenerate(as_of, first=first)

    def _get_suspended_dates(self, first, end):
        """Return the dates of the rule in a pause that nobody bills, also after its own end."""
        rule = replace(self._get_composed_rule(), end_type="forever", count=None, until=None)
        kept = self.occurrence_ids.filtered(lambda o: o.state != "planned" or o.is_wanted)
        taken = set(kept.mapped("rule_date"))
        try:
            days = rule.rule_dates(first, end - timedelta(days=1))
        except RuleError:
            return []
        return [day for day in days if day not in taken]

    def _get_suspended_spans(self, days, first, end):
        """Return what is not billed of a pause, as list of Suspension in its order.

        :param days: the dates of the rule that are suspended
        """
        if self._is_suspended_by_days():
            return [Suspension(first, end - timedelta(days=1))]
        rule = self._get_composed_rule()
        return join_suspensions(Suspension(*rule.period(day, self.period_paid)) for day in days)

    @staticmethod
    def _put_off(day, spans):
        for span in spans:
            day = put_off(day, span)
        return day
