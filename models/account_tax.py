from odoo import api, models


class AccountTax(models.Model):
    _inherit = "account.tax"

    def write(self, vals):
        self.env["recurrence.template.guard"]._check_write(self, vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_recurrence(self):
        self.env["recurrence.template.guard"]._check_unused(self)
