from odoo import Command, api, fields, models
from odoo.tools import format_date

from ...models.common.client_action import CLOSE, notify


class RecurrenceScheduleRegenerate(models.TransientModel):
    """Lists which dates are kept, removed, added or covered, before anything changes."""

    _name = "recurrence.schedule.regenerate"
    _description = "Regenerate the Dates of a Recurrence"
    _inherit = "recurrence.dunning.own.record.mixin"

    schedule_id = fields.Many2one("recurrence.schedule", string="Recurrence", required=True)
    rule_summary = fields.Char(related="schedule_id.rule_summary", related_sudo=False)
    line_ids = fields.One2many("recurrence.schedule.regenerate.line", "dialog_id")
    plan_key = fields.Char(readonly=True)
    kept_count = fields.Integer(readonly=True)
    removed_count = fields.Integer(readonly=True)
    added_count = fields.Integer(readonly=True)
    covered_count = fields.Integer(readonly=True)
    gap_message = fields.Char(readonly=True)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        schedule = self.env["recurrence.schedule"].browse(values.get("schedule_id"))
        if schedule:
            values.update(self._prepare_plan(schedule))
        return values

    @api.model
    def _prepare_plan(self, schedule):
        """Return the values of the dialog that show what regenerating would do today."""
        as_of = schedule.company_id._get_job_today()
        plan = schedule._get_plan(as_of)
        lines = [*self._prepare_changes(plan), *self._prepare_kept(plan)]
        lines.sort(key=lambda line: (line["date"], line["effect"]))
        return {
            "plan_key": self.env["recurrence.schedule"]._get_plan_key(plan),
            "kept_count": len(plan.kept) + len(plan.fixed),
            "removed_count": len(plan.removed),
            "added_count": len(plan.added),
            "covered_count": len(plan.covered),
            "gap_message": schedule._get_gap_message(plan),
            "line_ids": [Command.create(line) for line in lines],
        }

    @api.model
    def _prepare_changes(self, plan):
        """Return the values of the lines for dates that are added, removed or covered."""
        for new in plan.added:
            flags = ", ".join(
                flag["text"] for flag in self.env["recurrence.rule.mixin"]._get_date_flags(new.item)
            )
            yield self._prepare_line("added", new.item.rule_date, new.item.date, flags)
        occurrences = self.env["recurrence.occurrence"]
        for occurrence in occurrences.browse([row.id for row in plan.removed]):
            yield self._prepare_line("removed", occurrence.rule_date, occurrence.date)
        for covered in plan.covered:
            row = occurrences.browse(covered.row.id)
            yield self._prepare_line(
                "covered",
                covered.item.rule_date,
                covered.item.date,
                self._get_covered_reason(row, covered.row),
            )

    @api.model
    def _get_covered_reason(self, occurrence, row):
        params = {
            "date": format_date(self.env, occurrence.date),
            "first": format_date(self.env, row.period_start),
            "last": format_date(self.env, row.period_end),
        }
        if occurrence.move_id:
            return self.env._(
                "%(invoice)s of %(date)s already bills %(first)s to %(last)s",
                invoice=occurrence.move_id.display_name,
                **params,
            )
        return self.env._("The date %(date)s already covers %(first)s to %(last)s", **params)

    @api.model
    def _prepare_kept(self, plan):
        occurrences = self.env["recurrence.occurrence"]
        for row, new in plan.kept:
            yield self._prepare_line("kept", row.rule_date, new.item.date)
        labels = dict(occurrences._fields["state"]._description_selection(self.env))
        for occurrence in occurrences.browse([row.id for row in plan.fixed]):
            reason = labels[occurrence.state]
            if occurrence.is_moved:
                reason = self.env._("moved by hand")
            elif occurrence.is_manual:
                reason = self.env._("added by hand")
            yield self._prepare_line("kept", occurrence.rule_date, occurrence.date, reason)

    @api.model
    def _prepare_line(self, effect, rule_date, date, reason=""):
        return {
            "effect": effect,
            "rule_date": rule_date,
            "date": date or rule_date,
            "weekday": self.env["recurrence.rule.mixin"]._get_weekday_name(date or rule_date),
            "reason": reason,
        }

    def action_confirm(self):
        """Carry out what is shown, with the covered dates that were ticked."""
        self._check_dialog()
        self.ensure_one()
        chosen = self.line_ids.filtered("plan_anyway").mapped("rule_date")
        schedule = self.schedule_id
        as_of = schedule.company_id._get_job_today()
        shown = schedule._get_plan(as_of)
        expected = self.plan_key
        if chosen:
            # what was shown must still hold; the ticks then come on top of it
            self.env["recurrence.schedule"]._check_plan_key(shown, expected)
            expected = None
        plan = schedule._regenerate(as_of, chosen, expected)
        return notify(
            self.env._(
                "Dates added: %(added)s, removed: %(removed)s",
                added=len(plan.added),
                removed=len(plan.removed),
            ),
            then=CLOSE,
        )
