from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STATES = [("open", "To Confirm"), ("used", "In Use"), ("replaced", "Replaced")]
EVIDENCE = [
    ("read", "Read in its source"),
    ("derived", "Derived from what was read"),
    ("unchecked", "Not checked"),
]


class DunningLegalFactMixin(models.AbstractModel):
    """A fact of law that claims are computed from: confirmed by a person, then never edited (M1).

    A correction is another record, which takes the place of the first when it is confirmed. So
    what was claimed with the first one can still be explained.
    """

    _name = "dunning.legal.fact.mixin"
    _description = "Legal Fact in Versions"
    _inherit = "recurrence.dunning.own.record.mixin"

    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        readonly=True,
        default="open",
        copy=False,
        index=True,
        help="Only what is in use is claimed.",
    )
    evidence = fields.Selection(EVIDENCE, required=True, default="unchecked")
    source = fields.Text(help="Where it is published, with article and date.")
    date_read = fields.Date(string="Read on")
    confirmed_user_id = fields.Many2one(
        "res.users", string="Confirmed by", readonly=True, copy=False, ondelete="set null"
    )
    confirmed_date = fields.Date(string="Confirmed on", readonly=True, copy=False)

    problem = fields.Char(compute="_compute_problem")

    @api.depends_context("uid", "lang")
    def _compute_problem(self):
        """Fill why who looks at these may not confirm them.

        Nobody says for companies one may not enter what may be claimed there.
        """
        user = self.env.user
        companies = self.env["res.company"].sudo().search_count([])
        is_wide = user.has_group("base.group_system") or companies <= len(user.company_ids)
        for fact in self:
            own = "company_id" in fact._fields and fact.sudo().company_id
            fact.problem = not (is_wide or own) and self.env._(
                "%(name)s is for all companies: ask somebody who may enter all of them, or an "
                "administrator, to confirm it.",
                name=fact.display_name,
            )

    def write(self, vals):
        if not self.env.su and any(fact.state != "open" for fact in self):
            raise UserError(
                self.env._(
                    "What is in use is not edited: “Correct…” makes a copy that takes its place, "
                    "so that earlier claims can still be explained."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if any(fact.state != "open" for fact in self):
            raise UserError(
                self.env._("What was in use stays: earlier claims are explained by it.")
            )

    def action_confirm(self):
        """Use these from now on, in place of what they correct."""
        self.check_access("write")
        for fact in self:
            if fact.state != "open":
                raise UserError(
                    self.env._("%(name)s is confirmed already.", name=fact.display_name)
                )
            if not self.env.su and fact.problem:
                raise AccessError(fact.problem)
            replaced = fact._get_replaced().sudo()
            replaced.state = "replaced"
            # one statement for both would meet the index that allows one in use
            replaced.flush_recordset(["state"])
            fact.sudo().write(
                {
                    "state": "used",
                    "confirmed_user_id": self.env.uid,
                    "confirmed_date": self.env.company._get_job_today(),
                }
            )
        return True

    def action_correct(self):
        """Open a copy to be corrected; this one stays in use until the copy is confirmed."""
        self.check_access("write")
        self.ensure_one()
        copied = self.copy()
        copied.sudo().replaces_id = self
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": copied.id,
            "views": [(False, "form")],
        }

    def _get_replaced(self):
        """Return what is in use and is not any more once this one is confirmed."""
        self.ensure_one()
        return self.replaces_id.filtered(lambda fact: fact.state == "used")
