from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ....tools.dunning.rate import get_half_year


class DunningRate(models.Model):
    """What a series was on the first day of a half-year, in percent a year (M1)."""

    _name = "dunning.rate"
    _description = "Reference Rate"
    _inherit = "dunning.legal.fact.mixin"
    _order = "series_id, date_from desc, id desc"

    series_id = fields.Many2one(
        "dunning.rate.series", string="Series", required=True, index=True, ondelete="restrict"
    )
    date_from = fields.Date(
        string="Half-Year from", required=True, help="1 January or 1 July of a year."
    )
    percent = fields.Float(
        string="Rate (%)",
        required=True,
        digits=(8, 4),
        aggregator=None,
        help="Percent a year, without the margin that a rule adds.",
    )
    replaces_id = fields.Many2one(
        "dunning.rate", string="Corrects", readonly=True, copy=False, ondelete="set null"
    )

    # not by Odoo's own index of several columns: a correction stands beside what it corrects
    _used_uniq = models.UniqueIndex(
        "(series_id, date_from) WHERE state = 'used'",
        "Another rate of this series is in use for this half-year.",
    )

    @api.depends("series_id.name", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rate in self:
            day = rate.date_from and format_date(self.env, rate.date_from)
            rate.display_name = f"{rate.series_id.name}, {day}" if day else rate.series_id.name

    @api.model_create_multi
    def create(self, vals_list):
        """What ships later does not take the place of a rate that somebody confirmed before."""
        for vals in vals_list:
            self._check_bounds(vals)
            if vals.get("state") == "used" and self._find_used(vals):
                vals["state"] = "open"
        return super().create(vals_list)

    @api.model
    def _find_used(self, vals):
        """Return the rate in use of the same series and half-year."""
        return self.sudo().search(
            [
                ("series_id", "=", vals.get("series_id")),
                ("date_from", "=", vals.get("date_from")),
                ("state", "=", "used"),
            ]
        )

    @api.constrains("date_from")
    def _check_date_from(self):
        for rate in self:
            if not rate.date_from or rate.date_from != get_half_year(rate.date_from):
                raise ValidationError(
                    self.env._("A rate holds from 1 January or from 1 July of a year.")
                )

    @api.constrains("percent")
    def _check_percent(self):
        for rate in self:
            if not -10 <= rate.percent <= 100:
                raise ValidationError(
                    self.env._("A reference rate lies between -10 % and 100 % a year.")
                )

    def _get_replaced(self):
        """There is one in use of a half-year; of another one the corrected rate stays."""
        return self._find_used({"series_id": self.series_id.id, "date_from": self.date_from})

    @api.model
    def _read_used(self):
        """Return the rates in use: ``{series id: {first day of the half-year: percent}}``."""
        found = {}
        groups = self.sudo().search_fetch(
            [("state", "=", "used")], ["series_id", "date_from", "percent"]
        )
        for rate in groups:
            percent = Decimal(str(round(rate.percent, 4)))
            found.setdefault(rate.series_id.id, {})[rate.date_from] = percent
        return found
