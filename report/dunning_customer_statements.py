from odoo import api, models


class ReportDunningCustomerStatements(models.AbstractModel):
    """The statements of open items of customers, printed by hand: all in one PDF."""

    _name = "report.account_recurrence_dunning.dunning_customer_statements"
    _description = "Statements of Open Items"

    @api.model
    def _get_report_values(self, docids, data=None):
        customers = self.env["res.partner"].browse(docids)
        statements = customers._dunning_get_statements()
        # all without: a sentence rather than an empty page
        customers._dunning_without_statement(statements)
        return {"docs": statements}
