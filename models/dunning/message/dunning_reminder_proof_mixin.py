import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ....tools.common.html_heading import lower_headings
from ....tools.common.proof import digest, seal
from ...common.isolation import run_isolated

# What is sealed, in this order; a longer list would break the seals there are.
SEALED = (
    "proof_subject",
    "proof_from",
    "proof_to",
    "proof_cc",
    "proof_reply_to",
    "proof_body",
    "proof_files",
)
# Of the message in the chatter; the first are what messages of before the others were sealed by.
MESSAGE_FIELDS = ("subject", "body", "email_from", "reply_to")
MORE_MESSAGE_FIELDS = (
    "message_type",
    "subtype_id",
    "is_internal",
    "partner_ids",
    "attachment_ids",
    "model",
    "res_id",
    "email_layout_xmlid",
    "email_add_signature",
)
# What the proof says of each file that was enclosed, beside the checksum of its content.
FILE_FIELDS = ("id", "name", "type", "url", "mimetype")
PICTURE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
LINK = re.compile(r"""\bhref\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
COPIED = ("name", "type", "url", "mimetype", "raw")


class DunningReminderProofMixin(models.AbstractModel):
    """What left, as it left, where nobody writes: the proof of a reminder (rule 14).

    The e-mail's message belongs to its author, who may edit it. The copy here is taken when the
    message leaves and sealed with a checksum; the form says whether both still agree.
    """

    _name = "dunning.reminder.proof.mixin"
    _description = "Proof of What Was Sent"
    _inherit = ["recurrence.dunning.system.field.mixin"]

    proof_date = fields.Datetime(string="Sent At", readonly=True, system=True, copy=False)
    proof_subject = fields.Char(string="Subject Sent", readonly=True, system=True, copy=False)
    proof_from = fields.Char(string="Sent From", readonly=True, system=True, copy=False)
    proof_to = fields.Char(string="Sent To (Proof)", readonly=True, system=True, copy=False)
    proof_cc = fields.Char(string="Copy Sent To", readonly=True, system=True, copy=False)
    proof_reply_to = fields.Char(string="Reply To", readonly=True, system=True, copy=False)
    proof_body = fields.Html(
        string="Text Sent", readonly=True, system=True, copy=False, sanitize=False
    )
    proof_files = fields.Json(string="Files Sent", readonly=True, system=True, copy=False)
    proof_hash = fields.Char(
        string="Checksum",
        readonly=True,
        system=True,
        copy=False,
        help="SHA-256 of the copy of what was sent: text, addresses, time and file checksums.",
    )
    proof_message_hash = fields.Char(readonly=True, system=True, copy=False)
    body_html = fields.Html(
        string="Message", compute="_compute_body_html", sanitize=False, help="As sent."
    )
    letter_id = fields.Many2one(
        "ir.attachment", string="Letter Printed", readonly=True, system=True, copy=False
    )
    proof_file_names = fields.Char(string="Enclosures Sent", compute="_compute_proof_problem")
    proof_problem = fields.Text(
        compute="_compute_proof_problem", help="What no longer matches what was sent."
    )

    _proof_files_idx = models.Index(
        "USING gin (proof_files jsonb_path_ops) WHERE proof_files IS NOT NULL"
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_left(self):
        if self.filtered(lambda reminder: reminder.proof_hash and not reminder.is_test):
            raise UserError(
                self.env._("A reminder that has been sent must be kept: it is evidence.")
            )

    def unlink(self):
        # their messages would be deleted before Odoo asks who may
        self.check_access("unlink")
        # message and e-mail go one after the other: no row may still point to the first one gone
        self.sudo().write({"mail_id": False, "mail_message_id": False})
        return super().unlink()

    # === TAKING IT === #

    def _keep_proof(self):
        """Keep what left of these reminders, sealed; called when they count as sent."""
        texts = self.filtered(lambda reminder: not reminder._get_proof_mail())._render_for_proof()
        self.sudo()._own_files()
        now = fields.Datetime.now()
        for reminder in self.sudo():
            values = reminder._prepare_proof(texts.get(reminder.id))
            values["proof_files"] = reminder._prepare_files() or False
            values["proof_date"] = now
            values["proof_hash"] = reminder._seal({**values, "id": reminder.id})
            values["proof_message_hash"] = reminder._seal_message()
            reminder.write(values)

    def _get_proof_mail(self):
        """Return the e-mail it left by; empty: a letter or a call."""
        return self.mail_id if self._get_channel().mail else self.mail_id.browse()

    def _prepare_proof(self, text):
        """Return what left, but for its files.

        :param text: (subject, body) of what did not leave by e-mail, None: it has no text
        """
        mail = self._get_proof_mail()
        if mail:
            return {
                "proof_subject": mail.subject,
                "proof_from": mail.email_from,
                "proof_to": mail.email_to,
                "proof_cc": mail.email_cc,
                "proof_reply_to": mail.reply_to,
                "proof_body": mail.body_html,
            }
        subject, body = text or (False, False)
        recipient = self.recipient_ids[:1] or self.partner_id
        channel = self._get_channel()
        address = (recipient.contact_address or "") if channel.text else ""
        lines = [recipient.name, *(line.strip() for line in address.splitlines())]
        return {
            "proof_subject": subject,
            "proof_from": self.company_id.name,
            "proof_to": channel.send and self.email_to or ", ".join(filter(None, lines)),
            "proof_cc": False,
            "proof_reply_to": False,
            "proof_body": body,
        }

    def _render_for_proof(self):
        """Return ``{reminder id: (subject, text)}`` of letters and calls, as on paper."""
        texts = {}

        def render(reminders):
            texts.update(reminders.with_context(dunning_printed=True)._render_contents())

        # a call counts all the same where its level has no text
        run_isolated(self, render, lambda reminder, error: None)
        return texts

    def _own_files(self):
        """Enclose copies of their own in the e-mails of these reminders.

        What belongs to an invoice or to a person is changed and deleted there, as it has to be;
        what left with a reminder stays with it, where nobody writes.
        """
        borrowed = [
            (reminder, file)
            for reminder in self
            for file in reminder._get_proof_mail().attachment_ids.sorted("id")
            if (file.res_model, file.res_id) != (reminder._name, reminder.id)
        ]
        attachments = self.env["ir.attachment"].with_context(image_no_postprocess=True)
        copies = attachments.create(
            [
                {
                    **{name: file[name] for name in COPIED},
                    "res_model": reminder._name,
                    "res_id": reminder.id,
                }
                for reminder, file in borrowed
            ]
        )
        commands = {}
        for (reminder, file), copy in zip(borrowed, copies, strict=True):
            commands.setdefault(reminder, []).extend(
                (Command.unlink(file.id), Command.link(copy.id))
            )
        for reminder, found in commands.items():
            reminder.mail_id.attachment_ids = found

    def _prepare_files(self):
        """Return what was enclosed, as it is, the oldest first."""
        files = (self._get_proof_mail().attachment_ids | self.letter_id).sorted("id")
        return [self._describe_file(file) for file in files]

    @api.model
    def _describe_file(self, file, checksum=""):
        """Return a file as a proof has it; its content counts, whatever its own columns say of it.

        :param checksum: what it is compared with, that is of the same kind
        """
        values = {name: file[name] for name in FILE_FIELDS}
        return {**values, "checksum": digest(file.raw or b"", checksum)}

    def _keep_letter(self):
        """Add a letter that was printed after the e-mail had left; what the proof says stays."""
        for reminder in self.filtered("proof_hash"):
            is_intact = reminder._seal(reminder) == reminder.proof_hash
            files = [*(reminder.proof_files or []), self._describe_file(reminder.letter_id)]
            reminder.proof_files = files
            if is_intact:
                # one that did not match before goes on saying so
                reminder.proof_hash = reminder._seal(reminder)

    def _seal(self, values):
        """Return the checksum of a copy of what left, of values or of the record itself."""
        date = fields.Datetime.to_string(values["proof_date"])
        return seal(values["id"], date, *(values[name] for name in SEALED))

    def _seal_message(self, names=(*MESSAGE_FIELDS, *MORE_MESSAGE_FIELDS)):
        """Return the checksum of the message in the chatter, as far as its author may edit it."""
        message = self.mail_message_id.sudo()
        if not message:
            return False
        date = fields.Datetime.to_string(message.date)
        values = [message[name] for name in names]
        values = [v.sorted("id").ids if isinstance(v, models.BaseModel) else v for v in values]
        return seal(date, message.author_id.id, *values)

    # === SHOWING IT === #

    @api.depends("proof_body", "mail_id.body_html", "line_ids.drop_reason", "state")
    def _compute_body_html(self):
        for reminder in self:
            # what left, else what is about to, else what would
            mail = reminder.mail_id.sudo()
            body = reminder.proof_body or mail.body_html or reminder.mail_message_id.sudo().body
            reminder.body_html = body or reminder._render_texts()[reminder.id]["body"]

    @api.depends("proof_hash", "proof_files", "proof_message_hash")
    def _compute_proof_problem(self):
        ids = [file["id"] for reminder in self for file in reminder.proof_files or []]
        files = self.env["ir.attachment"].sudo().browse(ids).exists()
        for reminder in self:
            sent = reminder.proof_files or []
            reminder.proof_file_names = ", ".join(file["name"] or "" for file in sent)
            reminder.proof_problem = "\n".join(reminder._get_proof_problems(files))

    def _get_proof_problems(self, files):
        """Return sentences on what no longer agrees with what left.

        :param files: those of the attachments sent that there still are
        """
        if not self.proof_hash:
            return []
        problems = []
        if self._seal(self) != self.proof_hash:
            problems.append(
                self.env._("The copy does not match its checksum: it was changed in the database.")
            )
        problems += [
            self.env._("“%(file)s” has since been changed or deleted.", file=file["name"])
            for file in self.proof_files or []
            if not self._is_intact(files.browse(file["id"]) & files, file)
        ]
        sealed = self.proof_message_hash
        if sealed and sealed not in (self._seal_message(), self._seal_message(MESSAGE_FIELDS)):
            problems.append(
                self.env._("The message in the chatter was changed or deleted after it was sent.")
            )
        return problems

    @api.model
    def _get_sealed_files(self, proved):
        """Return what was enclosed as it left, to send it once more.

        :param proved: the files as the proof has them
        :return: (those that are as they were, names of those that are not)
        """
        proved = {file["id"]: file for file in proved or []}
        files = self.env["ir.attachment"].sudo().browse(proved).exists()
        intact = files.filtered(lambda file: self._is_intact(file, proved[file.id]))
        return intact, [file["name"] for file in proved.values() if file["id"] not in intact.ids]

    @api.model
    def _is_intact(self, file, proved):
        """Whether a file is what the proof says of it; one that is gone is not."""
        if not file:
            return False
        now = self._describe_file(file, proved["checksum"])
        return all(now.get(name) == value for name, value in proved.items())

    def _get_proof_text(self):
        """Return the text that left, for a page that others get.

        Pictures were parts of the e-mail. Links are the customer's alone: whoever follows one
        answers in the customer's name.
        """
        text = PICTURE.sub("", lower_headings(self.proof_body or ""))
        return Markup(LINK.sub("", text))

    def _get_proof_zone(self):
        """Return the time zone in which moments are shown."""
        return self.env.context.get("tz") or self.env.user.tz or "UTC"

    def _filter_printed(self):
        """Return those of these reminders whose letter was printed and is what it was then."""
        letters = self.letter_id.exists()
        return self.filtered(
            lambda reminder: any(
                file["id"] == reminder.letter_id.id
                and self._is_intact(reminder.letter_id & letters, file)
                for file in reminder.proof_files or []
            )
        )
