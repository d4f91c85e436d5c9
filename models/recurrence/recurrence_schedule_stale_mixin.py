from datetime import date, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.recurrence.plan import reconcile
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_rule_mixin import RULE_FIELDS


class RecurrenceScheduleStaleMixin(models.AbstractModel):
    """What holds while a rule was changed and its planned dates still follow the old one.

    Only what both rules give happens: nothing is done on a day that the screen does not show, and
    no new date is planned until somebody regenerates.
    """

    _name = "recurrence.schedule.stale.mixin"
    _inherit = ["recurrence.dunning.system.field.mixin"]
    _description = "Changed Rule of a Recurrence"

    rule_stale = fields.Boolean(
        string="Rule Changed", compute="_compute_rule_stale", store=True, index=True
    )
    generated_rule = fields.Char(copy=False, readonly=True)
    stale_activity_id = fields.Many2one(
        "mail.activity",
        string="Question About the Changed Rule",
        system=True,
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    @api.depends(*RULE_FIELDS, "period_paid", "target", "state", "generated_rule")
    def _compute_rule_stale(self):
        for schedule in self:
            schedule.rule_stale = bool(
                schedule.generated_rule
                and schedule.state in ("running", "paused")
                and schedule.generated_rule != schedule._get_rule_key()
            )

    def _get_rule_key(self):
        """Return a text that changes exactly when the dates, or what they pay for, may change."""
        is_after = self.target == "invoice" and self.period_paid == "post"
        key = repr(self._get_rule())
        # what was generated before there were further days is no other rule
        for empty in (", more_days=()", ", more_weekdays=()"):
            key = key.replace(empty, "")
        return key + (" post" if is_after else "")

    def _get_within_rule_domain(self, as_of):
        """Return which occurrences a rule that was changed since lets happen on a day.

        Dates that a person added, moved or planned again stay the person's decision.
        """
        return Domain("id", "not in", self._get_waiting(as_of).ids)

    def _get_waiting(self, as_of):
        """Return the dates come that must wait, because the changed rule gives them otherwise."""
        occurrences = self.env["recurrence.occurrence"].sudo()
        stale = self.sudo().filtered("rule_stale")
        if not stale:
            return occurrences
        come = occurrences.search(
            [
                ("schedule_id", "in", stale.ids),
                ("state", "in", OPEN_STATES),
                ("date", "<=", as_of + timedelta(days=max(stale.mapped("lead_days")))),
                ("is_manual", "=", False),
                ("is_moved", "=", False),
                ("is_pinned", "=", False),
            ]
        )
        waiting = come.filtered(lambda o: o.state != "planned" and not o.schedule_id._reaches(o))
        planned = come.filtered(lambda o: o.state == "planned").grouped("schedule_id")
        for company, schedules in (
            stale.browse([s.id for s in planned]).grouped("company_id").items()
        ):
            calendar = company._recurrence_get_calendar(as_of, date.max)
            for schedule in schedules:
                waiting |= planned[schedule] - schedule._get_given(
                    planned[schedule], calendar, as_of
                )
        return waiting

    def _reaches(self, occurrence):
        """Whether a date lies between start and end of the rule there is now."""
        day, rule = occurrence.rule_date, self._get_rule()
        if rule.end_type == "end_date" and day > rule.until:
            return False
        if rule.end_type == "count" and occurrence.number > rule.count:
            return False
        return day >= self.date_start

    def _get_given(self, planned, calendar, as_of):
        """Return which planned dates regenerating would leave as they are."""
        planner = self.env["recurrence.schedule"]
        days = planned.mapped("rule_date")
        rows = [planner._get_plan_row(occurrence, as_of) for occurrence in self.occurrence_ids]
        plan = reconcile(
            self._get_rule(), calendar, rows, min(days), max(days), paid=self.period_paid
        )
        given = {row.id: new for row, new in plan.kept}
        return planned.filtered(lambda o: o.id in given and self._is_as_planned(o, given[o.id]))

    def _is_as_planned(self, occurrence, new):
        """Whether a date stays on its day and, where it bills days, bills the same ones."""
        if new.item.date != occurrence.date:
            return False
        period = occurrence.period_start, occurrence.period_end
        return self.target != "invoice" or period == (new.period_start, new.period_end)

    def _ask_about_rule(self):
        """Ask once for each changed rule whether the dates are to follow it."""
        for schedule in self.filtered(lambda s: s.rule_stale and not s.stale_activity_id):
            schedule.stale_activity_id = schedule._ask_responsible(
                lambda spoken: spoken.env._("Rule changed: regenerate the dates"),
                lambda spoken: spoken.env._(
                    "The rule was changed, but its planned dates still follow the old one. Only "
                    "dates that match both rules are processed, and no further dates are "
                    "planned until you regenerate."
                ),
            )
        self.filtered(lambda s: not s.rule_stale)._withdraw_question("stale_activity_id")
