from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...common.access_groups import DUNNING_SETTINGS

BOOKING_FIELDS = (
    "dunning_end_journal_id",
    "dunning_write_off_account_id",
    "dunning_doubtful_account_id",
    "dunning_allowance_account_id",
)
BOOKKEEPERS = "account.group_account_user,account.group_account_manager"


class DunningCompanyStatusMixin(models.AbstractModel):
    """Settings of the end of the ladder, and what is looked at there each day."""

    _inherit = "dunning.company.status.mixin"

    dunning_accountant_id = fields.Many2one(
        "res.users",
        string="Accountant for Dunning",
        domain="[('share', '=', False)]",
        groups=DUNNING_SETTINGS,
        help="Gets the proposals for write-offs and allowances of who may not make entries.",
        prefetch="recurrence_dunning",
    )
    dunning_end_journal_id = fields.Many2one(
        "account.journal",
        string="Journal for Write-Offs",
        check_company=True,
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_write_off_account_id = fields.Many2one(
        "account.account",
        string="Write-Off Account",
        check_company=True,
        groups=DUNNING_SETTINGS,
        help="The expense account of receivables that are given up.",
        prefetch="recurrence_dunning",
    )
    dunning_doubtful_account_id = fields.Many2one(
        "account.account",
        string="Doubtful Debts Account",
        check_company=True,
        groups=DUNNING_SETTINGS,
        help="The expense account of allowances for doubtful debts.",
        prefetch="recurrence_dunning",
    )
    dunning_allowance_account_id = fields.Many2one(
        "account.account",
        string="Allowance Account",
        check_company=True,
        groups=DUNNING_SETTINGS,
        help="The balance sheet account that collects allowances for doubtful debts.",
        prefetch="recurrence_dunning",
    )

    @api.constrains("dunning_accountant_id", *BOOKING_FIELDS)
    def _check_dunning_end(self):
        self._check_company([*BOOKING_FIELDS])
        for company in self.sudo():
            if company.dunning_accountant_id.share:
                raise ValidationError(
                    self.env._("%(user)s is no colleague.", user=company.dunning_accountant_id.name)
                )

    def _dunning_do_daily(self, today):
        self.env["dunning.handover"]._judge(self, today)
        return super()._dunning_do_daily(today)

    def _dunning_get_accountant(self):
        """Return who gets proposals for entries: the accountant, else one who may make them.

        Nobody may: who looks after dunning.
        """
        company = self.sudo()
        users = company.env["res.users"].search([("company_ids", "in", company.ids)], order="id")
        may_book = users.filtered(lambda user: not user.share and user.has_groups(BOOKKEEPERS))
        return company._dunning_find_colleague(
            (*company.dunning_accountant_id, *may_book, *company.dunning_program_id.user_id)
        )
