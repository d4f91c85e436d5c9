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
        :return: dict (template, move) → ir.attachment
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
            source = sources.browse(attachment.res_id)
            for target in moves_by_source[source]:
                if attachment in private and target.is_recurrence_template:
                    continue
                copied = attachment.copy({"res_id": target.id, "name": attachment.name})
                if attachment not in private:
                    copies[source, target] += copied
        return copies

    @api.model
    def _copy_template_attachments(self, by_date):
        """Give each issued invoice the attachments of its templates, where they are wanted.

        :param by_date: dict recurrence.occurrence → account.move
        """
        moves_by_source = defaultdict(lambda: self.env["account.move"])
        wanted = {}
        for occurrence, move in by_date.items():
            if occurrence.schedule_id.attach_files:
                template = occurrence.schedule_id.template_move_id
                moves_by_source[template] += move
                wanted[template, move] = occurrence
        copies = self._copy_attachments_of(moves_by_source)
        for key, files in copies.items():
            wanted[key].sudo().with_context(**ENGINE_CONTEXT).file_ids = files

    def _get_files_of(self, move):
        """Return the files of these dates that go along with their invoice by e-mail.

        :param move: account.move
        :return: ir.attachment, as superuser
        """
        return self.sudo().filtered("schedule_id.send_files")._get_own_files(move)

    def _get_own_files(self, move):
        """Return the copies of the files of these dates' templates on an invoice, as superuser."""
        return self.sudo().file_ids.filtered(
            lambda file: (file.res_model, file.res_id) == (move._name, move.id)
        )
