from odoo import api, fields, models

from .access_groups import DUNNING_USERS


class AccountJournal(models.Model):
    _inherit = "account.journal"

    dunning_bank_feed = fields.Boolean(
        string="Bank Feed",
        copy=False,
        help="Its newest line says how fresh the bank data is: dunning does not run by itself on "
        "old data. No journal marked: not looked at.",
        groups=DUNNING_USERS,
    )

    def write(self, vals):
        self.env["recurrence.template.guard"]._check_write(self, vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_recurrence(self):
        self.env["recurrence.template.guard"]._check_unused(self)
