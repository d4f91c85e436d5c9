from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.pdf import merge_pdf

from ....tools.dunning.handover import get_words, is_temporary
from ....tools.dunning.message_state import PREPARED, UNDELIVERED
from ...common.activity_type import find_activity_type
from ...common.client_action import notify
from ...common.common_defaults import COMMON_DEFAULTS
from ...common.isolation import get_error_text, run_isolated

# No letter is sent by the outbox: one that stands there is printed as well.
NOT_PRINTED = (*UNDELIVERED, "queued")


class DunningReminderDeliveryMixin(models.AbstractModel):
    """What a person does so that a reminder gets through: again, elsewhere, on paper, by phone.

    Whoever calls it has checked the rights; reminders come as superuser.
    """

    _name = "dunning.reminder.delivery.mixin"
    _description = "Manual Delivery of Reminders"

    def _ask_for_help(self):
        """Give one activity a run to a person where something was not delivered (rule 15)."""
        warning = find_activity_type(self.env, "mail.mail_activity_data_warning")
        undelivered = self.filtered(lambda r: r.state in UNDELIVERED and not r.is_test)
        undelivered._ask_about_statements()
        for run, found in undelivered.grouped("run_id").items():
            if not run or warning in run.activity_ids.activity_type_id:
                continue
            asked = run.user_id if run.by_hand else found[:1].program_id.user_id
            run.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=run.date,
                summary=lambda spoken: spoken.env._("Reminders were not delivered"),
                note=lambda spoken: spoken.env._(
                    "They are listed under Not Delivered until somebody decides."
                ),
                user_id=(asked or run.user_id or self.env.user).id,
            )

    def _ask_about_statements(self):
        """Give one activity a schedule where statements did not leave after it had made them."""
        for schedule, found in self.sudo().grouped("statement_schedule_id").items():
            run = schedule.last_run
            if run and any(reminder.statement_slot <= run for reminder in found):
                schedule._tell_of_refused()

    # === AGAIN === #

    def _send_by_mail(self):
        """Queue reminders anew, to the addresses that hold now, and send them after the commit."""
        if not self:
            return
        self.company_id._check_dunning_on()
        self._queue_by_mail()._send_after_commit()

    def _print_again(self):
        """Let letters be printed again, for the addresses that hold now; return those that can."""
        self.company_id._check_dunning_on()
        reachable = self.sudo()._find_recipients_again()
        reachable._update_state(UNDELIVERED, "draft", letter_state="to_print")
        reachable.filtered(lambda reminder: not reminder.activity_ids)._ask_a_person()
        return reachable

    def _queue_by_mail(self):
        """Queue reminders anew, to the addresses that hold now; return those that can leave."""
        reachable = self.sudo()._find_recipients_again()
        self.env["dunning.mail.handover"]._clear(reachable.mail_id)
        reachable._set_queued()
        reachable.sudo()._make_mails()
        reachable.mail_id.write({"scheduled_date": False})
        return reachable.filtered(lambda reminder: reminder.state == "queued")

    def _send_copies(self):
        """Send the very mails of sent reminders once more; level and date stay as they are."""
        self.company_id._check_dunning_on()
        if self._keep_back() != self:
            raise UserError(self.env["res.company"]._get_copy_sentence())
        refused = self._find_copy_obstacles()
        if refused:
            raise UserError(
                "\n".join(
                    f"{reminder.display_name}: {reason}" for reminder, reason in refused.items()
                )
            )
        waiting = self.copy_mail_ids.filtered(lambda mail: mail.state == "outgoing")
        waiting.filtered("scheduled_date").scheduled_date = False
        # one that waits is sent now, not made twice
        for reminder in self.filtered(lambda r: not r.copy_mail_ids & waiting):
            if not reminder.mail_id and not reminder.proof_hash:
                raise UserError(
                    self.env._(
                        "%(reminder)s was not sent by e-mail.", reminder=reminder.display_name
                    )
                )
            to, copy = reminder._get_addresses()
            reminder._copy_mail(to, copy)
            reminder._message_log(
                body=self.env._("Sent again by %(user)s to %(to)s.", user=self.env.user.name, to=to)
            )
        copies = self.copy_mail_ids.filtered(lambda mail: mail.state == "outgoing")
        copies.send_after_commit()

    @api.model
    def _send_copy(self, mail):
        """Send a mail that repeats a sent reminder; it is locked, so that one worker alone does.

        As at the first sending, the facts are read again just before (rule 8). One that the
        server may take later waits in Odoo's queue for a day; else the reminder says that it did
        not leave.
        """
        reminder = self.env["dunning.reminder"].sudo().browse(mail.res_id).exists()
        if mail.state != "outgoing" or not reminder:
            return
        if not reminder.company_id.dunning_active:
            mail.cancel()
            reminder._log_note(self.env["res.company"]._get_off_sentence())
            return
        if reminder._keep_back() != reminder:
            return
        if self.env["dunning.mail.handover"]._read_states(mail):
            # an earlier try got that far: it may have left, and is not sent twice by itself
            mail.write(
                {
                    "state": "exception",
                    "failure_reason": self._get_unsure_sentence(),
                }
            )
            return
        reason = reminder._find_copy_obstacles().get(reminder)
        if reason:
            mail.write({"state": "cancel", "failure_reason": reason})
            reminder._log_not_repeated(reason)
            return
        log = mail._dunning_hand_over()
        mail = mail.exists()
        if mail.state != "exception":
            return
        error, now = log.errors.get(mail.id), fields.Datetime.now()
        if is_temporary(error) and mail.create_date > now - timedelta(days=1):
            later = now + timedelta(hours=1)
            mail.write({"state": "outgoing", "scheduled_date": later, "failure_type": False})
            return
        reminder._log_not_repeated(get_words(error) if error else mail.failure_reason)

    @api.model
    def _keep_copy_error(self, mail, error):
        """Say on a mail that repeats a reminder, and on the reminder, why it did not leave."""
        reason = get_error_text(error)
        mail.write({"state": "exception", "failure_reason": reason})
        self.env["dunning.reminder"].sudo().browse(mail.res_id)._log_not_repeated(reason)

    def _log_not_repeated(self, reason):
        self._log_note(self.env._("It was not sent again: %(reason)s", reason=reason))

    def _copy_mail(self, to, copy):
        """Return a mail with the text and enclosures that left, to the addresses that hold now."""
        proof = self
        if not self.proof_hash:
            # it left before there were proofs: its e-mail is all there is
            proof = {**self._prepare_proof(None), "proof_files": self._prepare_files()}
        files, changed = self._get_sealed_files(proof["proof_files"])
        if changed:
            raise UserError(
                self.env._(
                    "%(reminder)s: the same message cannot be sent again because files were "
                    "changed or deleted since it was sent (%(files)s).",
                    reminder=self.display_name,
                    files=", ".join(changed),
                )
            )
        sender, mails = self.user_id, self.env["mail.mail"]
        mails = (mails.with_user(sender) if sender else mails).sudo()
        mail = mails.with_context(**COMMON_DEFAULTS).create(
            {
                **self._prepare_copy(proof),
                "email_to": to,
                "email_cc": copy,
                "attachment_ids": (files - self.letter_id).ids,
            }
        )
        self.write({"copy_mail_ids": [Command.link(mail.id)]})
        return mail

    def _prepare_copy(self, proof):
        """Return the values of a mail with what left, taken from the proof: a reminder or dict."""
        return {
            **self._prepare_mail_of_reminder(),
            "subject": proof["proof_subject"],
            "body_html": proof["proof_body"],
            "body": proof["proof_body"],
            "email_from": proof["proof_from"],
            "reply_to": proof["proof_reply_to"],
        }

    # === ANOTHER WAY === #

    def _send_elsewhere(self, email, partner=None):
        """Send reminders to an address that a person gave, or to another contact.

        :param email: the address to write to; it holds for these reminders alone
        :param partner: whose address it is, if it is a contact's
        :raise UserError: they are for several customers
        """
        self._check_undelivered()
        if len(self.partner_id) > 1:
            raise UserError(
                self.env._(
                    "These reminders are for several customers, who must not read each other's: "
                    "choose those of one customer, or letter or call."
                )
            )
        self.write({"other_email": email, "channel": "email"})
        if partner:
            self.write({"recipient_ids": partner.ids})
        self._log_note(self.env._("Sent to another address: %(email)s", email=email))
        self.activity_ids.unlink()
        self._send_by_mail()

    def _change_channel(self, channel):
        """Turn reminders that were not delivered into letters to print or calls to make."""
        self._check_undelivered()
        if self._get_channels()[channel].letter:
            self._check_postal_address()
        self.mail_id.filtered(lambda mail: mail.state != "sent").cancel()
        self._update_state(
            (*UNDELIVERED, "queued"),
            "draft",
            channel=channel,
            failure_reason=False,
            failure_code=False,
            letter_state="to_print" if self._get_channels()[channel].letter else False,
        )
        self._ask_a_person()
        labels = dict(self._fields["channel"]._description_selection(self.env))
        self._log_note(self.env._("Delivery changed: %(way)s", way=labels[channel]))

    def _check_undelivered(self):
        allowed = (*PREPARED, *UNDELIVERED)
        if any(reminder.state not in allowed for reminder in self):
            raise UserError(
                self.env._("Only reminders that have not been sent can be delivered another way.")
            )

    def _mark_sent(self):
        """Count reminders as sent: the letter is posted, the call made, or told otherwise.

        :return: those that were not sent before
        """
        if any(reminder.state == "queued" for reminder in self):
            raise UserError(
                self.env._(
                    "A queued message leaves by itself: cancel it first to tell the customer "
                    "another way."
                )
            )
        done = self.browse()
        for company, found in self.grouped("company_id").items():
            moved = found._set_sent(company._get_job_today())
            moved.mail_id.filtered(lambda mail: mail.state != "sent").cancel()
            moved.activity_ids.action_feedback()
            moved.filtered(lambda r: r._get_channel().is_paper).letter_state = "printed"
            moved._log_note(self.env._("Marked as sent by %(user)s.", user=self.env.user.name))
            done |= moved
        return done

    # === LETTERS === #

    def _print_letters(self):
        """Print letters into one PDF, keep each on its reminder, and let them count.

        The facts are read again first: what is paid is not printed (rule 8).

        :return: the action that downloads the PDF
        """
        self._check_pdf_possible()
        reminders = self.sudo().filtered(
            lambda r: r._get_channel().letter and r.state not in ("cancelled", "reversed")
        )
        if not reminders:
            raise UserError(self.env._("None of the chosen reminders is a letter to print."))
        # what was printed before may be printed again at any time
        reminders.filtered(lambda r: r.letter_state != "printed").company_id._check_dunning_on()
        reminders = reminders._recheck_letters()
        if not reminders:
            return notify(
                self.env._("There is nothing left to print: everything is paid or blocked."),
                "warning",
            )
        # printed again, it is the letter that went out
        again = reminders._filter_printed()
        pdfs = {reminder.id: reminder.letter_id.raw for reminder in again}
        pdfs |= (reminders - again)._make_letters()
        reminders = reminders.filtered(lambda reminder: reminder.id in pdfs)
        if not reminders:
            return notify(
                self.env._("None of the letters could be created: each one shows why."), "warning"
            )
        first = reminders.filtered(lambda reminder: reminder.letter_state != "printed")
        reminders.letter_state = "printed"
        for company, found in reminders._get_waiting_letters().grouped("company_id").items():
            found._set_sent(company._get_job_today())
            found.activity_ids.action_feedback()
        pdf = self._download(merge_pdf([pdfs[reminder.id] for reminder in reminders]))
        return first._tell_printed(pdf) if first else pdf

    def _make_letters(self):
        """Make the letters of reminders and keep each on its own; return them by reminder id."""
        pdfs = {}
        for found in run_isolated(
            self,
            lambda found: found.sudo()._render_letters(),
            lambda found, error: found.sudo()._keep_document_error(error),
        ):
            pdfs.update(found)
        reminders = self.filtered(lambda reminder: reminder.id in pdfs)
        letters = (
            self.env["ir.attachment"]
            .sudo()
            .with_context(**COMMON_DEFAULTS)
            .create(
                [
                    reminder.sudo()._prepare_document(
                        reminder.sudo()._get_file_name(
                            lambda env, date: env._("Letter of %(date)s.pdf", date=date)
                        ),
                        pdfs[reminder.id],
                    )
                    for reminder in reminders
                ]
            )
        )
        for reminder, letter in zip(reminders, letters, strict=True):
            reminder.letter_id = letter
        reminders._keep_letter()
        return pdfs

    def _get_waiting_letters(self):
        """Return those of the letters that count when they are printed, also after a failure."""
        return self.filtered(
            lambda r: r.state == "draft" or (r._get_channel().is_paper and r.state in NOT_PRINTED)
        )

    @api.model
    def _download(self, content):
        """Return the action that downloads a PDF; it belongs to the user who asked for it.

        :param bytes content: the PDF
        """
        attachment = self.env["ir.attachment"].create(
            {"name": self.env._("Reminders.pdf"), "raw": content, "mimetype": "application/pdf"}
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            # "download" would leave the list as it was, with letters that look unprinted
            "target": "new",
        }

    def _log_note(self, body):
        for reminder in self:
            reminder._message_log(body=body)

    def _ask_a_person(self):
        """Give letters and calls as activities to the sender, else the responsible."""
        for reminder in self:
            is_call = reminder.channel == "call"
            responsible = reminder.user_id or reminder.program_id.user_id or self.env.user
            reminder.activity_schedule(
                "mail.mail_activity_data_call" if is_call else "mail.mail_activity_data_todo",
                date_deadline=max(reminder.date, reminder.company_id._get_job_today()),
                summary=lambda spoken: (
                    spoken.env._("Call about open invoices")
                    if spoken.channel == "call"
                    else spoken.env._("Print the reminder and send it by post")
                ),
                user_id=responsible.id,
            )
