from decimal import Decimal

from odoo import api, fields, models

from ...tools.recurrence.price_rise import IndexMove


class RecurrencePriceIndex(models.Model):
    """A published index that prices follow, such as consumer prices of a country."""

    _name = "recurrence.price.index"
    _description = "Price Index"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    published_by = fields.Char(help="Who publishes it, and where.")
    value_ids = fields.One2many("recurrence.price.index.value", "index_id", string="Values")
    last_month = fields.Date(string="Latest Month", compute="_compute_last")
    last_value = fields.Float(
        string="Latest Value", compute="_compute_last", min_display_digits=1, aggregator=None
    )

    @api.depends("value_ids.month", "value_ids.value")
    def _compute_last(self):
        for index in self:
            last = index.value_ids.sorted("month")[-1:]
            index.last_month = last.month
            index.last_value = last.value

    def _get_move(self, base, current):
        """Return where the index stood in two months.

        :param base: any day of a month, ``date``; False: none
        :return: ``tools.recurrence.price_rise.IndexMove``; None in it where a value is missing
        """
        values = {value.month: value._get_exact() for value in self.sudo().value_ids}
        first = [month and month.replace(day=1) for month in (base, current)]
        return IndexMove(*map(values.get, first))


def to_decimal(number):
    """Return a number of a field with four decimal places as the exact one that was entered."""
    return Decimal(str(round(number, 4)))
