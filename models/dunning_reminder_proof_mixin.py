from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.dunning_channel import MAIL_CHANNELS
from ..tools.proof import seal

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
MESSAGE_FIELDS = ("subject", "body", "email_from", "reply_to")


class DunningReminderProofMixin(models.AbstractModel):
    """What left, as it left, where nobody writes: the proof of a reminder (design rule 14).

    The e-mail's message belongs to its author, who may edit it. The copy here is taken when the
    message leaves and sealed with a checksum; the form says whether both still agree.
    """

    _name = "dunning.reminder.proof.mixin"
    _description = "Proof of What Left"
    _inherit = ["kept.field.mixin"]

    proof_date = fields.Datetime(string="Left at", readonly=True, kept=True, copy=False)
    proof_subject = fields.Char(string="Subject Sent", readonly=True, kept=True, copy=False)
    proof_from = fields.Char(string="Sent From", readonly=True, kept=True, copy=False)
    proof_to = fields.Char(string="Went to", readonly=True, kept=True, copy=False)
    proof_cc = fields.Char(string="Copy Went to", readonly=True, kept=True, copy=False)
    proof_reply_to = fields.Char(string="Answers to", readonly=True, kept=True, copy=False)
    proof_body = fields.Html(
        string="Text Sent", readonly=True, kept=True, copy=False, sanitize=False
    )
    proof_files = fields.Json(string="Files Sent", readonly=True, kept=True, copy=False)
    proof_hash = fields.Char(
        string="Checksum",
        readonly=True,
        kept=True,
        copy=False,
        help="SHA-256 of the copy of what left: text, addresses, moment and checksums of files.",
    )
    proof_message_hash = fields.Char(readonly=True, kept=True, copy=False)
    body_html = fields.Html(
        string="Message", compute="_compute_body_html", sanitize=False, help="As sent."
    )
    letter_id = fields.Many2one(
        "ir.attachment", string="Letter Printed", readonly=True, kept=True, copy=False
    )
    proof_file_names = fields.Char(string="Enclosures Sent", compute="_compute_proof_problem")
    proof_problem = fields.Text(
        compute="_compute_proof_problem", help="What no longer agrees with what left."
    )

    _proof_files_idx = models.Index(
        "USING gin (proof_files jsonb_path_ops) WHERE proof_files IS NOT NULL"
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_left(self):
        if self.filtered(lambda reminder: reminder.proof_hash and not reminder.is_test):
            raise UserError(self.env._("A reminder that left is kept: it is the proof."))

    # === TAKING IT === #

    def _keep_proof(self):
        """Keep what left of these reminders, sealed; called when they count as sent."""
        texts = self.filtered(lambda reminder: not reminder._get_proof_mail())._render_for_proof()
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
        return self.mail_id if self.channel in MAIL_CHANNELS else self.mail_id.browse()

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
        address = "" if self.channel == "call" else recipient.contact_address or ""
        lines = [recipient.name, *(line.strip() for line in address.splitlines())]
        return {
            "proof_subject": subject,
            "proof_from": self.company_id.name,
            "proof_to": ", ".join(filter(None, lines)),
            "proof_cc": False,
            "proof_reply_to": False,
            "proof_body": body,
        }

    def _render_for_proof(self):
        """Return ``{reminder id: (subject, text)}`` of letters and calls, as on paper."""
        texts = {}
        composer = self.env["dunning.composer"].with_context(dunning_printed=True)

        def render(reminders):
            texts.update(composer._render_contents(reminders.with_env(composer.env)))

        # a call counts all the same where its level has no text
        self.env["job.isolation"]._run(self, render, lambda reminder, error: None)
        return texts

    def _prepare_files(self):
        """Return name, checksum and id of what was enclosed, the oldest first."""
        files = (self._get_proof_mail().attachment_ids | self.letter_id).sorted("id")
        return [{"id": file.id, "name": file.name, "checksum": file.checksum} for file in files]

    def _keep_letter(self):
        """Add a letter that was printed after the e-mail had left."""
        for reminder in self.filtered("proof_hash"):
            files = [*(reminder.proof_files or []), *reminder._prepare_files()]
            reminder.proof_files = list({file["id"]: file for file in files}.values())
            reminder.proof_hash = reminder._seal(reminder)

    def _seal(self, values):
        """Return the checksum of a copy of what left, of values or of the record itself."""
        date = fields.Datetime.to_string(values["proof_date"])
        return seal(values["id"], date, *(values[name] for name in SEALED))

    def _seal_message(self):
        """Return the checksum of the message in the chatter, as far as its author may edit it."""
        message = self.mail_message_id.sudo()
        if not message:
            return False
        date = fields.Datetime.to_string(message.date)
        return seal(date, message.author_id.id, *(message[name] for name in MESSAGE_FIELDS))

    # === SHOWING IT === #

    @api.depends("proof_body", "mail_id.body_html", "line_ids.drop_reason", "state")
    def _compute_body_html(self):
        composer = self.env["dunning.composer"]
        for reminder in self:
            # what left, else what is about to, else what would
            mail = reminder.mail_id.sudo()
            body = reminder.proof_body or mail.body_html or reminder.mail_message_id.sudo().body
            reminder.body_html = body or composer._render(reminder)[reminder.id]["body"]

    @api.depends("proof_hash", "proof_files", "proof_message_hash")
    def _compute_proof_problem(self):
        files = self.env["ir.attachment"].sudo()
        ids = [file["id"] for reminder in self for file in reminder.proof_files or []]
        checksums = {file.id: file.checksum for file in files.browse(ids).exists()}
        for reminder in self:
            kept = reminder.proof_files or []
            reminder.proof_file_names = ", ".join(file["name"] or "" for file in kept)
            reminder.proof_problem = "\n".join(reminder._get_proof_problems(checksums))

    def _get_proof_problems(self, checksums):
        """Return sentences on what no longer agrees with what left.

        :param checksums: ``{attachment id: checksum}`` as they are now
        """
        if not self.proof_hash:
            return []
        problems = []
        if self._seal(self) != self.proof_hash:
            problems.append(
                self.env._("The copy does not match its checksum: it was changed in the database.")
            )
        problems += [
            self.env._("“%(file)s” was changed or deleted since.", file=file["name"])
            for file in self.proof_files or []
            if checksums.get(file["id"]) != file["checksum"]
        ]
        if self.proof_message_hash and self.proof_message_hash != self._seal_message():
            problems.append(
                self.env._("The message in the chatter was changed or deleted since it left.")
            )
        return problems

    @api.model
    def _get_sealed_files(self, kept):
        """Return what was enclosed as it left, to send it once more.

        :param kept: the files as they were kept
        :return: (those that are as they were, names of those that are not)
        """
        checksums = {file["id"]: file["checksum"] for file in kept or []}
        files = self.env["ir.attachment"].sudo().browse(checksums).exists()
        intact = files.filtered(lambda file: file.checksum == checksums[file.id])
        return intact, [file["name"] for file in kept or [] if file["id"] not in intact.ids]

    def _filter_printed(self):
        """Return those of these reminders whose letter was printed and is what it was then."""
        checksums = {letter.id: letter.checksum for letter in self.letter_id.exists()}
        return self.filtered(
            lambda reminder: any(
                file["id"] == reminder.letter_id.id
                and file["checksum"] == checksums.get(file["id"])
                for file in reminder.proof_files or []
            )
        )
