"""The pure engine of recurrences as a player of histories."""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from .schedule_rule import FIRST_DAY, HORIZON, WEEKEND, Row

try:
    from odoo.addons.account_recurrence_dunning.tools.recurrence import plan as recurrence_plan
    from odoo.addons.account_recurrence_dunning.tools.recurrence import rule as recurrence_rule
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tools.recurrence import plan as recurrence_plan
    from tools.recurrence import rule as recurrence_rule


class Planner:
    """The pure engine of ``tools/``, with a plain list in the place of the database.

    Its job is the simplest one that may be: what is due is to do.
    """

    pays = True
    today = FIRST_DAY

    def __init__(self, setting):
        self.rule, self.catch_up, self.list = setting["rule"], setting["catch_up"], []
        self.until, self.stale = None, False
        self.paused = self.resume_on = None
        self.state = "running"
        self.calendar = recurrence_rule.WorkingCalendar(frozenset(WEEKEND))

    def rows(self):
        return self.list

    def engine_rule(self):
        rule = self.rule
        return recurrence_rule.RecurrenceRule(
            FIRST_DAY + timedelta(rule.start),
            rule.kind,
            rule.every,
            frozenset(rule.weekdays),
            rule.month_by,
            rule.day,
            str(rule.nth),
            rule.weekday,
            rule.end,
            rule.count,
            FIRST_DAY + timedelta(rule.until),
            rule.month_end,
            rule.shift,
        )

    def generate(self, today):
        rule = self.engine_rule()
        start = self.until + timedelta(1) if self.until else rule.date_start
        counting = [row for row in self.list if not row.manual]
        number = max((row.number for row in counting), default=0)
        horizon = today + timedelta(HORIZON)
        paying = [
            recurrence_plan.Row(0, row.rule_date, period_start=row.start, period_end=row.end)
            for row in sorted(self.list, key=lambda row: row.start)
            if row.state != "skipped" and not row.manual and row.end >= start
        ]
        news, complete = recurrence_plan.extend(
            rule,
            self.calendar,
            number,
            start,
            horizon,
            used=len(counting),
            taken={row.rule_date for row in self.list if row.manual},
            covering=paying,
        )
        first = self.until is None
        new = [self.row(found) for found in news]
        past = [row for row in new if row.state == "planned" and row.date < today]
        if first and self.catch_up != "all":
            for row in past[:-1] if self.catch_up == "last" else past:
                row.state = "skipped"
        self.list += new
        if complete or new:
            reached = horizon if complete else new[-1].rule_date
            self.until = max(self.until or reached, reached)

    def row(self, new):
        day = new.item.date
        row = Row(new.item.rule_date, day or new.item.rule_date, "planned" if day else "skipped")
        row.number, row.start, row.end = new.number, new.period_start, new.period_end
        row.left_out = not day
        return row

    def run(self, today):
        if self.paused is not None and self.resume_on and self.resume_on <= today:
            self.resume(self.resume_on)
        if self.paused is not None or self.state == "finished":
            return
        if not self.stale:
            self.generate(today)
        due = [row for row in self.list if row.state == "planned" and row.date <= today]
        due = self.given(due, today)
        due.sort(key=lambda row: (row.date, row.rule_date))
        open_ones = [row for row in due if not (row.manual or row.pinned or row.moved)]
        past = [row for row in open_ones if row.date < today]
        # the last one stands for those before it, unless there is one of today to do
        last_one = past if len(past) < len(open_ones) else past[:-1]
        missed = {"all": [], "last": last_one, "skip": past}[self.catch_up]
        for row in due:
            row.state = "skipped" if row in missed else "todo"

    def edit(self, rule):
        self.stale = self.stale or rule != self.rule
        self.rule = rule

    def given(self, due, today):
        """What of the due rows a rule that was changed leaves where they are."""
        days = [row.rule_date for row in due if not row.fixed]
        if not (self.stale and days):
            return due
        plan = self.plan(today, min(days), max(days))
        given = {
            id(self.list[row.id]): (new.item.date, new.period_start, new.period_end)
            for row, new in plan.kept
        }
        return [
            row for row in due if row.fixed or given.get(id(row)) == (row.date, row.start, row.end)
        ]

    def plan(self, today, first, horizon):
        rows = [
            recurrence_plan.Row(
                index,
                row.rule_date,
                row.number,
                row.fixed or (row.left_out and row.rule_date < today),
                row.state != "skipped" and not row.manual,
                not row.manual,
                row.start,
                row.end,
            )
            for index, row in enumerate(self.list)
        ]
        return recurrence_plan.reconcile(self.engine_rule(), self.calendar, rows, first, horizon)

    def regenerate(self, today):
        horizon = today + timedelta(HORIZON)
        plan = self.plan(today, today, horizon)
        for row, new in plan.kept:
            fresh = self.row(new)
            self.list[row.id] = replace(fresh, bills=self.list[row.id].bills)
        gone = {row.id for row in plan.removed}
        self.list = [row for index, row in enumerate(self.list) if index not in gone]
        self.list += [self.row(new) for new in plan.added]
        self.until, self.stale = horizon, False
        return True

    def pause(self, today, until=None):
        if self.paused is None:
            self.paused, self.resume_on = today, until

    def resume(self, today):
        if self.paused is None:
            return
        today = min(today, self.resume_on or today)
        for row in self.list:
            if row.state == "planned" and self.paused <= row.date < today:
                row.state = "skipped"
        self.paused = self.resume_on = None

    def skip(self, row):
        row.state = "skipped"
        row.left_out = False
        return True

    def move(self, row, day):
        row.date, row.moved = day, True
        return True

    def plan_again(self, row):
        row.state, row.left_out, row.pinned = "planned", False, True
        return True

    def add(self, day):
        if any(row.rule_date == day for row in self.list):
            return False
        start, end = self.engine_rule().period(day)
        self.list.append(Row(day, day, "planned", manual=True, start=start, end=end))
        return True

    def done(self, row):
        row.state, row.bills = "done", 1
        return True
