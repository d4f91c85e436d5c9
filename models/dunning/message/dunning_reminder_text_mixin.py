from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from odoo.addons.portal.models.portal_mixin import PortalMixin

from ....tools.common.header_text import one_line
from ....tools.dunning.obstacle import Obstacle
from ....tools.dunning.placeholder import find_unfilled
from ...common.bulk_write_mixin import PLAIN_WRITE
from ...common.common_defaults import COMMON_DEFAULTS
from ...common.isolation import get_error_text, run_isolated
from ...common.mail_addresses import find_addresses, join_addresses
from ..setup.dunning_level import MESSAGE_MODELS
from .dunning_reminder_message_mixin import BUTTONS

PLACEHOLDER = "#REF#"
# Where the table of open items goes in a text a person wrote.
STATEMENT = "#ITEMS#"
MODULE = "account_recurrence_dunning"
# Messages rendered and stored at once; a bad one among them makes these be done one by one.
CHUNK = 50


class DunningReminderTextMixin(models.AbstractModel):
    """The text of a reminder, its attachments, and the e-mail made of them."""

    _name = "dunning.reminder.text.mixin"
    _description = "Texts of Reminders"

    # === MAILS === #

    def _make_mails(self):
        """Create the e-mails of queued reminders, or write into those they have what is new.

        In chunks; one bad record fails alone, with its reason (rule 15).
        """
        reminders = self.filtered(lambda r: r.state == "queued" and r._get_channel().mail)
        for chunk in split_every(CHUNK, reminders.ids, reminders.browse):
            run_isolated(
                chunk,
                lambda found: found._compose(),
                lambda found, error: found._keep_text_error(error),
            )

    def _try_letters(self):
        """Write the texts of letters to print once, so that one that cannot be written shows."""
        letters = self.filtered(lambda r: r.state == "draft" and r._get_channel().is_paper)
        for chunk in split_every(CHUNK, letters.ids, letters.browse):
            run_isolated(
                chunk,
                lambda found: found._render_contents(),
                lambda found, error: found._keep_text_error(error),
            )

    def _compose(self):
        self._store_text(self._render_short_texts())

    def _keep_text_error(self, error):
        self._fail(Obstacle("text_broken", {"error": get_error_text(error)}))

    def _store_text(self, rendered):
        """Put the rendered texts into mails, created in one go for each sender."""
        attachments = self._get_attachments()
        reply_to = self._get_reply_to()
        with_mail = self.filtered(lambda r: r.mail_id and r.mail_id.state != "sent")
        for reminder in with_mail:
            values = reminder._prepare_mail(
                rendered[reminder.id], attachments, reply_to, renewed=True
            )
            reminder._write_changed(values, reminder._get_enclosed(attachments))
        # Made as the sender, so that a personal mail server works for its owner.
        for sender, found in (self - with_mail).grouped("user_id").items():
            mails = self.env["mail.mail"]
            if sender:
                mails = mails.with_user(sender)
            created = (
                mails.sudo()
                .with_context(**COMMON_DEFAULTS)
                .create([r._prepare_mail(rendered[r.id], attachments, reply_to) for r in found])
            )
            for reminder, mail in zip(found, created, strict=True):
                reminder.write(
                    {
                        "mail_id": mail.id,
                        "mail_message_id": mail.mail_message_id.id,
                        "subject": mail.subject,
                        "email_to": mail.email_to,
                    }
                )

    def _write_changed(self, values, enclosed):
        """Bring the mail of a reminder up to date, where it says or encloses something else."""
        mail = self.mail_id
        if any(
            (mail[name] or "") != (value or "") for name, value in values.items() if name != "body"
        ):
            mail.write(values)
            self.write({"subject": values["subject"], "email_to": values["email_to"]})
        if mail.attachment_ids != enclosed:
            mail.attachment_ids = enclosed

    def _get_enclosed(self, sent):
        """Return what the mail of a reminder encloses: its invoices as they were sent last.

        What a person left out stays out, what a person added stays.

        :param sent: the ids of the PDFs that were sent, by reminder
        """
        present = self.mail_id.attachment_ids
        invoices = present.filtered(
            lambda file: (
                file.res_model == "account.move" and file.res_id in self.line_ids.move_id.ids
            )
        )
        found = present.browse(sent.get(self.id, []))
        if self.by_hand:
            found = found.filtered(lambda file: file.res_id in invoices.mapped("res_id"))
        return present - invoices | found

    def _prepare_mail(self, rendered, attachments, reply_to, renewed=False):
        """Return the values of the e-mail of a message.

        :param rendered: ``subject`` and ``body``
        :param attachments: ``{reminder id: ids of what it encloses}``
        :param reply_to: ``{reminder id: address of answers}``
        :param renewed: there is an e-mail, which gets another text and waits again
        """
        to, copy = self._get_addresses()
        values = {
            "subject": one_line(rendered["subject"]),
            "body_html": rendered["body"],
            "body": rendered["body"],
            "email_to": to,
            "email_cc": copy,
            "email_from": one_line(self.email_from),
            "reply_to": one_line(reply_to[self.id]),
        }
        if renewed:
            return {**values, "state": "outgoing", "failure_reason": False, "failure_type": False}
        values["attachment_ids"] = attachments.get(self.id, [])
        return {**self._prepare_mail_of_reminder(), **values}

    def _prepare_mail_of_reminder(self):
        """Return what each e-mail of a reminder has, the first and those that repeat it."""
        company = self.company_id
        return {
            "author_id": (self.user_id.partner_id or company.partner_id).id,
            "model": self._name,
            "res_id": self.id,
            "message_type": "email_outgoing",
            "mail_server_id": self.program_id.mail_server_id.id,
            "record_company_id": company.id,
            "record_alias_domain_id": company.alias_domain_id.id,
            # the proof stays (rule 14)
            "auto_delete": False,
        }

    def _get_addresses(self):
        """Return To and Cc as texts; on an allowed copy of the database its test address alone."""
        program, company = self.program_id, self.company_id
        if program.allow_copy and company._is_job_copy():
            return ", ".join(find_addresses(program.copy_email)), ""
        copy = join_addresses(self.cc_ids)
        if self.other_email:
            return one_line(self.other_email), copy
        return join_addresses(self.recipient_ids), copy

    def _get_reply_to(self):
        """Return where answers go: the company's catch-all where there is one, else the sender."""
        return self._notify_get_reply_to_batch(
            defaults={reminder.id: reminder.email_from for reminder in self},
            author_ids={
                reminder.id: (reminder.user_id.partner_id or reminder.company_id.partner_id).id
                for reminder in self
            },
        )

    def _get_attachments(self):
        """Return the ids of the invoice PDFs to attach, by reminder: those that were sent.

        Nothing is rendered here: where there is none, or the level names a report, it is made when
        the message leaves.
        """
        asked = self.filtered(
            lambda r: r.level_id.attach_invoices and not r.level_id.invoice_report_id
        )
        moves = asked._get_enclosed_invoices()
        if not moves:
            return {}
        by_move = moves._dunning_get_sent_pdfs()
        return {
            reminder.id: [
                by_move[move.id]
                for move in reminder._get_standing().move_id - reminder.linked_move_ids
                if move.id in by_move
            ]
            for reminder in asked
        }

    # === TEXT === #

    def _render_texts(self):
        """Return ``{reminder id: {"subject": …, "body": …}}``, each in its own language."""
        contents = self._render_contents()
        return {
            reminder.id: {
                "subject": contents[reminder.id][0],
                "body": reminder._wrap_body(contents[reminder.id][1]),
            }
            for reminder in self
        }

    def _render_contents(self):
        """Return ``{reminder id: (subject, text)}``, the text without the frame of the level.

        What a person wrote for one reminder wins over the template.
        """
        self._ensure_tokens(self.line_ids.move_id)
        self._ensure_links()
        result = {}
        groups = self.grouped(lambda r: (r._get_template(), r.lang))
        for (template, lang), found in groups.items():
            template = template.with_context(lang=lang).sudo()
            found = found.with_context(lang=lang)
            if not template:
                raise UserError(self.env._("The level has no message."))
            self.env["dunning.level"]._check_model(template, *MESSAGE_MODELS)
            self._check_filled(template)
            ids = {reminder.id: reminder.id for reminder in found}
            if template.model == "account.move":
                ids = {reminder.id: reminder._get_first_move().id for reminder in found}
            subjects = template._render_field("subject", list(ids.values()))
            bodies = template._render_field(
                "body_html", list(ids.values()), options={"post_process": False}
            )
            for reminder in found:
                reference = reminder._get_reference()
                subject = reminder.own_subject or subjects[ids[reminder.id]]
                body = bodies[ids[reminder.id]]
                if reminder.own_body:
                    body = reminder.own_body.replace(STATEMENT, reminder.statement_html)
                    body = body.replace(BUTTONS, reminder.buttons_html or "")
                result[reminder.id] = (
                    subject.replace(PLACEHOLDER, reference),
                    body.replace(PLACEHOLDER, reference),
                )
        return result

    @api.model
    def _check_filled(self, template):
        """Refuse a template in which a placeholder would reach the customer as it is written."""
        unfilled = find_unfilled(template.subject or "", str(template.body_html or ""))
        if unfilled:
            raise UserError(
                self.env._(
                    "The message “%(name)s” contains %(text)s, which nothing fills in. The level "
                    "shows what placeholders there are.",
                    name=template.name,
                    text=unfilled,
                )
            )

    def _get_template(self):
        """Return the template that the message is written from."""
        self.ensure_one()
        return self.level_id._get_template()

    def _wrap_body(self, body):
        """Return the body inside the frame of the level: logo, banner, title, header, footer."""
        spoken = self.with_context(lang=self.lang)
        return self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_message_frame",
            spoken._prepare_frame(body + self._render_links()),
            minimal_qcontext=True,
            lang=self.lang,
        )

    def _render_links(self):
        """Return the links to what the message does not enclose as files."""
        documents, limit = self._get_linked_documents(), self._get_item_limit()
        if not documents:
            return ""
        return self.env["ir.qweb"]._render(
            f"{MODULE}.dunning_links",
            {
                "documents": documents[:limit],
                "more": max(len(documents) - limit, 0),
                "too_large": bool(self.linked_move_ids),
            },
            minimal_qcontext=True,
            lang=self.lang,
        )

    @api.model
    def _ensure_tokens(self, moves):
        """Give invoices without a portal token one, before the links ask for it one by one.

        All at once where Odoo's own method would make them; by the method where an addon has its
        own way.
        """
        moves = moves.sudo().with_context(**PLAIN_WRITE)
        # what a message tells of its invoices, and no other of their hundred columns
        moves.fetch(["access_token", "move_type", "partner_bank_id", "payment_reference"])
        missing = moves.filtered(lambda move: not move.access_token)
        if not missing:
            return
        if type(moves)._portal_ensure_token.__module__ == PortalMixin.__module__:
            source = SQL("unnest(%s::int[]) AS new(id)", missing.ids)
            missing._write_in_bulk({"access_token": SQL("gen_random_uuid()::text")}, source)
            return
        for move in missing:
            move._portal_ensure_token()
