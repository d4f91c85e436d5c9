from markupsafe import Markup

from odoo import models

from ....tools.dunning.message_state import UNDELIVERED


class DunningRun(models.Model):
    """Telling a sender what of a run left."""

    _inherit = "dunning.run"

    def _tell_sender(self, user):
        """Tell a sender once what of a run left in their name, and what did not."""
        run = self.with_context(lang=user.lang)
        env = run.env
        reminders = run.reminder_ids.filtered(lambda r: r.user_id == user)
        sent = reminders.filtered(lambda r: r.state == "sent")
        failed = reminders.filtered(lambda r: r.state in UNDELIVERED)
        subject = env._(
            "Reminders sent in your name: %(count)s, %(run)s", count=len(sent), run=run.name
        )
        rows = Markup().join(
            Markup("<li>%s, %s: %s</li>")
            % (
                reminder.partner_id.display_name,
                reminder.level_id.name,
                reminder.failure_reason or reminder.total_text or "",
            )
            for reminder in failed | sent
        )
        body = Markup("<ul>%s</ul>") % rows
        if failed:
            count = env._("Not delivered: %(count)s", count=len(failed))
            body = Markup("<p>%s</p>") % count + body
        user._dunning_notify(run, subject, body)
