from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

# The message names so many of the dates.
NAMED_DAYS = 6


class RecurrenceOccurrenceMove(models.TransientModel):
    """Moves one date, or it and all that follow by changing the rule from there on."""

    _name = "recurrence.occurrence.move"
    _description = "Move a Date of a Recurrence"
    _inherit = "recurrence.dunning.own.record.mixin"

    occurrence_id = fields.Many2one("recurrence.occurrence", string="Recurrence", required=True)
    target = fields.Selection(related="occurrence_id.target", related_sudo=False)
    old_date = fields.Date(related="occurrence_id.date", related_sudo=False, string="Planned For")
    date = fields.Date(
        string="Move To",
        required=True,
        compute="_compute_date",
        store=True,
        readonly=False,
        precompute=True,
    )
    scope = fields.Selection(
        [("one", "This one"), ("following", "This and following")], required=True, default="one"
    )
    following_problem = fields.Char(compute="_compute_following_problem")
    rule_summary = fields.Char(string="New Rule", compute="_compute_rule_summary")

    following_message = fields.Text(compute="_compute_following_message")

    @api.depends("occurrence_id")
    def _compute_date(self):
        for dialog in self:
            dialog.date = dialog.occurrence_id.date

    @api.depends("occurrence_id")
    def _compute_following_problem(self):
        for dialog in self:
            occurrence = dialog.occurrence_id
            dialog.following_problem = occurrence and occurrence._get_following_problem()

    @api.depends("date", "scope", "occurrence_id")
    def _compute_rule_summary(self):
        for dialog in self:
            dialog.rule_summary = False
            if dialog.scope == "following" and dialog.date and dialog.occurrence_id:
                rule = dialog.occurrence_id._get_following_rule(dialog.date)
                dialog.rule_summary = self.env["recurrence.rule.mixin"]._describe_rule(rule)

    @api.depends("date", "scope", "occurrence_id")
    def _compute_following_message(self):
        """Say which dates go and come, and which days nobody bills, before anything changes."""
        for dialog in self:
            is_shown = (
                dialog.scope == "following"
                and dialog.date
                and dialog.occurrence_id
                and not dialog.following_problem
            )
            dialog.following_message = is_shown and dialog._get_following_message()

    def _get_following_message(self):
        occurrence, day = self.occurrence_id, self.date
        if day == occurrence.date or day < occurrence.company_id._get_job_today():
            return False
        plan = occurrence._get_following_plan(day)
        removed = [row.rule_date for row in plan.removed if row.id != occurrence.id]
        added = [new.item.rule_date for new in plan.added if new.item.rule_date != day]
        sentences = [
            removed and self.env._("Dates removed: %(dates)s.", dates=self._join_days(removed)),
            added and self.env._("Dates added: %(dates)s.", dates=self._join_days(added)),
            occurrence.schedule_id._get_gap_message(plan),
        ]
        return "\n".join(filter(None, sentences))

    def _join_days(self, days):
        days = sorted(days)
        dates = ", ".join(format_date(self.env, day) for day in days[:NAMED_DAYS])
        if len(days) > NAMED_DAYS:
            return self.env._("%(dates)s and others", dates=dates)
        return dates

    def action_confirm(self):
        self._check_dialog()
        self.ensure_one()
        if self.date == self.old_date:
            raise UserError(
                self.env._("It is already planned for this day. Choose the day to move it to.")
            )
        start = self.occurrence_id.schedule_id.date_start
        if self.date < start:
            raise UserError(
                self.env._(
                    "The recurrence begins on %(start)s: choose a day from then on.",
                    start=format_date(self.env, start),
                )
            )
        if self.scope == "following":
            return self.occurrence_id._move_following(self.date)
        self.occurrence_id.date = self.date
        return True
