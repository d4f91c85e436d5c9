from odoo import api, models

from .recurrence_occurrence_invoice_mixin import OPEN_STATES


class RecurrenceOccurrenceBilledBeforeMixin(models.AbstractModel):
    """Knows what other dates have billed, or will, of lines that are not on each date."""

    _name = "recurrence.occurrence.billed.before.mixin"
    _description = "Lines Billed by Other Recurrence Dates"

    def _get_billed_spans(self):
        """Return what was billed of lines that are not on each date, by the date that billed it.

        :return: dict line → list of (rule date, last day billed)
        """
        lines = self.schedule_id.template_move_id.sudo().line_ids
        is_counted = any(line.recurrence_quantity_id or line.recurrence_formula for line in lines)
        spans = self._get_counted_spans() if is_counted else {}
        lines = lines.filtered(lambda line: line.recurrence_every > 1)
        if lines:
            billed = self.env["account.move.line"].sudo()
            for found in billed.search(
                [("recurrence_line_id", "in", lines.ids), ("parent_state", "!=", "cancel")]
            ):
                day = found._recurrence_get_date().rule_date
                if day and found.recurrence_billed_end:
                    span = day, found.recurrence_billed_end
                    spans.setdefault(found.recurrence_line_id, []).append(span)
        return spans

    def _get_counted_spans(self):
        """Return the days that were counted already, as ``_get_billed_spans`` does."""
        counts = self.env["recurrence.quantity.count"].sudo()
        spans = {}
        for count in counts.search(
            [
                ("occurrence_id.schedule_id", "in", self.schedule_id.ids),
                ("line_id", "!=", False),
                ("date_end", "!=", False),
                ("is_standing", "=", True),
            ]
        ):
            span = count.occurrence_id.rule_date, count.date_end
            spans.setdefault(count.line_id, []).append(span)
        return spans

    def _get_once(self):
        """Return on which dates lines that are billed once are, or would be, billed.

        :return: dict line → recurrence.occurrence: where it was billed, else the first open date
            from its start on
        """
        templates = self.schedule_id.template_move_id.sudo()
        lines = templates.line_ids.filtered(lambda line: line.recurrence_billing == "once")
        if not lines:
            return {}
        billed = self.env["account.move.line"].sudo()
        billed = billed.search(
            [("recurrence_line_id", "in", lines.ids), ("parent_state", "!=", "cancel")]
        )
        used = {
            line: self.browse().union(*(found._recurrence_get_date() for found in group))
            for line, group in billed.grouped("recurrence_line_id").items()
        }
        waiting = self._get_not_invoiced(lines.move_id.recurrence_schedule_id)
        return {
            line: used.get(line)
            or self._get_first_open(line, waiting.get(line.move_id.recurrence_schedule_id))
            for line in lines
        }

    @api.model
    def _get_not_invoiced(self, schedules):
        """Return the open dates of schedules that no invoice stands for, in their order."""
        rows = self.env["recurrence.occurrence"].sudo()
        rows = rows.search(
            [
                ("schedule_id", "in", schedules.ids),
                ("state", "in", OPEN_STATES),
                "|",
                ("move_id", "=", False),
                ("move_id.state", "=", "cancel"),
            ],
            order="rule_date, id",
        )
        return rows.grouped("schedule_id")

    def _get_first_open(self, line, waiting):
        """Return the date that bills a line once, and has not yet."""
        start = line.recurrence_start
        for row in waiting or ():
            if not start or (row.period_end and row.period_end >= start):
                return row.with_env(self.env)
        # shown of a date that is not planned yet: the first of those that are not
        schedule = line.move_id.recurrence_schedule_id
        imagined = self.filtered(lambda o: not o._origin and o.schedule_id == schedule)
        return imagined.filtered(lambda o: o._is_first_to_plan(start))

    def _is_first_to_plan(self, start):
        """Whether a date that is imagined is the first not planned yet whose period reaches a day.

        :param start: that day; None: any
        """
        schedule = self.schedule_id
        rule = schedule._get_rule()
        # not what is in memory: the imagined date itself is
        rows = self.env["recurrence.occurrence"].sudo()
        [[planned]] = rows._read_group(
            [("schedule_id", "=", schedule.id)], aggregates=["rule_date:max"]
        )
        for day in rule.iter_rule_dates(planned):
            if day == planned or (start and rule.period(day, schedule.period_paid)[1] < start):
                continue
            return day == self.rule_date
        return False
