from odoo import models


class DunningRunLinePaymentMixin(models.AbstractModel):
    """Where the payments that a decision waits for can be matched."""

    _name = "dunning.run.line.payment.mixin"
    _description = "Payments to Match"

    def _open_payments(self):
        """Return the action that shows what may pay the due line of a decision.

        Bank statement lines where there are any that name the customer or the invoice, else the
        customer's open credits and payments.
        """
        company, partner = self.company_id, self.partner_id
        entries = self._find_bank_moves()
        if self.reason == "payment_found" and entries:
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "account.action_move_journal_line"
            )
            return {
                **action,
                "name": self.env._("Bank payments to match"),
                "domain": [("id", "in", entries.ids)],
                "context": {},
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open items of %(customer)s", customer=partner.display_name),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [
                ("company_id", "=", company.id),
                ("partner_id", "child_of", partner.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
        }

    def _find_bank_moves(self):
        """Return the entries of unmatched bank lines of the customer or that name the invoice."""
        engine = self.company_id._dunning_get_engine()
        finder = engine._get_number_finder(self.move_id.ids)
        payments = engine._read_bank_lines(self.company_id)
        return self.env["account.move"].browse(
            entry_id
            for text, partner_id, _currency_id, _amount, _day, entry_id in payments
            if partner_id == self.partner_id.id or finder.find(text)
        )
