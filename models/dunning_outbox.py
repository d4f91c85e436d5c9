import logging
import smtplib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# Messages sent between two commits. Small: a crash repeats at most what one batch had sent.
BATCH = 20
# Why a line may be on hold although its message is about to leave: the message itself.
OWN_HOLDS = ("in_progress", "undelivered")
# Failures of a mail that another try to the same address will not cure.
UNDELIVERABLE_TYPES = ("mail_email_invalid", "mail_email_missing")


class DunningOutbox(models.AbstractModel):
    """The way of a reminder out of the house, and the fate of its mail back (design rule 14)."""

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
        self._send_locked(queued.with_context(dunning_sent_on=as_of))
        return queued.filtered(lambda reminder: reminder.state == "sent")

    @api.model
    def _cron_send(self):
        """Send what is queued, batch by batch, each with its commit."""
        held, wake_up = self._get_held_runs()
        if wake_up:
            self.env.ref("account_recurrence_dunning.ir_cron_dunning_outbox")._trigger(at=wake_up)
        domain = [("state", "=", "queued"), ("run_id", "not in", held.ids)]
        reminders = self.env["dunning.reminder"]
        ids = reminders.search(domain, order="id").ids
        commit = self.env["ir.cron"]._commit_progress
        if not ids or not commit(remaining=len(ids)):
            return
        for start in range(0, len(ids), BATCH):
            batch = reminders.browse(ids[start : start + BATCH]).try_lock_for_update()
            batch = batch.filtered_domain(domain)
            for company, found in batch.grouped("company_id").items():
                today = company._get_job_today()
                self._send_locked(found.with_context(dunning_sent_on=today))
            if not commit(len(ids[start : start + BATCH])):
                break

    @api.model
    def _get_held_runs(self):
        """Return the runs that can still be recalled, whose reminders wait, and when to look again.

        :return: (runs, naive UTC datetime at which the first of them may leave, or None)
        """
        now = fields.Datetime.now()
        recent = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("executed_on", ">", now - timedelta(minutes=company.dunning_send_delay))
            for company in self.env["res.company"].search([("dunning_send_delay", ">", 0)])
        )
        runs = self.env["dunning.run"].search(recent & Domain("by_hand", "=", False))
        moments = [
            run.executed_on + timedelta(minutes=run.company_id.dunning_send_delay) for run in runs
        ]
        return runs, min(moments, default=None)

    @api.model
    def _recall(self, run):
        """Cancel what of a run has not left: queued messages, letters and calls not done yet.

        What is leaving at this moment cannot be recalled any more and is left alone.
        """
        run.reminder_ids._check_may_act()
        waiting = run.sudo().reminder_ids.filtered(lambda r: r.state in ("draft", "queued"))
        waiting = waiting.try_lock_for_update()
        if not waiting:
            raise UserError(self.env._("Nothing can be recalled any more: everything has left."))
        waiting._drop(self.env._("Recalled by %(user)s", user=self.env.user.name))
        run.sudo()._message_log(
            body=self.env._(
                "%(user)s recalled %(count)s reminders.",
                user=self.env.user.name,
                count=len(waiting),
            )
        )
        return waiting

    @api.model
    def _send_locked(self, reminders):
        """Send the mails of reminders in one go and take note of each one's fate.

        A server that hangs up in the middle leaves the rest queued for the next time.
        """
        mails = reminders.mail_id.filtered(lambda mail: mail.state == "outgoing")
        self._warm_up(mails)
        try:
            mails.with_context(
                dunning_fate_later=True, dunning_sent_on=reminders.env.context["dunning_sent_on"]
            ).send()
        except smtplib.SMTPServerDisconnected:
            _logger.warning("The mail server hung up while sending reminders")
        self._record_fate(reminders)

    @api.model
    def _warm_up(self, mails):
        """Read at once what Odoo would read mail by mail while it sends."""
        mails.fetch()
        mails.mail_message_id.fetch()
        mails.attachment_ids.fetch(["name", "mimetype", "url", "res_model", "res_id"])
        mails.recipient_ids.fetch(["email", "name"])

    # === BEFORE THE MAIL LEAVES === #

    @api.model
    def _keep_sendable(self, mails):
        """Read the facts again and return the mails that may still leave (design rule 8).

        Called for whatever way a mail is sent. Lines paid or blocked meanwhile leave their
        message, which is written anew; an empty message is cancelled.
        """
        own = mails.filtered(lambda m: m.model == "dunning.reminder" and m.state == "outgoing")
        if not own:
            return mails
        reminders = self.env["dunning.reminder"].sudo().search([("mail_id", "in", own.ids)])
        if not self.env.context.get("dunning_fate_later"):
            # Odoo's own mail queue must not undo the time to recall
            held, _wake_up = self._get_held_runs()
            waiting = reminders.filtered(lambda r: r.state == "queued" and r.run_id in held)
            mails -= waiting.mail_id
            reminders -= waiting
        queued = reminders.filtered(lambda r: r.state in ("queued", "failed"))
        for (company, by_hand), found in queued.grouped(
            lambda r: (r.company_id, r.by_hand)
        ).items():
            self._check_facts(company, by_hand, found.filtered(lambda r: not r.is_test))
        stopped = reminders.filtered(lambda r: r.state == "cancelled")
        return mails - stopped.mail_id

    @api.model
    def _check_facts(self, company, by_hand, reminders):
        """Drop the lines that are not to be reminded any more from messages of one company."""
        if not reminders:
            return
        as_of = self.env.context.get("dunning_sent_on") or max(reminders.mapped("date"))
        lines = reminders.line_ids.filtered(lambda ln: ln.kind == "remind" and not ln.drop_reason)
        facts = self.env["dunning.due.line"]._collect(
            company, as_of, partners=reminders.partner_id, by_hand=by_hand
        )
        by_id = {fact.id: fact for fact in facts}
        changed = self.env["dunning.reminder"]
        for line in lines:
            fact = by_id.get(line.move_line_id.id)
            reason = self._get_drop_reason(line, fact)
            if reason:
                line.drop_reason = reason
                changed |= line.reminder_id
            elif line.currency_id.compare_amounts(
                line.amount_residual, fact.residual - fact.in_process
            ):
                line.amount_residual = fact.residual - fact.in_process
                changed |= line.reminder_id
        self._renew(changed)

    @api.model
    def _get_drop_reason(self, line, fact):
        """Return why a line leaves its message; empty: it stays."""
        if fact is None:
            return "paid"
        if fact.cycle != line.cycle:
            return "removed"
        return "" if fact.line.hold in OWN_HOLDS else fact.line.hold

    @api.model
    def _renew(self, reminders):
        """Write messages anew whose lines changed; cancel those that are left with none."""
        empty = reminders.filtered(
            lambda r: not r.line_ids.filtered(lambda ln: ln.kind == "remind" and not ln.drop_reason)
        )
        empty._drop(self.env._("Nothing is left to remind."))
        rest = reminders - empty
        for reminder in rest:
            top = max(
                reminder.line_ids.filtered(lambda ln: ln.kind == "remind" and not ln.drop_reason),
                key=lambda line: line.level_days,
            )
            if top.level_id != reminder.level_id:
                reminder.write({"level_id": top.level_id.id, "level_number": top.level_number})
        self.env["dunning.composer"]._make_mails(rest)

    # === AFTER IT === #

    @api.model
    def _record_mails(self, mails):
        """Take note of the fate of mails that were sent by whatever way."""
        if self.env.context.get("dunning_fate_later"):
            return
        own = mails.filtered(lambda mail: mail.model == "dunning.reminder")
        if own:
            self._record_fate(
                self.env["dunning.reminder"].sudo().search([("mail_id", "in", own.ids)])
            )

    @api.model
    def _record_fate(self, reminders):
        """Bring the state of the mails back to their reminders."""
        as_of = self.env.context.get("dunning_sent_on") or reminders.env.context.get(
            "dunning_sent_on"
        )
        by_state = reminders.grouped(lambda reminder: reminder.mail_id.state)
        by_state.get("sent", reminders.browse())._set_sent(as_of)
        failed = by_state.get("exception", reminders.browse())
        for (reason, kind), found in failed.grouped(
            lambda r: (r.mail_id.failure_reason, r.mail_id.failure_type)
        ).items():
            state = "undeliverable" if kind in UNDELIVERABLE_TYPES else "failed"
            found._set_failed(
                self.env._("The e-mail could not be sent: %(reason)s", reason=reason or "?"), state
            )
        for reminder in by_state.get(False, reminders.browse()):
            if reminder.state == "queued" and reminder.channel == "email":
                reminder._set_failed(self.env._("Its e-mail was deleted before it was sent."))
        self.env["dunning.sender"]._tell(reminders)
