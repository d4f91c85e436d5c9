from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ....tools.dunning.statement_day import find_next

MODULE = "account_recurrence_dunning"
TIMING_FIELDS = ("every", "date_start", "hour", "active")


class DunningStatementSchedule(models.Model):
    """When statements of open items are sent by themselves, and to which customers (C1)."""

    _name = "dunning.statement.schedule"
    _description = "Statement Schedule"
    _inherit = [
        "recurrence.dunning.own.record.mixin",
        "mail.thread",
        "recurrence.dunning.plain.note.mixin",
        "dunning.filter.mixin",
    ]
    _order = "name, id"
    _check_company_auto = True
    _filter_model = "res.partner"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        system="once",
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Gets an activity where statements could not be delivered.",
    )
    every = fields.Selection(
        [("weekly", "Week"), ("monthly", "Month"), ("quarterly", "Quarter")],
        required=True,
        default="monthly",
        tracking=True,
    )
    date_start = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._get_job_today() + relativedelta(months=1, day=1),
        tracking=True,
        help="The first day; its weekday, or its day of the month, holds for all that follow.",
    )
    hour = fields.Float(
        default=8.0, required=True, aggregator=None, help="In the time zone of the company's jobs."
    )
    tz = fields.Selection(related="company_id.recurrence_dunning_tz")
    which = fields.Selection(
        [
            ("open", "All who have open items"),
            ("overdue", "Only who has overdue items"),
            ("not_overdue", "Only who has nothing overdue"),
        ],
        string="Send to",
        required=True,
        default="open",
        tracking=True,
    )
    filter_domain = fields.Char(
        string="Customers", help="Only customers that match all these conditions."
    )
    date_since = fields.Datetime(
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="The schedule was created or changed then; what was planned before is not made up.",
    )
    last_run = fields.Datetime(string="Last Sent", readonly=True, copy=False)
    next_run = fields.Datetime(
        string="Next", compute="_compute_next_run", store=True, index=True, copy=False
    )
    reminder_ids = fields.One2many("dunning.reminder", "statement_schedule_id", readonly=True)
    sent_count = fields.Integer(string="Statements", compute="_compute_sent_count")
    is_on_hold = fields.Boolean(string="On Hold", compute="_compute_is_on_hold")

    _hour_valid = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24)", "The hour must be between 0:00 and 23:59."
    )

    @api.depends(*TIMING_FIELDS, "last_run", "date_since", "company_id.recurrence_dunning_tz")
    def _compute_next_run(self):
        for schedule in self:
            since = schedule.date_since or fields.Datetime.now()
            after = max(since, schedule.last_run or since)
            planned = schedule.active and schedule.date_start and schedule.every
            schedule.next_run = planned and schedule._get_next_slot(after)

    @api.depends("company_id.dunning_active")
    def _compute_is_on_hold(self):
        for schedule in self:
            company = schedule.company_id.sudo()
            schedule.is_on_hold = not company.dunning_active or company._is_job_copy()

    @api.depends("reminder_ids")
    def _compute_sent_count(self):
        counts = dict(
            self.env["dunning.reminder"]._read_group(
                [("statement_schedule_id", "in", self.ids)],
                ["statement_schedule_id"],
                ["__count"],
            )
        )
        for schedule in self:
            schedule.sent_count = counts.get(schedule, 0)

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for schedule in self:
            schedule.user_id._check_internal_user(schedule.company_id)

    def write(self, vals):
        result = super().write(vals)
        if any(name in vals for name in TIMING_FIELDS) and "date_since" not in vals:
            self.sudo().write({"date_since": fields.Datetime.now()})
        return result

    def _get_next_slot(self, after):
        """Return the first planned moment later than another one, both in UTC."""
        self.ensure_one()
        tz = pytz.timezone(self.company_id.recurrence_dunning_tz or "UTC")
        day = pytz.utc.localize(after).astimezone(tz).date()
        # an hour that the constraint is going to refuse comes by here first
        hour, minute = divmod(round(min(max(self.hour, 0), 23.99) * 60), 60)
        while True:
            day = find_next(self.date_start, self.every, day)
            local = tz.localize(datetime.combine(day, time(hour, minute)))
            slot = local.astimezone(pytz.utc).replace(tzinfo=None)
            if slot > after:
                return slot
            day += timedelta(days=1)

    # === WHOM === #

    def _find_customers(self):
        """Return the customers with open items that the schedule is about, as superuser."""
        self.ensure_one()
        self.company_id._dunning_get_engine()._flush_read_fields()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT contact.commercial_partner_id
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                                              AND account.account_type = 'asset_receivable'
                  JOIN res_partner contact ON contact.id = line.partner_id
                 WHERE line.company_id = %s AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE AND line.amount_residual_currency <> 0
              ORDER BY 1
                """,
                self.company_id.id,
            )
        )
        ids = [partner_id for (partner_id,) in rows]
        if self._has_filter():
            matching = self._find_matching(ids)
            ids = [partner_id for partner_id in ids if partner_id in matching]
        return self._get_customers(ids)

    def _get_customers(self, ids):
        """Return customers as superuser, in the company of the schedule alone."""
        own = self.sudo().with_context(allowed_company_ids=self.company_id.ids)
        return own.env["res.partner"].browse(ids)

    def _get_statements(self, customers):
        """Return the statements of customers that this schedule sends, none of them stored."""
        statements = customers._dunning_get_statements()
        if self.which == "open":
            return statements
        return statements.filtered(
            lambda statement: statement._is_overdue() == (self.which == "overdue")
        )

    # === ACTIONS === #

    def action_open_customers(self):
        """List the customers who would get a statement if it were sent now."""
        self.check_access("read")
        self.ensure_one()
        customers = self._get_statements(self._find_customers()).partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers: %(schedule)s", schedule=self.name),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": [("id", "in", customers.ids)],
        }

    def action_open_statements(self):
        """List the statements that this schedule made."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{MODULE}.dunning_reminder_action")
        domain = Domain("statement_schedule_id", "in", self.ids)
        return {**action, "domain": [*domain], "context": {}}
