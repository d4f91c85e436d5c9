from base64 import b64decode, b64encode
from datetime import date

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.common import table_file

EXAMPLE_DAY = date(2026, 12, 31)
MAX_BYTES = 20 * 1024 * 1024


class RecurrenceDunningFileDialogMixin(models.AbstractModel):
    """Dialogs that read a table from a CSV file, and hand back what they could not use."""

    _name = "recurrence.dunning.file.dialog.mixin"
    _description = "Dialog That Reads a File"
    _inherit = "recurrence.dunning.own.record.mixin"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    file = fields.Binary(string="CSV File", attachment=False)
    file_name = fields.Char()
    date_format = fields.Selection(
        lambda self: [(way, EXAMPLE_DAY.strftime(way)) for way in table_file.DATE_FORMATS],
        string="Date Format",
        help="How the last day of 2026 would be written; detected from the file.",
    )
    is_date_doubtful = fields.Boolean(readonly=True)
    separator = fields.Char(readonly=True)
    recognised = fields.Char(readonly=True)
    heading = fields.Json(readonly=True, system=True)
    unused = fields.Char(readonly=True)
    rejected_file = fields.Binary(readonly=True, attachment=False)

    def _get_column_labels(self):
        """Return what each column of the file contains, by its name."""
        return {}

    def _get_missing_column_error(self):
        """Return what is wrong with a file without the column that is needed."""
        return False

    def _get_data(self):
        """Return the content of the file."""
        # four signs stand for three bytes
        if len(self.file or b"") > MAX_BYTES // 3 * 4 + 4:
            raise UserError(self.env._("The file is larger than 20 MB: split it."))
        try:
            return b64decode(self.file or b"")
        except ValueError as error:
            raise UserError(self._get_file_error("binary")) from error

    def _get_file_error(self, code, headings=()):
        """Return what is wrong with a file as a sentence.

        :param code: as ``TableError`` has it
        :param headings: of which columns
        """
        if code == "no_column":
            return self._get_missing_column_error()
        if code == "duplicate_column":
            names = ", ".join(f"“{heading}”" for heading in headings)
            return self.env._(
                "These columns have the same meaning: %(names)s. Remove one of them.", names=names
            )
        sentences = {
            "binary": self.env._(
                "The file is not a text file: save it as CSV in the program it comes from."
            ),
            "unreadable": self.env._(
                "The file cannot be read as CSV: a cell is not closed. Save the file as CSV again."
            ),
            "too_many": self.env._(
                "The file has more than %(count)s lines: split it.", count=table_file.MAX_ROWS
            ),
        }
        return sentences.get(code) or self.env._("The file contains no lines: choose a CSV file.")

    def _describe_file(self, count, separator, columns):
        """Return what was recognised, as a sentence.

        :param count: the number of lines
        :param separator: the sign between cells
        :param columns: dict of column names and their positions
        """
        separators = {
            ";": self.env._("semicolon"),
            ",": self.env._("comma"),
            "\t": self.env._("tab"),
            "|": self.env._("vertical bar"),
        }
        labels = self._get_column_labels()
        return self.env._(
            "Lines: %(rows)s, separated by %(separator)s, with the columns %(columns)s.",
            rows=count,
            separator=separators[separator],
            columns=", ".join(labels[name] for name in sorted(columns, key=columns.get)),
        )

    def _write_rejected(self, rows):
        """Keep the lines that are not used as a file, in the form it came in.

        :param rows: pairs of the cells of a line and the reason
        """
        heading = self.heading or []
        width = max([len(heading), *(len(cells) for cells, _reason in rows)])
        # the reason has a column of its own, so that the file can be read again
        rows = [([*cells, *[""] * (width - len(cells))], reason) for cells, reason in rows]
        if heading:
            rows.insert(0, ([*heading, *[""] * (width - len(heading))], self.env._("Rejected")))
        content = table_file.write(rows, self.separator or ";")
        self.sudo().rejected_file = b64encode(content) if len(rows) > bool(heading) else False

    def action_download_rejected(self):
        """Download the rejected lines, each with its line number and the reason."""
        self._check_dialog()
        self.ensure_one()
        name = self.env._("rejected lines.csv")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/rejected_file/{name}?download=true",
            "target": "self",
        }
