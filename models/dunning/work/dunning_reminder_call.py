from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningReminder(models.Model):
    """The call of a level counts when it is logged with its outcome, never unasked (rule 11)."""

    _inherit = "dunning.reminder"

    call_phone = fields.Char(string="Phone", compute="_compute_call_phone")

    @api.depends("recipient_ids.phone", "partner_id.phone")
    def _compute_call_phone(self):
        for reminder in self:
            recipient = reminder.recipient_ids.filtered("phone")[:1]
            reminder.call_phone = recipient.phone or reminder.partner_id.phone

    def action_log_call(self):
        """Open the dialog that logs this call, and with it makes its level effective."""
        self._check_may_act()
        self.ensure_one()
        if not self._filter_waiting_calls():
            raise UserError(self.env._("No call is waiting here."))
        return self.env["dunning.call"]._get_dialog(self.partner_id, reminder=self)

    def action_mark_sent(self):
        """Count letters as sent; for a call, ask first what came of it."""
        self._check_may_act()
        calls = self._filter_waiting_calls()
        if not calls:
            return super().action_mark_sent()
        if len(self) == 1:
            return self.action_log_call()
        raise UserError(
            self.env._(
                "Each call is logged with its outcome: %(customers)s. Choose letters only.",
                customers=", ".join(calls.partner_id.mapped("display_name")),
            )
        )

    def _filter_waiting_calls(self):
        return self.filtered(lambda found: found.channel == "call" and found.state == "draft")
