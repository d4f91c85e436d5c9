from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.access_groups import EMPLOYEES
from .ir_cron import RECURRENCE_JOBS

RECURRENCE_BOUNDS = {
    "recurrence_horizon_months": 120,
    "recurrence_ending_days": 3650,
    "recurrence_renewal_days": 3650,
    "recurrence_invoice_limit": 100_000,
    "recurrence_activity_limit": 100_000,
}


class ResCompany(models.Model):
    """What a company sets for its recurrences, and who is told of their troubles."""

    _name = "res.company"
    _inherit = [
        "res.company",
        "recurrence.company.calendar.mixin",
        "recurrence.company.forecast.mixin",
    ]

    recurrence_user_id = fields.Many2one(
        "res.users",
        string="Default Responsible",
        domain=[("share", "=", False)],
        help="Takes over the dates of a recurrence whose responsible user is no longer active.",
        groups=EMPLOYEES,
        prefetch="recurrence_dunning",
    )
    recurrence_horizon_months = fields.Integer(
        string="Planning Horizon (months)",
        default=12,
        groups=EMPLOYEES,
        prefetch="recurrence_dunning",
    )
    recurrence_ending_days = fields.Integer(
        string="About to End (days)",
        default=30,
        groups=EMPLOYEES,
        prefetch="recurrence_dunning",
    )
    recurrence_renewal_days = fields.Integer(
        string="Remind of Renewals (days)",
        default=30,
        groups=EMPLOYEES,
        prefetch="recurrence_dunning",
    )
    recurrence_invoice_limit = fields.Integer(
        string="Invoices per Recurrence and Run",
        default=24,
        help="If more invoices of one recurrence are due at the same time, it stops and asks.",
        groups=EMPLOYEES,
        prefetch="recurrence_dunning",
    )
    recurrence_fiscal_change = fields.Selection(
        [
            ("keep", "Keep the template and notify the responsible user"),
            ("take", "Use the current values and notify the responsible user"),
            ("wait", "Wait until the responsible user decides"),
        ],
        string="Taxes Have Changed",
        required=True,
        default="wait",
        groups=EMPLOYEES,
        help=(
            "What happens if the fiscal position, taxes or accounts of a recurring invoice "
            "differ from those of an invoice created today. Waiting is the default: tax shown "
            "incorrectly is still owed and requires a credit note, whereas a late invoice "
            "costs a day."
        ),
        prefetch="recurrence_dunning",
    )
    recurrence_stopped = fields.Selection(
        [("no", "Issue them"), ("ask", "Ask a person"), ("hold", "Hold them")],
        string="Customers Whose Deliveries Are Stopped",
        required=True,
        default="ask",
        groups=EMPLOYEES,
        help="What happens to recurring invoices of customers to whom deliveries are stopped.",
        prefetch="recurrence_dunning",
    )
    recurrence_activity_limit = fields.Integer(
        string="Activities per Recurrence and Run",
        default=24,
        groups="base.group_user",
        help="If more activities of one recurrence are due at the same time, it stops and asks.",
        prefetch="recurrence_dunning",
    )
    recurrence_weekend = fields.Selection(
        [
            ("sat,sun", "Saturday and Sunday"),
            ("fri,sat", "Friday and Saturday"),
            ("thu,fri", "Thursday and Friday"),
            ("fri,sun", "Friday and Sunday"),
            ("sun", "Sunday"),
            ("sat", "Saturday"),
            ("fri", "Friday"),
            ("none", "Every day is a working day"),
        ],
        string="Weekend",
        default="sat,sun",
        required=True,
        help="Weekdays on which the company does not work.",
        groups=EMPLOYEES,
        prefetch="recurrence_dunning",
    )
    recurrence_public_holidays = fields.Boolean(
        string="Public Holidays",
        default=True,
        help="Count the public holidays of the company's country as non-working days.",
        groups=EMPLOYEES,
        prefetch="recurrence_dunning",
    )

    @api.constrains("recurrence_user_id")
    def _check_recurrence_user(self):
        self.recurrence_user_id._check_internal_user()

    @api.constrains(*RECURRENCE_BOUNDS)
    def _check_recurrence_numbers(self):
        for company in self:
            for name, most in RECURRENCE_BOUNDS.items():
                if not 1 <= company[name] <= most:
                    label = self._fields[name]._description_string(self.env)
                    raise ValidationError(
                        self.env._(
                            "%(field)s: enter a number from 1 to %(most)s.", field=label, most=most
                        )
                    )

    def _get_recurrence_alarm_users(self):
        """Return who answers for recurrences here: who stands in, and those who bill by them."""
        self.ensure_one()
        running = [("company_id", "=", self.id), ("state", "=", "running")]
        groups = self.env["recurrence.schedule"].sudo()._read_group(running, ["user_id", "target"])
        users = self.recurrence_user_id
        users = users.union(*(user for user, target in groups if target == "invoice"))
        return users or users.union(*(user for user, _target in groups))

    def _get_recurrence_job_problem(self):
        """Return why recurrences of this company do not run as planned; empty: they do, or rest."""
        self.ensure_one()
        running = [("company_id", "=", self.id), ("state", "=", "running")]
        schedules = self.env["recurrence.schedule"].sudo()
        if self._is_job_copy() or not schedules.search_count(running, limit=1):
            return ""
        return self.env["ir.cron"]._get_job_problems(RECURRENCE_JOBS)
