from odoo import api, fields, models
from odoo.exceptions import ValidationError

# The codes are those of the ladder's hold reasons.
BLOCK_KINDS = [
    ("dispute", "Dispute"),
    ("promise", "Promise to pay"),
    ("direct_debit", "Direct debit"),
    ("goodwill", "Goodwill"),
    ("legal", "Lawyer or collection agency"),
    ("other", "Other"),
]


class DunningBlock(models.Model):
    """Why and until when a customer, an invoice or a due line is not reminded.

    A block on a customer holds for all invoices of the company it belongs to; it is kept on the
    commercial partner. ``date_until`` is the last day of the block; empty: open end.
    """

    _name = "dunning.block"
    _description = "Dunning Block"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="Empty: all invoices of the customer.",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Due Line",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="Empty: all instalments of the invoice.",
    )
    kind = fields.Selection(BLOCK_KINDS, required=True, default="other")
    reason = fields.Text()
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_until = fields.Date(string="Until", help="Last day of the block. Empty: until lifted.")
    user_id = fields.Many2one(
        "res.users", string="Blocked by", required=True, default=lambda self: self.env.user
    )
    lifted_date = fields.Date(readonly=True, copy=False)
    lifted_user_id = fields.Many2one("res.users", string="Lifted by", readonly=True, copy=False)
    outcome = fields.Selection(
        [("kept", "Kept"), ("broken", "Broken")],
        string="Promise",
        copy=False,
        help="Whether the customer paid until the promised day.",
    )

    _current_idx = models.Index("(partner_id, company_id) WHERE lifted_date IS NULL")

    @api.constrains("date_from", "date_until")
    def _check_dates(self):
        for block in self:
            if block.date_until and block.date_until < block.date_from:
                raise ValidationError(self.env._("A block cannot end before it begins."))
