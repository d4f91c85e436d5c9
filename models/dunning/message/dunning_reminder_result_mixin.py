from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize, email_normalize_all

from ....tools.dunning.handover import get_refused_words, get_words, is_temporary
from .dunning_reminder_sending_mixin import PAUSES

# Failures of a mail that another try to the same address will not cure.
UNDELIVERABLE_TYPES = ("mail_email_invalid", "mail_email_missing")


class DunningReminderResultMixin(models.AbstractModel):
    """What became of the e-mail of a reminder."""

    _name = "dunning.reminder.result.mixin"
    _description = "Reminder Sending Results"

    def _finish_interrupted(self, as_of=None):
        """Deal with what an interrupted sending left behind; return what is still to be sent.

        What the server had taken counts as sent. Of what it was just being given nobody knows
        whether it left: it is not sent again by itself, a person decides.
        """
        states = self.env["dunning.mail.handover"]._read_states(self.mail_id)
        if not states:
            return self
        left = self.filtered(lambda r: states.get(r.mail_id.id) == "left")
        unsure = self.filtered(lambda r: states.get(r.mail_id.id) == "leaving")
        left.mail_id.write({"state": "sent", "failure_reason": False, "failure_type": False})
        left._set_sent(as_of)
        reason = self._get_unsure_sentence()
        unsure.mail_id.write({"state": "exception", "failure_reason": reason})
        unsure._set_failed(reason)
        return self - left - unsure

    @api.model
    def _get_unsure_sentence(self):
        return self.env._(
            "Sending was interrupted while the mail server was accepting the message: it may or "
            "may not have been sent. Find out, then mark it as sent or send it again."
        )

    def _record_results(self, facts, log, as_of=None):
        """Bring the state of the mails back to their reminders.

        :param facts: ``{company: facts}`` that the messages were checked by
        :param log: what the mail servers said
        """
        sent = self.filtered(lambda reminder: reminder.mail_id.state == "sent")
        sent -= sent._record_refused(log)
        sent._set_sent(as_of, facts if sent == self else None)
        failed = (self - sent).filtered(lambda r: r.mail_id.state == "exception")
        failed._finish_interrupted(as_of)._record_failures(log.errors)
        for reminder in (self - sent).filtered(lambda r: r.state == "queued"):
            if not reminder.mail_id:
                reminder._set_failed(self.env._("Its e-mail was deleted before it was sent."))
            elif reminder.mail_id.state == "cancel":
                reminder._drop(self.env._("Its e-mail was cancelled in the list of e-mails."))
        # an allowed copy writes to its test address alone
        told = self.filtered(lambda reminder: not reminder.company_id._is_job_copy())
        told._tell_senders()

    def _record_failures(self, errors):
        """Let messages wait that may be taken later; say why the others did not leave.

        :param errors: ``{mail id: what its sending raised}``
        """
        results = self.grouped(lambda r: self._get_mail_result(r.mail_id, errors.get(r.mail_id.id)))
        for (state, reason), found in results.items():
            if state == "queued":
                found._postpone(reason)
            else:
                found._set_failed(reason, state)

    @api.model
    def _get_mail_result(self, mail, error):
        """Return what becomes of a message whose mail did not leave: state and reason."""
        # Odoo names no kind where the server could not be reached
        if error is None and mail.failure_type in (False, "mail_smtp"):
            words = " ".join((mail.failure_reason or "").split())
            reason = self.env._("The mail server could not be reached: %(reason)s", reason=words)
            return "queued", reason
        if is_temporary(error):
            words = get_words(error)
            return "queued", self.env._(
                "The mail server has not accepted it yet: %(words)s", words=words
            )
        words = get_words(error) if error else mail.failure_reason or "?"
        reason = self.env._("The e-mail could not be sent: %(reason)s", reason=words)
        return "undeliverable" if mail.failure_type in UNDELIVERABLE_TYPES else "failed", reason

    def _record_refused(self, log):
        """Note which addresses the server refused while it took the message for others.

        :return: the reminders that reached copies only: they are not delivered
        """
        missed = self.browse()
        for reminder in self:
            refused = log.refused.get(reminder.mail_id.id)
            if not refused:
                continue
            reason = self.env._(
                "The mail server refused some addresses: %(words)s",
                words=get_refused_words(refused),
            )
            addresses = {email_normalize(address) for address in refused}
            if addresses.issuperset(email_normalize_all(reminder.email_to or "")):
                missed |= reminder._set_failed(reason, "undeliverable")
            else:
                reminder._message_log(body=reason)
        return missed

    def _postpone(self, reason):
        """Let messages wait that no mail server took yet, longer each time (rule 15)."""
        for count, found in self.grouped("try_count").items():
            if count >= len(PAUSES):
                found._set_failed(reason)
                continue
            moment = fields.Datetime.now() + timedelta(minutes=PAUSES[count])
            found.write({"try_count": count + 1, "try_after": moment, "failure_reason": reason})
            found.mail_id.write(
                {"state": "outgoing", "scheduled_date": moment, "failure_type": False}
            )
            self.env["ir.cron"]._wake("account_recurrence_dunning.ir_cron_dunning_outbox", moment)

    def _set_bounced(self, reason):
        """A message came back: what it had made effective is taken back (rule 11)."""
        moved = self._update_state(
            ("sent", "queued"), "undeliverable", failure_reason=reason, sent_date=False
        )
        moved._take_back_effect()
        moved._ask_for_help()
        return moved

    def action_open_invoices(self):
        """Open the invoices in the message."""
        self.check_access("read")
        moves = self.line_ids.move_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = [("id", "in", moves.ids)]
        if len(moves) == 1:
            action.update({"views": [(False, "form")], "res_id": moves.id})
        return action
