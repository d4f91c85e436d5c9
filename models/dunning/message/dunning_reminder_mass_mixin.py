from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ....tools.dunning.message_state import NOT_SENT
from ...common.amount_text import format_amounts
from ...common.client_action import open_dialog


class DunningReminderMassMixin(models.AbstractModel):
    """What an act does to several reminders at once, told before it happens."""

    _name = "dunning.reminder.mass.mixin"
    _description = "Actions on Several Reminders"

    def action_ask_send_now(self):
        """Ask whether these are sent without waiting for the outbox job."""
        return self._ask("send_now")

    def action_ask_send_again(self):
        """Ask whether these are sent once more."""
        return self._ask("send_again")

    def action_ask_mark_sent(self):
        """Ask whether these are counted as sent."""
        return self._ask("mark_sent")

    def action_ask_cancel(self):
        """Ask whether these are cancelled, or withdrawn where they have left."""
        return self._ask("cancel")

    def _ask(self, act):
        self.check_access("read")
        self._check_may_act()
        if not self:
            raise UserError(self.env._("Choose the reminders first."))
        if not any(found for _text, found in self._foresee(act)):
            raise UserError(self._get_refusal(act))
        dialog = self.env["dunning.reminder.act"].create(
            {"act": act, "reminder_ids": [Command.set(self.ids)]}
        )
        titles = dict(dialog._fields["act"]._description_selection(self.env))
        return open_dialog(dialog, titles[act])

    @api.model
    def _get_refusal(self, act):
        """Return why nothing could happen to any of the chosen reminders."""
        return {
            "send_now": self.env._("None of these is queued, so there is nothing to send."),
            "send_again": self.env._(
                "None of these was sent by e-mail or could not be delivered, or none of them may "
                "be sent again now."
            ),
            "mark_sent": self.env._("None of these still waits to be sent by hand."),
            "cancel": self.env._("All of these are cancelled or withdrawn already."),
        }[act]

    def _foresee(self, act):
        """Return what an act does to which of these: ``[(label, reminders)]``.

        Those in none of the groups stay as they are.

        :param act: an act of ``dunning.reminder.act``
        """
        return getattr(self.sudo(), f"_foresee_{act}")()

    def _foresee_send_now(self):
        queued = self.filtered(lambda reminder: reminder.state == "queued")
        return [(self.env._("Sent now"), queued)]

    def _foresee_send_again(self):
        repeated, undelivered = self._split_sendable()
        refused = self.browse().union(*repeated._find_copy_obstacles())
        letters = undelivered.filtered(lambda reminder: reminder._get_channel().is_paper)
        return [
            (self.env._("Sent once more; level and date stay"), repeated - refused),
            (
                self.env._("Not delivered so far, sent to the current address"),
                undelivered - letters,
            ),
            (self.env._("Letters, to be printed again"), letters),
        ]

    def _foresee_mark_sent(self):
        # what is queued leaves by itself
        by_hand = self.filtered(lambda r: r.state in NOT_SENT and r.state != "queued")
        return [(self.env._("Counted as sent; their levels take effect"), by_hand)]

    def _foresee_cancel(self):
        sent = self.filtered(lambda reminder: reminder.state == "sent")
        waiting = self.filtered(lambda reminder: reminder.state in NOT_SENT)
        return [
            (self.env._("Cancelled before being sent"), waiting),
            (self.env._("Withdrawn; the levels before apply again"), sent),
        ]

    def _format_totals(self):
        """Return what is open in these, per currency, as a text."""
        totals = defaultdict(float)
        for reminder in self:
            for currency, amount in reminder._get_totals():
                totals[currency] += amount
        return format_amounts(self.env, sorted(totals.items(), key=lambda total: total[0].name))
