from dataclasses import replace
from datetime import date, timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.recurrence.term import Suspension, join_suspensions, put_off
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
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
        missed = self._get_missed_in(first, end)
        if self._is_suspended_by_days():
            missed = self._suspend_days(Suspension(first, end - timedelta(days=1)))
        missed.with_context(**ENGINE_CONTEXT).write(
            {"state": "skipped", "skip_reason": self.env._("Paused")}
        )

    def _get_missed_in(self, first, end):
        """Return the dates that a pause leaves out where whole periods are billed."""
        return self.occurrence_ids.filtered(
            lambda o: o.state == "planned" and not o.is_wanted and first <= o.date < end
        )

    def _is_suspended_by_days(self):
        return self.target == "invoice" and self.proration != "whole"

    # === BY DAYS === #

    def _suspend_days(self, suspension):
        """Take the days of a pause out of the periods that are billed by days.

        What is to do already is cut as well, but stays to do.

        :param suspension: Suspension
        :return: the dates of which no day is left
        """
        waiting = self.occurrence_ids.filtered(
            lambda o: o.state in OPEN_STATES and o.move_id.state != "posted"
        )
        planned = waiting.filtered(lambda o: o.state == "planned" and not o.is_wanted)
        touched = waiting.filtered(
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
        empty &= planned
        self._ask_about_drafts(touched, suspension)
        # without a period, as one that was added by hand may be
        dates = planned.filtered(
            lambda o: not o.period_start and suspension.start <= o.date <= suspension.end
        )
        self._credit_suspended(suspension)
        return empty | dates

    def _cut_period(self, occurrence, suspension):
        """Bill of a period what lies before a pause, and what lies after it."""
        resumed = suspension.end + timedelta(days=1)
        end, falls_on = occurrence.period_end, max(occurrence.date, resumed)
        engine = occurrence.with_context(**ENGINE_CONTEXT)
        if occurrence.period_start >= suspension.start:
            engine.write(
                {
                    "date": falls_on,
                    "period_start": resumed,
                    "is_pinned": True,
                    "is_wanted": True,
                    "is_moved": falls_on != occurrence.date,
                }
            )
            return
        last = suspension.start - timedelta(days=1)
        engine.write({"period_end": last, "is_pinned": True, "is_wanted": True})
        if end > suspension.end:
            self._add_period(resumed, end, occurrence.number, falls_on)

    def _ask_about_drafts(self, dates, suspension):
        """Tell the responsible of drafts that bill days of a pause.

        :param dates: recurrence.occurrence that bill days of it
        """
        drafted = dates.filtered(lambda o: o.move_id.state == "draft")
        for occurrence in drafted:
            day = occurrence.date
            self._ask_responsible(
                lambda spoken: spoken.env._("A draft bills days of the pause"),
                lambda spoken, day=day: spoken.env._(
                    "The draft invoice of %(date)s bills days of the pause, %(start)s – %(end)s. "
                    "Cancel it to have it created anew.",
                    date=format_date(spoken.env, day),
                    start=format_date(spoken.env, suspension.start),
                    end=format_date(spoken.env, suspension.end),
                ),
            )

    def _credit_suspended(self, suspension):
        """Give back in a draft what was billed for the days of a pause."""
        # what was counted was used, whatever the pause
        changes = [
            change
            for change in self._get_ending_changes(suspension.start)
            if not (change.line.recurrence_quantity_id or change.line.recurrence_formula)
        ]
        dates = self._get_billing_from(suspension.start)
        try:
            with self.env.cr.savepoint():
                found = self._find_corrections(suspension.start, changes, suspension.end, dates)
                move = self._create_correction(self._prepare_correction(found), found, {})
        except UserError as error:
            reason = str(error)
            self._ask_responsible(
                lambda spoken: spoken.env._("Credit what was billed for the pause"),
                lambda spoken: spoken.env._(
                    "What was billed for the pause, %(start)s – %(end)s, is not credited: "
                    "%(reason)s",
                    start=format_date(spoken.env, suspension.start),
                    end=format_date(spoken.env, suspension.end),
                    reason=reason,
                ),
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
        missed = self._get_missed_in(first, end)
        days = self._get_days_beyond(first, end)
        spans = self._get_suspended_spans(missed, days, first, end)
        if not spans:
            return
        vals = self._get_later_ends(spans, first)
        if self.end_type == "count" and "until" not in vals:
            vals["count"] = self.count + len(days) + len(missed.filtered(lambda o: not o.is_manual))
        was_stale, before = self.rule_stale, self._get_last_billed_day()
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
            if before:
                self._bill_on_from(before)

    def _get_later_ends(self, spans, first):
        """Return the ends that are put off, and the suspensions there are then, as values.

        :param spans: list of Suspension
        :param first: first day of the pause
        """
        ends = ["renewed_until"]
        if self.notice_date and self.notice_date < first:
            # later, people agreed on the day knowing of the pause
            ends.append("notice_end")
        vals = {name: self._put_off(self[name], spans) for name in ends if self[name]}
        until = self.end_type == "end_date" and self.until
        if self.end_type == "count" and self._is_suspended_by_days():
            until = self._get_composed_rule().period(self._get_last_date(), self.period_paid)[1]
        if until:
            until = self._put_off(until, spans)
            vals.update(end_type="end_date", until=until, duration_number=0)
        known = [*self._get_suspensions(), *spans]
        return {**vals, "suspensions": [[day.isoformat() for day in span] for span in known]}

    def _get_last_billed_day(self):
        """Return the last day that the rule bills by days, or False."""
        return self._get_agreement_end() or (self.end_type == "end_date" and self.until)

    def _get_days_beyond(self, first, end):
        """Return the dates in a pause that the rule would have after its own end."""
        rule = replace(self._get_composed_rule(), end_type="forever", count=None, until=None)
        last = max(self.occurrence_ids.mapped("rule_date"), default=date.min)
        return [day for day in rule.rule_dates(first, end - timedelta(days=1)) if day > last]

    def _get_suspended_spans(self, missed, days, first, end):
        """Return what is not billed of a pause, as list of Suspension in its order.

        :param missed: the dates that are left out
        :param days: dates of the rule beyond its end
        """
        if self._is_suspended_by_days():
            return [Suspension(first, end - timedelta(days=1))]
        rule = self._get_composed_rule()
        periods = [(o.period_start, o.period_end) for o in missed if o.period_start]
        periods += [rule.period(day, self.period_paid) for day in days]
        return join_suspensions(Suspension(*period) for period in periods)

    @staticmethod
    def _put_off(day, spans):
        for span in spans:
            if span.start <= day:
                day = put_off(day, span)
        return day
