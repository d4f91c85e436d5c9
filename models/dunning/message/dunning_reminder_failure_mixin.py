from odoo import api, fields, models
from odoo.tools import email_normalize_all

from ....tools.dunning.message_state import UNDELIVERED
from ...common.mail_addresses import find_addresses


class DunningReminderFailureMixin(models.AbstractModel):
    """What kept a message from leaving: the code the simulation foresees too, and its sentence.

    A job has no language: the sentence of a code is made when it is read, in the reader's.
    """

    _name = "dunning.reminder.failure.mixin"
    _description = "Reason Why a Reminder Was Not Sent"

    failure_reason = fields.Char(
        compute="_compute_failure_reason",
        inverse="_inverse_failure_reason",
        search="_search_failure_reason",
        readonly=True,
    )
    failure_words = fields.Char(
        readonly=True, copy=False, help="The error message at the time, in one language."
    )
    failure_figures = fields.Json(readonly=True, copy=False)
    failure_code = fields.Selection(
        lambda self: self.env["dunning.reason"]._get_obstacle_selection(),
        string="Reason Not Sent",
        readonly=True,
        help="A problem that the simulation also detects. Empty if it occurred during sending.",
    )

    @api.depends("state", "failure_code", "failure_words", "failure_figures")
    @api.depends_context("lang")
    def _compute_failure_reason(self):
        for message in self:
            message.failure_reason = message.failure_words
            if message.failure_code and message.state in UNDELIVERED:
                message.failure_reason = self.env["dunning.reason"]._get_sentence(
                    message.failure_code, message.failure_figures
                )

    def _inverse_failure_reason(self):
        for message in self:
            message.failure_words = message.failure_reason
        # what was read of it in another language before
        self.invalidate_recordset(["failure_reason"], flush=False)

    def _search_failure_reason(self, operator, value):
        return [("failure_words", operator, value)]

    @api.model
    def _prepare_failure(self, obstacle):
        """Return the values that say what keeps a message back; None: nothing does."""
        if not obstacle:
            return {"failure_reason": False, "failure_code": False, "failure_figures": False}
        sentence = self.env["dunning.reason"]._get_sentence(*obstacle)
        return {
            "failure_reason": sentence,
            "failure_code": obstacle.code,
            "failure_figures": obstacle.figures,
        }

    def _fail(self, obstacle):
        """Keep these messages back for what was found."""
        values = self._prepare_failure(obstacle)
        reason = values.pop("failure_reason")
        return self._set_failed(reason, obstacle.state, **values)

    def _stop_mails(self, reason):
        """Take the e-mails of those that failed out of the queue, which would send them later.

        Only a person lets one leave again: *Send again* here, *Retry* in the list of e-mails.
        """
        failed = self.filtered(lambda reminder: reminder.state in UNDELIVERED)
        mails = failed.sudo().mail_id.filtered(lambda mail: mail.state == "outgoing")
        mails.write({"state": "exception", "failure_reason": reason})
        # one that a person retries does not wait for the moment of an earlier try
        failed.sudo().mail_id.filtered("scheduled_date").scheduled_date = False

    def _hold_back(self):
        """Keep those of these messages back that cannot leave as things are now.

        The simulation and the making of a message ask the same of its sender, mail server, text
        and banner; what changed since is met here, before it is sent.
        """
        mails = self.filtered(lambda r: r.state == "queued" and r._get_channel().mail)
        lost = mails._filter_lost()
        mails = mails - lost | lost._find_recipients_again()
        for (sender, company), found in mails.grouped(lambda r: (r.user_id, r.company_id)).items():
            address = sender._dunning_get_from(company)
            found.filtered(lambda r, own=address: r.email_from != own).email_from = address
        groups = mails.grouped(lambda r: (r.program_id, r.level_id, r.user_id, r.email_from))
        for (program, level, sender, email_from), found in groups.items():
            obstacle = (
                self._find_lost_sender(program)
                or program._get_sender_obstacle(sender, email_from)
                or (level and level._get_obstacle())
            )
            if obstacle:
                found._fail(obstacle)
        for reminder in self.filtered(lambda r: r.state == "queued" and r._get_channel().send):
            obstacle = reminder.level_id._get_obstacle() or reminder._find_address_obstacle(
                reminder.recipient_ids[:1], reminder.partner_id
            )
            if obstacle:
                reminder._fail(obstacle)

    def _find_address_obstacle(self, recipient, contact, blacklist=()):
        """Return the ``Obstacle`` in the address of a message, as its channel finds it, or None."""
        name = self._get_channel().find_obstacle or "_get_recipient_obstacle"
        return getattr(self.program_id, name)(recipient, contact, blacklist)

    def _filter_lost(self):
        """Return those of these messages whose sender or whose recipients cannot be kept."""
        strict = self.filtered("program_id.undeliverable_blacklisted")
        emails = ", ".join(filter(None, strict._get_written_addresses()))
        blacklist = self.env["dunning.program"]._get_blacklist(email_normalize_all(emails))

        def is_lost(reminder):
            sender, company = reminder.user_id, reminder.company_id
            if sender and not sender._dunning_may_send(company):
                return True
            people = reminder.recipient_ids.filtered(lambda p: p.active and find_addresses(p.email))
            if reminder.other_email or (people and reminder.by_hand):
                return False
            listed = reminder in strict and blacklist.intersection(
                email_normalize_all(", ".join(people.mapped("email")))
            )
            return not people or bool(listed)

        return self.filtered(is_lost)

    @api.model
    def _find_lost_sender(self, program):
        """Return the obstacle that the user a program names may not send any more, or None."""
        nobody = self.env["res.users"]
        return program._get_sender(nobody, nobody)[1]
