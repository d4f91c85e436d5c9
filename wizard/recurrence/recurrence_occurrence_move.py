from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


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
    rule_summary = fields.Char(string="New Rule", compute="_compute_rule_summary")

    @api.depends("occurrence_id")
    def _compute_date(self):
        for dialog in self:
            dialog.date = dialog.occurrence_id.date

    @api.depends("date", "scope", "occurrence_id")
    def _compute_rule_summary(self):
        for dialog in self:
            dialog.rule_summary = False
            if dialog.scope == "following" and dialog.date and dialog.occurrence_id:
                rule = dialog.occurrence_id._get_following_rule(dialog.date)
                dialog.rule_summary = self.env["recurrence.rule.mixin"]._describe_rule(rule)

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
