from odoo import api, models


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
        entries = self._find_bank_moves(company, partner, self.move_id)
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

    @api.model
    def _find_bank_moves(self, company, partner, move):
        """Return the entries of unmatched bank lines of a customer or that name an invoice."""
        moves = self.env["account.move"]
        engine = company._dunning_get_engine()
        finder = engine._get_number_finder(move.ids)
        ids = [
            entry_id
            for text, partner_id, _currency_id, _amount, _day, entry_id in engine._read_bank_lines(
                company
            )
            if partner_id == partner.id or finder.find(text)
        ]
        return moves.browse(ids)
