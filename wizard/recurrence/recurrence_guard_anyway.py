from odoo import fields, models
from odoo.exceptions import UserError


class RecurrenceGuardAnyway(models.TransientModel):
    """Archives or deletes what running recurring invoices use, once a person has said so."""

    _name = "recurrence.guard.anyway"
    _inherit = "recurrence.dunning.own.record.mixin"
    _description = "Archive or Delete a Record Used by Recurrences"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(readonly=True)
    operation = fields.Selection(
        [("archive", "Archive"), ("delete", "Delete")], required=True, readonly=True
    )
    message = fields.Text(readonly=True)

    def action_confirm(self):
        """Do it, with the rights of the user; Odoo's own checks stay."""
        self._check_dialog()
        self.ensure_one()
        model = self.env.registry.models.get(self.res_model)
        if not model or not issubclass(model, self.env.registry["recurrence.guarded.mixin"]):
            raise UserError(self.env._("There is nothing to confirm for records of this kind."))
        ids = [res_id for res_id in self.res_ids or () if isinstance(res_id, int)]
        records = self.env[self.res_model].browse(ids).exists()
        records = records.with_context(recurrence_archive_anyway=True)
        if self.operation == "archive":
            records.action_archive()
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        records.unlink()
        return {"type": "ir.actions.act_window_close"}
