from odoo import fields, models

from ...models.common.client_action import open_dialog


class RecurrencePreviewDialogMixin(models.AbstractModel):
    """Dialogs over many that show what they would do, row by row, before they do it.

    Their rows stand in ``row_ids``.
    """

    _name = "recurrence.preview.dialog.mixin"
    _description = "Dialog With a Preview"
    _inherit = "recurrence.dunning.own.record.mixin"

    step = fields.Selection(
        [("choose", "Choose"), ("look", "Look"), ("done", "Done")], required=True, default="choose"
    )

    def action_back(self):
        """Go back to the choice; what was shown is thrown away."""
        self._check_dialog()
        self.ensure_one()
        self.row_ids.sudo().unlink()
        self.step = "choose"
        return self._reopen()

    def _reopen(self):
        title = self.env["ir.model"]._get(self._name).name
        return open_dialog(self, title, context={"dialog_size": "extra-large"})
