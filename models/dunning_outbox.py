import logging
import smtplib
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

# Messages between two commits. A crash repeats none of them: see dunning.departure.
BATCH = 50
# Failures of a mail that another try to the same address will not cure.
UNDELIVERABLE_TYPES = ("mail_email_invalid", "mail_email_missing")
# Minutes until a server that could not be reached is tried again; after the last one it is over.
PAUSES = (5, 15, 60, 240, 720)
# How often a message is handed to a server that hangs up before taking it, in one sending.
TRIES = 2


class DunningOutbox(models.AbstractModel):
    """The way of a reminder out of the house, and the fate of its mail back (design rule 14).

    Whatever way a reminder's mail is sent, it goes through here: locked, so that one worker alone
    sends it; checked against the facts of the moment; noted as departed by ``dunning.departure``.
    """

    _name = "dunning.outbox"
    _description = "Outbox of Reminders"

    # === DOORS === #

    @api.model
    def _send(self, reminders, as_of=None):
        """Send queued reminders; nothing is committed here.

        :param reminders: those to send; empty: all that are queued
        :param date as_of: the day they are sent; none: the day each was decided on
        :return: the reminders that left
        """
        queued = reminders.filtered(lambda reminder: reminder.state == "queued")
        if not reminders:
            queued = reminders.search([("state", "=", "queued")], order="id")
        queued = queued.sudo().try_lock_for_update()
        for chunk in split_every(BATCH, queued.ids, queued.browse):
            self._send_locked(chunk.with_context(dunning_sent_on=as_of))
        return queued.filtered(lambda reminder: reminder.state == "sent")

    @api.model
    def _send_after_commit(self, reminders):
        """Send queued reminders once what led to them is kept: a retried click sends nothing twice.

        What cannot be sent then stays queued for the outbox job.
        """
        reminders = reminders.sudo()
        # whoever asks for it waits for nothing
        reminders.filtered("try_after").try_after = False
        reminders.mail_id.filtered("scheduled_date").scheduled_date = False
        for company, found in reminders.grouped("company_id").items():
            mails = found.with_context(dunning_sent_on=company._get_job_today()).mail_id
            mails.send_after_commit()

    @api.model
    def _cron_send(self):
        """Send what is queued and whose turn it is, batch by batch, each with its commit."""
        domain = [
            ("state", "=", "queued"),
            "|",
            ("try_after", "=", False),
            ("try_after", "<=", fields.Datetime.now()),
        ]
        ids = self.env["dunning.reminder"].search(domain, order="id").ids
        commit = self.env["ir.cron"]._commit_progress
        if not ids or not commit(remaining=len(ids)):
            return
        for chunk in split_every(BATCH, ids):
            try:
                self._send_batch(chunk, domain)
            except Exception as error:
                # logged and kept by the one it comes from, below
                _logger.info("Reminders %s are sent one by one: %s", chunk, error)
                self.env.cr.rollback()
                self._send_one_by_one(chunk, domain)
            if not commit(len(chunk)):
                break

    @api.model
    def _send_one_by_one(self, ids, domain):
        """Send what failed in a batch alone, so that one bad record stops no other (rule 15)."""
        for reminder_id in ids:
            try:
                self._send_batch([reminder_id], domain)
            except OperationalError:
                # somebody else changed it: it has its turn the next time
                self.env.cr.rollback()
            except Exception as error:
                self.env.cr.rollback()
                reminder = self.env["dunning.reminder"].browse(reminder_id)
                isolation = self.env["job.isolation"]
                isolation._log(reminder, error)
                reminder.filtered_domain(domain)._set_failed(isolation._get_text(error))
            self.env["ir.cron"]._commit_progress()

    @api.model
    def _send_batch(self, ids, domain):
        """Send those of these reminders that nobody else is sending, each on its company's day."""
        reminders = self.env["dunning.reminder"].sudo().browse(ids).exists().try_lock_for_update()
        for company, found in reminders.filtered_domain(domain).grouped("company_id").items():
            today = company._get_job_today()
            self._send_locked(found.with_context(dunning_sent_on=today))

    @api.model
    def _take_over(self, mails, commit=False):
        """Send the reminders among mails that are sent by another way; return the other mails.

        :param commit: whether that way commits
        """
        if self.env.context.get("dunning_notebook") is not None:
            return mails
        own = mails.filtered(lambda m: m.model == "dunning.reminder" and m.state == "outgoing")
        if not own:
            return mails
        reminders = self.env["dunning.reminder"].sudo().search([("mail_id", "in", own.ids)])
        # Odoo's own mail queue must not undo the time to recall
        now = fields.Datetime.now()
        due = reminders.filtered(lambda r: not r.try_after or r.try_after <= now)
        for chunk in split_every(BATCH, due.ids, due.browse):
            locked = chunk.try_lock_for_update()
            # a person asked to try it once more, from the list of e-mails
            locked._update_state(("failed",), "queued")
            self._send_locked(locked.filtered(lambda reminder: reminder.state == "queued"))
            if commit:
                self.env["ir.cron"]._commit_progress()
        return mails - reminders.mail_id

    # === SENDING === #

    @api.model
    def _send_locked(self, reminders):
        """Send the mails of reminders in one go and take note of each one's fate."""
        self = self.sudo()
        reminders = self._hold_on_copy(self._settle(reminders))
        if not reminders:
            return
        facts = self.env["dunning.recheck"]._check(reminders)
        self.env["dunning.document"]._attach(
            reminders.filtered(lambda reminder: reminder.state == "queued")
        )
        reminders = reminders.filtered(lambda reminder: reminder.state == "queued")
        mails = reminders.mail_id.filtered(lambda mail: mail.state == "outgoing")
        self._warm_up(mails)
        self._hand_over(mails)
        self._record_fate(reminders, facts)

    @api.model
    def _settle(self, reminders):
        """Deal with what an interrupted sending left behind; return what is still to be sent.

        What the server had taken counts as sent. Of what it was just being given nobody knows
        whether it left: it is not sent again by itself, a person decides.
        """
        states = self.env["dunning.departure"]._read_states(reminders.mail_id)
        if not states:
            return reminders
        left = reminders.filtered(lambda r: states.get(r.mail_id.id) == "left")
        unsure = reminders.filtered(lambda r: states.get(r.mail_id.id) == "leaving")
        left.mail_id.write({"state": "sent", "failure_reason": False, "failure_type": False})
        left._set_sent(reminders.env.context.get("dunning_sent_on"))
        reason = self.env._(
            "The sending was interrupted while the mail server took the message: it may have left "
            "or not. Find out, then count it as sent or send it again."
        )
        unsure.mail_id.write({"state": "exception", "failure_reason": reason})
        unsure._set_failed(reason)
        return reminders - left - unsure

    @api.model
    def _hold_on_copy(self, reminders):
        """Keep messages back in a database that may be a copy, and say so (design rule 16).

        :return: those that may be sent
        """
        held = reminders.filtered(
            lambda r: (
                not r.program_id.allow_copy
                and r.company_id.dunning_home
                and r.company_id._is_dunning_copy()
            )
        )
        held.failure_reason = held and self._get_copy_reason()
        return reminders - held

    @api.model
    def _get_copy_reason(self):
        return self.env._(
            "Nothing is sent: this database may be a copy. If it was moved, a manager confirms it "
            "in the settings."
        )

    @api.model
    def _warm_up(self, mails):
        """Read at once what Odoo would read mail by mail while it sends."""
        mails.fetch()
        mails.mail_message_id.fetch()
        mails.attachment_ids.fetch(["name", "mimetype", "url", "res_model", "res_id", "checksum"])
        mails.recipient_ids.fetch(["email", "name"])

    @api.model
    def _hand_over(self, mails):
        """Give mails to their servers. One that hangs up is called again for the others.

        The mail at which it hung up has its second turn after them, unless the server had begun
        to take it.
        """
        tries = dict.fromkeys(mails.ids, TRIES)
        with self.env["dunning.departure"]._open_notebook() as notebook:
            waiting = mails
            while waiting:
                try:
                    waiting.with_context(dunning_notebook=notebook).send()
                    return
                except smtplib.SMTPServerDisconnected:
                    _logger.warning("The mail server hung up while sending reminders")
                broken = mails.browse(notebook.mail_id or waiting[:1].id)
                waiting = waiting.filtered(lambda mail: mail.state == "outgoing") - broken
                tries[broken.id] -= 1
                if notebook.is_open:
                    continue
                if tries[broken.id]:
                    broken.state = "outgoing"
                    waiting += broken
                else:
                    broken.write(
                        {
                            "state": "exception",
                            "failure_type": "mail_smtp",
                            "failure_reason": self.env._("The mail server hung up."),
                        }
                    )

    # === AFTER IT === #

    @api.model
    def _record_fate(self, reminders, facts):
        """Bring the state of the mails back to their reminders.

        :param facts: ``{company: facts}`` that the messages were checked by
        """
        as_of = reminders.env.context.get("dunning_sent_on")
        sent = reminders.filtered(lambda reminder: reminder.mail_id.state == "sent")
        sent._set_sent(as_of, facts if sent == reminders else None)
        failed = (reminders - sent).filtered(lambda r: r.mail_id.state == "exception")
        failed = self._settle(failed)
        for (reason, kind), found in failed.grouped(
            lambda r: (r.mail_id.failure_reason, r.mail_id.failure_type)
        ).items():
            # Odoo names no kind where the server could not be reached
            if kind in (False, "mail_smtp"):
                self._postpone(found, reason)
                continue
            state = "undeliverable" if kind in UNDELIVERABLE_TYPES else "failed"
            found._set_failed(
                self.env._("The e-mail could not be sent: %(reason)s", reason=reason or "?"), state
            )
        for reminder in (reminders - sent).filtered(lambda r: not r.mail_id):
            if reminder.state == "queued":
                reminder._set_failed(self.env._("Its e-mail was deleted before it was sent."))
        self.env["dunning.sender"]._tell(reminders)

    @api.model
    def _postpone(self, reminders, reason):
        """Let messages wait whose mail server could not be reached, longer each time (rule 15)."""
        reason = self.env._(
            "The mail server could not be reached: %(reason)s",
            reason=" ".join((reason or "").split()),
        )
        for count, found in reminders.grouped("try_count").items():
            if count >= len(PAUSES):
                found._set_failed(reason)
                continue
            moment = fields.Datetime.now() + timedelta(minutes=PAUSES[count])
            found.write({"try_count": count + 1, "try_after": moment, "failure_reason": reason})
            found.mail_id.write(
                {"state": "outgoing", "scheduled_date": moment, "failure_type": False}
            )
            self.env.ref("account_recurrence_dunning.ir_cron_dunning_outbox")._trigger(moment)
