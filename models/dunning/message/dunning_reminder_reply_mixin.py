from datetime import timedelta

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import email_normalize, email_normalize_all, format_date, html2plaintext

from ....tools.dunning.reply_text import drop_quotes, get_excerpt
from ...common.engine_mark import is_received
from ...common.isolation import get_error_text, run_isolated
from ...common.plain_note_mixin import plain_note

TASK = "mail.mail_activity_data_email"
# Of the task of one reminder, whose answers are put together.
LONGEST_NOTE = 8000
# Programs are asked not to answer (RFC 3834); servers may report that it did not arrive.
LOOP_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}


class DunningReminderReplyMixin(models.AbstractModel):
    """What customers answer: it is shown, given to a person, and holds further reminders.

    Odoo's mail gateway posts an answer on the reminder it refers to. What a program answered by
    itself comes as a notification, and what colleagues write is no customer's answer.
    """

    _name = "dunning.reminder.reply.mixin"
    _description = "Replies to Reminders"

    reply_date = fields.Date(
        string="Replied On",
        readonly=True,
        copy=False,
        help="The day of the customer's last reply.",
    )
    received_ids = fields.Many2many(
        "mail.message",
        relation="dunning_reminder_received_rel",
        string="Received E-mails",
        readonly=True,
        copy=False,
        help="What came in by e-mail, and is quoted as such.",
    )
    reply_hold_until = fields.Date(compute="_compute_reply_hold_until")

    @api.depends("reply_date", "partner_id")
    def _compute_reply_hold_until(self):
        blocks = self.filtered("reply_date")._get_reply_blocks()
        until = {(block.company_id, block.partner_id): block.date_until for block in blocks}
        for reminder in self:
            key = reminder.company_id, reminder.partner_id.commercial_partner_id
            reminder.reply_hold_until = reminder.reply_date and until.get(key)

    # === WHERE ANSWERS GO === #

    def _can_be_answered(self):
        """Whether a text may say that this message can be answered: somebody will see it."""
        self.ensure_one()
        return bool(self.company_id.sudo().alias_domain_id) and self._get_channel().mail

    def _get_reply_to(self):
        """Return where answers go: the company's address for reminders, else as Odoo has it."""
        found = super()._get_reply_to()
        self.company_id._dunning_keep_alias()
        for reminder in self:
            company = reminder.company_id
            address = company._dunning_get_answer_address()
            if reminder.program_id.answers_to == "sender":
                found[reminder.id] = reminder.email_from
            elif address:
                author = reminder.user_id.partner_id or company.partner_id
                found[reminder.id] = reminder._notify_get_reply_to_formatted_email(
                    address, author_id=author.id
                )
        return found

    # === WHAT COMES IN === #

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        # a colleague may post what looks like an e-mail; it is none of the customer's
        if message.message_type == "email" and is_received(self.env):
            self.sudo().received_ids = [Command.link(message.id)]
            # whatever fails here, the message itself is not lost
            run_isolated(
                self.sudo(),
                lambda found: found._receive_answer(message.sudo()),
                lambda found, error: found._message_log(
                    body=found.env._(
                        "The reply could not be processed: %(error)s", error=get_error_text(error)
                    )
                ),
            )
        return result

    def _receive_answer(self, message):
        """Deal with an incoming message about this reminder."""
        if self.is_test or not self._is_from_customer(message):
            return
        self.reply_date = self.company_id._get_job_today()
        self._ask_about_answer(message)
        self._tell_of_answer(message, self._hold_after_answer())

    def _is_from_customer(self, message):
        """Whether a message is neither from a colleague nor from an address of the company."""
        self.ensure_one()
        address = email_normalize(message.email_from) or message.author_id.email_normalized
        if address and address in email_normalize_all(self.email_to or ""):
            return True  # a colleague may be a customer
        if self._is_colleague(address) or any(not u.share for u in message.author_id.user_ids):
            return False
        own = self.company_id._dunning_get_own_addresses()
        return address not in own | {email_normalize(self.email_from)} - {False}

    def _hold_after_answer(self):
        """Hold further reminders of the customer for some days; return the last one, or False."""
        days = self.company_id.dunning_reply_days
        if not days:
            return False
        today = self.company_id._get_job_today()
        until = today + timedelta(days=days - 1)
        block = self._get_reply_blocks()[:1]
        if not block:
            self.env["dunning.block"].create(
                {
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "kind": "reply",
                    "date_from": today,
                    "date_until": until,
                }
            )
        elif block.date_until and block.date_until <= until:
            block.write({"date_from": today, "date_until": until})
        return block.date_until if block else until

    def _get_reply_blocks(self):
        """Return what holds reminders of these customers because they answered.

        What was said on the customer's page about single items holds these alone.
        """
        found = self.env["dunning.block"]
        for company, reminders in self.grouped("company_id").items():
            found |= found.search(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", reminders.partner_id.commercial_partner_id.ids),
                    ("kind", "=", "reply"),
                    ("move_id", "=", False),
                    ("lifted_date", "=", False),
                    "|",
                    ("date_until", "=", False),
                    ("date_until", ">=", company._get_job_today()),
                ]
            )
        return found

    def action_continue(self):
        """Let reminders go on before the pause after an answer is over."""
        self.check_access("read")
        self._check_may_act()
        self._get_reply_blocks().action_lift()
        for reminder in self.sudo():
            reminder._message_log(
                body=self.env._("Reminders were resumed by %(user)s.", user=self.env.user.name)
            )
        return True

    # === WHO IS TOLD === #

    def _ask_about_answer(self, message):
        """Give the answer to a person; further ones are added to the same task."""
        name = message.author_id.name or message.email_from or ""
        text = get_excerpt(html2plaintext(drop_quotes(message.body or "")))
        note = Markup("<p><b>%s</b></p>%s") % (name, plain_note(text))
        task = self.activity_search([TASK], only_automated=True)[:1]
        if task:
            if len(task.note or "") < LONGEST_NOTE:
                task.note = Markup("%s%s") % (task.note or "", note)
            return
        self.activity_schedule(
            TASK,
            date_deadline=self.company_id._get_job_today(),
            summary=lambda spoken: spoken.env._("The customer replied to the reminder"),
            note=lambda _spoken: note,
            user_id=self._get_responsible().id,
        )

    def _get_responsible(self):
        """Return who deals with answers: the sender, else who answers for program or run."""
        people = [self.user_id, self.program_id.user_id, self.run_id.user_id]
        return self.company_id._dunning_find_colleague(people)

    def _tell_of_answer(self, message, until):
        """Say on customer and invoices that the reminder was answered, and until when it holds.

        Their readers need no rights on dunning: what was written stands on the reminder.
        """
        day = format_date(self.env, self.sent_date or self.date)
        link = self._get_html_link(title=self.env._("reminder of %(date)s", date=day))
        name = message.author_id.name or message.email_from or self.partner_id.name
        # the name is anybody's text; the link is ours
        body = escape(self.env._("%(name)s replied to the %(reminder)s.")) % {
            "name": name,
            "reminder": link,
        }
        if until:
            day = format_date(self.env, until)
            body += " " + self.env._("Reminders are blocked until %(date)s.", date=day)
        self.partner_id._message_log(body=body)
        moves = self._get_standing().move_id
        moves._message_log_batch(bodies=dict.fromkeys(moves.ids, body))

    # === LOOPS === #

    def _set_loop_headers(self, mail, values):
        """Ask programs not to answer the e-mail of a reminder.

        :param mail: what is sent; what people write about the reminder stays as it is
        :param dict values: of the message that leaves
        """
        if mail not in self.mail_id | self.copy_mail_ids:
            return
        # a demand is no mailing: there is nothing to unsubscribe from
        unwanted = ("List-Unsubscribe", "List-Unsubscribe-Post", "Precedence")
        headers = {name: value for name, value in values["headers"].items() if name not in unwanted}
        values["headers"] = {**headers, **LOOP_HEADERS}
