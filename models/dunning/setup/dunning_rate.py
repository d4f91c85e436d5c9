from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
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
            rate.display_name = ", ".join(filter(None, (rate.series_id.name, day)))

    @api.model_create_multi
    def create(self, vals_list):
        """What ships later does not take the place of a rate that somebody confirmed before."""
        for vals in vals_list:
            self._check_bounds(vals)
            if vals.get("percent") is False:
                # an empty cell of a file, which Odoo would make zero of
                raise ValidationError(
                    self.env._(
                        "%(rate)s: enter the rate, 0 if it is zero. A missing one is not guessed.",
                        rate=self.new(vals).display_name,
                    )
                )
            if vals.get("state") == "used" and self._find_used(vals):
                vals["state"] = "open"
        rates = super().create(vals_list)
        # what ships later is let in: no upgrade fails for it
        if not self.env.su:
            rates._check_entered_once()
        return rates

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
                    self.env._(
                        "%(rate)s: a rate holds from 1 January or from 1 July of a year.",
                        rate=rate.display_name,
                    )
                )

    @api.constrains("percent")
    def _check_percent(self):
        for rate in self:
            if not -10 <= rate.percent <= 100:
                raise ValidationError(
                    self.env._(
                        "%(rate)s: a reference rate lies between -10 %% and 100 %% a year.",
                        rate=rate.display_name,
                    )
                )

    def _check_entered_once(self):
        """Refuse a half-year that is to be confirmed already, as of a file that is read twice."""
        for rate in self:
            same = [(name, "=", rate[name]) for name in ("state", "date_from")]
            same.append(("series_id", "=", rate.series_id.id))
            if rate.state == "open" and self.search_count(same, limit=2) > 1:
                raise UserError(
                    self.env._(
                        "%(rate)s: this half-year is to be confirmed already. Change or delete "
                        "that one.",
                        rate=rate.display_name,
                    )
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
