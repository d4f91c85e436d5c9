from odoo import fields, models

from ..common.access_groups import DUNNING_USERS


class AccountJournal(models.Model):
    _name = "account.journal"
    _inherit = ["account.journal", "recurrence.guarded.mixin"]

    dunning_bank_feed = fields.Boolean(
        string="Bank Feed",
        copy=False,
        help=(
            "Its latest line shows how up to date the bank data is: dunning does not run "
            "automatically on outdated data. If no journal is marked, this is not checked."
        ),
        groups=DUNNING_USERS,
        prefetch="recurrence_dunning",
    )
