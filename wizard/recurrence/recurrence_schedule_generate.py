from odoo import api, fields, models
from odoo.tools import format_date


class RecurrenceScheduleGenerate(models.TransientModel):
    """Says what generating will do, before it does it."""

    _name = "recurrence.schedule.generate"
    _description = "Generate the Dates of a Recurrence"
    _inherit = "recurrence.dunning.own.record.mixin"

    schedule_ids = fields.Many2many("recurrence.schedule", string="Recurrences", required=True)
    catch_up = fields.Selection(
        lambda self: (
            self.env["recurrence.schedule"]._fields["catch_up"]._description_selection(self.env)
        ),
        string="Missed Dates",
        compute="_compute_catch_up",
        store=True,
        readonly=False,
    )
    show_dates = fields.Boolean(help="Opens the recurrence afterwards, where its dates are listed.")
    new_count = fields.Integer(compute="_compute_facts")
    past_count = fields.Integer(compute="_compute_facts")
    is_over_limit = fields.Boolean(compute="_compute_facts")
    message = fields.Text(compute="_compute_facts")
    past_message = fields.Text(compute="_compute_facts")

    @api.depends("schedule_ids")
    def _compute_catch_up(self):
        for dialog in self:
            dialog.catch_up = dialog.schedule_ids[:1].catch_up or "all"

    @api.depends("schedule_ids", "catch_up")
    def _compute_facts(self):
        for dialog in self:
            items, past, limit = [], 0, False
            for schedule in dialog.schedule_ids:
                as_of = schedule.company_id._get_job_today()
                missing = schedule._get_missing(as_of)
                items += missing
                past += sum((item.date or as_of) < as_of for item in missing)
                due = sum(bool(item.date) and item.date <= as_of for item in missing)
                if dialog.catch_up == "all":
                    limit = limit or due > schedule._get_work_limit()
            dialog.new_count = len(items)
            dialog.past_count = past
            dialog.is_over_limit = limit
            dialog.message = dialog._get_message(items)
            dialog.past_message = dialog._get_past_message()

    def _get_message(self, items):
        if not items:
            return self.env._("All dates up to the planning horizon already exist.")
        days = [item.date or item.rule_date for item in items]
        first, last = format_date(self.env, min(days)), format_date(self.env, max(days))
        if set(self.schedule_ids.mapped("target")) == {"invoice"}:
            return self.env._(
                "Dates to plan: %(count)s, from %(first)s to %(last)s. No invoice is created "
                "before its day.",
                count=len(items),
                first=first,
                last=last,
            )
        return self.env._(
            "Dates to plan: %(count)s, from %(first)s to %(last)s. An activity is created for "
            "each when its day comes.",
            count=len(items),
            first=first,
            last=last,
        )

    def _get_past_message(self):
        if not self.past_count:
            return False
        if self.catch_up == "skip":
            return self.env._(
                "Dates in the past: %(count)s. They are skipped.", count=self.past_count
            )
        if self.catch_up == "last":
            return self.env._(
                "Dates in the past: %(count)s. Only the last one is done, the others are skipped.",
                count=self.past_count,
            )
        if self.is_over_limit:
            return self.env._(
                "Dates in the past: %(count)s. That is more than the safety limit: you will be "
                "asked before anything is issued or created.",
                count=self.past_count,
            )
        return self.env._(
            "Dates in the past: %(count)s. They become due immediately.", count=self.past_count
        )

    def action_confirm(self):
        """Generate, say how many, and lead to where they are listed."""
        self._check_dialog()
        self.ensure_one()
        if self.past_count:
            self.schedule_ids.filtered(lambda s: not s.generated_until).catch_up = self.catch_up
        action = self.schedule_ids.action_generate()
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        if self.show_dates and len(self.schedule_ids) == 1:
            action["params"]["next"] = self.schedule_ids._get_form_action()
        return action
