from odoo import api, fields, models
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
