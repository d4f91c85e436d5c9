from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...common.due_line import DUE_LINE_HELP

HOLDING_FIELDS = {"kind", "date_from", "date_until", "lifted_date", "partner_id", "move_id"}


class DunningBlock(models.Model):
    """Why and until when a customer, an invoice or a due line is not reminded.

    A block on a customer holds for all invoices of the company it belongs to; it is kept on the
    commercial partner. ``date_until`` is the last day of the block; empty: until it is lifted.

    Kind and reason are told here alone: invoice and customer are read by people without dunning
    rights, so what is noted there says only whether reminders are blocked and until when.
    """

    _name = "dunning.block"
    _description = "Dunning Block"
    _inherit = ["recurrence.dunning.own.record.mixin", "mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        compute="_compute_move_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_receipt')),"
        " ('commercial_partner_id', '=?', partner_id)]",
        help="Leave empty for all invoices of the customer.",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Due Line",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        domain="[('move_id', '=?', move_id), ('account_type', '=', 'asset_receivable')]",
        help=f"{DUE_LINE_HELP} Leave empty for all instalments of the invoice.",
    )
    items = fields.Char(string="Invoices", compute="_compute_items")
    # Without a default, so that a dialog left half-way never stops reminders unnoticed.
    # Each is a reason too, see dunning.reason.
    kind = fields.Selection(
        [
            ("dispute", "Dispute"),
            ("promise", "Promise to pay"),
            ("direct_debit", "Direct debit"),
            ("goodwill", "Goodwill"),
            ("legal", "Lawyer or collection agency"),
            ("other", "Other"),
            ("reply", "Customer replied"),
        ],
        required=True,
        tracking=True,
    )
    reason = fields.Text(
        tracking=True, help="Information for colleagues: what is disputed, what was agreed."
    )
    date_from = fields.Date(
        string="Start Date",
        required=True,
        default=lambda self: self.env.company._get_job_today(),
    )
    date_until = fields.Date(
        string="Until",
        index=True,
        tracking=True,
        help="The last day of the block. Leave empty to block until lifted.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Blocked by",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    lifted_date = fields.Date(readonly=True, copy=False)
    lifted_user_id = fields.Many2one("res.users", string="Lifted by", readonly=True, copy=False)
    outcome = fields.Selection(
        [("kept", "Kept"), ("broken", "Broken")],
        string="Promise Outcome",
        readonly=True,
        copy=False,
        help="Whether the customer paid by the promised day.",
    )
    state = fields.Selection(
        [
            ("coming", ("Upcoming")),
            ("current", "In Effect"),
            ("over", "Expired"),
            ("lifted", "Lifted"),
        ],
        string="Status",
        compute="_compute_state",
        search="_search_state",
    )

    _current_idx = models.Index("(partner_id, company_id) WHERE lifted_date IS NULL")
    _dates_in_order = models.Constraint(
        "CHECK (date_until IS NULL OR date_until >= date_from)",
        "A block cannot end before it begins.",
    )

    @api.depends("move_line_id")
    def _compute_move_id(self):
        for block in self:
            block.move_id = block.move_line_id.move_id or block.move_id

    @api.depends("move_id", "move_line_id")
    def _compute_partner_id(self):
        for block in self:
            block.partner_id = block._get_debtor() or block.partner_id

    @api.depends("move_id")
    def _compute_company_id(self):
        for block in self:
            block.company_id = block.move_id.company_id or block.company_id or self.env.company

    @api.depends("move_id")
    @api.depends_context("lang")
    def _compute_items(self):
        for block in self:
            block.items = block.move_id.name or self.env._("All invoices")

    @api.depends("date_from", "date_until", "lifted_date", "company_id")
    def _compute_state(self):
        for block in self:
            today = (block.company_id or self.env.company)._get_job_today()
            if block.lifted_date:
                block.state = "lifted"
            elif block.date_until and block.date_until < today:
                block.state = "over"
            else:
                block.state = "coming" if block.date_from > today else "current"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._get_job_today()
        open_end = Domain("date_until", "=", False) | Domain("date_until", ">=", today)
        not_lifted = Domain("lifted_date", "=", False)
        domains = {
            "lifted": Domain("lifted_date", "!=", False),
            "over": not_lifted & Domain("date_until", "<", today),
            "coming": not_lifted & open_end & Domain("date_from", ">", today),
            "current": not_lifted & open_end & Domain("date_from", "<=", today),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.depends("kind", "date_until")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for block in self:
            name = kinds.get(block.kind, "")
            if block.date_until:
                day = format_date(self.env, block.date_until)
                name = self.env._("%(kind)s until %(date)s", kind=name, date=day)
            block.display_name = name

    def _tell(self):
        """Return what these hold, who said so and why: a line each."""
        return "\n".join(
            self.env._(
                "%(items)s: %(block)s, by %(user)s: %(reason)s",
                items=block.items,
                block=block.display_name,
                user=block.user_id.name,
                reason=block._get_reason_text() or self.env._("no reason given"),
            )
            for block in self
        )

    def _get_reason_text(self):
        """Return why it was made, in the words of whoever made it."""
        return self.reason

    @api.constrains("kind", "date_until")
    def _check_promise_date(self):
        for block in self:
            if block.kind == "promise" and not block.date_until:
                raise ValidationError(self.env._("A promise to pay needs a date: fill in “Until”."))

    @api.constrains("partner_id", "move_id", "move_line_id")
    def _check_target(self):
        for block in self:
            move, line = block.move_id, block.move_line_id
            if line and (line.move_id != move or line.account_type != "asset_receivable"):
                raise ValidationError(
                    self.env._("The due line must be a receivable line of the blocked invoice.")
                )
            if move and not line and not block._get_invoice():
                raise ValidationError(
                    self.env._(
                        "Only customer invoices can be blocked. For another entry, choose the due "
                        "line."
                    )
                )
            if move and block._get_debtor() != block.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(move)s is not an invoice of this customer.", move=move.display_name
                    )
                )

    def _get_invoice(self):
        """Return the invoice a block is about; empty: it is about a customer or another entry."""
        move = self.move_id
        return move if move.is_sale_document(include_receipts=True) else move.browse()

    def _get_debtor(self):
        """Return who owes what is blocked; an entry, as an opening balance, may name several."""
        debtor = self._get_invoice() or self.move_line_id.partner_id or self.move_id
        return debtor.commercial_partner_id

    @api.model_create_multi
    def create(self, vals_list):
        partners = self.env["res.partner"]
        for vals in vals_list:
            self._check_bounds(vals)
            # What is left empty follows from the due line or the invoice.
            for name in ("move_id", "partner_id", "company_id"):
                if name in vals and not vals[name]:
                    del vals[name]
            if "partner_id" in vals:
                partner = partners.browse(vals["partner_id"])
                vals["partner_id"] = partner.commercial_partner_id.id
        blocks = super().create(vals_list)
        blocks._note_on_invoices()
        blocks._refresh_customers()
        return blocks

    def write(self, vals):
        result = super().write(vals)
        if not HOLDING_FIELDS.isdisjoint(vals):
            self._refresh_customers()
        return result

    def unlink(self):
        held = self._get_held_customers()
        result = super().unlink()
        self.env["account.move"]._dunning_refresh_customers(held)
        return result

    def _get_held_customers(self):
        """Return ``{company: customers}`` of the blocks that hold a customer or an entry's line.

        Invoices note blocks of their own themselves.
        """
        whole = self.filtered(lambda block: not block._get_invoice())
        return {
            company: blocks.partner_id for company, blocks in whole.grouped("company_id").items()
        }

    def _refresh_customers(self):
        self.env["account.move"]._dunning_refresh_customers(self._get_held_customers())

    def action_lift(self):
        """Lift the blocks: from today on the lines are decided on as if they were not there."""
        self.check_access("write")
        blocks = self.filtered(lambda block: not block.lifted_date)
        for company, found in blocks.sudo().grouped("company_id").items():
            found.write({"lifted_date": company._get_job_today(), "lifted_user_id": self.env.uid})
        blocks._note_on_invoices(lifted=True)
        return True

    def action_kept(self):
        """Note that the customer kept the promise."""
        self._set_outcome("kept")
        return True

    def action_broken(self):
        """Note that the customer broke the promise; the block ends with it."""
        self._set_outcome("broken")
        self.action_lift()
        return True

    def _set_outcome(self, outcome):
        self.check_access("write")
        if any(block.kind != "promise" for block in self):
            raise UserError(self.env._("Only a promise can be kept or broken."))
        self.sudo().write({"outcome": outcome})

    def _note_on_invoices(self, lifted=False):
        """Note on the blocked invoices that they are blocked, or not any more."""
        for block in self.filtered(lambda found: found._get_invoice()):
            if lifted:
                body = self.env._("Reminders are no longer blocked.")
            elif block.date_until:
                day = format_date(self.env, block.date_until)
                body = self.env._("Reminders are blocked until %(date)s.", date=day)
            else:
                body = self.env._("Reminders are blocked.")
            block.move_id.message_post(body=body)

    @api.model
    def _get_dialog(self, move=None, partner=None):
        """Return the dialog that blocks reminders of an invoice or of a customer."""
        view = self.env.ref("account_recurrence_dunning.dunning_block_view_form_dialog")
        context = {"dialog_size": "medium"}
        if move:
            context["default_move_id"] = move.id
        elif partner:
            context["default_partner_id"] = partner.commercial_partner_id.id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Block reminders"),
            "res_model": "dunning.block",
            "view_mode": "form",
            "views": [(view.id, "form")],
            "target": "new",
            "context": context,
        }
