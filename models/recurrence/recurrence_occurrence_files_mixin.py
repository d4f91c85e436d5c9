from collections import defaultdict

from odoo import api, fields, models

from ..common.access_groups import INVOICE_READERS
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT


class RecurrenceOccurrenceFilesMixin(models.AbstractModel):
    """The files of a template on its invoices: Odoo's ``copy()`` leaves them behind."""

    _name = "recurrence.occurrence.files.mixin"
    _description = "Files of Recurring Invoices"

    file_ids = fields.Many2many(
        "ir.attachment",
        "recurrence_occurrence_file_rel",
        string="Files",
        readonly=True,
        copy=False,
        bypass_search_access=True,
        groups=INVOICE_READERS,
        help="Copies on the invoice that are sent along with it where that is wanted.",
    )

    @api.model
    def _copy_attachments(self, source, targets):
        """Copy the attachments that were put on ``source`` to each of ``targets``."""
        self._copy_attachments_of({source: targets})

    @api.model
    def _copy_attachments_of(self, moves_by_source):
        """Copy the attachments of several templates in one go.

        What was written with a note or a message is not meant for others: it goes on no template,
        and is not among what is returned.

        :param moves_by_source: dict template → moves; files are not copied, only referred to
        :return: dict move → ir.attachment
        """
        sources = self.env["account.move"].union(*moves_by_source)
        attachments = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "account.move"),
                    ("res_id", "in", sources.ids),
                    ("res_field", "=", False),
                ]
            )
        )
        messages = self.env["mail.message"].sudo()
        private = messages.search([("attachment_ids", "in", attachments.ids)]).attachment_ids
        copies = defaultdict(attachments.browse)
        for attachment in attachments:
            for target in moves_by_source[sources.browse(attachment.res_id)]:
                if attachment in private and target.is_recurrence_template:
                    continue
                copied = attachment.copy({"res_id": target.id, "name": attachment.name})
                if attachment not in private:
                    copies[target] += copied
        return copies

    def _copy_template_attachments(self, moves):
        """Give each issued invoice the attachments of its template, where they are wanted."""
        moves_by_source = defaultdict(lambda: self.env["account.move"])
        wanted = {}
        for occurrence, move in zip(self, moves, strict=True):
            if occurrence.schedule_id.attach_files:
                moves_by_source[occurrence.schedule_id.template_move_id] += move
                wanted[move] = occurrence
        copies = self._copy_attachments_of(moves_by_source)
        for move, files in copies.items():
            dates = wanted[move].sudo().with_context(**ENGINE_CONTEXT)
            dates.file_ids = files

    def _get_files_of(self, move):
        """Return the files that go along with an invoice of this date by e-mail, as superuser.

        :param move: account.move
        """
        return self.sudo().file_ids.filtered(
            lambda file: (file.res_model, file.res_id) == (move._name, move.id)
        )
