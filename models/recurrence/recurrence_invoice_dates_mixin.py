from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.recurrence.consolidated import JOINED_RECORDS, JOINED_TEXTS
from ..common.access_groups import INVOICE_READERS
from ..common.engine_mark import as_engine


class RecurrenceInvoiceDatesMixin(models.AbstractModel):
    """Which dates of recurrences an invoice bills: one, or several where it is consolidated.

    ``recurrence_occurrence_id`` of the invoice is the first of them.
    """

    _name = "recurrence.invoice.dates.mixin"
    _description = "Recurrence Dates of Invoices"

    recurrence_billed_ids = fields.One2many(
        "recurrence.billed.date",
        "move_id",
        string="Recurrence Dates",
        readonly=True,
        copy=False,
        groups=INVOICE_READERS,
    )

    def _recurrence_get_dates(self):
        """Return the dates that these invoices bill, as superuser."""
        return self.sudo().recurrence_billed_ids.occurrence_id

    @api.model
    def _recurrence_add_dates(self, pairs):
        """Note which dates invoices bill.

        :param pairs: list of (account.move, recurrence.occurrence)
        """
        rows = self.env["recurrence.billed.date"].sudo()
        rows.create(
            [
                {"move_id": move.id, "occurrence_id": occurrence.id, "is_live": True}
                for move, occurrence in pairs
            ]
        )

    def _recurrence_follow_live(self):
        """Keep in step which invoices count, after one was cancelled, reset, replaced or not."""
        issued = self.sudo().filtered("recurrence_occurrence_id")
        rows = issued.recurrence_billed_ids
        for row in rows:
            is_live = row.move_id.state != "cancel" and not row.move_id.is_recurrence_replaced
            if row.is_live != is_live:
                row.is_live = is_live
        # the next one takes the place, and the indexes would still see two
        issued.flush_recordset(["state", "is_recurrence_replaced"])
        rows.flush_recordset(["is_live"])

    # === LEAVING A CONSOLIDATED DRAFT === #

    def _recurrence_leave(self, occurrence, note):
        """Take a date off a draft that bills other dates too: its lines, files and texts.

        :param occurrence: recurrence.occurrence
        :param note: why, kept with the draft
        """
        draft = as_engine(self.sudo())
        texts = draft._recurrence_get_texts_without(occurrence)
        lines = draft.invoice_line_ids.filtered(
            lambda line: line._recurrence_get_date() == occurrence
        )
        draft.write({**texts, "invoice_line_ids": [Command.delete(line.id) for line in lines]})
        occurrence._get_own_files(draft).unlink()
        draft._recurrence_drop_date(occurrence)
        draft._message_log(body=note)

    def _recurrence_get_texts_without(self, occurrence):
        """Return the texts and tags of a draft without a date, where nobody changed them."""
        dates = self._recurrence_get_dates()
        issuing = self.env["recurrence.issuing"]
        day = self.invoice_date or self.date
        changes = {date: {"invoice_date": day} for date in dates}
        try:
            vals_list, _reasons = dates._get_drafts(day, changes, counts={})
        except UserError:
            # what they would be now is not known: they stay
            return {}
        left = [vals for date, vals in zip(dates, vals_list, strict=True) if date != occurrence]
        before, after = issuing._join_heads(vals_list), issuing._join_heads(left)
        return {
            name: after[name]
            for name in (*JOINED_TEXTS, *JOINED_RECORDS)
            if self._recurrence_is_head(before, name) and not self._recurrence_is_head(after, name)
        }

    def _recurrence_is_head(self, head, name):
        """Whether an invoice has a text or tags as they are among values of its head."""
        if name in JOINED_RECORDS:
            [[_command, _id, ids]] = head[name]
            return set(ids) == set(self[name].ids)
        return str(head[name] or "") == str(self[name] or "")

    def _recurrence_drop_emptied(self):
        """Leave to a person the dates whose lines were all deleted from a consolidated draft.

        Posted, it bills the others.
        """
        for move in self.filtered(lambda move: len(move.recurrence_billed_ids) > 1):
            products = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            dates = move._recurrence_get_dates()
            billed = dates.browse().union(*(line._recurrence_get_date() for line in products))
            emptied = dates - billed
            if not emptied or emptied == dates:
                continue
            emptied._drop_counts()
            message = self.env._(
                "Its lines were deleted from %(name)s. Issue it again or skip this date.",
                name=move.display_name,
            )
            for date in emptied:
                as_engine(move)._recurrence_drop_date(date)
                self._recurrence_reopen(date, "failed", message, move_id=False)

    def _recurrence_drop_skipped(self):
        """Take the dates that were skipped meanwhile off invoices that are drafts again."""
        for move in self:
            for date in move._recurrence_get_leaving():
                note = self.env._(
                    "The lines of %(name)s were deleted: %(why)s",
                    name=date.display_name,
                    why=date.skip_reason or "",
                )
                move._recurrence_leave(date, note)
                if date.move_id == move:
                    date.move_id = False

    def _recurrence_get_leaving(self):
        """Return the skipped dates of a consolidated invoice: reset to draft it bills the others.

        None where all are skipped, or where it is posted: what it billed stays billed.
        """
        dates = self._recurrence_get_dates()
        if self.state == "posted":
            return dates.browse()
        skipped = dates.filtered(lambda date: date.state == "skipped")
        return skipped if skipped != dates else dates.browse()

    def _recurrence_drop_date(self, occurrence):
        """Forget that a consolidated invoice bills a date."""
        rows = self.recurrence_billed_ids
        rows.filtered(lambda row: row.occurrence_id == occurrence).unlink()
        first = self.recurrence_billed_ids[:1].occurrence_id
        if self.recurrence_occurrence_id == occurrence:
            self.write(
                {
                    "recurrence_occurrence_id": first.id,
                    "recurrence_schedule_id": first.schedule_id.id,
                }
            )
            # its next invoice is inserted, and the index would still see two
            self.flush_recordset(["recurrence_occurrence_id"])
