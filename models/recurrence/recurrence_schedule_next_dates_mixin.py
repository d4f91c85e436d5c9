from datetime import date

from odoo import models

from ...tools.recurrence.plan import reconcile, upcoming
from ...tools.recurrence.rule import RuleDate
from .recurrence_occurrence_invoice_mixin import OPEN_STATES


class RecurrenceScheduleNextDatesMixin(models.AbstractModel):
    """The next dates of a schedule, as its form and forecasts show them; nothing is written."""

    _name = "recurrence.schedule.next.dates.mixin"
    _description = "Next Dates of a Recurrence"

    def _get_next_dates(self, rule, as_of, limit=None, until=None, calendar=None):
        """Return the next dates: what is planned and stays, plus what the rule adds.

        :param rule: its ``RecurrenceRule``, also one that is not saved yet
        :param limit: so many at most
        :param until: in place of a limit, the last date of the rule that is asked for
        :param calendar: the working days, where they are known already
        :return: list of ``RuleDate``, none earlier than ``as_of``
        """
        occurrences = self.sudo().occurrence_ids
        rows = [self._get_plan_row(occurrence, as_of) for occurrence in occurrences]
        calendar = calendar or self.company_id._recurrence_get_calendar(as_of, until or date.max)
        items, staying = self._get_dates_of_rule(rule, calendar, rows, as_of, limit, until)
        items += self._get_staying_items(occurrences.filtered(lambda o: o.id in staying))
        wanted = {row.rule_date for row in occurrences if row.is_wanted}
        items = [item for item in items if not self._is_passed_over(item, as_of, wanted)]
        return sorted(items, key=lambda item: item.date or item.rule_date)[:limit]

    def _get_staying_items(self, occurrences):
        """Return the dates that stay whatever the rule says, as far as they are to come."""
        return [
            RuleDate(
                occurrence.rule_date,
                occurrence.date,
                False,
                occurrence.date != occurrence.rule_date,
                self.env._("moved by hand") if occurrence.is_moved else "",
            )
            for occurrence in occurrences
            if occurrence.state in OPEN_STATES
        ]

    def _get_dates_of_rule(self, rule, calendar, rows, as_of, limit, until):
        """Return the next dates that the rule gives, and the ids of the rows that stay beside them.

        :param rows: what planning knows of all occurrences there are
        """
        if not self.generated_until:
            # generating counts from the start, whatever lies before today
            most = limit and limit + len(rows)
            dates = rule.rule_dates(max(as_of, rule.date_start), until, most)
            taken = {row.rule_date for row in rows}
            items = [rule.resolve(day, calendar) for day in dates if day not in taken]
            return items, {row.id for row in rows}
        if self.state == "finished":
            return [], {row.id for row in rows}
        if until:
            plan = reconcile(rule, calendar, rows, as_of, until, paid=self.period_paid)
        else:
            plan = upcoming(rule, calendar, rows, as_of, limit, paid=self.period_paid)
        items = self._get_kept_items(rule, plan) + [new.item for new in plan.added]
        return items, {row.id for row in plan.fixed}

    def _get_kept_items(self, rule, plan):
        """Return the planned dates as they stand: what is due is seen by their own days.

        Under a rule that was changed they are shown as regenerating would make them.
        """
        is_changed = self.rule_stale or rule != self._get_rule()
        own = {
            occurrence.id: occurrence.date
            for occurrence in self.sudo().occurrence_ids
            if occurrence.state in OPEN_STATES and not is_changed
        }
        items = []
        for row, new in plan.kept:
            item, day = new.item, own.get(row.id)
            if day and item.date:
                item = item._replace(date=day, shifted=day != item.rule_date)
            items.append(item)
        return items

    def _is_passed_over(self, item, as_of, wanted):
        """Whether a date is no next one: it has passed, or the pause takes it.

        :param wanted: rule dates that a person wants; they wait until the pause is over
        """
        day = item.date or item.rule_date
        if day < as_of:
            return True
        if item.rule_date in wanted or self.state != "paused" or not self.resume_date:
            return False
        return self.pause_date <= day < self.resume_date
