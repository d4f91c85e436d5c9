import logging
import smtplib

from odoo import fields, models
from odoo.tools import split_every

from ....tools.common.sealed import Sealed, unseal
from ....tools.dunning.message_state import UNDELIVERED
from .dunning_reminder_sending_mixin import BATCH

_logger = logging.getLogger(__name__)

# What Odoo's mail queue sends: what waits, and what a person tries again from there.
ASKED_STATES = ("queued", *UNDELIVERED)
# How often a message is handed to a server that hangs up before taking it, in one sending.
TRIES = 2


class DunningMailSendingMixin(models.AbstractModel):
    """Handing the e-mails of reminders to their servers."""

    _name = "dunning.mail.sending.mixin"
    _description = "Reminder E-mails"

    def _dunning_send_reminders(self, commit=False):
        """Send the reminders among mails that are sent by another way.

        Only a reminder's own e-mail and those that repeat it are sent here; what else is written
        about reminders (notes, activities, answers) is mail like any other.

        :param commit: whether that way commits
        :return: the mails that are left to send
        """
        if unseal(self.env.context, "dunning_handover_log") is not None:
            return self
        about = self.filtered(lambda m: m.model == "dunning.reminder" and m.state == "outgoing")
        reminders = self.env["dunning.reminder"].sudo()
        first = reminders.search([("mail_id", "in", about.ids)]) if about else reminders
        # Odoo's own mail queue must not undo the time to recall
        domain = reminders._get_due_domain(fields.Datetime.now(), states=ASKED_STATES)
        due = first.filtered_domain(domain)
        for chunk in split_every(BATCH, due.ids, due.browse):
            reminders._try_to_send(
                chunk,
                lambda found: found._send_asked(),
                lambda found, error: found._keep_send_error(error),
            )
            if commit:
                self.env["ir.cron"]._commit_progress()
        first.filtered(lambda r: r.state not in ASKED_STATES).mail_id.cancel()
        # sent ones that a person sends once more
        copies = about & first._get_copies(about)
        for mail in copies:
            reminders._try_to_send(mail, reminders._send_copy, reminders._keep_copy_error)
            if commit:
                self.env["ir.cron"]._commit_progress()
        return (self - first.mail_id - copies)._without_held_copies()

    def _dunning_prefetch(self):
        """Read at once what Odoo would read mail by mail while it sends."""
        self.fetch()
        self.mail_message_id.fetch()
        self.attachment_ids.fetch(["name", "mimetype", "url", "res_model", "res_id", "checksum"])
        self.recipient_ids.fetch(["email", "name"])

    def _dunning_hand_over(self):
        """Give mails to their servers. One that hangs up is called again for the others.

        The mail at which it hung up has its second turn after them, unless the server had begun
        to take it.

        :return: the log, which knows what the servers said
        """
        tries = dict.fromkeys(self.ids, TRIES)
        with self.env["dunning.mail.handover"]._open_log() as log:
            waiting = self
            while waiting:
                try:
                    waiting.with_context(dunning_handover_log=Sealed(log)).send()
                    break
                except smtplib.SMTPServerDisconnected:
                    _logger.warning("The mail server hung up while sending reminders")
                broken = self.browse(log.mail_id or waiting[:1].id)
                waiting = waiting.filtered(lambda mail: mail.state == "outgoing") - broken
                tries[broken.id] -= 1
                if log.is_open:
                    continue
                if tries[broken.id]:
                    broken.state = "outgoing"
                    waiting += broken
                else:
                    broken.write(
                        {
                            "state": "exception",
                            "failure_type": "mail_smtp",
                            "failure_reason": self.env._("The mail server closed the connection."),
                        }
                    )
        return log
