from odoo import SUPERUSER_ID, api, models

from ...tools.common.sealed import unseal


class IrDefault(models.Model):
    """Any user may store defaults, for any field, and Odoo applies them under ``sudo()`` too.

    Where the addon creates mails, enclosures, contacts and invoices, those for everybody count,
    which an administrator has set.
    """

    _inherit = "ir.default"

    @api.model
    def _get_model_defaults(self, model_name, condition=False):
        if unseal(self.env.context, "recurrence_dunning_common_defaults"):
            self = self.with_company(self.env.company).with_user(SUPERUSER_ID)
        return super()._get_model_defaults(model_name, condition)
