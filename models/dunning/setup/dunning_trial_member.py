from odoo import api, fields, models
from odoo.tools import format_date

from ...common.due_line import DUE_LINE_HELP

ARMS = [("sent", "Gets the level"), ("left_out", "Left without the level")]


class DunningTrialMember(models.Model):
    """A customer drawn for a control group: on which side, when, and what was due then (K9).

    Written when a run is executed; what was drawn once stays.
    """

    _name = "dunning.trial.member"
    _description = "Customer of a Control Group"
    _inherit = "recurrence.dunning.own.record.mixin"
    _is_engine_made = True
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    trial_id = fields.Many2one(
        "dunning.trial",
        string="Control Group",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    arm = fields.Selection(ARMS, string="Group", required=True, readonly=True)
    date = fields.Date(
        string="Drawn On",
        required=True,
        readonly=True,
        help="When it was the level's turn for the first time.",
    )
    run_id = fields.Many2one("dunning.run", readonly=True, ondelete="set null")
    move_line_ids = fields.Many2many(
        "account.move.line",
        "dunning_trial_member_line_rel",
        string="Due Lines",
        readonly=True,
        help=f"What the level was due for on that day. {DUE_LINE_HELP}",
    )
    date_end = fields.Date(related="trial_id.date_end", string="Last Day")

    _customer_once = models.UniqueIndex(
        "(trial_id, partner_id)", "A customer is drawn once for a control group."
    )

    def _get_sentences(self):
        """Return what these memberships are, a sentence each."""
        return [
            self.env._(
                "Control group until %(until)s: left without “%(level)s” since %(day)s.",
                until=format_date(self.env, member.date_end),
                level=member.trial_id.level_id.display_name,
                day=format_date(self.env, member.date),
            )
            if member.arm == "left_out"
            else self.env._(
                "Control group until %(until)s: gets “%(level)s”, for comparison.",
                until=format_date(self.env, member.date_end),
                level=member.trial_id.level_id.display_name,
            )
            for member in self
        ]

    @api.model
    def _get_current(self, company, partners, today):
        """Return the memberships of customers in control groups of a company that run today."""
        return self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("trial_id.date_end", ">=", today),
            ]
        )

    @api.model
    def _read_arms(self, trials):
        """Return who was left out so far: ``{trial id: {customer id: True if so}}``."""
        arms = {trial.id: {} for trial in trials}
        rows = self.sudo().search_fetch(
            [("trial_id", "in", trials.ids)], ["trial_id", "partner_id", "arm"]
        )
        for row in rows:
            arms[row.trial_id.id][row.partner_id.id] = row.arm == "left_out"
        return arms
