from odoo import fields, models


class RecurrenceKindUpdateLine(models.TransientModel):
    """One recurring invoice, and what the changes of its kind mean for it."""

    _name = "recurrence.kind.update.line"
    _description = "Recurring Invoice of a Changed Kind"
    _inherit = "recurrence.change.line.mixin"
    _order = "id"

    update_id = fields.Many2one(
        "recurrence.kind.update", required=True, ondelete="cascade", index=True
    )
    is_included = fields.Boolean(string="Choose")
    effect = fields.Text(string="What Changes")
    kept = fields.Text(string="Stays as Agreed")
