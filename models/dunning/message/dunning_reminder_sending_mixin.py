import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ....tools.dunning.message_state import UNDELIVERED
from ...common.isolation import get_error_text, log_failure, run_isolated
from ..setup.dunning_program_schedule import CLOCK_SLACK

_logger = logging.getLogger(__name__)

# Messages between two commits. A crash repeats none of them: see dunning.mail.handover.
BATCH = 50
# Minutes until a server that could not be reached is tried again; after the last one it is over.
PAUSES = (5, 15, 60, 240, 720)


class DunningReminderSendingMixin(models.AbstractModel):
    """Sending reminders, and what comes back about their e-mails (rule 14).

    Whatever way a reminder's mail is sent, it goes through here: locked, so that one worker alone
    sends it; checked against the facts of the moment; its hand-over to the mail server noted by
    ``dunning.mail.handover``.
    """

    _name = "dunning.reminder.sending.mixin"
    _description = "Sending of Reminders"

    # === ENTRY POINTS === #

    def _send_queued(self, as_of=None):
        """Send queued reminders; nothing is committed here.

        :param date as_of: the day they are sent; none: the day each was decided on
        :return: the reminders that left
        """
        queued = self.filtered(lambda reminder: reminder.state == "queued")
        if not self:
            queued = self.search([("state", "=", "queued")], order="id")
        queued = queued.sudo().try_lock_for_update()
        for chunk in split_every(BATCH, queued.ids, queued.browse):
            chunk._send_locked(as_of)
        return queued.filtered(lambda reminder: reminder.state == "sent")

    def _send_after_commit(self):
        """Send queued reminders once what led to them is kept: a retried click sends nothing twice.

        What cannot be sent then stays queued for the outbox job.
        """
        reminders = self.sudo()
        # whoever asks for it waits for nothing
        reminders.filtered("try_after").try_after = False
        reminders.mail_id.filtered("scheduled_date").scheduled_date = False
        reminders.mail_id.send_after_commit()
        if any(reminder._get_channel().send for reminder in reminders):
            self.env["ir.cron"]._wake("account_recurrence_dunning.ir_cron_dunning_outbox")

    @api.model
    def _cron_send_outbox(self):
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
                log_failure(reminder, error)
                reminder.filtered_domain(domain)._set_failed(get_error_text(error))
            self.env["ir.cron"]._commit_progress()

    @api.model
    def _send_batch(self, ids, domain):
        """Send those of these reminders that nobody else is sending, each on its company's day."""
        reminders = self.env["dunning.reminder"].sudo().browse(ids).exists().try_lock_for_update()
        for company, found in reminders.filtered_domain(domain).grouped("company_id").items():
            found._send_locked(company._get_job_today())

    @api.model
    def _try_to_send(self, records, send, failed):
        """Send in the middle of somebody else's work; a bad one fails alone and says why."""
        try:
            run_isolated(records, lambda found: send(found.try_lock_for_update()), failed)
        except OperationalError as error:
            _logger.info("%s: another worker was faster: %s", records, error)

    def _keep_send_error(self, error):
        self._set_failed(get_error_text(error))

    def _send_asked(self):
        """Send locked reminders that Odoo's queue holds or a person tries again from there."""
        self._update_state(UNDELIVERED, "queued")
        queued = self.filtered(lambda reminder: reminder.state == "queued")
        for company, found in queued.grouped("company_id").items():
            found._send_locked(company._get_job_today())

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

    def _send_locked(self, as_of=None):
        """Send the mails of reminders in one go and record the result of each.

        :param date as_of: the day they leave; None: the day each was decided on
        """
        self = self.sudo()
        reminders = self._finish_interrupted(as_of)._keep_back()
        if not reminders:
            return
        facts = reminders._recheck(as_of)
        reminders.filtered(lambda reminder: reminder.state == "queued")._attach_documents()
        reminders = reminders.filtered(lambda reminder: reminder.state == "queued")
        others = reminders.filtered(lambda reminder: reminder._get_channel().send)
        others._send_otherwise(as_of)
        reminders -= others
        mails = reminders.mail_id.filtered(lambda mail: mail.state == "outgoing")
        mails._dunning_prefetch()
        log = mails._dunning_hand_over()
        reminders._record_results(facts, log, as_of)

    def _send_otherwise(self, as_of):
        """Send reminders that are no e-mails, one by one: what left cannot be rolled back."""
        for reminder in self:
            run_isolated(
                reminder,
                lambda found: getattr(found, found._get_channel().send)(),
                lambda found, error: found._keep_send_error(error),
            )
        self.filtered(lambda reminder: reminder.state == "queued")._set_sent(as_of)

    def _keep_back(self):
        """Keep messages back and say why: dunning is off, or this may be a copy (rules 21 and 16).

        What was queued when dunning was switched off waits for a person to decide, also after it
        was switched on again. Tests go to who asks for them.

        :return: those that may be sent
        """
        real = self.filtered(lambda reminder: not reminder.is_test)
        off = real.filtered(lambda reminder: not reminder.company_id.dunning_active)
        off._set_held()
        held = (self - off).filtered(
            lambda r: not r.program_id.allow_copy and r.company_id._is_job_copy()
        )
        held.failure_reason = held and self.env["res.company"]._get_copy_sentence()
        return self - off - held - real.filtered("is_held")
