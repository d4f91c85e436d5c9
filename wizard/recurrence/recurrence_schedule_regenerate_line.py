from odoo import fields, models


class RecurrenceScheduleRegenerateLine(models.TransientModel):
    """One date in the dialog: kept, removed, added or covered by what was billed already."""

    _name = "recurrence.schedule.regenerate.line"
    _description = "Date of a Regenerated Recurrence"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "date, rule_date, id"

    dialog_id = fields.Many2one(
        "recurrence.schedule.regenerate", required=True, ondelete="cascade", index=True
    )
    date = fields.Date(readonly=True)
    weekday = fields.Char(readonly=True)
    rule_date = fields.Date(readonly=True)
    effect = fields.Selection(
        [
            ("added", "Added"),
            ("removed", "Removed"),
            ("covered", "Already covered"),
            ("kept", "Unchanged"),
        ],
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    plan_anyway = fields.Boolean(
        help="Plan this date even though its period has already been billed or done."
    )
