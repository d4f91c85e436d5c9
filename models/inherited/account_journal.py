from odoo import fields, models

from ..common.access_groups import DUNNING_USERS


class AccountJournal(models.Model):
    _name = "account.journal"
    _inherit = ["account.journal", "recurrence.guarded.mixin"]

    dunning_bank_feed = fields.Boolean(
        string="Bank Feed",
        copy=False,
        help="Its newest line says how fresh the bank data is: dunning does not run by itself on "
        "old data. No journal marked: not looked at.",
        groups=DUNNING_USERS,
    )
