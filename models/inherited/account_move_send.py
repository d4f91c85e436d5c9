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
    def _get_invoice_extra_attachments(self, move):
        attachments = super()._get_invoice_extra_attachments(move)
        schedule = move.sudo().recurrence_schedule_id
        files = schedule and schedule._get_files_to_send(move)
        return attachments | files.with_env(attachments.env) if files else attachments

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
