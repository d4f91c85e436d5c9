from odoo import models


class DunningReminderPaymentMixin(models.AbstractModel):
    """How the customer pays what a reminder asks for."""

    _name = "dunning.reminder.payment.mixin"
    _description = "Payment Details of Reminders"

    def _get_payment_parts(self):
        """Return what a customer needs to pay by bank transfer: a dictionary for each account."""
        self.ensure_one()
        bank = self._get_bank_account()
        return [{"iban": bank.acc_number, "bic": bank.bank_bic}] if bank else []

    def _get_bank_account(self):
        """Return the company's account to transfer to: that of the invoice, else its first."""
        self.ensure_one()
        banks = self.line_ids.move_id.sudo().partner_bank_id
        return banks[:1] or self.company_id.sudo().partner_id.bank_ids[:1]
