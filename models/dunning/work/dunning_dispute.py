from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

TASK = "mail.mail_activity_data_todo"
STATES = [
    ("open", "Open"),
    ("credited", "Credited"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]


class DunningDispute(models.Model):
    """What a customer says is wrong with items, who settles it by when, and how it ended (K5).

    Until it is settled it holds each of its due lines as a whole, also where only a part of the
    amount is disputed.
    """

    _name = "dunning.dispute"
    _description = "Dispute"
    _inherit = "dunning.agreement.mixin"
    _order = "date_given desc, id desc"
    _hold_kind = "dispute"

    move_line_ids = fields.Many2many(relation="dunning_dispute_line_rel")
    amount = fields.Monetary(
        string="Disputed Part", help="Leave empty if the full open amount is disputed."
    )
    amount_text = fields.Char(string="Disputed")
    undisputed_text = fields.Char(
        string="Not Disputed",
        compute="_compute_undisputed_text",
        help="What the customer does not dispute of the items. It is not reminded either.",
    )
    date_given = fields.Date(string="Raised On")
    date = fields.Date(string="Date", related="date_given", store=True)
    date_deadline = fields.Date(
        string="To Settle By",
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        tracking=True,
    )
    reason = fields.Selection(
        lambda self: self._get_reasons(), required=True, index=True, tracking=True
    )
    text = fields.Text(string="Customer's Words", system="once")
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        readonly=True,
        default="open",
        index=True,
        copy=False,
        tracking=True,
    )
    settled_date = fields.Date(string="Settled On", readonly=True, copy=False)
    settled_user_id = fields.Many2one(
        "res.users", string="Settled By", readonly=True, copy=False, index="btree_not_null"
    )
    credit_move_ids = fields.Many2many(
        "account.move",
        "dunning_dispute_credit_rel",
        string="Credit Notes",
        check_company=True,
        copy=False,
        domain="[('move_type', '=', 'out_refund'), ('commercial_partner_id', '=', partner_id),"
        " ('company_id', '=', company_id), ('state', '!=', 'cancel')]",
    )
    block_ids = fields.One2many("dunning.block", "dispute_id", string="Blocks", readonly=True)

    _customer_idx = models.Index("(partner_id, company_id)")

    @api.model
    def _get_reasons(self):
        """Return what can be disputed: what customers choose from, but for a mere question."""
        reasons = self.env["dunning.answer"]._fields["reason"]._description_selection(self.env)
        return [(code, label) for code, label in reasons if code != "question"]

    @api.depends("partner_id", "reason")
    @api.depends_context("lang")
    def _compute_display_name(self):
        reasons = dict(self._get_reasons())
        for dispute in self:
            reason = reasons.get(dispute.reason, "")
            dispute.display_name = f"{dispute.partner_id.name or ''}: {reason}"

    @api.depends("date_given", "company_id")
    def _compute_date_deadline(self):
        for dispute in self:
            days = dispute.company_id.dunning_dispute_days
            dispute.date_deadline = dispute.date_given and dispute.date_given + timedelta(days)

    @api.depends("amount", "currency_id", "open_amounts")
    @api.depends_context("lang")
    def _compute_undisputed_text(self):
        for dispute in self:
            rest = dispute.amount and dispute._get_undisputed()
            dispute.undisputed_text = (
                format_amount(self.env, rest, dispute.currency_id) if rest else False
            )

    def _get_undisputed(self):
        """Return what was open and is not disputed, in the currency of the dispute."""
        total = dict(self._get_open_totals()).get(self.currency_id, 0.0)
        return self.currency_id.round(total - self.amount)

    @api.constrains("date_deadline")
    def _check_date_deadline(self):
        for dispute in self:
            if dispute.date_deadline < dispute.date_given:
                raise ValidationError(
                    self.env._("A dispute cannot be settled before it was raised.")
                )

    @api.constrains("credit_move_ids")
    def _check_credit_moves(self):
        for dispute in self.sudo():
            for move in dispute.credit_move_ids:
                owner = move.commercial_partner_id
                if move.move_type != "out_refund" or owner != dispute.partner_id:
                    raise ValidationError(
                        self.env._(
                            "%(move)s is not a credit note of %(customer)s.",
                            move=move.display_name,
                            customer=dispute.partner_id.display_name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        disputes = super().create(vals_list)
        disputes.sudo()._ask()
        return disputes

    def write(self, vals):
        settled = self.filtered(lambda dispute: dispute.state != "open")
        if settled and not vals.keys().isdisjoint(("date_deadline", "reason")):
            raise UserError(self.env._("This dispute is settled: open a new one."))
        result = super().write(vals)
        if not vals.keys().isdisjoint(("date_deadline", "user_id")):
            for dispute in self.sudo().filtered(lambda found: found.state == "open"):
                dispute.activity_reschedule(
                    [TASK],
                    date_deadline=dispute.date_deadline,
                    new_user_id=dispute._get_responsible().id,
                )
        return result

    def _check_open_amount(self, facts):
        """A part is of a named item: without one all the customer has open would be held."""
        if self.amount and not self.move_line_ids:
            lines = self.env["account.move.line"].browse(map(int, self.open_amounts))
            if len(lines) > 1:
                raise UserError(
                    self.env._("Choose the items of which a part is disputed: the others go on.")
                )
            self.move_line_ids = lines
        return super()._check_open_amount(facts)

    def _may_be_about_nothing(self):
        return bool(self.block_ids)

    @api.model
    def _get_dialog_title(self):
        return self.env._("Note a dispute")

    def _ask(self):
        """Give each dispute to its responsible, until the day by which it is to be settled."""
        for dispute in self:
            dispute.activity_schedule(
                TASK,
                date_deadline=dispute.date_deadline,
                summary=lambda spoken: spoken.env._("Settle the dispute"),
                note=lambda spoken: "\n".join(filter(None, spoken._get_task_lines())),
                user_id=dispute._get_responsible().id,
            )

    def _get_task_lines(self):
        return [self.display_name, self.items, self.amount_text, self.text]

    # === OUTCOME === #

    def action_credit_note(self):
        """Open Odoo's dialog that makes credit notes for the disputed invoices.

        What it makes is linked here, see ``account.move.reversal``.
        """
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        moves = self.move_line_ids.move_id.filtered(lambda move: move.move_type == "out_invoice")
        if not moves:
            raise UserError(
                self.env._("The dispute names no invoice: create the credit note and choose it.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_view_account_move_reversal"
        )
        context = {"active_model": "account.move", "active_ids": moves.ids}
        return {**action, "name": self.env._("Credit Note"), "context": context}

    def action_credited(self):
        """Settle these disputes: the customer was right and got a credit note."""
        if not all(dispute.credit_move_ids for dispute in self):
            raise UserError(
                self.env._(
                    "Link a credit note first: “Credit note…” creates one, or choose one that "
                    "exists."
                )
            )
        drafts = self.credit_move_ids.filtered(lambda move: move.state == "draft")
        if drafts:
            raise UserError(
                self.env._(
                    "Post the credit note first: until then the full amount would be reminded."
                )
            )
        self._settle("credited")
        return True

    def action_rejected(self):
        """Settle these disputes: the claim stands, reminders resume."""
        self._settle("rejected")
        return True

    def action_withdrawn(self):
        """Settle these disputes: the customer took them back, or they were noted by mistake."""
        self._settle("withdrawn")
        return True

    def _check_open(self):
        if any(dispute.state != "open" for dispute in self):
            raise UserError(self.env._("This dispute is settled already."))

    def _settle(self, state):
        """Settle disputes as a person decided; the customer's answer is decided with them."""
        self.check_access("write")
        self._check_open()
        disputes = self.sudo()
        disputes._close(state)
        answers = disputes.answer_id.filtered(lambda answer: answer.state == "open")
        if answers:
            answers._decide("accepted" if state == "credited" else "declined")

    def _close(self, state):
        """Note how disputes ended, and let go what they hold."""
        for company, found in self.grouped("company_id").items():
            day = company._get_job_today()
            found.write({"state": state, "settled_date": day, "settled_user_id": self.env.uid})
        self._release()
        self.activity_feedback([TASK])

    def _end_unheld(self):
        """Withdraw those whose blocks somebody lifted, or turned into others."""
        over = self.filtered(
            lambda found: found.state == "open" and all(found.block_ids.mapped("lifted_date"))
        )
        if over:
            over._settle("withdrawn")

    @api.model
    def _link_credit_notes(self, moves):
        """Link credit notes of invoices to the open disputes about these.

        :param moves: invoices that were reversed
        """
        disputes = self.sudo().search(
            [("state", "=", "open"), ("move_line_ids.move_id", "in", moves.ids)]
        )
        for dispute in disputes:
            made = (moves & dispute.move_line_ids.move_id).sudo().reversal_move_ids
            dispute.credit_move_ids |= made.filtered(lambda move: move.move_type == "out_refund")
