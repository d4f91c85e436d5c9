from odoo import api, fields, models
from odoo.exceptions import UserError

from ...common.client_action import notify


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
        action = self.env["dunning.call"]._get_dialog(self.partner_id, reminder=self)
        if not self._filter_waiting_calls():
            return notify(self.failure_reason, "warning")
        return action

    @api.model
    def _recheck_calls(self, partners):
        """Read the facts again before customers are called (rule 8): what is paid is not claimed.

        :param partners: customers, or contacts of theirs
        """
        waiting = self.sudo().search(
            [
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "in", self.env.companies.ids),
                ("channel", "=", "call"),
                ("state", "=", "draft"),
                ("is_test", "=", False),
            ]
        )
        for company, found in waiting.grouped("company_id").items():
            found._recheck(company._get_job_today())

    def action_mark_sent(self):
        """Count letters as sent; for a call, ask first what came of it."""
        self._check_may_act()
        calls = self._filter_waiting_calls()
        if not calls:
            return super().action_mark_sent()
        if len(self) == 1:
            return self.action_log_call()
        raise UserError(calls._get_call_sentence())

    def action_ask_mark_sent(self):
        """Ask about letters; a call that is chosen alone is logged."""
        self.check_access("read")
        self._check_may_act()
        calls = self._filter_waiting_calls()
        if calls and len(self) == 1:
            return self.action_log_call()
        if calls and calls == self:
            raise UserError(calls._get_call_sentence())
        return super().action_ask_mark_sent()

    def _foresee_mark_sent(self):
        letters = self - self._filter_waiting_calls()
        return super(DunningReminder, letters)._foresee_mark_sent()

    def _get_call_sentence(self):
        return self.env._(
            "Each call is logged with its outcome: %(customers)s. Choose letters only.",
            customers=", ".join(self.partner_id.mapped("display_name")),
        )

    def _filter_waiting_calls(self):
        return self.filtered(lambda found: found.channel == "call" and found.state == "draft")
