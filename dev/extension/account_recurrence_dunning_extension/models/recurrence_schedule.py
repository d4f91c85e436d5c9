from odoo import api, fields, models

from odoo.addons.account_recurrence_dunning.tools.recurrence.issue_mode import IssueMode


class RecurrenceSchedule(models.Model):
    _inherit = "recurrence.schedule"

    # === AN INVOICE MODE === #

    invoice_mode = fields.Selection(
        selection_add=[("shelf", "Post and put on the shelf")], ondelete={"shelf": "set default"}
    )

    @api.model
    def _get_issue_modes(self):
        return {**super()._get_issue_modes(), "shelf": IssueMode(finish="_put_on_shelf")}

    # === A KIND OF TARGET === #

    target = fields.Selection(selection_add=[("note", "Note")], ondelete={"note": "cascade"})
