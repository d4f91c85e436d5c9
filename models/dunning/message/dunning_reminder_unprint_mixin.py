from odoo import models
from odoo.exceptions import UserError

from .dunning_reminder_proof_mixin import SEALED

PROOF = (*SEALED, "proof_files", "proof_date", "proof_hash", "proof_message_hash")


class DunningReminderUnprintMixin(models.AbstractModel):
    """Letters that were printed by mistake: they count from their printing on, unless it is undone.

    Only on the day they were printed: later they may have been posted.
    """

    _name = "dunning.reminder.unprint.mixin"
    _description = "Undoing the Printing of Letters"

    def _tell_printed(self, then):
        """Return the action that says that these letters count now, and offers to undo it.

        :param then: the action that follows: the PDF
        """
        return {
            "type": "ir.actions.client",
            "tag": "dunning_letters_printed",
            "params": {
                "message": self.env._(
                    "Letters printed, they count as sent from now on: %(count)s", count=len(self)
                ),
                "undo": self.env._("Undo"),
                "again": self.env._("Download again"),
                "ids": self.ids,
                "next": then,
            },
        }

    def action_unprint(self):
        """Undo the printing: the letters are to be printed again, their levels are open."""
        self.check_access("read")
        self._check_may_act()
        reminders = self.sudo()
        for reminder in reminders:
            today = reminder.company_id._get_job_today()
            if reminder.letter_state != "printed" or (
                reminder._get_channel().is_paper and reminder.sent_date not in (False, today)
            ):
                raise UserError(
                    self.env._(
                        "%(reminder)s was not printed today, it may have been posted: withdraw it "
                        "instead.",
                        reminder=reminder.display_name,
                    )
                )
        reminders.letter_state = "to_print"
        paper = reminders.filtered(lambda reminder: reminder._get_channel().is_paper)
        moved = paper._update_state(("sent",), "draft", sent_date=False)
        moved._take_back_effect()
        moved.write({**dict.fromkeys(PROOF, False), "letter_id": False})
        moved._refresh_status()
        moved._ask_a_person()
        reminders._log_note(
            self.env._("The printing was undone by %(user)s.", user=self.env.user.name)
        )
        return True
