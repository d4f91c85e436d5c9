from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.common.table_file import TableError
from ...tools.recurrence import agreement_file

# So many are made within the time that a request may take.
MOST = 500


class RecurrenceImport(models.TransientModel):
    """Makes recurring invoices from a CSV file of agreements; each is shown before (R16).

    What is shown was made, looked at and rolled back. What is made is made at once: all that is
    ticked, or nothing.
    """

    _name = "recurrence.import"
    _description = "Import Recurring Invoices"
    _inherit = [
        "recurrence.dunning.file.dialog.mixin",
        "recurrence.preview.dialog.mixin",
        "recurrence.import.matching.mixin",
    ]

    decimal_sign = fields.Selection(
        [(".", "1,234.50"), (",", "1.234,50")],
        string="Number Format",
        help="How a price is written; detected from the file.",
    )
    is_decimal_doubtful = fields.Boolean(readonly=True)
    invoice_mode = fields.Selection(
        selection="_get_modes",
        string="On the Day",
        required=True,
        default=lambda self: self.env["recurrence.schedule"].default_get(["invoice_mode"])[
            "invoice_mode"
        ],
    )
    past = fields.Selection(
        [("elsewhere", "Were billed elsewhere"), ("here", "Are billed here")],
        string="Dates Before Today",
        required=True,
        default="elsewhere",
        help="Of agreements whose file names a start and no next invoice.",
    )
    is_started = fields.Boolean(
        string="Start Them", help="Otherwise they are drafts, to look at and start one by one."
    )
    row_ids = fields.One2many("recurrence.import.line", "dialog_id")
    ready_count = fields.Integer(compute="_compute_counts")
    rejected_count = fields.Integer(compute="_compute_counts")
    made_ids = fields.Many2many("recurrence.schedule", readonly=True)
    made_count = fields.Integer(compute="_compute_counts")

    @api.model
    def _get_modes(self):
        modes = self.env["recurrence.schedule"]._fields["invoice_mode"]
        return modes._description_selection(self.env)

    @api.depends("row_ids.is_included", "row_ids.problem", "made_ids")
    def _compute_counts(self):
        for dialog in self:
            dialog.ready_count = len(dialog.row_ids.filtered("is_included"))
            dialog.rejected_count = len(dialog.row_ids.filtered("problem"))
            dialog.made_count = len(dialog.made_ids)

    # === READING === #

    def action_read(self):
        """Read the file and show what would be made of it; nothing is kept."""
        self._check_dialog()
        self.ensure_one()
        is_again = self.step == "look"
        read = self._read_file(*((self.date_format, self.decimal_sign) if is_again else ()))
        if len(read.agreements) > MOST:
            raise UserError(
                self.env._(
                    "The file has %(count)s agreements. At most %(most)s are imported at once: "
                    "split it.",
                    count=len(read.agreements),
                    most=MOST,
                )
            )
        file = read.file
        rows = self._prepare_rows(read.agreements)
        if is_again:
            self._keep_choices(rows)
        self.row_ids.sudo().unlink()
        # what a row is made of is not for people to change
        self.sudo().write(
            {
                "step": "look",
                "date_format": read.date_format or False,
                "is_date_doubtful": not is_again and read.is_date_doubtful,
                "decimal_sign": read.decimal_sign,
                "is_decimal_doubtful": not is_again and read.is_decimal_doubtful,
                "separator": file.separator,
                "heading": file.heading,
                "unused": ", ".join(file.unused) or False,
                "recognised": self._describe_file(len(file.lines), file.separator, file.columns),
                "row_ids": [Command.create(row) for row in rows],
            }
        )
        self._keep_rejected()
        return self._reopen()

    def _read_file(self, date_format="", decimal_sign=""):
        """Return what the file says, as AgreementFile."""
        try:
            return agreement_file.read(self._get_data(), date_format or "", decimal_sign or "")
        except TableError as error:
            raise UserError(self._get_file_error(error.code, error.headings)) from error

    def _keep_choices(self, rows):
        """Leave ticks as a person had set them before the file was read again.

        What has become a double since then was not one that the person has seen.
        """
        shown = self.row_ids.filtered(lambda row: not row.problem)
        left_out = set(shown.filtered(lambda row: not row.is_included).mapped("line"))
        chosen = set(shown.filtered(lambda row: row.is_included and row.is_double).mapped("line"))
        for row in rows:
            if row["line"] in left_out:
                row["is_included"] = False
            elif row["line"] in chosen and not row["problem"]:
                row["is_included"] = True

    def action_back(self):
        """Choose another file."""
        result = super().action_back()
        self.write({"file": False, "date_format": False, "decimal_sign": False})
        return result

    def _prepare_rows(self, agreements):
        """Return a row for each agreement: what would be made, or why nothing is."""
        matched = self._match_agreements(agreements)
        there = self._find_there(self.env["res.partner"].union(*(m[0] for m in matched)))
        earlier, rows = {}, []
        for agreement, (partner, values, problems) in zip(agreements, matched, strict=True):
            numbers = [line.line for line in agreement.lines]
            row = {
                "line": numbers[0],
                "customer": agreement.customer[:256],
                "partner_id": partner.id,
                "reference": agreement.reference[:256],
                "cells": [[line.line, list(line.cells)] for line in agreement.lines],
                "values": values,
                "is_double": False,
                "problem": "\n".join(problems) or False,
            }
            if values:
                key = self._get_key(values, partner)
                row.update(self._find_double(values, there, earlier.setdefault(key, row)))
            rows.append(row)
        self._try_rows([row for row in rows if row["values"]])
        for row in rows:
            row["is_included"] = not (row["problem"] or row["is_double"])
        return rows

    def _try_rows(self, rows):
        """Note on rows what would be made of them; it is made and rolled back.

        All at once; where that fails, one by one, so that each failure stands with its row.
        """
        facts, problem = None, False
        savepoint = self.env.cr.savepoint()
        try:
            facts = self._create_from(rows)._get_import_facts()
        except UserError as error:
            problem = str(error)
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
        if facts is not None:
            for row, fact in zip(rows, facts, strict=True):
                notes = filter(None, (row["note"], fact["note"]))
                row.update(fact, note="\n".join(notes) or False)
        elif len(rows) == 1:
            rows[0]["problem"] = problem
        else:
            for row in rows:
                self._try_rows([row])

    @api.model
    def _create_from(self, rows):
        """Make the recurring invoices of rows, drafts.

        :param rows: list of dicts, or records, with ``values``
        :return: recurrence.schedule, in the same order
        """
        moves = self.env["account.move"].with_context(tracking_disable=True)
        templates = moves.create([row["values"] for row in rows])
        return templates.with_env(self.env).mapped("recurrence_schedule_id")

    # === WHAT IS THERE ALREADY === #

    def _find_there(self, partners):
        """Return what customers are billed already.

        :return: ``{id of the customer: [(name, reference, set of products and texts)]}``
        """
        # also what is archived: it can be taken up again
        schedules = self.env["recurrence.schedule"].with_context(active_test=False)
        schedules = schedules.search(
            [
                ("partner_id", "child_of", partners.commercial_partner_id.ids),
                ("company_id", "=", self.company_id.id),
                ("document_type", "=", "out_invoice"),
                ("state", "!=", "finished"),
            ]
        )
        there = defaultdict(list)
        for schedule in schedules:
            template = schedule.template_move_id
            whats = {line.product_id.id or line.name for line in template.invoice_line_ids}
            customer = schedule.partner_id.commercial_partner_id.id
            name = schedule.name
            if not schedule.active:
                name = self.env._("%(name)s (archived)", name=name)
            there[customer].append((name, (template.invoice_origin or "").casefold(), whats))
        return there

    def _get_key(self, values, partner):
        """Return what two agreements have in common that are the same."""
        lines = [command[2] for command in values["invoice_line_ids"]]
        return (
            partner.commercial_partner_id.id,
            (values["invoice_origin"] or "").casefold(),
            *(values[f"recurrence_{name}"] for name in ("rrule_type", "interval", "date_start")),
            *(
                (line.get("product_id") or line["name"].casefold(), line.get("price_unit"))
                for line in lines
            ),
        )

    def _find_double(self, values, there, first=None):
        """Return whether an agreement is billed already, and by what, as values of its row.

        :param values: those of its template
        :param there: as ``_find_there`` returns it
        :param first: values of the first row that says the same, itself or an earlier one
        """
        if first and first["values"] is not values:
            return {
                "is_double": True,
                "note": self.env._("The same as in line %(line)s", line=first["line"]),
            }
        same, other = self._find_same(values, there)
        note = False
        if same:
            note = self.env._("Already has: %(names)s", names=", ".join(same))
        elif other:
            note = self.env._("Of another number: %(names)s", names=", ".join(other))
        return {"is_double": bool(same), "note": note}

    def _find_same(self, values, there):
        """Return the names of what bills an agreement already, and of what bills one like it."""
        partner = self.env["res.partner"].browse(values["partner_id"])
        lines = [command[2] for command in values["invoice_line_ids"]]
        whats = {line.get("product_id") or line.get("name") for line in lines}
        reference = (values["invoice_origin"] or "").casefold()
        same, other = [], []
        for name, known, billed in there.get(partner.commercial_partner_id.id, ()):
            if known and known == reference:
                same.append(name)
            elif billed & whats:
                # two agreements of different numbers may bill the same product
                (other if known and reference else same).append(name)
        return same, other

    # === MAKING === #

    def action_confirm(self):
        """Make the recurring invoices that are ticked: all of them, or none."""
        self._check_dialog()
        self.ensure_one()
        self.lock_for_update()
        if self.step != "look":
            raise UserError(self.env._("Read a file first."))
        rows = self.row_ids.filtered(lambda row: row.is_included and not row.problem)
        if not rows:
            raise UserError(self.env._("Tick at least one row."))
        self._check_not_double(rows)
        made = self._create_from(rows)
        if self.is_started:
            made.action_generate()
        self.write({"step": "done", "made_ids": [Command.set(made.ids)]})
        return self._reopen()

    def _check_not_double(self, rows):
        """Refuse what somebody has made since the file was read.

        :raise UserError: naming the customer
        """
        there = self._find_there(rows.partner_id)
        for row in rows:
            if not row.is_double and self._find_double(row.values, there)["is_double"]:
                raise UserError(
                    self.env._(
                        "Such a recurring invoice of %(customer)s has been created in the "
                        "meantime. Read the file again.",
                        customer=row.partner_id.display_name,
                    )
                )

    def action_open_made(self):
        """Show the recurring invoices that were made."""
        self._check_dialog()
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_schedule_action_invoice"
        )
        return {**action, "domain": [("id", "in", self.made_ids.ids)], "target": "main"}

    # === WHAT IS REJECTED === #

    def _keep_rejected(self):
        """Keep the lines of what cannot be imported as a file, with their reasons."""
        self._write_rejected(
            [
                (cells, f"{number}: {row.problem}")
                for row in self.row_ids.filtered("problem")
                for number, cells in row.cells
            ]
        )

    def _get_missing_column_error(self):
        return self.env._(
            "No column contains the customers. The first line must contain the column headings; "
            "name the column of the customers “Customer”."
        )

    def _get_column_labels(self):
        return {
            "customer": self.env._("customer"),
            "reference": self.env._("reference"),
            "product": self.env._("product"),
            "text": self.env._("description"),
            "quantity": self.env._("quantity"),
            "price": self.env._("price"),
            "discount": self.env._("discount"),
            "tax": self.env._("tax"),
            "rhythm": self.env._("repeats"),
            "start": self.env._("start"),
            "next": self.env._("next invoice"),
            "until": self.env._("end"),
            "currency": self.env._("currency"),
            "term": self.env._("minimum term"),
            "renewal": self.env._("renewal"),
            "notice": self.env._("notice period"),
        }
