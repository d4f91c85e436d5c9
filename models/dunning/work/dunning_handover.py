from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

STATES = [("open", "Handed Over"), ("closed", "Closed"), ("cancelled", "Taken Back")]


class DunningHandover(models.Model):
    """What was handed over to a lawyer or a collection agency, and what came back (K6).

    It holds its due lines until it is closed, so that nobody reminds beside the agency.
    """

    _name = "dunning.handover"
    _description = "Handover"
    _inherit = [
        "dunning.agreement.mixin",
        "dunning.handover.return.mixin",
        "dunning.handover.claim.mixin",
        "dunning.handover.dossier.mixin",
    ]
    _order = "date_given desc, id desc"
    # for as long as somebody else collects them
    _hold_kind = "legal"

    move_line_ids = fields.Many2many(relation="dunning_handover_line_rel")
    agency_id = fields.Many2one(
        "res.partner",
        string="Handed Over To",
        required=True,
        system="once",
        index=True,
        ondelete="restrict",
        check_company=True,
        help="The collection agency or the lawyer.",
    )
    reference = fields.Char(
        string="Their Reference", tracking=True, help="The number under which they keep the case."
    )
    amount = fields.Monetary(readonly=True, system=True)
    amount_text = fields.Char(string="Amount Handed Over")
    date_given = fields.Date(string="Handed Over On")
    date = fields.Date(string="Date", related="date_given", store=True)
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
    outcome = fields.Selection(
        [
            ("paid", "Paid in Full"),
            ("partly", "Paid in Part"),
            ("nothing", "Nothing Recovered"),
        ],
        copy=False,
        tracking=True,
        help="Leave empty to have it found from the payments when it is closed.",
    )
    date_closed = fields.Date(string="Closed On", readonly=True, copy=False)
    paid_text = fields.Char(
        string="Paid Since", compute="_compute_returned", help="Payments since it was handed over."
    )
    open_text = fields.Char(string="Still Open", compute="_compute_returned")
    paid_company = fields.Monetary(
        string="Paid in Company Currency",
        compute="_compute_returned",
        currency_field="company_currency_id",
    )
    fee_amount = fields.Monetary(
        string="Fees",
        currency_field="company_currency_id",
        aggregator=None,
        tracking=True,
        help="What the agency or lawyer charged.",
    )
    net_company = fields.Monetary(
        string="Net of Fees", compute="_compute_returned", currency_field="company_currency_id"
    )
    escalation_ids = fields.One2many(
        "dunning.escalation", "handover_id", string="Items at the End of the Ladder", readonly=True
    )
    block_ids = fields.One2many("dunning.block", "handover_id", string="Blocks", readonly=True)

    _customer_idx = models.Index("(partner_id, company_id)")

    @api.depends("partner_id", "agency_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for handover in self:
            handover.display_name = self.env._(
                "%(customer)s: handed over to %(agency)s",
                customer=handover.partner_id.name or "",
                agency=handover.agency_id.name or "",
            )

    @api.constrains("agency_id", "partner_id")
    def _check_agency(self):
        for handover in self.sudo():
            if handover.agency_id.commercial_partner_id == handover.partner_id:
                raise UserError(self.env._("A customer cannot collect from itself."))

    @api.constrains("date_given")
    def _check_date_given(self):
        for handover in self:
            if handover.date_given > handover.company_id._get_job_today():
                raise ValidationError(self.env._("The day of a handover cannot be in the future."))

    # === HOW IT ENDS === #

    def action_close(self):
        """Close handovers: the agency is done. What is still open is decided on again."""
        self._check_open()
        for handover in self.sudo():
            handover.outcome = handover.outcome or handover._find_outcome()
        self.sudo()._end("closed")
        return True

    def action_take_back(self):
        """Take handovers back: their items are as if they had never been handed over."""
        self._check_open()
        self.sudo()._end("cancelled")
        return True

    def _check_open(self):
        self.check_access("write")
        if any(handover.state != "open" for handover in self):
            raise UserError(self.env._("This handover is closed already."))

    def _end(self, state):
        for company, found in self.grouped("company_id").items():
            found.write({"state": state, "date_closed": company._get_job_today()})
        self._release()
        self.escalation_ids._forget_decision()

    @api.model
    def _judge(self, company, today):
        """Close what is paid in full.

        :param date today: the company's day
        """
        running = self.sudo().search([("company_id", "=", company.id), ("state", "=", "open")])
        for handover in running.filtered(lambda found: not found._get_open_lines()):
            handover.outcome = handover.outcome or "paid"
            handover._end("closed")

    def _get_open_lines(self):
        """Return the due lines of these that are not paid."""
        return self.sudo().move_line_ids.filtered(lambda line: not line.reconciled)

    def action_open_items(self):
        """Open the invoices that were handed over."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices Handed Over"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", self._get_moves().ids)],
        }
