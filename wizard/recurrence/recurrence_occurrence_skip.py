from odoo import fields, models


class RecurrenceOccurrenceSkip(models.TransientModel):
    """Leaves dates out, with a reason."""

    _name = "recurrence.occurrence.skip"
    _description = "Skip Dates of a Recurrence"
    _inherit = "recurrence.dunning.own.record.mixin"

    occurrence_ids = fields.Many2many("recurrence.occurrence", required=True)
    reason = fields.Char()

    def action_confirm(self):
        self._check_dialog()
        self.ensure_one()
        self.occurrence_ids.action_skip(self.reason)
        return True
