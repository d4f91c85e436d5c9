from odoo import fields, models


class RecurrenceScheduleChangeLine(models.TransientModel):
    """One recurring invoice as it is and as it would be."""

    _name = "recurrence.schedule.change.line"
    _description = "Changed Recurring Invoice"
    _inherit = "recurrence.change.line.mixin"
    _order = "id"

    change_id = fields.Many2one(
        "recurrence.schedule.change", required=True, ondelete="cascade", index=True
    )

    def _get_change(self):
        return self.change_id._get_change()
