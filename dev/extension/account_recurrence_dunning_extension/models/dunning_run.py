from odoo import api, models


class DunningRun(models.Model):
    _inherit = "dunning.run"

    @api.model
    def _get_groupings(self):
        return {
            **super()._get_groupings(),
            "month": lambda fact: ("month", fact.line.due.year, fact.line.due.month),
        }
