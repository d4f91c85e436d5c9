from odoo import models

from ..models.common.engine_mark import as_engine


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """Tell disputes of the credit notes; a new invoice bills the same date of a recurrence."""
        recurring = self.move_ids.recurrence_schedule_id
        if recurring and is_modify:
            self.move_ids._recurrence_check_replaceable()
        engine = as_engine(self) if recurring else self
        action = super(AccountMoveReversal, engine).reverse_moves(is_modify=is_modify)
        if recurring and is_modify:
            self.new_move_ids._recurrence_succeed()
        self.env["dunning.dispute"]._link_credit_notes(self.move_ids)
        return action

    def _prepare_default_reversal(self, move):
        """A credit note is found from the recurrence, though it bills none of its dates."""
        values = super()._prepare_default_reversal(move)
        schedule = move.recurrence_schedule_id
        return {**values, "recurrence_schedule_id": schedule.id} if schedule else values

    def _modify_default_reverse_values(self, origin_move):
        values = super()._modify_default_reverse_values(origin_move)
        return {**values, **origin_move._recurrence_release()}
