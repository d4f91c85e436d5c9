from odoo import models
from odoo.exceptions import MissingError

MODULE = "account_recurrence_dunning"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        # inside a page a missing record, or one that is not theirs, would be an error of the page
        records = self.env[report.model] if report.model in self.env else None
        if records is not None and records._original_module == MODULE and docids:
            records = records.browse(docids)
            if records.exists() != records:
                raise MissingError(self.env._("This record no longer exists."))
            records.check_access("read")
        return super()._get_rendering_context(report, docids, data)
