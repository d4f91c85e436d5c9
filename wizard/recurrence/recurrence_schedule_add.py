from odoo import fields, models


class RecurrenceScheduleAdd(models.TransientModel):
    """Adds one date by hand."""

    _name = "recurrence.schedule.add"
    _description = "Add a Date to a Recurrence"
    _inherit = "recurrence.dunning.own.record.mixin"

    schedule_id = fields.Many2one("recurrence.schedule", string="Recurrence", required=True)
    date = fields.Date(required=True)

    def action_confirm(self):
        self._check_dialog()
        self.ensure_one()
        self.schedule_id._add_date(self.date)
        return True
