from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...common.access_groups import DUNNING_SETTINGS

MOST_MB = 100


class DunningCompanyDocumentMixin(models.AbstractModel):
    """What documents to customers say of the company, and how big they may get."""

    _name = "dunning.company.document.mixin"
    _description = "Documents of a Company"

    dunning_enclosure_mb = fields.Integer(
        string="Largest Size of Enclosures (MB)",
        default=10,
        help="Invoices that would make an e-mail larger are linked in its text instead.",
        groups=DUNNING_SETTINGS,
        prefetch="recurrence_dunning",
    )

    @api.constrains("dunning_enclosure_mb")
    def _check_dunning_enclosure_mb(self):
        for company in self:
            if not 0 <= company.dunning_enclosure_mb <= MOST_MB:
                raise ValidationError(
                    self.env._("Largest size of enclosures: 0 to %(most)s MB.", most=MOST_MB)
                )

    def _dunning_get_accounts(self):
        """Return the bank accounts that customers may pay this company to, in Odoo's order.

        Those of a company above it count as well, as its journals do.
        """
        self.ensure_one()
        company = self.sudo()
        accounts = (company | company.parent_ids).partner_id.bank_ids
        return accounts.filtered(
            lambda bank: not bank.company_id or bank.company_id in company.parent_ids
        )

    def _dunning_get_document_gaps(self):
        """Return what letters and statements of this company lack, as sentences; [] if nothing."""
        self.ensure_one()
        company, sentences = self.sudo(), []
        if not company._dunning_get_accounts():
            sentences.append(
                self.env._(
                    "The company has no bank account: letters and statements do not say where to "
                    "pay."
                )
            )
        if not (company.city and (company.street or company.street2)):
            sentences.append(
                self.env._("The company has no complete address: letters show no sender's address.")
            )
        if company.uses_default_logo or not company.logo:
            sentences.append(self.env._("The company has no logo of its own."))
        return sentences
