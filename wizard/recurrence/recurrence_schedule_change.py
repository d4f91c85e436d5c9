from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.recurrence.recurrence_rule_mixin import RULE_FIELDS
from ...models.recurrence.recurrence_schedule_change_mixin import LineChoice, ScheduleChange
from .recurrence_change_dialog_mixin import MOST

# What the rule of many becomes: each keeps its own start and end, and what it does with days
# that do not fit.
KEPT_COLUMNS = ("date_start", "end_type", "count", "until", "month_end", "day_shift")
RULE_COLUMNS = tuple(name for name in RULE_FIELDS if name not in KEPT_COLUMNS)


class RecurrenceScheduleChange(models.TransientModel):
    """Changes many recurring invoices: what is to change, each shown as it would be, then done."""

    _name = "recurrence.schedule.change"
    _description = "Change Recurring Invoices"
    _inherit = ["recurrence.rule.mixin", "recurrence.change.dialog.mixin"]
    _dialog_about = ("schedule_ids",)

    schedule_ids = fields.Many2many(
        "recurrence.schedule", string="Recurring Invoices", required=True
    )
    schedule_count = fields.Integer(string="Selected", compute="_compute_schedule_count")
    company_id = fields.Many2one("res.company", compute="_compute_schedule_count")
    tax_use = fields.Char(compute="_compute_schedule_count")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True)
    # --- lines ---
    line_product_id = fields.Many2one(
        "product.product", string="Lines With Product", check_company=True
    )
    line_text = fields.Char(string="Lines With Text", help="A part of their text.")
    new_product_id = fields.Many2one(
        "product.product", string="New Product", help="Empty: it stays.", check_company=True
    )
    sets_price = fields.Boolean(string="New Price")
    new_price = fields.Float(string="Price", digits="Product Price")
    sets_taxes = fields.Boolean(string="New Taxes")
    new_tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        domain="[('type_tax_use', '=', tax_use)]",
        check_company=True,
    )
    # --- terms ---
    payment_term_id = fields.Many2one(
        "account.payment.term", string="Payment Terms", help="Empty: they stay.", check_company=True
    )
    invoice_mode = fields.Selection(
        selection="_get_modes", string="On the Day", help="Empty: it stays."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        help="Empty: it stays.",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    kind_id = fields.Many2one(
        "recurrence.schedule",
        string="Invoice Kind",
        domain=[("is_kind", "=", True)],
        help=(
            "They become recurring invoices of this kind: its later changes are offered to them. "
            "What differs now is kept. Empty: it stays."
        ),
    )
    end_change = fields.Selection(
        [("forever", "Never"), ("end_date", "On a date")], string="New End", help="Empty: it stays."
    )
    last_day = fields.Date(string="Last Day")
    sets_rule = fields.Boolean(string="New Rule")
    rrule_type = fields.Selection(default="monthly")
    # the day of each one's own start, unless another is chosen
    day = fields.Integer(compute=None)
    byday = fields.Selection(compute=None)
    weekday = fields.Selection(compute=None)
    row_ids = fields.One2many("recurrence.schedule.change.line", "change_id", string="Changes")

    @api.model
    def _get_modes(self):
        return (
            self.env["recurrence.schedule"]._fields["invoice_mode"]._description_selection(self.env)
        )

    @api.depends("schedule_ids")
    def _compute_schedule_count(self):
        for dialog in self:
            dialog.schedule_count = len(dialog.schedule_ids)
            dialog.company_id = dialog.schedule_ids.company_id[:1]
            first = dialog.schedule_ids[:1]
            dialog.tax_use = first._get_document().side

    @api.depends("schedule_ids")
    def _compute_currency_id(self):
        for dialog in self:
            found = dialog.schedule_ids.template_move_id.currency_id
            company = dialog.schedule_ids.company_id[:1]
            dialog.currency_id = found if len(found) == 1 else company.currency_id

    # === WHAT IS TO CHANGE === #

    def _get_change(self):
        """Return what was chosen, as ``recurrence.schedule._change_as`` takes it.

        :raise UserError: nothing was chosen, or not enough of it
        """
        values = {}
        if self.invoice_mode:
            values["invoice_mode"] = self.invoice_mode
        if self.user_id:
            values["user_id"] = self.user_id.id
        values.update(self._get_end_values())
        if self.sets_rule:
            values.update(self._get_rule_values())
        template = {}
        if self.payment_term_id:
            template["invoice_payment_term_id"] = self.payment_term_id.id
            values["due_mode"] = "term"
        lines, kind = self._get_line_choice(), self.kind_id or None
        if not (values or template or lines or kind):
            raise UserError(self.env._("Choose what is to change."))
        return ScheduleChange(values, template, lines, joined=kind)

    def _get_end_values(self):
        if not self.end_change:
            return {}
        values = {"end_type": self.end_change}
        if self.end_change == "end_date":
            if not self.last_day:
                raise UserError(self.env._("Choose the last day."))
            values.update(until=self.last_day, duration_number=0)
        return values

    def _get_rule_values(self):
        """Return the columns of the new rule, further days of what is shown alone."""
        values = {name: self[name] for name in RULE_COLUMNS}
        shown = self.rrule_type == "monthly" and self.month_by
        if shown != "date":
            values["more_days"] = False
        if shown != "day":
            values["more_weekdays"] = False
        return values

    def _get_line_choice(self):
        values = {}
        if self.new_product_id:
            values["product"] = self.new_product_id
        if self.sets_price:
            values.update(price_unit=self.new_price, currency_id=self.currency_id)
        if self.sets_taxes:
            values["taxes"] = self.new_tax_ids
        if not values:
            return None
        if len({schedule._get_document().side for schedule in self.schedule_ids}) > 1:
            raise UserError(
                self.env._("Select either invoices or bills to change their products or taxes.")
            )
        if not (self.line_product_id or (self.line_text or "").strip()):
            raise UserError(
                self.env._("Choose which lines are meant: those with a product, or with a text.")
            )
        return LineChoice(self.line_product_id, (self.line_text or "").strip(), values)

    # === ACTIONS === #

    def action_preview(self):
        """Show of each recurring invoice what it bills now and would bill; nothing changes."""
        self._check_dialog()
        self.ensure_one()
        change = self._get_change()
        if len(self.schedule_ids) > MOST:
            raise UserError(
                self.env._("Select at most %(count)s recurring invoices at once.", count=MOST)
            )
        return self._show(self._prepare_row(schedule, change) for schedule in self.schedule_ids)

    def action_confirm(self):
        """Change those that can be; one that cannot stops nobody else, and says why."""
        self._check_dialog()
        self.ensure_one()
        return self._change(self.row_ids.filtered(lambda row: not row.problem and not row.is_done))
