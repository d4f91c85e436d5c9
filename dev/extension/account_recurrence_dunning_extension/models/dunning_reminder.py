from odoo import api, fields, models

from odoo.addons.account_recurrence_dunning.tools.dunning.obstacle import Obstacle


class DunningReminder(models.Model):
    _inherit = "dunning.reminder"

    payment_hint = fields.Char(compute="_compute_payment_hint")
    fax_text = fields.Text(readonly=True)

    # === A CHANNEL: its own sending === #

    def _send_faxes(self):
        for reminder in self:
            number = reminder.recipient_ids[:1].fax
            if number.endswith("0"):  # stands for a machine that does not answer
                reminder._fail(Obstacle("fax_busy", {"number": number}))
                continue
            reminder.fax_text = reminder._render_contents()[reminder.id][0]
            reminder.email_to = number

    # === A DOCUMENT === #

    @api.model
    def _get_document_makers(self):
        return {**super()._get_document_makers(), "level_id.attach_terms": "_prepare_terms"}

    def _prepare_terms(self):
        terms = b"%PDF-1.4 Terms of payment"
        return [reminder._prepare_document("Terms.pdf", terms) for reminder in self]

    # === A PLACEHOLDER === #

    @api.depends("partner_id.ref")
    def _compute_payment_hint(self):
        for reminder in self:
            reminder.payment_hint = f"RF {reminder.partner_id.ref or reminder.partner_id.id}"

    @api.model
    def _get_placeholders(self):
        return [*super()._get_placeholders(), "payment_hint"]

    # === A LINE WITH AN AMOUNT === #

    def _prepare_extra_lines(self, facts, rest):
        lines = super()._prepare_extra_lines(facts, rest)
        fee = self.level_id.fee
        if fee:
            lines.append({"kind": "fee", "move_name": "Reminder fee", "amount_residual": fee})
        return lines
