from odoo import fields, models
from odoo.exceptions import UserError

from ....tools.dunning.message_state import UNDELIVERED


class DunningReminderResendMixin(models.AbstractModel):
    """Sending a reminder that left once more: which e-mails do that, and whether they still may."""

    _name = "dunning.reminder.resend.mixin"
    _description = "Sending a Reminder Again"

    copy_mail_ids = fields.Many2many(
        "mail.mail",
        "dunning_reminder_copy_rel",
        string="Sent Again",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help=(
            "E-mails that repeat this reminder. Other e-mails about it are ordinary notifications."
        ),
    )

    def _get_copies(self, mails):
        """Return the e-mails that repeat the reminders these mails are about."""
        if not mails:
            return mails
        return self.sudo().search([("copy_mail_ids", "in", mails.ids)]).copy_mail_ids

    def _send_again(self):
        """Send the same reminders once more: those not delivered, or a repetition of sent ones.

        :return: those that wait for a person to print them
        """
        sent, undelivered = self._split_sendable()
        if self - undelivered - sent:
            raise UserError(
                self.env._(
                    "Only reminders that were sent or could not be delivered can be sent again."
                )
            )
        letters = undelivered.filtered(lambda reminder: reminder._get_channel().is_paper)
        sent._send_copies()
        (undelivered - letters)._send_by_mail()
        return letters._print_again()

    def _split_sendable(self):
        """Return those of these that were sent by e-mail, and those that were not delivered."""
        sent = self.filtered(lambda r: r.state == "sent" and r._get_channel().mail)
        return sent, self.filtered(lambda reminder: reminder.state in UNDELIVERED)

    def _find_copy_obstacles(self):
        """Return ``{reminder: sentence}`` of those that may not leave once more as things are.

        Asked when a person wants it and again when the e-mail leaves. The text stays what it was,
        so it leaves while any of its lines would still be reminded.
        """
        found = {}
        for (company, over_block), reminders in self.grouped(
            lambda r: (r.company_id, r.over_block)
        ).items():
            facts = reminders._read_due_facts(company, company._get_job_today(), True, over_block)
            for reminder in reminders:
                sentence = reminder._get_copy_obstacle(facts)
                if sentence:
                    found[reminder.with_env(self.env)] = sentence
        return found

    def _get_copy_obstacle(self, facts):
        """Return the sentence that says why this reminder may not leave once more, or nothing.

        :param facts: the facts about the open lines of its customer, by due line id
        """
        self.ensure_one()
        if self.is_test:
            return ""
        reasons = self._find_copy_holds(facts)
        if self._is_waived_since():
            return self.env._("interest or fixed sums in it have been waived in the meantime.")
        if self._is_charge_paid():
            return self.env._("interest or fixed sums in it have been paid in the meantime.")
        if reasons == {"paid"}:
            return self.env._("everything in it has been paid in the meantime.")
        if reasons and all(reasons):
            return self.env._("There is nothing left to remind.")
        obstacle = self._find_lost_sender(self.program_id) or self.program_id._get_sender_obstacle(
            self.user_id, self.email_from
        )
        return self._prepare_failure(obstacle)["failure_reason"] or ""

    def _find_copy_holds(self, facts):
        """Return what speaks against each line of this reminder, "" where nothing does, as a set.

        :param facts: as ``_get_copy_obstacle`` takes them
        """
        if self.is_statement:
            # it reminds of nothing: it may repeat what is open while anything is
            company, day = self.company_id, self.company_id._get_job_today()
            is_open = company._dunning_collect_statements(day, self.partner_id)
            return {"" if is_open else "paid"}
        reasons = set()
        for line in self._get_reminded():
            # its level left already, so the ladder is not asked
            fact = facts.get(line.move_line_id.id)
            moved = fact and fact.cycle != line.cycle
            known = fact.line.hold if fact else line._get_gone_reason()
            reasons.add("removed" if moved else known)
        return reasons
