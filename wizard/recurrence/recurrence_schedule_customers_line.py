from odoo import fields, models


class RecurrenceScheduleCustomersLine(models.TransientModel):
    """One customer, and what would be billed."""

    _name = "recurrence.schedule.customers.line"
    _description = "Other Customer of a Recurring Invoice"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "id"

    dialog_id = fields.Many2one(
        "recurrence.schedule.customers", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade"
    )
    is_included = fields.Boolean(string="Make It")
    currency_id = fields.Many2one(related="dialog_id.schedule_id.currency_id")
    first_date = fields.Date(string="First Date")
    total = fields.Monetary(string="Total per Invoice")
    taxes = fields.Char()
    terms = fields.Char(string="Payment Terms")
    note = fields.Char()
    problem = fields.Char(string="Not Possible")
