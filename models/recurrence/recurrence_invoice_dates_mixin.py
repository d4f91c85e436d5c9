from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

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
        """Take a date, with its lines, off a draft that bills other dates too.

        :param occurrence: recurrence.occurrence
        :param note: why, kept with the draft
        :raise UserError: it cannot be known which of the lines are its
        """
        draft = as_engine(self.sudo())
        lines = draft._recurrence_get_lines_of(occurrence.schedule_id)
        if not lines:
            raise UserError(
                self.env._(
                    "%(draft)s does not say which of its lines bill %(name)s. Delete them from the "
                    "draft and post it, or cancel the draft.",
                    draft=draft.display_name,
                    name=occurrence.display_name,
                )
            )
        draft.invoice_line_ids = [Command.delete(line.id) for line in lines]
        draft._recurrence_drop_date(occurrence)
        draft._message_log(body=note)

    def _recurrence_drop_emptied(self):
        """Leave to a person the dates whose lines were all deleted from a consolidated draft.

        Posted, it bills the others. A line of which nobody knows any more what it bills may be
        theirs: then they count as billed.
        """
        for move in self.filtered(lambda move: len(move.recurrence_billed_ids) > 1):
            lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            schedules = [line._recurrence_get_schedule() for line in lines]
            dates = move._recurrence_get_dates()
            emptied = dates.filtered(lambda date, found=schedules: date.schedule_id not in found)
            if not emptied or emptied == dates or not all(schedules):
                continue
            emptied._drop_counts()
            message = self.env._(
                "Its lines were deleted from %(name)s. Issue it again or skip this date.",
                name=move.display_name,
            )
            for date in emptied:
                as_engine(move)._recurrence_drop_date(date)
                self._recurrence_reopen(date, "failed", message, move_id=False)

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

    def _recurrence_get_lines_of(self, schedule):
        """Return the lines of an invoice that bill a date of a schedule, with their section."""
        products = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        own = products.filtered(lambda line: line._recurrence_get_schedule() == schedule)
        others = products - own
        lines = own
        for block in self._recurrence_get_sections():
            if block & own and not block & others:
                lines |= block
        return lines

    def _recurrence_get_sections(self):
        """Return the lines of an invoice, cut before each section."""
        blocks = [self.invoice_line_ids.browse()]
        for line in self.invoice_line_ids.sorted(lambda line: (line.sequence, line.id)):
            if line.display_type == "line_section":
                blocks.append(line)
            else:
                blocks[-1] += line
        return blocks
