from odoo import api, models
from odoo.tools import SQL


class AccountInvoiceReport(models.Model):
    _inherit = "account.invoice.report"

    @api.model
    def _where(self):
        return SQL("%s AND move.is_recurrence_template IS NOT TRUE", super()._where())
