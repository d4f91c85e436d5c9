from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.common.client_action import open_dialog


class DunningStop(models.TransientModel):
    """Stops the deliveries to customers, or ends that (K7)."""

    _name = "dunning.stop"
    _description = "Stop of Deliveries by Hand"
    _inherit = "recurrence.dunning.own.record.mixin"
    _dialog_about = ("partner_ids", "company_id")

    partner_ids = fields.Many2many(
        "res.partner",
        "dunning_stop_partner_rel",
        string="Customers",
        readonly=True,
        context={"active_test": False},
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    stopped = fields.Text(compute="_compute_stopped", help="Of whom they are stopped, and why.")
    reason = fields.Char(help="Shown to whoever writes an invoice or a quotation.")

    @api.model
    def _open(self, company, customers):
        """Return the dialog about these customers of a company."""
        if len(company) != 1:
            raise UserError(self.env._("Choose customers of one company."))
        dialog = self.create(
            {"partner_ids": [Command.set(customers.ids)], "company_id": company.id}
        )
        return open_dialog(dialog, self.env._("Stop deliveries"), context={"dialog_size": "medium"})

    @api.depends("partner_ids", "company_id")
    @api.depends_context("lang")
    def _compute_stopped(self):
        for dialog in self:
            found = self.env["dunning.case"]._find_stops(dialog.company_id, dialog.partner_ids)
            dialog.stopped = "\n".join(
                f"{partner.name}: {found[partner.id]}"
                for partner in dialog.partner_ids._origin
                if partner.id in found
            )

    def action_stop(self):
        """Stop the deliveries to these customers."""
        self._check_dialog()
        self.ensure_one()
        self.env["dunning.case"]._stop_customers(
            self.company_id, self.partner_ids, stop_reason=self.reason, stop_user_id=self.env.uid
        )
        return {"type": "ir.actions.act_window_close"}

    def action_resume(self):
        """Deliver to these customers again."""
        self._check_dialog()
        self.ensure_one()
        self.env["dunning.case"]._get_cases(self.company_id, self.partner_ids)._end_stop()
        return {"type": "ir.actions.act_window_close"}
