from odoo import api, fields, models
from odoo.exceptions import UserError


class RecurrenceOccurrenceClose(models.TransientModel):
    """Asks what becomes of an invoice whose activity was marked done without it."""

    _name = "recurrence.occurrence.close"
    _description = "Decide on an Invoice That Was Not Issued"
    _inherit = "recurrence.dunning.own.record.mixin"

    occurrence_id = fields.Many2one("recurrence.occurrence", required=True)
    old_date = fields.Date(related="occurrence_id.date", related_sudo=False, string="Date")
    choice = fields.Selection(
        [
            ("issue", "Issue the invoice"),
            ("skip", "Skip it, with a reason"),
            ("postpone", "Postpone it"),
        ],
        required=True,
        default="issue",
    )
    reason = fields.Char()
    date = fields.Date(string="Postpone To", compute="_compute_date", store=True, readonly=False)

    @api.depends("occurrence_id")
    def _compute_date(self):
        for dialog in self:
            tomorrow = fields.Date.add(fields.Date.context_today(self), days=1)
            dialog.date = max(tomorrow, dialog.occurrence_id.date or tomorrow)

    def action_confirm(self):
        self._check_dialog()
        self.ensure_one()
        occurrence = self.occurrence_id
        if self.choice == "issue":
            # said here, before a dialog that not everybody may open
            self.env["recurrence.issuing"]._check_user(self.env.user, occurrence.company_id)
            return occurrence.action_open_issue()
        if self.choice == "skip":
            if not (self.reason or "").strip():
                raise UserError(self.env._("Enter the reason for skipping this invoice."))
            occurrence.action_skip(self.reason)
        else:
            occurrence.date = self.date
        return {"type": "ir.actions.act_window_close"}
