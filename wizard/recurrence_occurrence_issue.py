from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date


class RecurrenceOccurrenceIssue(models.TransientModel):
    """Issue one invoice of a recurrence: date, lines and total, editable for this one only."""

    _name = "recurrence.occurrence.issue"
    _description = "Issue a Recurring Invoice"
    _inherit = "own.record.mixin"

    occurrence_id = fields.Many2one("recurrence.occurrence", required=True, ondelete="cascade")
    schedule_id = fields.Many2one(related="occurrence_id.schedule_id")
    company_id = fields.Many2one(related="occurrence_id.company_id")
    template_move_id = fields.Many2one(related="schedule_id.template_move_id")
    partner_id = fields.Many2one(related="template_move_id.partner_id", string="Customer")
    currency_id = fields.Many2one(related="template_move_id.currency_id")
    period_start = fields.Date(related="occurrence_id.period_start")
    period_end = fields.Date(related="occurrence_id.period_end")
    former_move_id = fields.Many2one(related="occurrence_id.move_id", string="Former Invoice")
    invoice_date = fields.Date(required=True)
    date_note = fields.Char(compute="_compute_date_note")
    ref = fields.Char(string="Customer Reference")
    line_ids = fields.One2many("recurrence.occurrence.issue.line", "issue_id", string="Lines")
    amount_untaxed = fields.Monetary(compute="_compute_amounts", string="Untaxed Amount")
    amount_tax = fields.Monetary(compute="_compute_amounts", string="Taxes")
    amount_total = fields.Monetary(compute="_compute_amounts", string="Total")

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        if self.env.context.get("active_model") == "recurrence.occurrence":
            defaults.setdefault("occurrence_id", self.env.context.get("active_id"))
        if defaults.get("occurrence_id"):
            defaults.update(self._prepare_defaults(defaults["occurrence_id"]))
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        """A script that names the occurrence only gets what the dialog would show."""
        return super().create(
            [
                {**self._prepare_defaults(vals["occurrence_id"]), **vals}
                if vals.get("occurrence_id") and "line_ids" not in vals
                else vals
                for vals in vals_list
            ]
        )

    @api.model
    def _prepare_defaults(self, occurrence_id):
        """Return what the dialog shows at first: the invoice as it would be issued now."""
        occurrence = self.env["recurrence.occurrence"].browse(occurrence_id).exists()
        if not occurrence:
            raise UserError(self.env._("This date of the recurrence does not exist any more."))
        self.env["recurrence.invoicing"]._check_issuable(occurrence)
        as_of = occurrence.company_id._get_job_today()
        service = self.with_company(occurrence.company_id)
        occurrence = occurrence.with_env(service.env)
        dates, _reasons = service.env["recurrence.invoice.date"]._get_dates(occurrence, as_of)
        vals = service.env["recurrence.invoice.values"]._prepare(occurrence, dates)[0]
        lines = service.env["account.move"].new(vals).line_ids
        return {
            "occurrence_id": occurrence.id,
            "invoice_date": dates[occurrence],
            "ref": vals.get("ref"),
            "line_ids": [
                Command.create(self._prepare_line(position, line))
                for position, line in enumerate(lines)
                if line.display_type in self._get_shown_types()
            ],
        }

    @api.model
    def _get_shown_types(self):
        return ("product", "line_section", "line_subsection", "line_note")

    @api.model
    def _prepare_line(self, position, line):
        is_product = line.display_type == "product"
        return {
            "position": position,
            "sequence": 10 * position,
            "display_type": False if is_product else line.display_type,
            "product_id": line.product_id.id,
            "template_product_id": line.product_id.id,
            "name": line.name,
            "quantity": line.quantity if is_product else 0,
            "price_unit": line.price_unit if is_product else 0,
            "discount": line.discount if is_product else 0,
            "tax_ids": [Command.set(line.tax_ids.ids)],
        }

    @api.depends("invoice_date", "occurrence_id")
    def _compute_date_note(self):
        """Say why the date is not that of the recurrence."""
        for wizard in self:
            occurrence = wizard.occurrence_id
            note = False
            if occurrence and wizard.invoice_date != occurrence.date:
                note = wizard._get_date_reason(occurrence.date) or self.env._(
                    "The recurrence says %(date)s.", date=format_date(self.env, occurrence.date)
                )
            elif occurrence:
                note = wizard._get_date_reason(wizard.invoice_date)
            wizard.date_note = note

    def _get_date_reason(self, date):
        """Return why an invoice of this date would be dated otherwise, or None."""
        occurrence = self.occurrence_id
        service = self.env["recurrence.invoice.date"].with_context(
            recurrence_changes={occurrence: {"invoice_date": date}}
        )
        _dates, reasons = service._get_dates(occurrence, occurrence.company_id._get_job_today())
        return reasons.get(occurrence)

    @api.depends(
        "line_ids.quantity", "line_ids.price_unit", "line_ids.discount", "line_ids.tax_ids"
    )
    def _compute_amounts(self):
        tax_model = self.env["account.tax"]
        for wizard in self:
            company = wizard.company_id or self.env.company
            lines = wizard.line_ids.filtered(lambda line: not line.display_type)
            base_lines = [line._prepare_base_line(wizard) for line in lines]
            tax_model._add_tax_details_in_base_lines(base_lines, company)
            tax_model._round_base_lines_tax_details(base_lines, company)
            totals = tax_model._get_tax_totals_summary(
                base_lines, wizard.currency_id or company.currency_id, company
            )
            wizard.amount_untaxed = totals["base_amount_currency"]
            wizard.amount_tax = totals["tax_amount_currency"]
            wizard.amount_total = totals["total_amount_currency"]

    # === ACTIONS === #

    def action_issue(self):
        """Issue, post and number the invoice."""
        self.check_access("write")
        move = self._issue("post")
        return self._notify(self.env._("%(name)s is issued.", name=move.name), move)

    def action_issue_send(self):
        """Issue the invoice and send it to the customer at once."""
        self.check_access("write")
        sending = self.env["recurrence.invoice.sending"]
        sending._check_recipients(self.occurrence_id, by_person=True)
        move = self._issue("post")
        sending._send_now(move)
        return self._notify(self.env._("%(name)s is issued and sent.", name=move.name), move)

    def action_open_draft(self):
        """Create the invoice as a draft and open it; the date stays to do until it is posted."""
        self.check_access("write")
        return self._get_move_action(self._issue("draft"))

    def action_preview(self):
        """Show the invoice as the template says, as PDF."""
        self.check_access("write")
        self.ensure_one()
        return self.env["recurrence.invoicing"]._open_preview(
            self.schedule_id, self.occurrence_id.rule_date
        )

    def _issue(self, mode):
        self.ensure_one()
        changes = {
            self.occurrence_id: {
                "invoice_date": self.invoice_date,
                "values": {"ref": self.ref},
                "lines": [line._prepare_change() for line in self.line_ids],
            }
        }
        return self.env["recurrence.invoicing"]._issue(
            self.occurrence_id, mode=mode, changes=changes
        )

    @api.model
    def _get_move_action(self, move):
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": move.id,
            "view_mode": "form",
            "view_id": self.env.ref("account.view_move_form").id,
            "views": [(self.env.ref("account.view_move_form").id, "form")],
        }

    @api.model
    def _notify(self, message, move):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": f"{message} %s",
                "links": [
                    {
                        "label": self.env._("Open"),
                        "url": f"/odoo/customer-invoices/{move.id}",
                    }
                ],
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
