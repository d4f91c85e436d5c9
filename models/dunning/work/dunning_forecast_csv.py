from base64 import b64encode

from odoo import api, fields, models
from odoo.tools import float_repr
from odoo.tools.misc import get_lang

from ....tools.common import table_file

COLUMNS = (
    "date",
    "variant",
    "kind",
    "program_id",
    "level_id",
    "channel",
    "partner_id",
    "items",
    "amount",
    "invoice_amount",
    "currency_id",
    "obstacle",
)
KIND_OF_AMOUNT = {"amount": "reminder", "invoice_amount": "invoice"}


class DunningForecast(models.TransientModel):
    """What a forecast found, as a file for a spreadsheet (K11)."""

    _inherit = "dunning.forecast"

    csv_file = fields.Binary(string="CSV File", compute="_compute_csv_file", exportable=False)

    @api.depends("line_ids")
    @api.depends_context("lang")
    def _compute_csv_file(self):
        self.check_access("read")
        for forecast in self:
            forecast.csv_file = b64encode(forecast._write_csv())

    def action_download_csv(self):
        """Download each message and each invoice that was found, and the totals per currency."""
        self._check_found()
        name = self.env._("forecast %(first)s to %(last)s.csv", **self._get_days())
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/csv_file/{name}?download=true",
            "target": "self",
        }

    def _get_days(self):
        return {"first": self.date_from.isoformat(), "last": self.date_until.isoformat()}

    def _write_csv(self):
        """Return the content of the file, with the decimal sign of the reader's language."""
        point = get_lang(self.env).decimal_point
        lines = self.sudo().line_ids
        *names, last = (lines._fields[name]._description_string(self.env) for name in COLUMNS)
        rows = [(names, last)]
        for line in lines:
            *cells, reason = (self._get_cell(line, name, point) for name in COLUMNS)
            rows.append((cells, reason))
        rows += [(cells, "") for cells in self._get_total_rows(lines, point)]
        return table_file.write(rows, ";" if point == "," else ",")

    @api.model
    def _get_cell(self, line, name, point):
        """Return one value of an entry as text."""
        field, value = line._fields[name], line[name]
        if name in KIND_OF_AMOUNT:
            is_said = line.kind == KIND_OF_AMOUNT[name]
            return self._get_amount(value, line.currency_id, point) if is_said else ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "many2one":
            return value.display_name or ""
        return str(value or "")

    @api.model
    def _get_amount(self, amount, currency, point):
        return float_repr(amount, currency.decimal_places).replace(".", point)

    @api.model
    def _get_total_rows(self, lines, point):
        """Return the last rows: what it comes to, for each variant and currency."""
        kinds = dict(lines._fields["variant"]._description_selection(self.env))
        groups = lines._read_group(
            [("id", "in", lines.ids)],
            ["variant", "currency_id"],
            ["amount:sum", "invoice_amount:sum"],
        )
        gap = [""] * (COLUMNS.index("amount") - 2)
        return [
            [self.env._("Total"), kinds[variant], *gap, *amounts, currency.name or ""]
            for variant, currency, *sums in groups
            for amounts in [[self._get_amount(value, currency, point) for value in sums]]
        ]
