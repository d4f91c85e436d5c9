from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class DunningEscalation(models.Model):
    """What is done about items at the end of the ladder (K6)."""

    _name = "dunning.escalation"
    _inherit = [
        "dunning.escalation",
        "dunning.escalation.entry.mixin",
        "dunning.escalation.wait.mixin",
    ]

    handover_id = fields.Many2one(
        "dunning.handover", readonly=True, index="btree_not_null", ondelete="set null"
    )
    days_late = fields.Integer(compute="_compute_days_late", aggregator=None)
    decision_text = fields.Char(
        string="Where It Stands",
        compute="_compute_decision_text",
        help="Who has it, which entry is proposed, or until when to wait.",
    )

    @api.depends("due_date", "company_id")
    def _compute_days_late(self):
        days = {company: company._get_job_today() for company in self.company_id}
        for end in self:
            due = end.due_date
            end.days_late = max((days[end.company_id] - due).days, 0) if due else 0

    @api.depends(
        "decision",
        "date_again",
        "handover_id",
        "entry_id",
        "block_id",
        "is_paid",
    )
    @api.depends_context("lang")
    def _compute_decision_text(self):
        for end in self:
            end.decision_text = end._describe_wait() or end._describe_decision()

    def _describe_wait(self):
        """Return what it waits for where nobody decided, or what was decided has had its day."""
        block = self.block_id
        if not block or self._is_decided():
            return ""
        return self.env._("Waits: %(what)s", what=block.display_name)

    def _describe_decision(self):
        if not self.decision:
            return self.env._("Paid") if self.is_paid else self.env._("Nobody has decided yet")
        if self.decision == "hand_over" and self.handover_id:
            return self.env._(
                "Handed over to %(agency)s on %(day)s",
                agency=self.sudo().handover_id.agency_id.name,
                day=format_date(self.env, self.handover_id.date_given),
            )
        if self.decision == "wait" and self.date_again:
            return self.env._("Wait until %(day)s", day=format_date(self.env, self.date_again))
        label = dict(self._fields["decision"]._description_selection(self.env))[self.decision]
        told = self._describe_entry() if self.decision in ("write_off", "doubtful") else ""
        return f"{label} · {told}" if told else label

    # === WHAT PEOPLE DO === #

    def action_decide(self):
        """Open the dialog in which a person chooses what becomes of these."""
        return self._open_decision(False)

    def action_hand_over(self):
        """Open the dialog that hands these over to a lawyer or an agency."""
        return self._open_decision("hand_over")

    def action_write_off(self):
        """Open the dialog that proposes to write these off."""
        return self._open_decision("write_off")

    def action_doubtful(self):
        """Open the dialog that marks these as doubtful and proposes an allowance."""
        return self._open_decision("doubtful")

    def action_wait(self):
        """Open the dialog that puts these off to a day."""
        return self._open_decision("wait")

    def action_reopen(self):
        """Take decisions back: these are undecided again."""
        self.check_access("write")
        if any(end.handover_id.state == "open" for end in self.sudo()):
            raise UserError(
                self.env._("It is handed over: close the handover, or take it back, first.")
            )
        self._check_no_entry()
        self._forget_decision()
        return True

    def _open_decision(self, kind):
        self.check_access("write")
        return self.env["dunning.decide"]._open(self, kind)

    def action_open_handover(self):
        """Open the handover of this item."""
        self.ensure_one()
        self.check_access("read")
        if not self.handover_id:
            raise UserError(self.env._("It was not handed over."))
        return self.handover_id.get_formview_action()

    def _check_decidable(self):
        """Refuse what is paid, gone from the list or with somebody else.

        :raise UserError: naming the first of them
        """
        for end in self.sudo():
            number = end.move_name
            if end.move_line_id.reconciled:
                raise UserError(self.env._("%(number)s is paid.", number=number))
            if not end.active:
                raise UserError(
                    self.env._("%(number)s is not at the end of the ladder.", number=number)
                )
            if end.handover_id.state == "open":
                raise UserError(
                    self.env._(
                        "%(number)s is handed over to %(agency)s: close that handover, or take "
                        "it back, first.",
                        number=number,
                        agency=end.handover_id.agency_id.name,
                    )
                )

    def _hand_over(self, agency, **values):
        """Hand these over: one handover for each customer.

        :param values: more values of each handover
        :return: the handovers
        """
        handovers = self.env["dunning.handover"]
        for (company, customer), found in self.grouped(
            lambda end: (end.company_id, end.partner_id)
        ).items():
            handover = handovers.create(
                {
                    **values,
                    "company_id": company.id,
                    "partner_id": customer.id,
                    "agency_id": agency.id,
                    "move_line_ids": found.move_line_id.ids,
                }
            )
            found._decide("hand_over", handover_id=handover.id, date_again=False)
            handovers |= handover
        return handovers
