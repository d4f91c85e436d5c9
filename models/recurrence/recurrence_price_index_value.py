from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from .recurrence_price_index import to_decimal


class RecurrencePriceIndexValue(models.Model):
    """Where an index stood in a month. Entered, or imported from a file by Odoo's import."""

    _name = "recurrence.price.index.value"
    _description = "Value of a Price Index"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "index_id, month desc, id desc"

    index_id = fields.Many2one(
        "recurrence.price.index", string="Index", required=True, index=True, ondelete="cascade"
    )
    month = fields.Date(required=True, help="Any day of the month; its first day is kept.")
    value = fields.Float(required=True, min_display_digits=1, aggregator=None)
    note = fields.Char(help="Such as: preliminary, or where it was read.")

    _month_uniq = models.UniqueIndex(
        "(index_id, month)", "This index has a value for this month already: change that one."
    )

    @api.depends("index_id.name", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for value in self:
            month = value.month and format_date(self.env, value.month, date_format="MMMM yyyy")
            value.display_name = ", ".join(filter(None, (value.index_id.name, month)))

    @api.model_create_multi
    def create(self, vals_list):
        """A file that holds the whole series changes the months that are there already."""
        vals_list = [self._to_first(vals) for vals in vals_list]
        if not self.env.context.get("import_file"):
            return super().create(vals_list)
        there = self.search([("index_id", "in", [vals.get("index_id") for vals in vals_list])])
        by_month = {(value.index_id.id, value.month): value for value in there}
        keys = [(vals.get("index_id"), vals.get("month")) for vals in vals_list]
        added = super().create(
            [vals for key, vals in zip(keys, vals_list, strict=True) if key not in by_month]
        )
        for key, vals in zip(keys, vals_list, strict=True):
            if key in by_month:
                by_month[key].write(vals)
        by_month.update({(value.index_id.id, value.month): value for value in added})
        return self.browse().concat(*(by_month[key] for key in keys))

    def write(self, vals):
        return super().write(self._to_first(vals))

    @api.model
    def _to_first(self, vals):
        """Values of a month are found by its first day."""
        self._check_bounds(vals)
        month = fields.Date.to_date(vals.get("month"))
        return {**vals, "month": month.replace(day=1)} if month else vals

    @api.constrains("value")
    def _check_value(self):
        for value in self:
            if value.value <= 0:
                raise ValidationError(
                    self.env._("%(value)s: an index is above zero.", value=value.display_name)
                )

    def _get_exact(self):
        return to_decimal(self.value)
