from odoo import fields, models


class DunningRemindLine(models.TransientModel):
    """What becomes of one due line when its invoice is reminded now.

    ``kind`` tells the lines asked for from the customer's other open lines, which only stand in
    the message.
    """

    _name = "dunning.remind.line"
    _description = "Due Line to Remind Now"
    _inherit = "recurrence.dunning.own.record.mixin"

    remind_id = fields.Many2one(
        "dunning.remind", string="Reminder", required=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("remind", "Requested"), ("overdue", "Also overdue")], required=True, default="remind"
    )
    move_line_id = fields.Many2one("account.move.line", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    due_date = fields.Date(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    residual = fields.Monetary(string="Open Amount", readonly=True)
    level_id = fields.Many2one("dunning.level", readonly=True)
    is_reminded = fields.Boolean(string="Is Reminded", readonly=True)
    is_included = fields.Boolean(string="Include in Message")
    reason = fields.Char(readonly=True)
