from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import format_amount, format_date

from ....tools.dunning.answer_form import get_instalments

DISPUTE_REASONS = [
    ("question", "I have a question"),
    ("not_received", "Goods or service not received"),
    ("defective", "Goods or service not as agreed"),
    ("amount", "Price or amount is wrong"),
    ("returned", "Returned or cancelled"),
    ("not_ours", "Not our invoice"),
    ("other", "Another reason"),
]


class DunningAnswer(models.Model):
    """What a customer answered on the own page, and what became of it (C5).

    It is made by what the customer posts there; people decide on it with the buttons.
    """

    _name = "dunning.answer"
    _description = "Customer's Answer"
    _is_engine_made = True
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
        "dunning.answer.form.mixin",
        "dunning.answer.effect.mixin",
        "dunning.answer.decision.mixin",
    ]
    _mail_post_access = "read"
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    reminder_id = fields.Many2one(
        "dunning.reminder", readonly=True, index="btree_not_null", ondelete="set null"
    )
    kind = fields.Selection(
        [
            ("promise", "Promise to pay"),
            ("dispute", "Dispute or question"),
            ("paid", "Already paid"),
            ("contact", "Other contact"),
            ("plan", "Payment plan"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("open", "To Decide"), ("accepted", "Accepted"), ("declined", "Declined")],
        string="Status",
        required=True,
        default="open",
        readonly=True,
        tracking=True,
    )
    date = fields.Date(string="Received On", required=True, readonly=True)
    email_to = fields.Char(
        string="Confirmed To", readonly=True, help="Where the confirmation was sent."
    )
    move_line_ids = fields.Many2many(
        "account.move.line", "dunning_answer_line_rel", string="Open Items", readonly=True
    )
    items = fields.Char(readonly=True, help="The numbers of the invoices it is about.")
    amount_text = fields.Char(string="Amount", readonly=True)
    amount = fields.Monetary(string="Amount in One Currency", readonly=True, aggregator=None)
    currency_id = fields.Many2one("res.currency", readonly=True)
    day = fields.Date(
        readonly=True,
        help="The day of the payment that was promised or made, or of the first instalment.",
    )
    reason = fields.Selection(DISPUTE_REASONS, readonly=True)
    reference = fields.Char(string="Payment Reference", readonly=True)
    text = fields.Text(string="Customer's Words", readonly=True)
    contact_name = fields.Char(readonly=True)
    contact_email = fields.Char(string="Contact's E-mail", readonly=True)
    contact_phone = fields.Char(string="Contact's Phone", readonly=True)
    plan_count = fields.Integer(string="Instalments", readonly=True, aggregator=None)
    plan_step = fields.Selection(
        [("week", "Every week"), ("two_weeks", "Every two weeks"), ("month", "Every month")],
        string="Interval",
        readonly=True,
    )
    plan_text = fields.Text(string="Proposed Plan", compute="_compute_plan_text")
    document_ids = fields.Many2many(
        "ir.attachment", "dunning_answer_document_rel", string="Files", readonly=True
    )
    block_ids = fields.Many2many(
        "dunning.block", "dunning_answer_block_rel", string="Blocks", readonly=True
    )
    outcome = fields.Selection(
        [("kept", "Kept"), ("broken", "Broken")],
        compute="_compute_outcome",
        help="Whether what was promised was paid by then.",
    )
    decided_user_id = fields.Many2one("res.users", string="Decided By", readonly=True)
    summary = fields.Char(compute="_compute_summary")
    may_accept = fields.Boolean(compute="_compute_may_accept")
    guide = fields.Char(compute="_compute_guide")
    # of what was posted, so that the same posted twice is one answer
    fingerprint = fields.Char(required=True, readonly=True, groups=NO_ACCESS)

    _fingerprint_once = models.UniqueIndex("(fingerprint)", "This answer was already received.")
    _customer_idx = models.Index("(partner_id, company_id)")

    @api.depends("kind", "partner_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for answer in self:
            answer.display_name = f"{answer.partner_id.name or ''}: {kinds.get(answer.kind, '')}"

    @api.depends("plan_count", "plan_step", "day", "amount", "currency_id")
    @api.depends_context("lang")
    def _compute_plan_text(self):
        for answer in self:
            rows = (
                (format_date(self.env, day), format_amount(self.env, amount, answer.currency_id))
                for day, amount in answer._get_instalments()
            )
            answer.plan_text = "\n".join(map(": ".join, rows))

    @api.depends("block_ids.outcome", "block_ids.kind")
    def _compute_outcome(self):
        for answer in self.sudo():
            blocks = answer.block_ids.filtered(lambda block: block.kind == "promise")
            found = set(blocks.mapped("outcome"))
            answer.outcome = (
                "broken" if "broken" in found else "kept" if found == {"kept"} else False
            )

    @api.depends("kind", "day", "amount_text", "items", "reason", "reference", "plan_count")
    @api.depends_context("lang")
    def _compute_summary(self):
        for answer in self:
            answer.summary = answer._get_summary()

    def _get_instalments(self):
        """Return the instalments of a payment plan as (day, amount); none: it is another answer."""
        self.ensure_one()
        if self.kind != "plan" or not self.plan_count:
            return []
        return get_instalments(
            self.day, self.plan_count, self.plan_step, self.amount, self.currency_id.rounding
        )

    def _get_summary(self):
        """Return what was answered in a line, in the language of the environment.

        Neither what the customer wrote nor anybody's name or address: others of the customer's
        people read it too.
        """
        self.ensure_one()
        day = format_date(self.env, self.day) if self.day else ""
        # several currencies stay as they were told; one is written as the reader writes it
        amount = self.amount_text or ""
        if self.amount:
            amount = format_amount(self.env, self.amount, self.currency_id)
        figures = {"amount": amount, "items": self.items or "", "day": day}
        if self.kind == "promise":
            return self.env._("Payment of %(amount)s by %(day)s: %(items)s", **figures)
        if self.kind == "paid":
            return self.env._("Paid on %(day)s, %(amount)s: %(items)s", **figures)
        if self.kind == "contact":
            return self.env._("Reminders to another contact")
        if self.kind == "plan":
            count = self.plan_count
            return self.env._(
                "%(amount)s in %(count)s instalments from %(day)s: %(items)s",
                count=count,
                **figures,
            )
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        return self.env._(
            "%(reason)s, %(amount)s: %(items)s", reason=reasons.get(self.reason, ""), **figures
        )

    def _get_notes(self):
        """Return what was answered about due lines, as ``{id: [text, …]}``, for the customer."""
        notes = {}
        for answer in self.filtered(lambda found: found.state != "declined"):
            text = answer._get_note()
            for line_id in answer.move_line_ids._ids if text else ():
                notes.setdefault(line_id, []).append(text)
        return notes

    def _get_note(self):
        day = format_date(self.env, self.day) if self.day else ""
        if self.kind == "promise":
            return self.env._("Payment promised by %(day)s", day=day)
        if self.kind == "paid":
            return self.env._("Reported as paid on %(day)s", day=day)
        if self.kind == "plan" and self.state == "accepted":
            return self.env._("In a payment plan")
        return self.env._("Disputed") if self.reason not in (False, "question") else ""
