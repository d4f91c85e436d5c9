from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import email_normalize, email_normalize_all

from ....tools.common.sealed import unseal
from ....tools.dunning.message_state import NOT_SENT
from ...common.amount_text import format_amounts
from ...common.client_action import notify
from .dunning_reminder_text_mixin import STATEMENT

STATES = [
    ("draft", "To Do"),
    ("queued", "Queued"),
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("undeliverable", "Undeliverable"),
    ("cancelled", "Cancelled"),
    ("reversed", "Withdrawn"),
]


class DunningReminder(models.Model):
    """One message to one customer about one or more due lines.

    It is prepared with its lines in one transaction and leaves through the outbox; only then do
    its levels become effective (rules 11 and 14). Fields are written by the engine alone:
    users act through the buttons.
    """

    _name = "dunning.reminder"
    _description = "Dunning Reminder"
    _is_engine_made = True
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "dunning.channel.mixin",
        "dunning.reminder.picture.mixin",
        "dunning.reminder.waiting.mixin",
        "dunning.reminder.proof.mixin",
        "dunning.reminder.reply.mixin",
        "dunning.reminder.route.mixin",
        "dunning.reminder.thanks.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
        "dunning.reminder.failure.mixin",
        "dunning.reminder.placeholder.mixin",
        "dunning.reminder.text.day.mixin",
        "dunning.reminder.resend.mixin",
        "dunning.reminder.mailing.mixin",
        "dunning.reminder.message.mixin",
        "dunning.reminder.outgoing.mixin",
        "dunning.reminder.statement.mixin",
        "dunning.reminder.payment.mixin",
        "dunning.reminder.link.mixin",
        "dunning.reminder.bill.mixin",
        "dunning.reminder.delivery.mixin",
        "dunning.reminder.unprint.mixin",
        "dunning.reminder.mass.mixin",
        "dunning.reminder.recheck.mixin",
        "dunning.reminder.effect.mixin",
        "dunning.reminder.note.mixin",
        "dunning.reminder.credit.mixin",
        "dunning.reminder.claim.mixin",
        "dunning.reminder.claim.page.mixin",
        "dunning.reminder.sender.mixin",
        "dunning.reminder.recipient.mixin",
        "dunning.reminder.result.mixin",
        "dunning.reminder.sending.mixin",
    ]
    _mail_post_access = "read"
    _order = "date desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True)
    program_id = fields.Many2one("dunning.program", readonly=True, index=True, ondelete="restrict")
    level_id = fields.Many2one(
        "dunning.level",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The highest level in the reminder: it determines the message.",
    )
    level_number = fields.Integer(string="Level No.", readonly=True, aggregator="max")
    run_id = fields.Many2one("dunning.run", readonly=True, index=True, ondelete="set null")
    date = fields.Date(required=True, readonly=True, help="The day on which it was decided.")
    sent_date = fields.Date(readonly=True, help="The day it was sent.")
    channel = fields.Selection(readonly=True)
    state = fields.Selection(
        STATES, string="Status", required=True, default="draft", readonly=True, index=True
    )
    is_test = fields.Boolean(string="Test", readonly=True)
    by_hand = fields.Boolean(readonly=True, help="Requested by a person rather than a schedule.")

    # --- who writes, who reads ---
    user_id = fields.Many2one("res.users", string="Sender", readonly=True, index="btree_not_null")
    email_from = fields.Char(string="From", readonly=True)
    # who was written to stays readable when archived later
    recipient_ids = fields.Many2many(
        "res.partner",
        "dunning_reminder_recipient_rel",
        string="To",
        readonly=True,
        context={"active_test": False},
    )
    cc_ids = fields.Many2many(
        "res.partner",
        "dunning_reminder_cc_rel",
        string="Cc",
        readonly=True,
        context={"active_test": False},
    )
    email_to = fields.Char(string="Sent To", readonly=True, help="The addresses actually used.")
    mail_id = fields.Many2one(
        "mail.mail", string="E-mail", readonly=True, index="btree_not_null", ondelete="set null"
    )
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    subject = fields.Char(readonly=True)
    try_count = fields.Integer(
        readonly=True,
        aggregator=None,
        help=("The number of times its mail server could not be reached."),
    )
    try_after = fields.Datetime(string="Next Try", readonly=True)
    address_warning = fields.Char(compute="_compute_address_warning")
    letter_state = fields.Selection(
        [("to_print", "To Print"), ("printed", "Printed"), ("not_needed", "Not Needed")],
        string="Letter",
        readonly=True,
    )

    # --- what a person wrote for this one ---
    own_subject = fields.Char(readonly=True)
    over_block = fields.Boolean(readonly=True, help="A manager sent this reminder despite a block.")
    enclose_statement = fields.Boolean(string="Statement as PDF", readonly=True)
    document_ids = fields.Many2many(
        "ir.attachment", "dunning_reminder_document_rel", string="Enclosures", readonly=True
    )
    own_body = fields.Html(readonly=True, help="#ITEMS# inserts the table of open items.")
    other_email = fields.Char(
        string="Other Address", readonly=True, help="Used instead of the recipient's address."
    )

    line_ids = fields.One2many("dunning.reminder.line", "reminder_id", readonly=True)
    answer_ids = fields.One2many("dunning.answer", "reminder_id", string="Answers", readonly=True)
    invoice_count = fields.Integer(compute="_compute_totals", string="Invoices")
    total_text = fields.Char(
        string="Total",
        compute="_compute_totals",
        help=("Per currency; amounts in different currencies are not added up."),
    )

    # --- placeholders of the message ---
    addressee = fields.Char(compute="_compute_placeholders", string="Addressee")
    sender_name = fields.Char(compute="_compute_placeholders")
    reference = fields.Char(
        compute="_compute_placeholders",
        help=(
            "Numbers of the invoices in the reminder: the first three, oldest first, and how "
            "many more."
        ),
    )
    statement_html = fields.Html("Open Items", compute="_compute_statement_html", sanitize=False)
    letter_html = fields.Html(compute="_compute_letter_html", sanitize=False)

    _contact_idx = models.Index("(company_id, partner_id, sent_date)")
    _queued_idx = models.Index("(id) WHERE state = 'queued'")

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "level_id", "date", "is_statement")
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = self.env._(
                "%(customer)s: %(level)s",
                customer=reminder.partner_id.display_name or "",
                level=reminder._get_kind_name(),
            )

    @api.depends("line_ids.amount_residual", "line_ids.drop_reason")
    @api.depends_context("lang")
    def _compute_totals(self):
        for reminder in self:
            reminder.invoice_count = len(reminder._get_standing().move_id)
            reminder.total_text = format_amounts(self.env, reminder._get_totals())

    @api.depends("recipient_ids", "partner_id", "user_id", "line_ids.drop_reason")
    def _compute_placeholders(self):
        for reminder in self:
            recipient = reminder.recipient_ids[:1] or reminder.partner_id
            reminder.addressee = recipient.name or reminder.partner_id.name
            reminder.sender_name = reminder.user_id.name or reminder.company_id.name
            reminder.reference = reminder._get_reference()

    @api.depends(
        *("line_ids.amount_residual", "line_ids.days_late", "line_ids.drop_reason", "lang"),
        "claim_ids.amount",
    )
    @api.depends_context("dunning_printed", "dunning_editing", "dunning_item_limit")
    def _compute_statement_html(self):
        for reminder in self:
            if unseal(self.env.context, "dunning_editing"):
                reminder.statement_html = Markup("<p>%s</p>") % STATEMENT
                continue
            reminder.statement_html = reminder._render_statement()

    @api.depends("line_ids.drop_reason", "own_body", "claim_ids.amount")
    def _compute_letter_html(self):
        for reminder in self:
            contents = reminder.with_context(dunning_printed=True)._render_contents()
            reminder.letter_html = contents[reminder.id][1]

    @api.depends("recipient_ids.email", "recipient_ids.city", "other_email", "channel")
    def _compute_address_warning(self):
        warnings = self._get_address_warnings()
        for reminder in self:
            reminder.address_warning = warnings.get(reminder.id)

    def _get_totals(self):
        """Return what is open in the message: a list of (currency, amount), one a currency."""
        self.ensure_one()
        lines = self._get_standing().filtered(lambda ln: ln.amount_residual or ln.kind == "remind")
        return [
            (currency, sum(found.mapped("amount_residual")))
            for currency, found in lines.grouped("currency_id").items()
        ]

    def _get_standing(self):
        """Return the lines that did not leave these reminders before they were sent."""
        return self.line_ids.filtered(lambda line: not line.drop_reason)

    def _get_reminded(self):
        """Return the lines whose level these reminders raise."""
        return self._get_standing().filtered(lambda line: line.kind == "remind")

    def _get_reference(self):
        """Return the text ``#REF#`` stands for (D8)."""
        self.ensure_one()
        lines = self._get_reminded()
        names = list(
            dict.fromkeys(
                line.move_name or "" for line in lines.sorted(lambda line: (line.due_date, line.id))
            )
        )
        more = len(names) - 3
        text = ", ".join(names[:3])
        return f"{text} + {more}" if more > 0 else text

    def _get_letter_subject(self):
        """Return the subject of the letter, in the language of the reminder."""
        self.ensure_one()
        return self._render_contents()[self.id][0]

    def _get_first_move(self):
        """Return the oldest invoice reminded: a template of invoices speaks of that one."""
        return self._get_first_line().move_id

    def _get_first_line(self):
        """Return the line about the oldest due line reminded."""
        self.ensure_one()
        return self._get_reminded().sorted(lambda line: (line.due_date, line.id))[:1]

    def _mail_get_companies(self, default=False):
        return {reminder.id: reminder.company_id or default for reminder in self}

    # === STATES === #

    def _update_state(self, allowed, state, **vals):
        """Move those of these reminders that may to a state; every change of a state passes here.

        :param allowed: the states they may come from
        :return: the reminders that were moved
        """
        moved = self.filtered(lambda reminder: reminder.state in allowed)
        if moved:
            moved.write({"state": state, **vals})
        return moved

    def _set_queued(self):
        return self._update_state(
            ("draft", "failed", "undeliverable"),
            "queued",
            try_count=0,
            try_after=False,
            failure_code=False,
            is_held=False,
        )

    def _set_sent(self, as_of=None, facts=None):
        """The messages left: their levels become effective (rule 11).

        :param date as_of: the day they left; none: the day they were decided on
        :param facts: ``{company: facts}`` read just before they left; None: they are read again
        """
        moved = self._update_state(
            NOT_SENT, "sent", failure_reason=False, failure_code=False, try_after=False
        )
        late = moved.filtered(lambda reminder: as_of and reminder.date < as_of)
        late.write({"sent_date": as_of})
        for day, reminders in (moved - late).grouped("date").items():
            reminders.write({"sent_date": day})
        moved._keep_proof()
        moved._apply_effect(facts)
        return moved

    def _set_failed(self, reason, state="failed", failure_code=False, failure_figures=False):
        """The messages did not leave: nothing becomes effective, the next level waits.

        :param str reason: why, as a sentence
        :param failure_code: the obstacle's code, where the simulation knows it too
        :param failure_figures: the obstacle's figures
        """
        moved = self._update_state(
            ("draft", "queued"),
            state,
            failure_reason=reason,
            failure_code=failure_code,
            failure_figures=failure_figures,
            try_after=False,
        )
        self._stop_mails(reason)
        moved._refresh_status()
        moved._ask_for_help()
        return moved

    def _message_receive_bounce(self, email, partner):
        result = super()._message_receive_bounce(email, partner)
        reason = self.env._("The message to %(email)s bounced.", email=email)
        for reminder in self.sudo():
            # a copy that comes back changes nothing for who was reminded
            if email_normalize(email) in email_normalize_all(reminder.email_to or ""):
                reminder._set_bounced(reason)
            else:
                reminder._message_log(body=reason)
        return result

    # === ACTIONS === #

    def _check_may_act(self):
        """Refuse who has no dunning rights; the actions go on as superuser after it."""
        self.check_access("read")
        group = "account_recurrence_dunning.dunning_group_user"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(self.env._("Only dunning users may change reminders."))

    def action_send_again(self):
        """Send the same reminders once more, to the addresses that hold now."""
        self._check_may_act()
        letters = self.sudo()._send_again()
        if letters and len(letters) == len(self):
            text = self.env._("Listed under Letters and Calls: %(count)s", count=len(letters))
            return notify(text)
        return notify(self.env._("Being sent again: %(count)s", count=len(self)))

    def action_send_now(self):
        """Send these reminders without waiting for the outbox job."""
        self._check_may_act()
        queued = self.sudo().filtered(lambda reminder: reminder.state == "queued")
        queued._release()
        queued._send_after_commit()
        return notify(self.env._("Being sent: %(count)s", count=len(queued)))

    def action_deliver(self):
        """Open the dialog that sends these reminders to another address or another way."""
        self._check_may_act()
        return self.env["dunning.deliver"]._open(self)

    def action_print(self):
        """Print the letters among these reminders into one PDF; printed, they count."""
        self._check_may_act()
        return self._print_letters()

    def action_mark_sent(self):
        """Count these reminders as sent: the letter is posted, the call made, or told otherwise."""
        self._check_may_act()
        sent = self.sudo()._mark_sent()
        return notify(self.env._("Marked as sent: %(count)s", count=len(sent)))

    def action_cancel(self):
        """Drop what has not left; take back what has: its levels are open again."""
        self._check_may_act()
        reminders = self.sudo()
        done = reminders._reverse()
        done |= reminders._drop(self.env._("Cancelled by %(user)s", user=self.env.user.name))
        return notify(self.env._("Cancelled or withdrawn: %(count)s", count=len(done)))
