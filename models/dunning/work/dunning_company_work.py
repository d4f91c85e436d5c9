from odoo import models


class DunningCompanyStatusMixin(models.AbstractModel):
    """What people and customers agreed is looked at each day, before anything is decided."""

    _inherit = "dunning.company.status.mixin"

    def _dunning_do_daily(self, today):
        self.env["dunning.promise"]._judge(self, today)
        super()._dunning_do_daily(today)
