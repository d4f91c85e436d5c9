from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """An invoice made in place of a reversed one bills the same date of the recurrence."""
        if not (is_modify and self.move_ids.recurrence_occurrence_id):
            return super().reverse_moves(is_modify=is_modify)
        fate = self.env["recurrence.invoice.fate"]
        fate._check_replaceable(self.move_ids)
        engine = self.env["recurrence.template"]._as_engine(self)
        action = super(AccountMoveReversal, engine).reverse_moves(is_modify=is_modify)
        fate._succeed(self.new_move_ids)
        return action

    def _modify_default_reverse_values(self, origin_move):
        values = super()._modify_default_reverse_values(origin_move)
        return {**values, **self.env["recurrence.invoice.fate"]._release(origin_move)}
