from odoo import api, fields, models


class RecurrenceOccurrenceMove(models.TransientModel):
    """Moves one date, or it and all that follow by changing the rule from there on."""

    _name = "recurrence.occurrence.move"
    _description = "Move a Date of a Recurrence"
    _inherit = "recurrence.dunning.own.record.mixin"

    occurrence_id = fields.Many2one("recurrence.occurrence", required=True)
    old_date = fields.Date(
        related="occurrence_id.date", related_sudo=False, string=("Currently Planned For")
    )
    date = fields.Date(string="Move To", required=True)
    scope = fields.Selection(
        [("one", "This one"), ("following", "This and following")], required=True, default="one"
    )
    rule_summary = fields.Char(string="New Rule", compute="_compute_rule_summary")

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
        if self.scope == "following":
            return self.occurrence_id._move_following(self.date)
        self.occurrence_id.date = self.date
        return True
