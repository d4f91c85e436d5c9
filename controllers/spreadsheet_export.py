import json
from collections import OrderedDict

from werkzeug.datastructures import FileStorage

from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.export import CSVExport, ExcelExport
from odoo.addons.web.controllers.pivot import TableExporter

from ..tools.spreadsheet_cell import harmless

MODULE = "account_recurrence_dunning"
MARK = "is_harmless"


def _is_own(model):
    """Whether a model is the addon's: what other addons export is theirs to decide."""
    return model in request.env and request.env[model]._original_module == MODULE


def _mark(data):
    """Mark the columns of an export of an own model, for those who write its cells."""
    params = json.loads(data)
    if _is_own(params["model"]):
        for field in params["fields"]:
            field[MARK] = True
    return json.dumps(params)


def _clean(fields, rows):
    if not any(field.get(MARK) for field in fields):
        return rows
    return [[harmless(cell) for cell in row] for row in rows]


def _clean_groups(fields, groups):
    """Clean the rows and the headings of groups, at each depth."""
    groups.data = _clean(fields, groups.data)
    groups.children = OrderedDict(
        (_clean_heading(name), _clean_groups(fields, group))
        for name, group in groups.children.items()
    )
    return groups


def _clean_heading(name):
    return (name[0], harmless(name[1])) if isinstance(name, tuple) and name[1:] else harmless(name)


class HarmlessCsvExport(CSVExport):
    """No cell of an own list begins like a formula: names come from customers and suppliers."""

    def base(self, data):
        return super().base(_mark(data))

    def from_data(self, fields, columns_headers, rows):
        return super().from_data(fields, columns_headers, _clean(fields, rows))


class HarmlessExcelExport(ExcelExport):
    """Odoo writes a text that begins with an equals sign as a formula."""

    def base(self, data):
        return super().base(_mark(data))

    def from_data(self, fields, columns_headers, rows):
        return super().from_data(fields, columns_headers, _clean(fields, rows))

    def from_group_data(self, fields, columns_headers, groups):
        if any(field.get(MARK) for field in fields):
            groups = _clean_groups(fields, groups)
        return super().from_group_data(fields, columns_headers, groups)


class HarmlessPivotExport(TableExporter):
    @http.route()
    def export_xlsx(self, data, **kw):
        table = json.load(data) if isinstance(data, FileStorage) else json.loads(data)
        if table and _is_own(table.get("model")):
            table = self._clean_table(table)
        return super().export_xlsx(json.dumps(table), **kw)

    def _clean_table(self, value):
        """Return a table with each of its texts cleaned, whatever it is the heading of."""
        if isinstance(value, dict):
            return {name: self._clean_table(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._clean_table(item) for item in value]
        return harmless(value)
