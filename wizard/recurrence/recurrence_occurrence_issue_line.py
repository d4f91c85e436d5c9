from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class RecurrenceOccurrenceIssueLine(models.TransientModel):
    """One line of the invoice about to be issued."""

    _name = "recurrence.occurrence.issue.line"
    _description = "Line of a Recurring Invoice to Issue"
    _inherit = ["recurrence.new.line.mixin", "recurrence.dunning.own.record.mixin"]
    _order = "sequence, id"

    issue_id = fields.Many2one(
        "recurrence.occurrence.issue",
        string="Invoice to Issue",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="issue_id.company_id")
    currency_id = fields.Many2one(related="issue_id.currency_id")
    position = fields.Integer(default=-1, help="The line of the template; -1 for a new line.")
    template_product_id = fields.Many2one("product.product")
    # a new line goes below those of the template
    sequence = fields.Integer(default=10000)
    display_type = fields.Selection(
        [
            ("line_section", "Section"),
            ("line_subsection", "Subsection"),
            ("line_note", "Note"),
        ]
    )
    quantity = fields.Float(default=1, digits="Product Unit")
    price_unit = fields.Float(digits="Product Price")
    discount = fields.Float(string="Discount (%)", digits="Discount")
    is_counted = fields.Boolean()
    is_missing = fields.Boolean()
    counted = fields.Float(digits="Product Unit")
    account_id = fields.Many2one("account.account", readonly=True)
    debit = fields.Monetary(
        string="Debit Amount", readonly=True, currency_field="company_currency_id"
    )
    credit = fields.Monetary(
        string="Credit Amount", readonly=True, currency_field="company_currency_id"
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    price_subtotal = fields.Monetary(string="Amount", compute="_compute_price_subtotal")

    def _get_template(self):
        return self.issue_id.template_move_id

    def _get_price_date(self):
        return self.issue_id.invoice_date

    def _filter_of_product(self):
        return self.filtered(
            lambda line: line.product_id and line.product_id != line.template_product_id
        )

    @api.depends("quantity", "price_unit", "discount", "tax_ids")
    def _compute_price_subtotal(self):
        tax_model = self.env["account.tax"]
        for line in self:
            company = line.company_id or self.env.company
            base_line = line._prepare_base_line(line.issue_id)
            tax_model._add_tax_details_in_base_line(base_line, company)
            line.price_subtotal = base_line["tax_details"]["raw_total_excluded_currency"]

    def _prepare_base_line(self, issue):
        """Return the line in the form Odoo's tax engine takes."""
        self.ensure_one()
        template = issue.template_move_id
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            self,
            product_id=self.product_id,
            tax_ids=self.tax_ids,
            price_unit=self.price_unit,
            quantity=self.quantity,
            discount=self.discount,
            currency_id=issue.currency_id or issue.company_id.currency_id,
            partner_id=template.partner_id,
        )

    @api.onchange("quantity")
    def _onchange_quantity(self):
        """A price list has prices by quantity: that of the number which is entered holds."""
        schedule, template = self.issue_id.schedule_id, self.issue_id.template_move_id
        if not (self.is_counted and self.product_id and schedule.price_source == "pricelist"):
            return
        line = template.invoice_line_ids.filtered(lambda ml: ml.product_id == self.product_id)[:1]
        vals = {
            "product_id": self.product_id.id,
            "product_uom_id": line.product_uom_id.id,
            "quantity": self.quantity,
        }
        date = self.issue_id.invoice_date or fields.Date.context_today(self)
        invoice = {
            "invoice_date": date,
            "fiscal_position_id": template.fiscal_position_id.id,
        }
        self.issue_id.occurrence_id._apply_pricelist(template, invoice, [vals])
        self.price_unit = vals["price_unit"]

    def _is_nothing(self):
        """Whether a counted line is left out: nothing was counted, or is billed."""
        self.ensure_one()
        return self.is_counted and not self.display_type and not self.quantity

    def _check_counted(self):
        """Refuse to leave out a quantity that nobody has entered, or what is counted otherwise now.

        :raise UserError: naming the line
        """
        for line in self.filtered(lambda line: line.is_missing and line._is_nothing()):
            raise UserError(
                self.env._(
                    "Enter the quantity of %(line)s. To leave the line out, delete it.",
                    line=(line.name or line.product_id.display_name or "").split("\n")[0],
                )
            )
        if any(line.is_counted for line in self):
            fresh = self.issue_id._prepare_defaults(self.issue_id.occurrence_id.id)["line_ids"]
            now = {vals["position"]: vals for _command, _id, vals in fresh}
            for line in self.filtered("is_counted"):
                found = now.get(line.position, {})
                if (found.get("counted"), found.get("is_missing")) != (
                    line.counted,
                    line.is_missing,
                ):
                    raise UserError(
                        self.env._(
                            "What is counted has changed since this was shown. Open the dialog "
                            "again."
                        )
                    )

    def _prepare_change(self):
        """Return the line as ``recurrence.occurrence._apply_changes`` takes it."""
        self.ensure_one()
        is_same = self.position >= 0 and self.product_id == self.template_product_id
        vals = {"sequence": self.sequence, "name": self.name}
        if self.display_type:
            vals["display_type"] = self.display_type
        else:
            vals.update(
                quantity=self.quantity,
                price_unit=self.price_unit,
                discount=self.discount,
                tax_ids=[Command.set(self.tax_ids.ids)],
            )
            if not is_same:
                vals.update(product_id=self.product_id.id, display_type="product")
                if self.position >= 0:
                    vals["replaces"] = self.position
        return (self.position if is_same else None, vals)
