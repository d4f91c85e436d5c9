import json
import re
from collections import OrderedDict

from werkzeug.datastructures import FileStorage

from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.export import CSVExport, ExcelExport
from odoo.addons.web.controllers.pivot import TableExporter

from ..tools.common.spreadsheet_cell import harmless

MODULE = "account_recurrence_dunning"
MARK = "is_harmless"


def _is_own(model):
    """Whether a model is the addon's: what other addons export is theirs to decide."""
    return model in request.env and request.env[model]._original_module == MODULE


def _touches_own(model, path):
    """Whether a column, or what is grouped by, is the addon's or is reached over what is.

    :param path: names of fields, as exports and groups write them: ``tag_ids/name``, ``date:month``
    """
    if _is_own(model):
        return True
    name, *rest = re.split(r"[/.]", path.split(":")[0], maxsplit=1)
    field = request.env[model]._fields.get(name) if model in request.env else None
    if field is None or field._module == MODULE:
        return field is not None
    comodel = field.comodel_name
    return bool(comodel) and (_is_own(comodel) or bool(rest) and _touches_own(comodel, rest[0]))


def _has_own_columns(model):
    """Whether a table of a model may be made of columns of the addon: it does not say which."""
    fields = request.env[model]._fields.values() if model in request.env else ()
    return any(field._module == MODULE and field.store for field in fields)


def _mark(data):
    """Mark the columns of the addon, for those who write the cells.

    Where lists are grouped by one of the addon, all of it is cleaned, headings too.
    """
    params = json.loads(data)
    model = params["model"]
    is_grouped = any(_touches_own(model, path) for path in params.get("groupby") or ())
    for field in params["fields"]:
        field[MARK] = is_grouped or _touches_own(model, field["name"])
    return json.dumps(params)


def _clean(fields, rows):
    marks = [field.get(MARK) for field in fields]
    if not any(marks):
        return rows
    return [
        [harmless(cell) if mark else cell for cell, mark in zip(row, marks, strict=True)]
        for row in rows
    ]


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
    """No own cell begins like a formula: names come from customers and suppliers."""

    def base(self, data):
        return super().base(_mark(data))

    def from_data(self, fields, columns_headers, rows):
        [headers] = _clean(fields, [columns_headers])
        return super().from_data(fields, headers, _clean(fields, rows))


class HarmlessExcelExport(ExcelExport):
    """Odoo writes a text that begins with an equals sign as a formula."""

    def base(self, data):
        return super().base(_mark(data))

    def from_data(self, fields, columns_headers, rows):
        [headers] = _clean(fields, [columns_headers])
        return super().from_data(fields, headers, _clean(fields, rows))

    def from_group_data(self, fields, columns_headers, groups):
        if any(field.get(MARK) for field in fields):
            groups = _clean_groups(fields, groups)
        [headers] = _clean(fields, [columns_headers])
        return super().from_group_data(fields, headers, groups)


class HarmlessPivotExport(TableExporter):
    @http.route()
    def export_xlsx(self, data, **kw):
        table = json.load(data) if isinstance(data, FileStorage) else json.loads(data)
        if table and _has_own_columns(table.get("model")):
            table = self._clean_table(table)
        return super().export_xlsx(json.dumps(table), **kw)

    def _clean_table(self, value):
        """Return a table with each of its texts cleaned, whatever it is the heading of."""
        if isinstance(value, dict):
            return {name: self._clean_table(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._clean_table(item) for item in value]
        return harmless(value)
