from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        moves = self.move_ids
        result = super().reverse_moves(is_modify=is_modify)
        if is_modify:
            moves._dunning_hand_claims_on(self.new_move_ids)
        return result
