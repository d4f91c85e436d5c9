from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...common.access_groups import DUNNING_SETTINGS

CHARGE_FIELDS = (
    "dunning_charge_journal_id",
    "dunning_charge_product_id",
    "dunning_charge_account_id",
    "dunning_charge_tax_id",
)


class DunningCompanyStatusMixin(models.AbstractModel):
    """How interest and fixed sums are booked (M3)."""

    _inherit = "dunning.company.status.mixin"

    dunning_charge_target = fields.Selection(
        [
            ("own", "An invoice of their own"),
            ("next", "The customer's next draft invoice, if there is one"),
        ],
        string="Charge Interest and Fixed Sums On",
        required=True,
        default="own",
        groups=DUNNING_SETTINGS,
        help="An invoice that charges for late payment bears no interest itself.",
        prefetch="recurrence_dunning",
    )
    dunning_charge_journal_id = fields.Many2one(
        "account.journal",
        string="Journal for Late Payment",
        domain="[('type', '=', 'sale')]",
        check_company=True,
        groups=DUNNING_SETTINGS,
        help="For the invoices that charge interest and fixed sums. Leave empty for the usual one.",
        prefetch="recurrence_dunning",
    )
    dunning_charge_product_id = fields.Many2one(
        "product.product",
        string="Product for Late Payment",
        check_company=True,
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )
    dunning_charge_account_id = fields.Many2one(
        "account.account",
        string="Account for Late Payment",
        check_company=True,
        groups=DUNNING_SETTINGS,
        help="Leave empty to use that of the product or, failing that, of the journal.",
        prefetch="recurrence_dunning",
    )
    dunning_charge_tax_id = fields.Many2one(
        "account.tax",
        string="Tax on Late Payment",
        domain="[('type_tax_use', '=', 'sale')]",
        check_company=True,
        groups=DUNNING_SETTINGS,
        help=(
            "Leave empty for none, even if the product has one: in most countries it is "
            "compensation."
        ),
        prefetch="recurrence_dunning",
    )
    dunning_charge_remind = fields.Boolean(
        string="Remind of Late Payment Invoices",
        default=True,
        groups=DUNNING_SETTINGS,
        help="Invoices that charge for late payment are reminded like any other.",
        prefetch="recurrence_dunning",
    )

    @api.constrains(*CHARGE_FIELDS)
    def _check_dunning_charge(self):
        self._check_company([*CHARGE_FIELDS])
        for company in self.sudo():
            journal, tax = company.dunning_charge_journal_id, company.dunning_charge_tax_id
            if journal and journal.type != "sale":
                raise ValidationError(
                    self.env._(
                        "%(journal)s is not a journal of customer invoices.", journal=journal.name
                    )
                )
            if tax and tax.type_tax_use != "sale":
                raise ValidationError(self.env._("%(tax)s is not a tax on sales.", tax=tax.name))
