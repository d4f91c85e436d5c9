from odoo import models


class DunningRunRecallMixin(models.AbstractModel):
    """Calling back a run: its messages wait some minutes, set per company, before they leave."""

    _name = "dunning.run.recall.mixin"
    _description = "Recall of Dunning Runs"

    def _recall(self):
        """Cancel what of a run has not left: queued messages, letters and calls not done yet.

        What is leaving at this moment cannot be recalled any more and is left alone.

        :return: the reminders recalled; empty where everything left
        """
        self.reminder_ids._check_may_act()
        waiting = self.sudo().reminder_ids.filtered(lambda r: r.state in ("draft", "queued"))
        waiting = waiting.try_lock_for_update()
        if not waiting:
            return waiting
        waiting._drop(self.env._("Recalled by %(user)s", user=self.env.user.name))
        self.sudo()._message_log(
            body=self.env._(
                "Reminders recalled by %(user)s: %(count)s",
                user=self.env.user.name,
                count=len(waiting),
            )
        )
        return waiting
