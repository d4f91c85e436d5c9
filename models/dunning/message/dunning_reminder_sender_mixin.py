from markupsafe import Markup

from odoo import models

from ....tools.dunning.message_state import PREPARED


class DunningReminderSenderMixin(models.AbstractModel):
    """Telling people what was sent in their name, as each of them wants it (D5)."""

    _name = "dunning.reminder.sender.mixin"
    _description = "Notices to Senders"

    def _tell_senders(self):
        """Tell the senders of reminders whose result is known now, as each of them wants it."""
        known = self.filtered(lambda r: r.user_id and not r.is_test and r.state not in PREPARED)
        for reminder in known.filtered(lambda r: r.user_id.dunning_notify == "each"):
            reminder._tell_sender()
        wanted = known.filtered(lambda r: r.user_id.dunning_notify == "run" and r.run_id)
        if not wanted:
            return
        open_groups = self.env["dunning.reminder"]._read_group(
            [("run_id", "in", wanted.run_id.ids), ("state", "=", "queued")],
            ["run_id", "user_id"],
        )
        still_going = {(run.id, user.id) for run, user in open_groups}
        for (run, user), _found in wanted.grouped(lambda r: (r.run_id, r.user_id)).items():
            if (run.id, user.id) not in still_going:
                run._tell_sender(user)

    def _tell_sender(self):
        """Tell the sender of one reminder whether it left."""
        reminder = self.with_context(lang=self.user_id.lang)
        env = reminder.env
        values = {"customer": reminder.partner_id.display_name, "level": reminder._get_kind_name()}
        if reminder.state == "sent":
            subject = env._("Sent in your name: %(level)s to %(customer)s", **values)
        else:
            subject = env._("Not delivered in your name: %(level)s to %(customer)s", **values)
        body = Markup("<p>%s</p>") % (reminder.failure_reason or reminder.total_text or "")
        reminder.user_id._dunning_notify(reminder, subject, body)
