from odoo import models


class AccountPayment(models.Model):
    """Finds payments that have no entry among all there ever were."""

    _inherit = "account.payment"

    _dunning_underway_idx = models.Index(
        "(id) WHERE move_id IS NULL AND state IN ('in_process', 'paid')"
    )

    def _dunning_filter_underway(self):
        """Return those whose money is in no entry yet.

        Odoo calls one without an entry paid when its amount is matched with its invoice: then the
        bank statement line has the entry (``account.partial.reconcile._get_to_update_payments``).
        """
        return self.filtered(
            lambda payment: (
                not payment.move_id
                and (
                    payment.state == "in_process"
                    or (payment.state == "paid" and not payment._dunning_is_matched())
                )
            )
        )

    def _dunning_is_matched(self):
        """Whether the amount of this payment was matched with one of its invoices."""
        partials = self.invoice_ids.line_ids.matched_credit_ids
        amounts = partials.mapped("debit_amount_currency")
        return any(not self.currency_id.compare_amounts(self.amount, found) for found in amounts)
