from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount

# So many are made within the time that a request may take.
MOST = 200


class RecurrenceTakeover(models.TransientModel):
    """Goes on with what other software in this database repeats, and stops it there (R16).

    What is shown was made, looked at and rolled back. Each is made and stopped in one step: all
    that are ticked, or none.
    """

    _name = "recurrence.takeover"
    _description = "Take Over Recurring Invoices"
    _inherit = "recurrence.preview.dialog.mixin"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    source = fields.Selection(
        selection="_get_source_labels",
        string="Take Over From",
        required=True,
        default=lambda self: self._get_source_labels()[0][0],
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Customers and Vendors", help="Empty: all of them."
    )
    row_ids = fields.One2many("recurrence.takeover.line", "dialog_id")
    ready_count = fields.Integer(compute="_compute_counts")
    refused_count = fields.Integer(compute="_compute_counts")
    more_count = fields.Integer(readonly=True, system=True)
    made_ids = fields.Many2many("recurrence.schedule", readonly=True, system=True)
    made_count = fields.Integer(compute="_compute_counts")

    @api.model
    def _get_sources(self):
        """Return the sources that are installed, models of ``recurrence.source.mixin``."""
        names = ("recurrence.source.auto.post", "recurrence.source.contract")
        return [self.env[name] for name in names if self.env[name]._is_there()]

    @api.model
    def _get_source_labels(self):
        return [(source._name, source._get_label()) for source in self._get_sources()]

    @api.depends("row_ids.is_included", "row_ids.problem", "made_ids")
    def _compute_counts(self):
        for dialog in self:
            dialog.ready_count = len(dialog.row_ids.filtered("is_included"))
            dialog.refused_count = len(dialog.row_ids.filtered("problem"))
            dialog.made_count = len(dialog.made_ids)

    # === LOOKING === #

    def action_preview(self):
        """Show what would be made and stopped; nothing is kept."""
        self._check_dialog()
        self.ensure_one()
        source = self._get_source()
        found = self._find(source)
        if not found:
            raise UserError(
                self.env._(
                    "%(name)s: nothing that still repeats was found in %(company)s.",
                    name=source._get_label(),
                    company=self.company_id.name,
                )
            )
        rows, ready = [], 0
        for record in found:
            # a rollback forgets all that was read: the others are not to be read again with it
            rows.append(self._try(source, record.with_prefetch()))
            ready += not rows[-1]["problem"]
            if ready == MOST:
                break
        self.row_ids.sudo().unlink()
        # what a row is made of is not for people to change
        self.sudo().write(
            {
                "step": "look",
                "more_count": len(found) - len(rows),
                "row_ids": [Command.create(row) for row in rows],
            }
        )
        return self._reopen()

    def _get_source(self):
        """Return the chosen source, for the company and those who may stop it."""
        source = self.env[self.source].with_company(self.company_id)
        source = source.with_context(tracking_disable=True)
        source._check_allowed()
        return source

    def _find(self, source):
        return source._find(self.company_id, self.partner_ids)

    def _try(self, source, record):
        """Return the row of a record: what would be made of it, or why nothing is.

        It is made and rolled back.
        """
        row = self._describe(source, record)
        savepoint = self.env.cr.savepoint()
        try:
            row.update(self._read(source, record, source._make(record)))
        except UserError as error:
            row["problem"] = str(error)
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
        return {
            **row,
            "record_id": record.id,
            "is_included": not (row["problem"] or source._is_doubtful(record)),
        }

    def _describe(self, source, record):
        """Return what a record is now, as values of its row."""
        return {
            "name": source._get_name(record)[:256],
            "partner_id": record.partner_id.id,
            "current": source._describe(record),
        }

    def _read(self, source, record, schedules):
        """Return what is told of the recurrences that were made of a record, as values of its row.

        :param schedules: recurrence.schedule
        """
        facts = schedules._get_import_facts()
        problems = [fact["problem"] for fact in facts if fact.get("problem")]
        if problems:
            return {"problem": "\n".join(dict.fromkeys(problems))}
        currencies = self.env["res.currency"]
        amounts = [
            format_amount(self.env, fact["total"], currencies.browse(fact["currency_id"]))
            for fact in facts
        ]
        notes = [fact["note"] for fact in facts]
        notes += schedules.template_move_id.mapped("recurrence_terms_note")
        notes += source._get_remarks(record, schedules)
        return {
            "what": "\n".join(fact["what"] for fact in facts),
            "rule_summary": "\n".join(fact["rule_summary"] for fact in facts),
            "first_date": min(fact["first_date"] for fact in facts),
            "amounts": "\n".join(amounts),
            "note": "\n".join(dict.fromkeys(filter(None, notes))) or False,
            "problem": False,
        }

    # === MAKING === #

    def action_confirm(self):
        """Make the recurrences of all rows that are ticked, start them, and stop the originals."""
        self._check_dialog()
        self.ensure_one()
        self.lock_for_update()
        if self.step != "look":
            raise UserError(self.env._("Show first what would be taken over."))
        rows = self.row_ids.filtered(lambda row: row.is_included and not row.problem)
        if not rows:
            raise UserError(self.env._("Tick at least one row."))
        source = self._get_source()
        records = self.env[source._takes].browse(rows.mapped("record_id")).exists()
        records.lock_for_update()
        found = self._find(source)
        made = self.env["recurrence.schedule"]
        for row in rows:
            record = found.filtered(lambda record, row=row: record.id == row.record_id)
            made |= self._take_over(source, record, row)
        made.action_generate()
        self.sudo().write({"step": "done", "made_ids": [Command.set(made.ids)]})
        return self._reopen()

    def _take_over(self, source, record, row):
        """Make the recurrences of a row, and stop the original.

        :param record: what is there now, may be empty
        :raise UserError: it is not as it was shown
        """
        schedules = record and source._make(record)
        if not schedules or self._is_changed(source, record, schedules, row):
            raise UserError(
                self.env._(
                    "%(name)s has changed since it was shown. Go back and look again.",
                    name=row.name,
                )
            )
        source._stop(record, schedules)
        return schedules

    def _is_changed(self, source, record, schedules, row):
        """Return whether anything that was shown of a record is not so any more."""
        now = {**self._describe(source, record), **self._read(source, record, schedules)}
        shown = row._convert_to_write({name: row[name] for name in now})
        return any(shown[name] != value for name, value in now.items())

    def action_open_made(self):
        """Show the recurrences that were made."""
        self._check_dialog()
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_schedule_action"
        )
        return {**action, "domain": [("id", "in", self.made_ids.ids)], "target": "main"}
