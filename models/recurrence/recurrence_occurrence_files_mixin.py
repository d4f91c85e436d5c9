from collections import defaultdict

from odoo import api, models


class RecurrenceOccurrenceFilesMixin(models.AbstractModel):
    """The files of a template on its invoices: Odoo's ``copy()`` leaves them behind."""

    _name = "recurrence.occurrence.files.mixin"
    _description = "Files of Recurring Invoices"

    @api.model
    def _copy_attachments(self, source, targets):
        """Copy the attachments that were put on ``source`` to each of ``targets``."""
        self._copy_attachments_of({source: targets})

    @api.model
    def _copy_attachments_of(self, moves_by_source):
        """Copy the attachments of several templates in one go.

        :param moves_by_source: dict template → moves; files are not copied, only referred to
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
        # what was written with a note or a message is not meant for others
        messages = self.env["mail.message"].sudo()
        messages = messages.search([("attachment_ids", "in", attachments.ids)])
        private = messages.attachment_ids
        for attachment in attachments:
            for target in moves_by_source[sources.browse(attachment.res_id)]:
                if attachment in private and target.is_recurrence_template:
                    continue
                attachment.copy(
                    {
                        "res_id": target.id,
                        "name": attachment.name,
                        "is_recurrence_file": attachment not in private,
                    }
                )

    def _copy_template_attachments(self, moves):
        """Give each issued invoice the attachments of its template, where they are wanted."""
        moves_by_source = defaultdict(lambda: self.env["account.move"])
        for occurrence, move in zip(self, moves, strict=True):
            if not occurrence.schedule_id.attach_files:
                continue
            moves_by_source[occurrence.schedule_id.template_move_id] += move
        self._copy_attachments_of(moves_by_source)
