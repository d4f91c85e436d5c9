from odoo import api, models


class RecurrenceGuardedMixin(models.AbstractModel):
    """What a running recurring invoice may use, and is therefore asked about before it goes.

    Every relation of ``account.move`` and its lines leads to a model that inherits from this, or
    to one that a test lists with the reason why not.
    """

    _name = "recurrence.guarded.mixin"
    _inherit = ["recurrence.guard.mixin"]
    _description = "Used by Recurring Invoices"

    # Whether Odoo lets such a record be deleted although invoices use it.
    _recurrence_can_go = False

    def write(self, vals):
        self._recurrence_check_write(vals)
        return super().write(vals)

    def action_archive(self):
        self._recurrence_ask("archive")
        answer = super().action_archive()
        return True if answer is None else answer  # XML-RPC knows no None

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_recurrence(self):
        if self._recurrence_can_go:
            self._recurrence_ask("delete")
        self._recurrence_check_unused()
