from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.recurrence.recurrence_schedule_correction_mixin import LineChange


class RecurrenceLineChangeLine(models.TransientModel):
    """One line of a recurring invoice as it is to be from a day on."""

    _name = "recurrence.line.change.line"
    _description = "Changed Line of a Recurring Invoice"
    _inherit = ["recurrence.new.line.mixin", "recurrence.dunning.own.record.mixin"]

    change_id = fields.Many2one(
        "recurrence.line.change", string="Change", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="change_id.company_id")
    template_line_id = fields.Many2one("account.move.line", ondelete="cascade")
    name = fields.Char()
    former = fields.Char(string="Now", compute="_compute_former")
    quantity = fields.Float(
        string="New Quantity", default=1, digits="Product Unit", help="0 ends the line."
    )
    price_unit = fields.Float(string="New Price", min_display_digits="Product Price")

    def _get_template(self):
        return self.change_id.template_move_id

    def _get_price_date(self):
        return self.change_id.date or fields.Date.context_today(self)

    def _filter_of_product(self):
        return self.filtered(lambda line: line.product_id and not line.template_line_id)

    @api.depends("product_id", "template_line_id")
    def _compute_tax_ids(self):
        """Take those of the product; a line without one is taxed as the first of the template."""
        for line in self - self._filter_of_product():
            lines = line._get_template().invoice_line_ids
            first = lines.filtered(lambda found: found.display_type == "product")[:1]
            line.tax_ids = (line.template_line_id or first).tax_ids
        return super()._compute_tax_ids()

    @api.depends("template_line_id")
    def _compute_former(self):
        for line in self:
            former = line.template_line_id
            if not former:
                line.former = self.env._("New line")
                continue
            price = former.currency_id.format(former.price_unit)
            terms = former._recurrence_describe_terms()
            line.former = f"{former.quantity:g} × {price}" + (f" ({terms})" if terms else "")

    def _get_change(self):
        """Return what differs from the template as ``LineChange``, or None."""
        former = self.template_line_id
        if not former:
            if not (self.name or self.product_id):
                raise UserError(self.env._("Describe the new line, or choose a product."))
            values = {
                "name": self.name,
                "product_id": self.product_id.id,
                "quantity": self.quantity,
                "price_unit": self.price_unit,
                "tax_ids": [Command.set(self.tax_ids.ids)],
            }
            return LineChange(former, values) if self.quantity else None
        if former.move_id != self.change_id.template_move_id:
            raise UserError(
                self.env._("The lines have changed since this was shown. Open the dialog again.")
            )
        values = {"quantity": self.quantity, "price_unit": self.price_unit}
        # an expected quantity of 0 that stays ends nothing
        values = {name: value for name, value in values.items() if former[name] != value}
        return LineChange(former, values) if values else None
