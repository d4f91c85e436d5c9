from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...models.common.client_action import open_dialog
from ...models.dunning.status.dunning_invoice_bulk_mixin import INVOICE_TYPES
from ...tools.common.table_file import TableError
from ...tools.dunning import csv as dunning_csv


class DunningImport(models.TransientModel):
    """Takes over level, date of the last reminder and tags of invoices from a CSV file (W4).

    The way to move over from other software in the middle of a dunning cycle: the file is shown
    first, with what does not match; the rejected lines can be downloaded, mended and read again.
    """

    _name = "dunning.import"
    _description = "Import of Levels"
    _inherit = "recurrence.dunning.file.dialog.mixin"

    state = fields.Selection(
        [("file", "File"), ("preview", "Preview"), ("done", "Done")], default="file", readonly=True
    )
    line_ids = fields.One2many("dunning.import.line", "import_id", readonly=True)
    rejected_ids = fields.One2many(
        "dunning.import.line", "import_id", domain=[("problem", "!=", False)], readonly=True
    )
    matched_count = fields.Integer(readonly=True)
    part_count = fields.Integer(
        readonly=True, help="Lines of which a part is taken: their tags, but not their level."
    )
    rejected_count = fields.Integer(readonly=True)
    changed_count = fields.Integer(readonly=True)

    # === READING === #

    def action_read(self):
        """Read the file and show what it says and what does not match; nothing is changed."""
        self._check_dialog()
        self.ensure_one()
        data = self._get_data()
        keeps_format = self.state == "preview" and self.date_format
        try:
            table = dunning_csv.read(data, self.date_format if keeps_format else "")
        except TableError as error:
            raise UserError(self._get_file_error(error.code, error.headings)) from error
        found = self._match(table)
        self.line_ids.unlink()
        self.env["dunning.import.line"].create(
            [self._prepare_line(row, *found[row.line]) for row in table.rows]
        )
        self._try_rejected(found)
        changed = self._try_import()
        rejected = self.line_ids.filtered("problem")
        self.sudo().heading = table.heading
        self.write(
            {
                "state": "preview",
                "date_format": table.date_format or False,
                "is_date_doubtful": table.is_date_doubtful,
                "separator": table.separator,
                "recognised": self._describe_file(len(table.rows), table.separator, table.columns),
                "matched_count": changed,
                "part_count": len(rejected) + changed - len(self.line_ids),
                "rejected_count": len(rejected),
            }
        )
        return self._reopen()

    def action_back(self):
        """Choose another file."""
        self._check_dialog()
        self.line_ids.unlink()
        self.write({"state": "file", "file": False, "date_format": False})
        return self._reopen()

    def _get_missing_column_error(self):
        return self.env._(
            "No column contains the invoice numbers: give it the heading “Invoice”, or leave "
            "the headings out and put number, level, date and tags in this order."
        )

    def _get_column_labels(self):
        return {
            "number": self.env._("invoice"),
            "level": self.env._("level"),
            "date": self.env._("date"),
            "tags": self.env._("tags"),
        }

    def _match(self, table):
        """Return ``{line number: (invoices it may mean, codes why it is rejected)}``."""
        by_name = self._find_invoices({row.number for row in table.rows if row.has_number})
        empty = self.env["account.move"]
        today = self.company_id._get_job_today()
        result, taken = {}, set()
        for row in table.rows:
            moves = by_name.get(row.number, empty)
            codes = dunning_csv.find_rejects(row, moves.ids, taken, today)
            if not codes:
                taken.add(moves.id)
            result[row.line] = (moves, codes)
        return result

    def _find_invoices(self, numbers):
        """Return the customer invoices by number; where no number fits, by their reference."""
        moves = self.env["account.move"]
        domain = Domain("company_id", "=", self.company_id.id) & Domain(
            "move_type", "in", INVOICE_TYPES
        )
        found = moves.search(domain & Domain("name", "in", list(numbers))).grouped("name")
        missing = [number for number in numbers if number not in found]
        if missing:
            named = moves.search(domain & Domain("ref", "in", missing))
            found.update(named.grouped("ref"))
        return found

    def _get_problem(self, code):
        """Return why a line is rejected, as a sentence."""
        return {
            "no_number": self.env._("It has no invoice number."),
            "bad_number": self.env._("The number is longer than any invoice number."),
            "bad_tag": self.env._("A tag is too long."),
            "future_date": self.env._("The date of the last reminder is in the future."),
            "bad_level": self.env._("The level is not a number of 0 or higher."),
            "bad_date": self.env._("The date cannot be read."),
            "nothing": self.env._("It has no level, date or tags."),
            "duplicate": self.env._("An earlier line refers to the same invoice."),
            "not_found": self.env._("No customer invoice has this number or reference."),
            "several": self.env._("Several invoices have this number or reference."),
        }[code]

    def _prepare_line(self, row, moves, codes):
        return {
            "import_id": self.id,
            "line": row.line,
            "number": row.number[: dunning_csv.MAX_NUMBER],
            "level": row.level or 0,
            "has_level": row.level is not None,
            "date": row.date,
            "tags": ", ".join(row.tags) if "bad_tag" not in codes else False,
            "cells": list(row.cells),
            "move_id": False if codes else moves.id,
            "problem": " ".join(map(self._get_problem, codes)) or False,
        }

    # === WRITING === #

    def action_import(self):
        """Change the invoices that matched, and report the lines that could not be taken."""
        self._check_dialog()
        self.ensure_one()
        lines = self.line_ids.filtered("move_id")
        if not lines:
            raise UserError(self.env._("No line can be imported: nothing matches."))
        changed, refused = self._apply_lines(lines.grouped("move_id"))
        lines.problem = False
        self._keep_refusals(refused)
        rejected = self.line_ids.filtered("problem").sorted("line")
        self.write(
            {
                "state": "done",
                "changed_count": changed,
                "rejected_count": len(rejected),
            }
        )
        self._keep_rejected()
        return self._reopen()

    def _apply_lines(self, by_move):
        """Change invoices as their lines say.

        :param by_move: ``{invoice: line}``
        :return: how many were changed, and ``{reason: ids of the lines refused, or in part}``
        """
        lines = self.env["dunning.import.line"].union(*by_move.values())
        moves = self.env["account.move"].union(*by_move)
        writable = moves._filtered_access("write")
        tags = self._get_tags(lines)
        grouped = defaultdict(list)
        for move in writable:
            line = by_move[move]
            grouped[line.has_level, line.level, line.date, line.tags or ""].append(move.id)
        groups = [
            (writable.browse(ids), self._get_changes(key, tags)) for key, ids in grouped.items()
        ]
        changed, skipped = self.env["account.move"]._dunning_apply_groups(groups)
        skipped["no_access"] = moves - writable
        refused = {code: [by_move[move].id for move in moves] for code, moves in skipped.items()}
        return len(changed), refused

    def _try_import(self):
        """Import, take it back, and note what is refused: the preview promises what is taken.

        :return: how many invoices would be changed
        """
        changed, refused = self._try(self.line_ids.filtered("move_id").grouped("move_id"))
        self._keep_refusals(refused)
        return changed

    def _try_rejected(self, found):
        """Note on lines that are rejected already what else would be refused in them.

        :param found: as ``_match`` returns it
        """
        by_move = {}
        for line in self.line_ids.filtered("problem"):
            moves, codes = found[line.line]
            if len(moves) == 1 and "duplicate" not in codes:
                by_move.setdefault(moves, line)
        _changed, refused = self._try(by_move)
        # a level that cannot be read is no missing one
        refused.pop("date_without_level", None)
        self._keep_refusals(refused)

    def _try(self, by_move):
        """Return what ``_apply_lines`` would, and change nothing."""
        if not by_move:
            return 0, {}
        with self.env.cr.savepoint() as savepoint:
            result = self._apply_lines(by_move)
            savepoint.rollback()
        return result

    def _keep_refusals(self, refused):
        """Note on lines why they are refused: ``{reason: line ids}``."""
        moves = self.env["account.move"]
        for code, ids in refused.items():
            sentence = moves._dunning_get_refusal_text(code, one=True)
            for line in self.line_ids.browse(ids):
                known = line.problem or ""
                if sentence not in known:
                    line.problem = f"{known} {sentence}".strip()

    def _get_tags(self, lines):
        """Return ``{name: tag}`` of the tags the lines name; those that do not exist are made."""
        names = {name for line in lines for name in line._get_tag_names()}
        model = self.env["account.move.tag"]
        domain = Domain("name", "in", list(names)) & Domain(
            "company_id", "in", [False, self.company_id.id]
        )
        tags = {tag.name: tag for tag in model.search(domain)}
        new = sorted(names - tags.keys())
        made = model.create([{"name": name, "company_id": self.company_id.id} for name in new])
        return tags | {tag.name: tag for tag in made}

    def _get_changes(self, key, tags):
        """Return the changes of a group of lines as ``_dunning_apply`` takes them."""
        has_level, level, date, names = key
        changes = {}
        if has_level:
            changes["level"] = level
        if date:
            changes["last_date"] = date
        if names:
            found = self.env["account.move.tag"]
            for name in names.split(", "):
                found |= tags[name]
            changes["tags_add"] = found
        return changes

    def _keep_rejected(self):
        """Keep the lines that are rejected as a file, with their reasons."""
        rejected = self.line_ids.filtered("problem").sorted("line")
        self._write_rejected(
            [(line.cells or [], f"{line.line}: {line.problem}") for line in rejected]
        )

    @api.model
    def _get_action_name(self):
        return self.env._("Import levels")

    def _reopen(self):
        return open_dialog(self, self._get_action_name())
