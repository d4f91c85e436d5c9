from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.common.client_action import notify
from ...models.recurrence.recurrence_rule_mixin import RULE_FIELDS
from ...models.recurrence.recurrence_schedule_change_mixin import LineChoice, ScheduleChange

# What the rule of many becomes: each keeps its own start and end, and what it does with days
# that do not fit.
KEPT_COLUMNS = ("date_start", "end_type", "count", "until", "month_end", "day_shift")
RULE_COLUMNS = tuple(name for name in RULE_FIELDS if name not in KEPT_COLUMNS)
# As many are shown first; more take too long for somebody who waits.
MOST = 500
BATCH_SIZE = 20


class RecurrenceScheduleChange(models.TransientModel):
    """Changes many recurring invoices: what is to change, each shown as it would be, then done."""

    _name = "recurrence.schedule.change"
    _description = "Change Recurring Invoices"
    _inherit = ["recurrence.rule.mixin", "recurrence.preview.dialog.mixin"]
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
    ready_count = fields.Integer(compute="_compute_ready_count")
    problem_count = fields.Integer(compute="_compute_ready_count")

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

    @api.depends("row_ids.problem", "row_ids.is_done")
    def _compute_ready_count(self):
        for dialog in self:
            waiting = dialog.row_ids.filtered(lambda row: not row.is_done)
            dialog.problem_count = len(waiting.filtered("problem"))
            dialog.ready_count = len(waiting) - dialog.problem_count

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
        if self.end_change:
            values["end_type"] = self.end_change
            if self.end_change == "end_date":
                if not self.last_day:
                    raise UserError(self.env._("Choose the last day."))
                values.update(until=self.last_day, duration_number=0)
        if self.sets_rule:
            values.update(self._get_rule_values())
        template = {}
        if self.payment_term_id:
            template["invoice_payment_term_id"] = self.payment_term_id.id
            values["due_mode"] = "term"
        lines = self._get_line_choice()
        if not (values or template or lines):
            raise UserError(self.env._("Choose what is to change."))
        return ScheduleChange(values, template, lines)

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
        self.row_ids.sudo().unlink()
        rows = [
            self._prepare_row(schedule, *schedule._preview_change(change))
            for schedule in self.schedule_ids
        ]
        self.write({"step": "look", "row_ids": [Command.create(row) for row in rows]})
        return self._reopen()

    @api.model
    def _prepare_row(self, schedule, before, after, effect, problem):
        is_same_rule = not after or before.rule == after.rule
        return {
            "schedule_id": schedule.id,
            "now": schedule._describe_facts(before),
            "then": after and schedule._describe_facts(after),
            "rule": False if is_same_rule else after.rule,
            "effect": effect,
            "problem": problem,
        }

    def action_confirm(self):
        """Change those that can be; one that cannot stops nobody else, and says why."""
        self._check_dialog()
        self.ensure_one()
        change = self._get_change()
        rows = self.row_ids.filtered(lambda row: not row.problem and not row.is_done)
        if not rows:
            raise UserError(self.env._("None of them can be changed."))
        dates = self.env["recurrence.occurrence"]
        for number, row in enumerate(rows, 1):
            row._apply(change)
            if number % BATCH_SIZE == 0:
                dates._commit_selection(number, len(rows))
        failed = rows.filtered("problem")
        if failed:
            self.step = "done"
            return self._reopen()
        message = self.env._("Recurring invoices changed: %(count)s.", count=len(rows))
        return notify(message, "success")
