import logging
import smtplib
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize, email_normalize_all, split_every

from ....tools.common.sealed import Sealed, unseal
from ....tools.dunning.handover import get_refused_words, get_words, is_temporary
from ..setup.dunning_program_schedule import CLOCK_SLACK

_logger = logging.getLogger(__name__)

# Messages between two commits. A crash repeats none of them: see dunning.departure.
BATCH = 50
# Failures of a mail that another try to the same address will not cure.
UNDELIVERABLE_TYPES = ("mail_email_invalid", "mail_email_missing")
# Minutes until a server that could not be reached is tried again; after the last one it is over.
PAUSES = (5, 15, 60, 240, 720)
# What Odoo's mail queue sends: what waits, and what a person tries again from there.
ASKED_STATES = ("queued", "failed", "undeliverable")
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
            self._send_locked(chunk.with_context(dunning_sent_on=Sealed(as_of)))
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
            mails = found.with_context(dunning_sent_on=Sealed(company._get_job_today())).mail_id
            mails.send_after_commit()

    @api.model
    def _cron_send(self):
        """Send what is queued and whose turn it is, batch by batch, each with its commit."""
        self.env["ir.cron"]._watch_jobs()
        domain = self._get_due_domain(fields.Datetime.now())
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
            self._send_locked(found.with_context(dunning_sent_on=Sealed(today)))

    @api.model
    def _take_over(self, mails, commit=False):
        """Send the reminders among mails that are sent by another way.

        Only a reminder's own e-mail and those that repeat it are sent here; what else is written
        about reminders (notes, activities, answers) is mail like any other.

        :param commit: whether that way commits
        :return: the mails that are left to send
        """
        if unseal(self.env.context, "dunning_notebook") is not None:
            return mails
        about = mails.filtered(lambda m: m.model == "dunning.reminder" and m.state == "outgoing")
        reminders = self.env["dunning.reminder"].sudo()
        first = reminders.search([("mail_id", "in", about.ids)]) if about else reminders
        # Odoo's own mail queue must not undo the time to recall
        domain = self._get_due_domain(fields.Datetime.now(), states=ASKED_STATES)
        due = first.filtered_domain(domain)
        for chunk in split_every(BATCH, due.ids, due.browse):
            self._try_to_send(chunk, self._send_asked, self._keep_error)
            if commit:
                self.env["ir.cron"]._commit_progress()
        first.filtered(lambda r: r.state not in ASKED_STATES).mail_id.cancel()
        # sent ones that a person sends once more
        copies = about & first._get_copies(about)
        delivery = self.env["dunning.reminder"]
        for mail in copies:
            self._try_to_send(mail, delivery._send_copy, delivery._keep_copy_error)
            if commit:
                self.env["ir.cron"]._commit_progress()
        return (mails - first.mail_id - copies)._without_kept_here()

    @api.model
    def _try_to_send(self, records, send, failed):
        """Send in the middle of somebody else's work; a bad one fails alone and says why."""
        try:
            self.env["job.isolation"]._run(
                records, lambda found: send(found.try_lock_for_update()), failed
            )
        except OperationalError as error:
            _logger.info("%s: another worker was faster: %s", records, error)

    @api.model
    def _keep_error(self, reminder, error):
        reminder._set_failed(self.env["job.isolation"]._get_text(error))

    @api.model
    def _send_asked(self, reminders):
        """Send locked reminders that Odoo's queue holds or a person tries again from there."""
        reminders._update_state(("failed", "undeliverable"), "queued")
        self._send_locked(reminders.filtered(lambda reminder: reminder.state == "queued"))

    # === SENDING === #

    @api.model
    def _get_due_domain(self, now, states=("queued",)):
        """Return the domain of the reminders whose turn to leave has come.

        A moment that no wait reaches was noted while the clock was wrong.
        """
        companies = self.env["res.company"].sudo().search([("dunning_active", "=", True)])
        longest = timedelta(minutes=max(*PAUSES, *companies.mapped("dunning_send_delay")))
        return (
            Domain("state", "in", states)
            & Domain("is_held", "=", False)
            & (
                Domain("try_after", "=", False)
                | Domain("try_after", "<=", now)
                | Domain("try_after", ">", now + longest + CLOCK_SLACK)
            )
        )

    @api.model
    def _send_locked(self, reminders):
        """Send the mails of reminders in one go and take note of each one's fate."""
        self = self.sudo()
        reminders = self._hold(self._settle(reminders))
        if not reminders:
            return
        facts = reminders._recheck()
        reminders.filtered(lambda reminder: reminder.state == "queued")._attach_documents()
        reminders = reminders.filtered(lambda reminder: reminder.state == "queued")
        mails = reminders.mail_id.filtered(lambda mail: mail.state == "outgoing")
        self._warm_up(mails)
        notebook = self._hand_over(mails)
        self._record_fate(reminders, facts, notebook)

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
        left._set_sent(unseal(reminders.env.context, "dunning_sent_on"))
        reason = self._get_unsure_sentence()
        unsure.mail_id.write({"state": "exception", "failure_reason": reason})
        unsure._set_failed(reason)
        return reminders - left - unsure

    @api.model
    def _get_unsure_sentence(self):
        return self.env._(
            "The sending was interrupted while the mail server took the message: it may have left "
            "or not. Find out, then count it as sent or send it again."
        )

    @api.model
    def _hold(self, reminders):
        """Keep messages back and say why: dunning is off (rule 21), or this may be a copy (16).

        What was queued when dunning was switched off waits for a person to decide, also after it
        was switched on again. Tests go to who asks for them.

        :return: those that may be sent
        """
        real = reminders.filtered(lambda reminder: not reminder.is_test)
        off = real.filtered(lambda reminder: not reminder.company_id.dunning_active)
        off._set_held()
        held = (reminders - off).filtered(
            lambda r: not r.program_id.allow_copy and r.company_id._is_job_copy()
        )
        held.failure_reason = held and self.env["res.company"]._get_copy_sentence()
        return reminders - off - held - real.filtered("is_held")

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

        :return: the notebook, which knows what the servers said
        """
        tries = dict.fromkeys(mails.ids, TRIES)
        with self.env["dunning.departure"]._open_notebook() as notebook:
            waiting = mails
            while waiting:
                try:
                    waiting.with_context(dunning_notebook=Sealed(notebook)).send()
                    break
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
        return notebook

    # === AFTER IT === #

    @api.model
    def _record_fate(self, reminders, facts, notebook):
        """Bring the state of the mails back to their reminders.

        :param facts: ``{company: facts}`` that the messages were checked by
        :param notebook: what the mail servers said
        """
        as_of = unseal(reminders.env.context, "dunning_sent_on")
        sent = reminders.filtered(lambda reminder: reminder.mail_id.state == "sent")
        sent -= self._record_refused(sent, notebook)
        sent._set_sent(as_of, facts if sent == reminders else None)
        failed = (reminders - sent).filtered(lambda r: r.mail_id.state == "exception")
        self._record_failures(self._settle(failed), notebook.errors)
        for reminder in (reminders - sent).filtered(lambda r: r.state == "queued"):
            if not reminder.mail_id:
                reminder._set_failed(self.env._("Its e-mail was deleted before it was sent."))
            elif reminder.mail_id.state == "cancel":
                reminder._drop(self.env._("Its e-mail was cancelled in the list of e-mails."))
        # an allowed copy writes to its test address alone
        told = reminders.filtered(lambda reminder: not reminder.company_id._is_job_copy())
        self.env["dunning.sender"]._tell(told)

    @api.model
    def _record_failures(self, reminders, errors):
        """Let messages wait that may be taken later; keep why the others did not leave."""
        fates = reminders.grouped(lambda r: self._get_fate(r.mail_id, errors.get(r.mail_id.id)))
        for (state, reason), found in fates.items():
            if state == "queued":
                self._postpone(found, reason)
            else:
                found._set_failed(reason, state)

    @api.model
    def _get_fate(self, mail, error):
        """Return what becomes of a message whose mail did not leave: state and reason."""
        # Odoo names no kind where the server could not be reached
        if error is None and mail.failure_type in (False, "mail_smtp"):
            words = " ".join((mail.failure_reason or "").split())
            reason = self.env._("The mail server could not be reached: %(reason)s", reason=words)
            return "queued", reason
        if is_temporary(error):
            words = get_words(error)
            return "queued", self.env._(
                "The mail server did not take it yet: %(words)s", words=words
            )
        words = get_words(error) if error else mail.failure_reason or "?"
        reason = self.env._("The e-mail could not be sent: %(reason)s", reason=words)
        return "undeliverable" if mail.failure_type in UNDELIVERABLE_TYPES else "failed", reason

    @api.model
    def _record_refused(self, reminders, notebook):
        """Note which addresses the server refused while it took the message for others.

        :return: the reminders that reached copies only: they are not delivered
        """
        missed = reminders.browse()
        for reminder in reminders:
            refused = notebook.refused.get(reminder.mail_id.id)
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

    @api.model
    def _postpone(self, reminders, reason):
        """Let messages wait that no mail server took yet, longer each time (rule 15)."""
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
