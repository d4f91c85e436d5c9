from odoo import api, fields, models


class DunningRateSeries(models.Model):
    """A published rate that interest is made of, as a central bank's: whose it is (M1)."""

    _name = "dunning.rate.series"
    _description = "Reference Rate Series"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    published_by = fields.Char(help="Who publishes it, and where.")
    rate_ids = fields.One2many("dunning.rate", "series_id", string="Rates")
    last_date = fields.Date(
        string="Latest Half-Year", compute="_compute_last", help="Of the rates in use."
    )
    last_percent = fields.Float(
        string="Latest Rate (%)", compute="_compute_last", digits=(8, 4), aggregator=None
    )

    @api.depends("rate_ids.state", "rate_ids.percent", "rate_ids.date_from")
    def _compute_last(self):
        for series in self:
            used = series.rate_ids.filtered(lambda rate: rate.state == "used")
            last = used.sorted("date_from")[-1:]
            series.last_date = last.date_from
            series.last_percent = last.percent

    def _get_missing(self, half_year):
        """Return the series that have no rate in use for a half-year, by its first day."""
        rates = self.env["dunning.rate"]._read_used()
        return self.filtered(lambda series: half_year not in rates.get(series.id, {}))
