from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _get_move_constraints(self, move):
        constraints = super()._get_move_constraints(move)
        if move.is_recurrence_template:
            # first, so that it is the one that is told
            sentence = self.env._(
                "This is the template of a recurring invoice: it cannot be sent. Its invoices "
                "are issued from the recurrence."
            )
            return {"recurrence_template": sentence, **constraints}
        return constraints

    @api.model
    def _get_default_mail_attachments_widget(
        self, move, mail_template, invoice_edi_format=None, extra_edis=None, pdf_report=None
    ):
        found = super()._get_default_mail_attachments_widget(
            move,
            mail_template,
            invoice_edi_format=invoice_edi_format,
            extra_edis=extra_edis,
            pdf_report=pdf_report,
        )
        return found + [
            {
                "id": file.id,
                "name": file.name,
                "mimetype": file.mimetype,
                "placeholder": False,
                "protect_from_deletion": True,
            }
            for file in move._recurrence_get_dates()._get_files_of(move)
        ]

    @api.model
    def _check_sending_data(self, moves, **custom_settings):
        result = super()._check_sending_data(moves, **custom_settings)
        sending = self.env["recurrence.occurrence"]
        methods = custom_settings.get("sending_methods")
        for move in moves._recurrence_get_held():
            chosen = self._get_default_sending_methods(move) if methods is None else methods
            # a download stays possible
            if set(chosen) - {"manual"}:
                sending._check_place(move.company_id)
        return result
