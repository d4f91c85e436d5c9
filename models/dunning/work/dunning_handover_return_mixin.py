from odoo import api, models

from ...common.amount_text import format_amounts


class DunningHandoverReturnMixin(models.AbstractModel):
    """What came back of what was handed over: payments, and what the agency took for them."""

    _name = "dunning.handover.return.mixin"
    _description = "What Came Back of Handovers"

    # on none of the amounts: each change of any journal item would look for handovers
    @api.depends("fee_amount", "move_line_ids")
    def _compute_returned(self):
        payments = self.sudo()._read_payments()
        for handover in self:
            paid, company_amount = {}, 0.0
            for payment in payments.get(handover._origin.id, ()):
                currency = payment["currency"]
                paid[currency] = paid.get(currency, 0.0) + payment["amount"]
                company_amount += payment["company_amount"]
            still = {}
            for line in handover._get_open_lines():
                amount = line.amount_residual_currency
                still[line.currency_id] = still.get(line.currency_id, 0.0) + amount
            handover.paid_text = format_amounts(self.env, paid.items())
            handover.open_text = format_amounts(self.env, still.items())
            handover.paid_company = company_amount
            handover.net_company = company_amount - handover.fee_amount

    def _read_payments(self):
        """Return what was paid of the due lines after they were handed over, the oldest first.

        Payments and bank lines that were matched since, and payments in process that have no
        entry; credit notes and write-offs are none.

        :return: ``{handover id: [{"date", "name", "amount", "currency", "company_amount"}, …]}``
        """
        lines = self.move_line_ids
        matched = self.env["account.partial.reconcile"].search(
            [("debit_move_id", "in", lines.ids)], order="max_date, id"
        )
        underway = (
            self.env["account.payment"]
            .search(
                [
                    ("invoice_ids", "in", lines.move_id.ids),
                    ("payment_type", "=", "inbound"),
                ],
                order="date, id",
            )
            ._dunning_filter_underway()
        )
        return {
            handover.id: [
                *handover._tell_matched(matched),
                *handover._tell_underway(underway),
            ]
            for handover in self._origin
        }

    def _tell_matched(self, matched):
        found = matched.filtered(
            lambda partial: (
                partial.debit_move_id in self.move_line_ids
                and partial.create_date >= self.create_date
                and (
                    partial.credit_move_id.move_id.origin_payment_id
                    or partial.credit_move_id.move_id.statement_line_id
                )
            )
        )
        return [
            {
                "date": partial.max_date,
                "name": partial.credit_move_id.move_id.name,
                "amount": partial.debit_amount_currency,
                "currency": partial.debit_currency_id,
                "company_amount": partial.amount,
            }
            for partial in found
        ]

    def _tell_underway(self, underway):
        found = underway.filtered(
            lambda payment: (
                payment.invoice_ids & self.move_line_ids.move_id
                and payment.create_date >= self.create_date
            )
        )
        return [
            {
                "date": payment.date,
                "name": payment.name or payment.memo or "",
                "amount": payment.amount,
                "currency": payment.currency_id,
                "company_amount": payment.currency_id._convert(
                    payment.amount, self.company_currency_id, self.company_id, payment.date
                ),
            }
            for payment in found
        ]

    def _find_outcome(self):
        """Return how a handover ended, from what is open and what was paid."""
        if not self._get_open_lines():
            return "paid"
        return "partly" if self.paid_company else "nothing"
