from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...models.common.client_action import CLOSE, notify
from ...tools.dunning.decision import send_ahead


class DunningRemind(models.TransientModel):
    """What can be done where nothing is reminded now: again, ahead, by phone, or a statement."""

    _inherit = "dunning.remind"

    last_reminder_id = fields.Many2one("dunning.reminder", readonly=True)
    last_text = fields.Char(readonly=True)
    can_repeat = fields.Boolean(readonly=True)
    can_go_ahead = fields.Boolean(readonly=True)

    def _get_instead(self, facts):
        """Return what the dialog offers where none of the decided facts is reminded."""
        as_of = self.company_id._get_job_today()
        waiting = [fact for fact in facts if send_ahead(fact.decision, as_of).remind]
        last = self._find_last_reminder()
        customer = self.move_ids.commercial_partner_id
        return {
            "partner_id": customer.id if len(customer) == 1 else False,
            "last_reminder_id": last.id,
            "last_text": last and self._describe_last(last),
            "can_repeat": self._can_repeat(last),
            "can_go_ahead": bool(waiting) and not self.ahead,
        }

    @api.model
    def _can_repeat(self, last):
        """Whether the last message can be sent once more; not where that would be refused."""
        if last.state != "sent" or not last._get_channel().mail:
            return False
        return not last.sudo()._find_copy_obstacles()

    def _find_last_reminder(self):
        """Return the last message about these invoices that left or is about to."""
        domain = [
            ("move_id", "in", self.move_ids.ids),
            ("kind", "=", "remind"),
            ("is_test", "=", False),
            ("drop_reason", "=", False),
            ("state", "not in", ("cancelled", "reversed")),
        ]
        lines = self.env["dunning.reminder.line"].search(domain, order="id desc", limit=1)
        return lines.reminder_id

    def _describe_last(self, reminder):
        """Return what was sent last, when, how and to whom, as a sentence."""
        channels = dict(reminder._fields["channel"]._description_selection(self.env))
        names = ", ".join(reminder.recipient_ids.mapped("display_name"))
        told = {
            "level": reminder.level_id.name,
            "channel": channels[reminder.channel],
            "to": names or reminder.partner_id.display_name,
        }
        if reminder.state == "sent":
            day = format_date(self.env, reminder.sent_date or reminder.date)
            return self.env._(
                "“%(level)s” was sent on %(day)s to %(to)s (%(channel)s).", day=day, **told
            )
        if reminder.state in ("failed", "undeliverable"):
            return self.env._(
                "“%(level)s” to %(to)s was not delivered (%(channel)s): %(reason)s",
                reason=reminder.failure_reason or "",
                **told,
            )
        return self.env._("“%(level)s” to %(to)s has not been sent yet (%(channel)s).", **told)

    def action_go_ahead(self):
        """Show the message of the next level, which is sent before its day."""
        self._check_dialog()
        self.ensure_one()
        self.ahead = True
        self._fill()
        return self._show()

    def action_send_again(self):
        """Send the last message once more; level and date stay."""
        self._check_dialog()
        self.ensure_one()
        self.last_reminder_id.check_access("read")
        if not self.can_repeat:
            raise UserError(self.env._("No message was sent that could be sent again."))
        self.last_reminder_id.action_send_again()
        return notify(
            self.env._(
                "Sent again: “%(level)s” to %(to)s.",
                level=self.last_reminder_id.level_id.name,
                to=self.last_reminder_id.email_to or self.last_reminder_id.partner_id.name,
            ),
            then=CLOSE,
        )

    def action_open_last(self):
        """Open the last message about these invoices."""
        self._check_dialog()
        self.ensure_one()
        self.last_reminder_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "dunning.reminder",
            "res_id": self.last_reminder_id.id,
            "views": [(False, "form")],
        }

    def action_log_call(self):
        """Open the dialog that logs a call with the customer."""
        self._check_dialog()
        self.ensure_one()
        return self.env["dunning.call"]._get_dialog(self._get_customer())

    def action_statement(self):
        """Open the dialog that sends the customer a statement of open items."""
        self._check_dialog()
        self.ensure_one()
        return self._get_customer().action_dunning_statement()

    def _get_customer(self):
        if not self.partner_id:
            raise UserError(self.env._("Choose invoices of one customer."))
        return self.partner_id
