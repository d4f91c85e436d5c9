from odoo import api, fields, models
from odoo.fields import Domain

from .recurrence_rule_mixin import RULE_FIELDS


class RecurrenceStaleMixin(models.AbstractModel):
    """What holds while a rule was changed and its planned dates still follow the old one.

    Both ends count, the old one and the new one: nothing happens on a date that the screen says
    the recurrence does not reach, and no new date is planned until somebody regenerates.
    """

    _name = "recurrence.stale.mixin"
    _inherit = ["kept.field.mixin"]
    _description = "Changed Rule of a Recurrence"

    rule_stale = fields.Boolean(
        string="Rule Changed", compute="_compute_rule_stale", store=True, index=True
    )
    generated_rule = fields.Char(copy=False, readonly=True)
    stale_activity_id = fields.Many2one(
        "mail.activity",
        string="Question About the Changed Rule",
        kept=True,
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    @api.depends(*RULE_FIELDS, "state", "generated_rule")
    def _compute_rule_stale(self):
        for schedule in self:
            schedule.rule_stale = bool(
                schedule.generated_rule
                and schedule.state in ("running", "paused")
                and schedule.generated_rule != schedule._get_rule_key()
            )

    def _get_rule_key(self):
        """Return a text that changes exactly when the dates of the rule may change."""
        return repr(self._get_rule())

    def _get_within_rule_domain(self):
        """Return which occurrences lie between start and end of a changed rule.

        Dates that a person added, moved or planned again stay the person's decision.
        """
        return Domain.AND(
            Domain("schedule_id", "!=", schedule.id)
            | Domain("is_manual", "=", True)
            | Domain("is_moved", "=", True)
            | Domain("is_pinned", "=", True)
            | schedule._get_reach_domain()
            for schedule in self.filtered("rule_stale")
        )

    def _get_reach_domain(self):
        domain = Domain("rule_date", ">=", self.date_start)
        if self.end_type == "end_date":
            domain &= Domain("rule_date", "<=", self.until)
        elif self.end_type == "count":
            domain &= Domain("number", "<=", self.count)
        return domain

    def _ask_about_rule(self):
        """Ask once for each changed rule whether the dates are to follow it."""
        interaction = self.env["recurrence.interaction"]
        for schedule in self.filtered(lambda s: s.rule_stale and not s.stale_activity_id):
            schedule.stale_activity_id = interaction._ask(
                schedule,
                lambda spoken: spoken.env._("Rule changed: regenerate the dates"),
                lambda spoken: spoken.env._(
                    "The rule was changed, but its planned dates still follow the old one. Nothing "
                    "is done on dates outside the new rule and no further dates are planned until "
                    "you regenerate."
                ),
            )
        self.filtered(lambda s: not s.rule_stale)._forget_question("stale_activity_id")
