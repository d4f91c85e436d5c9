from odoo import fields, models

from ...common.due_line import DUE_LINE_HELP


class DunningForewarning(models.Model):
    """That a person was told before the last level went to a due line: once a cycle."""

    _name = "dunning.forewarning"
    _description = "Notices to Salespeople"
    _is_engine_made = True
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "id desc"
    _rec_name = "move_line_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Due Line",
        help=DUE_LINE_HELP,
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    cycle = fields.Integer(required=True, readonly=True, aggregator=None)
    user_id = fields.Many2one("res.users", string="Told", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)

    _line_once = models.UniqueIndex(
        "(move_line_id, cycle)", "Somebody was told about this due line already."
    )
