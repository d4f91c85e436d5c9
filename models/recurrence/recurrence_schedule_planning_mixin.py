from collections import defaultdict
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models

from ...tools.common.sealed import ON
from ...tools.recurrence.plan import (
    MAX_ROWS,
    New,
    Row,
    extend,
    reconcile,
    rule_dates_left,
)

# A count that reaches further is taken from the anchor.
MAX_LOOK_AHEAD = 7200

ENGINE_CONTEXT = {"recurrence_engine_write": ON, "tracking_disable": True}


class RecurrenceSchedulePlanningMixin(models.AbstractModel):
    """Turns rules into occurrences: generates them once, extends them, reconciles them."""

    _name = "recurrence.schedule.planning.mixin"
    _description = "Planning of Recurrences"

    # === GENERATE AND EXTEND === #

    def _generate(self, as_of):
        """Create the occurrences that are missing up to the horizon.

        Safe to be killed, repeated and run by several workers: the schedules are locked, those
        somebody else works on are left to him, and the database refuses a second row for a date.

        :param as_of: the company's today, a ``date``
        :return: dict of schedule → number of occurrences created, without those not locked
        """
        schedules = self.try_lock_for_update(allow_referencing=True)
        if not schedules:
            return {}
        horizon = self._get_horizon(schedules.company_id, as_of)
        facts = schedules._get_planning_facts(as_of)
        calendar = schedules._get_working_calendar(as_of, horizon)
        schedules._shift_again(calendar, as_of)
        vals_list, result, until = [], {}, defaultdict(list)
        for schedule in schedules:
            news, complete = schedule._get_news(facts, calendar, horizon)
            new_vals = [schedule._prepare_occurrence_vals(new) for new in news]
            if not schedule.generated_until:
                schedule._skip_past(new_vals, as_of)
            vals_list += new_vals
            result[schedule] = len(new_vals)
            if not (complete or news):
                # as many are planned as may be: they go on when the first of them have passed
                continue
            reached = horizon if complete else news[-1].item.rule_date
            # never back: a day in the past may be played on a schedule planned from a later one
            until[max(reached, schedule.generated_until or reached)].append(schedule.id)
        self._create_occurrences(vals_list)
        for day, ids in until.items():
            records = schedules.browse(ids).sudo().with_context(**ENGINE_CONTEXT)
            records.write({"generated_until": day})
        schedules._update_last_date()
        schedules.filtered(result.get)._refresh_expected()
        return result

    def _get_missing(self, as_of):
        """Return the dates that generating one schedule would create, as ``RuleDate``."""
        horizon = self._get_horizon(self.company_id, as_of)
        calendar = self._get_working_calendar(as_of, horizon)
        facts = self._get_planning_facts(as_of)
        news, _complete = self._get_news(facts, calendar, horizon)
        return [new.item for new in news]

    @api.model
    def _get_horizon(self, company, as_of):
        """Return the last day to plan: so many months ahead as the company has set."""
        return as_of + relativedelta(months=max(company.recurrence_horizon_months, 1))

    def _get_planning_facts(self, as_of):
        """Return what planning must know of the existing rows, in a few queries.

        :return: dict of schedule → (last number, number of rows of the rule, rows open ahead, dates
            added by hand, rows that pay for days beyond those that are planned)
        """
        occurrences = self.env["recurrence.occurrence"].sudo()
        domain = [("schedule_id", "in", self.ids)]
        ahead = [("state", "=", "planned"), ("date", ">=", as_of)]
        numbers = {
            schedule: (number, count)
            for schedule, number, count in occurrences._read_group(
                [*domain, ("is_manual", "=", False)], ["schedule_id"], ["number:max", "__count"]
            )
        }
        open_ahead = dict(occurrences._read_group(domain + ahead, ["schedule_id"], ["__count"]))
        by_hand = defaultdict(set)
        for row in occurrences.search_fetch(
            [*domain, ("is_manual", "=", True)], ["schedule_id", "rule_date"]
        ):
            by_hand[row.schedule_id].add(row.rule_date)
        covering = self._get_covering()
        return {
            schedule: (
                *numbers.get(schedule, (0, 0)),
                open_ahead.get(schedule, 0),
                by_hand.get(schedule, ()),
                covering.get(schedule, ()),
            )
            for schedule in self
        }

    def _get_covering(self):
        """Return the rows of invoice schedules that pay for days beyond those planned already.

        A yearly one that became monthly leaves such a row behind.
        """
        result = defaultdict(list)
        invoicing = self.filtered(lambda s: s.target == "invoice" and s.generated_until)
        if not invoicing:
            return result
        first = min(invoicing.mapped("generated_until"))
        domain = [
            ("schedule_id", "in", invoicing.ids),
            ("state", "!=", "skipped"),
            "|",
            ("is_rest", "=", True),
            ("is_manual", "=", False),
            ("period_end", ">", first),
        ]
        occurrences = self.env["recurrence.occurrence"].sudo().search(domain, order="period_start")
        for occurrence in occurrences:
            if occurrence.period_end > occurrence.schedule_id.generated_until:
                row = self._get_plan_row(occurrence, occurrence.date)
                result[occurrence.schedule_id].append(row)
        return result

    def _get_working_calendar(self, as_of, horizon):
        """Return the working days, or None where no rule asks for them."""
        if all(schedule.day_shift == "none" for schedule in self):
            return None
        first = min(schedule.generated_until or schedule.date_start for schedule in self)
        return self.company_id._recurrence_get_calendar(min(first, as_of), max(horizon, first))

    def _shift_again(self, calendar, as_of):
        """Put planned dates on the working days of now: a day off may have been added since.

        Dates that a person has touched stay, and none is put on a day that has passed.
        """
        shifting = self.filtered(
            lambda s: s.day_shift != "none" and s.generated_until and not s.rule_stale
        )
        if not shifting:
            return
        occurrences = self.env["recurrence.occurrence"].sudo().with_context(**ENGINE_CONTEXT)
        rows = occurrences.search(
            [
                ("schedule_id", "in", shifting.ids),
                ("date", ">=", as_of),
                "|",
                ("state", "=", "planned"),
                ("is_left_out", "=", True),
            ]
        )
        for schedule, group in rows.grouped("schedule_id").items():
            rule = schedule._get_rule()
            for row in group:
                item = rule.resolve(row.rule_date, calendar)
                if self._get_plan_row(row, as_of).fixed or (item.date or as_of) < as_of:
                    continue
                new = New(item, row.number, row.period_start, row.period_end)
                schedule._update_occurrence(row, new)

    def _get_news(self, facts, calendar, horizon):
        """Return the occurrences one schedule still misses, and whether these are all of them."""
        number, used, open_ahead, by_hand, covering = facts[self]
        start = self.date_start
        if self.generated_until:
            start = max(start, self.generated_until + timedelta(days=1))
        return extend(
            self._get_rule(),
            calendar,
            number,
            start,
            horizon,
            max(MAX_ROWS - open_ahead, 0),
            used=used,
            paid=self.period_paid,
            taken=by_hand,
            covering=covering,
        )

    def _get_last_date(self):
        """Return the last date of a schedule that ends, planned already or not; else False.

        The count goes on from the dates there are, as they may come from an earlier rule.
        """
        return self._get_last_of(self._get_rule())

    def _get_last_of(self, rule):
        """Return the last date that a rule gives after the dates there are; else False.

        :param rule: a ``RecurrenceRule``
        """
        if rule.end_type == "forever":
            return False
        if rule.end_type == "end_date":
            return rule.last_date() or False
        rows = self.occurrence_ids.filtered(lambda o: not o.is_manual)
        number = len(rows)
        last = max(rows.mapped("rule_date"), default=False)
        if number >= rule.count:
            return last
        if not last or rule.count - number > MAX_LOOK_AHEAD:
            return rule.last_date() or False
        start = max(last + timedelta(days=1), rule.date_start)
        dates = rule_dates_left(rule, number, start, date.max, MAX_LOOK_AHEAD)
        return dates[-1] if dates else last

    def _skip_past(self, vals_list, as_of):
        """Decide on the dates before today when a schedule with an earlier start begins."""
        if self.catch_up == "all":
            return
        past = [v for v in vals_list if v["state"] == "planned" and v["date"] < as_of]
        if self.catch_up == "last":
            past = past[:-1]
        for vals in past:
            vals.update(
                state="skipped", skip_reason=self.env._("Before the recurrence was started")
            )

    def _prepare_occurrence_vals(self, new):
        item = new.item
        vals = {
            "schedule_id": self.id,
            "rule_date": item.rule_date,
            "date": item.date or item.rule_date,
            "number": new.number,
            "period_start": new.period_start,
            "period_end": new.period_end,
            "state": "planned",
            "is_left_out": not item.date,
            "skip_reason": False,
        }
        if not item.date:
            reason = self.env["recurrence.rule.mixin"]._get_free_day_reason(item)
            vals.update(
                state="skipped",
                skip_reason=self.env._("Not a working day: %(reason)s", reason=reason),
            )
        return vals

    @api.model
    def _create_occurrences(self, vals_list):
        return (
            self.env["recurrence.occurrence"]
            .sudo()
            .with_context(**ENGINE_CONTEXT)
            .create(vals_list)
        )

    # === REGENERATE === #

    def _get_plan(self, as_of, chosen=(), rule=None, rows=None, first=None):
        """Return what regenerating would keep, remove and add; nothing is written.

        :param first: earlier dates are not added; None: before ``as_of``
        :param chosen: rule dates to plan although their period is covered already
        :param rule: None: the rule of the schedule
        :param rows: what planning knows of all occurrences; None: as they are
        :return: a ``Plan`` of ``tools.recurrence.plan``
        """
        if rows is None:
            rows = [self._get_plan_row(row, as_of) for row in self.sudo().occurrence_ids]
        horizon = self._get_horizon(self.company_id, as_of)
        first = min(first or as_of, as_of)
        calendar = self.company_id._recurrence_get_calendar(first, max(horizon, self.date_start))
        return reconcile(
            rule or self._get_rule(),
            calendar,
            rows,
            first,
            horizon,
            paid=self.period_paid,
            chosen=chosen,
        )

    @api.model
    def _get_plan_row(self, occurrence, as_of):
        """Return what planning must know of one occurrence."""
        changed = occurrence.is_moved or occurrence.is_manual or occurrence.is_pinned
        if occurrence.state == "todo":
            is_over = occurrence.date <= as_of
        else:
            # what was left out on a day that has passed is not made up for
            is_open = occurrence.is_left_out and occurrence.rule_date >= as_of
            is_over = occurrence.state != "planned" and not is_open
        fixed = bool(changed or is_over or occurrence.move_id)
        return Row(
            occurrence.id,
            occurrence.rule_date,
            occurrence.number,
            fixed=fixed,
            covers=self._covers_period(occurrence),
            counts=not occurrence.is_manual,
            period_start=occurrence.period_start or None,
            period_end=occurrence.period_end or None,
        )

    @api.model
    def _covers_period(self, occurrence):
        """Whether a date bills its period, so that no other one does."""
        # only invoices have periods: two calls in one week are two calls
        if occurrence.target != "invoice" or occurrence.state == "skipped":
            return False
        return occurrence.is_rest or not occurrence.is_manual

    def _apply_plan(self, plan, as_of, first=None):
        """Carry out a plan made by ``_get_plan`` in the same transaction.

        :param first: as ``_get_plan`` had it
        :return: number of occurrences added
        """
        occurrences = self.env["recurrence.occurrence"].sudo().with_context(**ENGINE_CONTEXT)
        removed = occurrences.browse([row.id for row in plan.removed])
        removed._drop_activities()
        removed.unlink()
        for row, new in plan.kept:
            self._update_occurrence(occurrences.browse(row.id), new)
        self._create_occurrences([self._prepare_occurrence_vals(new) for new in plan.added])
        horizon = self._get_horizon(self.company_id, as_of)
        cut = sum(day >= (first or as_of) for day in plan.dates) >= MAX_ROWS
        last = max(plan.dates, default=horizon)
        self.sudo().with_context(**ENGINE_CONTEXT).write(
            {"generated_until": last if cut else horizon}
        )
        self._update_last_date()
        self._refresh_expected()
        return len(plan.added)

    def _update_occurrence(self, occurrence, new):
        """Write on an occurrence what the rule now gives for its date, where it is another."""
        vals = self._prepare_occurrence_vals(new)
        if occurrence.state == "todo" and new.item.date:
            vals.pop("state")
        for name in ("schedule_id", "rule_date"):
            vals.pop(name)
        changed = {k: v for k, v in vals.items() if occurrence[k] != v}
        if not changed:
            return
        if "state" in changed:
            occurrence._drop_activities()
        occurrence.write(changed)
        if "date" in changed:
            occurrence._redate_activities()
