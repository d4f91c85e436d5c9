from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...common.due_line import DUE_LINE_HELP

# Reasons that say nothing is to be claimed, or nobody decides about the line: it does not enter.
NOT_AT_THE_END = (
    "paid",
    "not_posted",
    "in_payment",
    "covered_by_credit",
    "reversed",
    "legacy",
    "no_followup",
    "no_program",
    "no_level",
    "program_off",
)


class DunningEscalation(models.Model):
    """A due line that got the last level of its program and is still open: what becomes of it.

    Rows come and go with the daily refresh and with each reminder that becomes effective; what a
    person decided stays readable. A line that is paid leaves the list at once.
    """

    _name = "dunning.escalation"
    _description = "Escalations"
    _is_engine_made = True
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
    ]
    _order = "decision desc, date_entered, id"
    _rec_name = "move_name"

    active = fields.Boolean(default=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Due Line",
        help=DUE_LINE_HELP,
        readonly=True,
        required=True,
        ondelete="cascade",
    )
    # Nothing here depends on what stands in the item or the entry: each change of any journal
    # entry would look for rows of this table.
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        compute="_compute_move_id",
        store=True,
        precompute=True,
        index=True,
    )
    move_name = fields.Char(string="Number", related="move_id.name", depends=["move_id"])
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True)
    due_date = fields.Date(
        string="Due Date", related="move_line_id.date_maturity", depends=["move_line_id"]
    )
    currency_id = fields.Many2one(related="move_line_id.currency_id", depends=["move_line_id"])
    amount_residual = fields.Monetary(
        string="Open Amount",
        related="move_line_id.amount_residual_currency",
        depends=["move_line_id"],
        aggregator=None,
    )
    is_paid = fields.Boolean(
        string="Paid", related="move_line_id.reconciled", depends=["move_line_id"]
    )
    program_id = fields.Many2one("dunning.program", readonly=True, ondelete="set null")
    last_date = fields.Date(
        string="Last Reminder",
        related="move_line_id.dunning_last_date",
        depends=["move_line_id"],
    )
    date_entered = fields.Date(string="Listed Since", required=True, readonly=True)
    decision = fields.Selection(
        [
            ("wait", "Wait"),
            ("hand_over", "Hand over"),
            ("write_off", "Write-off proposed"),
            ("doubtful", "Doubtful"),
        ],
        readonly=True,
        tracking=True,
        help="Empty if nobody has decided yet.",
    )
    decision_date = fields.Date(string="Decided On", readonly=True)
    date_again = fields.Date(string="Review On", tracking=True)
    user_id = fields.Many2one("res.users", string="Decided By", readonly=True)
    note = fields.Text()

    _line_once = models.UniqueIndex("(move_line_id)", "This due line is already in the list.")

    @api.depends("move_line_id")
    def _compute_move_id(self):
        for end in self:
            end.move_id = end.move_line_id.move_id

    def _decide(self, decision, **values):
        """Note what a person decided about these.

        :param decision: one of the decisions; False: it is open again
        :param values: more values to write
        """
        if decision:
            values |= {"decision_date": self.env.company._get_job_today(), "user_id": self.env.uid}
        else:
            values |= {"decision_date": False, "user_id": False, "date_again": False}
        self.sudo().write({"decision": decision, **values})

    def _forget_decision(self):
        """Have what is still in the list decided on again."""
        self._decide(False)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(row.decision for row in self):
            raise UserError(
                self.env._(
                    "The decision is kept; the due line is removed from the list when it is paid."
                )
            )

    def action_open_invoice(self):
        """Open the invoice of the due line."""
        self.check_access("read")
        self.ensure_one()
        return self.move_id.get_formview_action()

    @api.model
    def _follow(self, company, facts, as_of, partners=None):
        """Let due lines enter and leave the list as decided facts say.

        :param company: the company the facts are of
        :param facts: decided facts of all its open due lines, or of those of ``partners``
        :param date as_of: the day they were decided for
        :param partners: the commercial partners the facts are of; None: all
        """
        ends = self.sudo().with_context(active_test=False, mail_create_nolog=True)
        at_end = {fact.id: fact for fact in facts if self._is_at_end(fact)}
        domain = Domain("company_id", "=", company.id)
        if partners:
            domain &= Domain("partner_id", "in", partners.ids)
        known = ends.search(domain)
        here = known.filtered(lambda row: row.move_line_id.id in at_end)
        (known - here).filtered("active").write({"active": False})
        back = here.filtered(lambda row: not row.active)
        back.write({"active": True, "date_entered": as_of, "decision": False, "date_again": False})
        new = at_end.keys() - set(known.move_line_id.ids)
        ends.with_context(tracking_disable=True).create(
            [
                {
                    "company_id": company.id,
                    "move_line_id": line_id,
                    "partner_id": at_end[line_id].partner_id,
                    "program_id": at_end[line_id].program_id,
                    "date_entered": as_of,
                }
                for line_id in sorted(new)
            ]
        )

    @api.model
    def _is_at_end(self, fact):
        """Whether a due line was reminded at the last level and no further step follows."""
        return (
            fact.line.level > 0
            and fact.open_amount > 0
            and fact.decision.level is None
            and fact.decision.reason not in NOT_AT_THE_END
        )
