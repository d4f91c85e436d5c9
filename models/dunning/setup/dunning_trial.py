from datetime import timedelta
from secrets import token_hex

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import NO_ACCESS

MOST_PERCENT = 50
MOST_WEEKS = 26
# What may not change any more when customers were drawn: they would be of another trial.
FIXED_FIELDS = {"program_id", "level_id", "percent", "date_start", "weeks"}


class DunningTrial(models.Model):
    """Leaves some customers of a program without a level for some weeks, drawn at random (K9).

    Each customer is drawn when the level's turn comes for the first time in these weeks. Then it
    ends by itself, and who was left out goes on.
    """

    _name = "dunning.trial"
    _description = "Control Group"
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "date_start desc, id desc"
    _check_company_auto = True

    program_id = fields.Many2one("dunning.program", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    level_id = fields.Many2one(
        "dunning.level",
        string="Without This Level",
        required=True,
        ondelete="cascade",
        domain="[('program_id', '=', program_id), ('active', '=', True)]",
        help="A notice or a level: customers of the control group do not get it.",
    )
    percent = fields.Integer(
        string="Left Out (%)",
        required=True,
        default=20,
        aggregator=None,
        help="How many of a hundred customers are drawn into the control group: 1 to 50.",
    )
    date_start = fields.Date(
        string="From", required=True, default=lambda self: self.env.company._get_job_today()
    )
    weeks = fields.Integer(
        required=True,
        default=8,
        aggregator=None,
        help="1 to 26. After that it ends by itself: who was left out gets the level, if it is "
        "still the next one.",
    )
    stopped_date = fields.Date(string="Stopped On", readonly=True, copy=False)
    date_end = fields.Date(string="Last Day", compute="_compute_date_end", store=True)
    state = fields.Selection(
        [("coming", "To Come"), ("running", "Running"), ("over", "Over")],
        string="Status",
        compute="_compute_state",
    )
    secret = fields.Char(
        readonly=True, copy=False, groups=NO_ACCESS, default=lambda self: token_hex(16)
    )
    member_ids = fields.One2many("dunning.trial.member", "trial_id", string="Customers Drawn")
    member_count = fields.Integer(string="Customers", compute="_compute_member_count")

    _percent_valid = models.Constraint(
        f"CHECK (percent BETWEEN 1 AND {MOST_PERCENT})",
        "A control group leaves 1 to 50 % of the customers out.",
    )
    _weeks_valid = models.Constraint(
        f"CHECK (weeks BETWEEN 1 AND {MOST_WEEKS})", "A control group lasts 1 to 26 weeks."
    )

    # === COMPUTES === #

    @api.depends("date_start", "weeks", "stopped_date")
    def _compute_date_end(self):
        for trial in self:
            # what the constraints are going to refuse comes by here first
            weeks = min(max(trial.weeks, 0), MOST_WEEKS)
            last = trial.date_start and trial.date_start + timedelta(days=7 * weeks - 1)
            if last and trial.stopped_date:
                last = min(last, trial.stopped_date - timedelta(days=1))
            trial.date_end = last

    @api.depends("date_start", "date_end")
    def _compute_state(self):
        for trial in self:
            if not trial._origin:  # nobody is left out before it is saved
                trial.state = False
                continue
            today = (trial.company_id or self.env.company)._get_job_today()
            first, last = trial.date_start, trial.date_end
            if first and (last < today or last < first):
                trial.state = "over"
            else:
                trial.state = "running" if first and first <= today else "coming"

    def _compute_member_count(self):
        groups = self.env["dunning.trial.member"]._read_group(
            [("trial_id", "in", self.ids)], ["trial_id"], ["__count"]
        )
        counts = {trial.id: count for trial, count in groups}
        for trial in self:
            trial.member_count = counts.get(trial._origin.id, 0)

    @api.depends("level_id", "program_id")
    def _compute_display_name(self):
        for trial in self:
            trial.display_name = self.env._(
                "%(program)s without “%(level)s”",
                program=trial.program_id.name or "",
                level=trial.level_id.display_name or "",
            )

    # === GUARDS === #

    @api.constrains("level_id", "program_id")
    def _check_level(self):
        for trial in self:
            if trial.level_id.program_id != trial.program_id:
                raise ValidationError(
                    self.env._("A control group can only do without a level of its own program.")
                )

    @api.constrains("program_id", "date_start", "weeks", "stopped_date")
    def _check_alone(self):
        """One at a time, so that what a customer did has one reason."""
        for trial in self:
            others = trial.program_id.trial_ids - trial
            if any(
                trial.date_start <= other.date_end and other.date_start <= trial.date_end
                for other in others
                if trial.date_start <= trial.date_end
            ):
                raise ValidationError(
                    self.env._(
                        "%(program)s has another control group in these weeks.",
                        program=trial.program_id.name,
                    )
                )

    def write(self, vals):
        if not self.env.su and FIXED_FIELDS & vals.keys() and self.sudo().member_ids:
            raise UserError(
                self.env._(
                    "Customers have been drawn already: stop this control group, and start a "
                    "new one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        if self.sudo().member_ids:
            raise UserError(
                self.env._(
                    "Customers have been drawn already: stop this control group instead of "
                    "deleting it."
                )
            )

    # === WHAT PEOPLE DO === #

    def action_stop(self):
        """End these control groups today: who was left out goes on."""
        self.check_access("write")
        for trial in self:
            today = trial.company_id._get_job_today()
            if today <= trial.date_end:
                trial.sudo().stopped_date = today
        return True

    def action_open_members(self):
        """Open the customers drawn into either group."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "dunning.trial.member",
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("trial_id", "=", self.id)],
        }

    # === WHAT THE ENGINE ASKS === #

    @api.model
    def _get_running(self, company, as_of):
        """Return the trials of a company that run on a day; one at most for each program."""
        return self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("date_start", "<=", as_of),
                ("date_end", ">=", as_of),
            ]
        )
