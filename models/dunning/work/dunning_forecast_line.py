from odoo import fields, models

from ...common.due_line import DUE_LINE_HELP

KINDS = [("reminder", "Reminder"), ("invoice", "Recurring Invoice")]
VARIANTS = [("now", "As It Is"), ("other", "With the Other Program")]


class DunningForecastLine(models.TransientModel):
    """One message, or one recurring invoice, that a forecast found, in one currency."""

    _name = "dunning.forecast.line"
    _description = "Forecast Entry"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "date, kind desc, id"
    _rec_name = "items"
    _dialog_about = ("forecast_id",)
    _transient_max_hours = 24.0

    forecast_id = fields.Many2one(
        "dunning.forecast", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="forecast_id.company_id", store=True)
    date = fields.Date(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    variant = fields.Selection(VARIANTS, required=True, readonly=True, default="now")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    program_id = fields.Many2one("dunning.program", readonly=True, ondelete="cascade")
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="cascade")
    channel = fields.Selection(related="level_id.channel")
    schedule_id = fields.Many2one(
        "recurrence.schedule", string="Recurrence", readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        string="Amount Reminded",
        readonly=True,
        help="What is open of an invoice counts again with each reminder of it.",
    )
    invoice_amount = fields.Monetary(string="Amount Invoiced", readonly=True)
    line_count = fields.Integer(string="Due Lines", help=DUE_LINE_HELP, readonly=True)
    items = fields.Char(readonly=True, help="The numbers of the invoices it is about.")
    obstacle = fields.Char(
        string="Will Not Be Delivered",
        readonly=True,
        help="Why the reminder could not be sent. Its due lines then stay on their level.",
    )

    def action_open(self):
        """Open the customer's case, or the recurring invoice."""
        self._check_dialog()
        self.ensure_one()
        if self.schedule_id:
            return self.schedule_id.get_formview_action()
        case = self.env["dunning.case"].search(
            [
                ("company_id", "=", self.forecast_id.company_id.id),
                ("partner_id", "=", self.partner_id.id),
            ],
            limit=1,
        )
        return (case or self.partner_id).get_formview_action()
