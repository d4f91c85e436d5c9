from odoo import api, fields, models


class RecurrenceNewLineMixin(models.AbstractModel):
    """A line of a dialog of a recurring invoice: a product says its text, price and taxes.

    What is inherited says which template the line is for, and when it has them from its product.
    """

    _name = "recurrence.new.line.mixin"
    _description = "New Line of a Recurring Invoice"

    product_id = fields.Many2one(
        "product.product",
        domain="[('sale_ok' if tax_use == 'sale' else 'purchase_ok', '=', True)]",
    )
    name = fields.Text(
        string="Description", compute="_compute_name", store=True, readonly=False, precompute=True
    )
    price_unit = fields.Float(
        string="Price", compute="_compute_price_unit", store=True, readonly=False, precompute=True
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        domain="[('type_tax_use', '=', tax_use), ('company_id', 'parent_of', company_id)]",
        compute="_compute_tax_ids",
        store=True,
        readonly=False,
        precompute=True,
    )

    tax_use = fields.Char(compute="_compute_tax_use")

    @api.depends("product_id")
    def _compute_tax_use(self):
        for line in self:
            template = line._get_template()
            line.tax_use = template._recurrence_get_document().side if template else "sale"

    def _get_template(self):
        """Return the template that the line is for, account.move."""
        raise NotImplementedError

    def _get_price_date(self):
        """Return the day of the price."""
        raise NotImplementedError

    def _filter_of_product(self):
        """Return the lines that have text, price and taxes of their product."""
        raise NotImplementedError

    @api.depends("product_id")
    def _compute_name(self):
        for line in self._filter_of_product():
            template = line._get_template()
            product = line.product_id.with_context(lang=template.partner_id.lang)
            line.name = template._recurrence_get_product_text(product)

    @api.depends("product_id")
    def _compute_price_unit(self):
        for line in self._filter_of_product():
            template = line._get_template()
            line.price_unit = template._recurrence_get_product_price(
                line.product_id, line._get_price_date(), template.fiscal_position_id
            )

    @api.depends("product_id")
    def _compute_tax_ids(self):
        for line in self._filter_of_product():
            template = line._get_template()
            taxes = template._recurrence_get_product_taxes(line.product_id)
            line.tax_ids = template.fiscal_position_id.map_tax(taxes)
