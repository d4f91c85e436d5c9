from odoo import api, fields, models

from ...common.due_line import DUE_LINE_HELP


class DunningForecastDay(models.TransientModel):
    """What goes out on one day of a forecast at one level, in one currency."""

    _name = "dunning.forecast.day"
    _description = "Day of a Forecast"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "date, kind desc, id"
    _dialog_about = ("forecast_id",)
    _transient_max_hours = 24.0

    forecast_id = fields.Many2one(
        "dunning.forecast", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="forecast_id.company_id", store=True)
    date = fields.Date(required=True, readonly=True)
    kind = fields.Selection(lambda self: self._get_choices("kind"), required=True, readonly=True)
    variant = fields.Selection(
        lambda self: self._get_choices("variant"), required=True, readonly=True, default="now"
    )
    program_id = fields.Many2one("dunning.program", readonly=True, ondelete="cascade")
    level_id = fields.Many2one("dunning.level", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        string="Amount Reminded",
        readonly=True,
        help="What is open of an invoice counts again with each reminder of it.",
    )
    invoice_amount = fields.Monetary(string="Amount Invoiced", readonly=True)
    message_count = fields.Integer(string="Messages", readonly=True)
    invoice_count = fields.Integer(string="Invoices", readonly=True)
    line_count = fields.Integer(string="Due Lines", help=DUE_LINE_HELP, readonly=True)
    undelivered_count = fields.Integer(string="Not Deliverable", readonly=True)

    @api.model
    def _get_choices(self, name):
        return self.env["dunning.forecast.line"]._fields[name]._description_selection(self.env)

    @api.depends("level_id", "kind", "message_count", "invoice_count")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for day in self:
            if day.kind == "invoice":
                day.display_name = self.env._("Recurring invoices: %s", day.invoice_count)
            else:
                name = day.level_id.display_name or self.env._("Reminders")
                day.display_name = f"{name}: {day.message_count}"

    @api.model
    def _sum_up(self, forecast):
        """Make the days of a forecast from what it found."""
        entries = self.env["dunning.forecast.line"]
        keys = ["date:day", "kind", "variant", "program_id", "level_id", "currency_id"]
        sums = ["__count", "amount:sum", "invoice_amount:sum", "line_count:sum"]
        groups = entries._read_group([("forecast_id", "=", forecast.id)], keys, sums)
        undelivered = {
            tuple(key): count
            for *key, count in entries._read_group(
                [("forecast_id", "=", forecast.id), ("obstacle", "!=", False)], keys, ["__count"]
            )
        }
        self.create(
            [
                {
                    "forecast_id": forecast.id,
                    "date": day,
                    "kind": kind,
                    "variant": variant,
                    "program_id": program.id,
                    "level_id": level.id,
                    "currency_id": currency.id,
                    "amount": amount,
                    "invoice_amount": invoiced,
                    "message_count": count if kind == "reminder" else 0,
                    "invoice_count": count if kind == "invoice" else 0,
                    "line_count": lines,
                    "undelivered_count": undelivered.get(
                        (day, kind, variant, program, level, currency), 0
                    ),
                }
                for day, kind, variant, program, level, currency, *sums in groups
                for count, amount, invoiced, lines in [sums]
            ]
        )

    def action_open_lines(self):
        """Open the messages or invoices of the day."""
        self._check_dialog()
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.dunning_forecast_line_action"
        )
        names = ("date", "kind", "variant")
        domain = [("forecast_id", "=", self.forecast_id.id)]
        domain += [(name, "=", self[name]) for name in names]
        links = ("program_id", "level_id", "currency_id")
        domain += [(name, "=", self[name].id) for name in links]
        return {**action, "domain": domain, "context": {}}
