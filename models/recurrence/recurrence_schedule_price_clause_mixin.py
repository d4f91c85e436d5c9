import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..common.access_groups import INVOICE_READERS
from .recurrence_schedule_planning_mixin import ENGINE_CONTEXT

_logger = logging.getLogger(__name__)


class RecurrenceSchedulePriceClauseMixin(models.AbstractModel):
    """Prices that rise as agreed: worked out in time, for a person to look at."""

    _name = "recurrence.schedule.price.clause.mixin"
    _description = "Price Clause of a Recurrence"

    price_clause_id = fields.Many2one(
        "recurrence.price.clause",
        string="Price Clause",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=INVOICE_READERS,
        help="When prices rise as agreed. They are worked out in time and wait for a person.",
    )
    price_clause_date = fields.Date(
        string="Prices Rise On",
        compute="_compute_price_clause_date",
        store=True,
        readonly=False,
        copy=False,
        groups=INVOICE_READERS,
        help="The next day on which prices may rise. At first, the anniversary of the start.",
    )
    price_base_month = fields.Date(
        string="Index Counted From",
        compute="_compute_price_base_month",
        store=True,
        readonly=False,
        copy=False,
        groups=INVOICE_READERS,
        help="The month for which prices were last agreed or raised. At first, that of the start.",
    )

    @api.depends("price_clause_id", "date_start")
    def _compute_price_clause_date(self):
        """Start with the first anniversary to come, and no sooner than due after the last rise."""
        last_rises = self._get_last_rises()
        for schedule in self:
            clause, start = schedule.price_clause_id, schedule.date_start
            if not clause or not start:
                schedule.price_clause_date = False
                continue
            after = fields.Date.context_today(self)
            last = last_rises.get(schedule._origin)
            if last:
                due = last + relativedelta(months=clause.months)
                after = max(after, due - timedelta(days=1))
            schedule.price_clause_date = schedule._get_following(start, after)

    @api.depends("price_clause_id", "date_start")
    def _compute_price_base_month(self):
        """The month of the start until prices were raised; that stays, also without a clause."""
        last_rises = self._get_last_rises()
        for schedule in self:
            month, start = schedule.price_base_month, schedule.date_start
            if schedule.price_clause_id and start and schedule._origin not in last_rises:
                month = start.replace(day=1)
            schedule.price_base_month = month

    def _get_last_rises(self):
        """Return from which day on the last price rise is in force: dict recurrence → date."""
        lines = self.env["recurrence.price.rise.line"].sudo()
        groups = lines._read_group(
            [("schedule_id", "in", self._origin.ids), ("state", "=", "applied")],
            ["schedule_id"],
            ["date:max"],
        )
        return {schedule.with_env(self.env): day for schedule, day in groups if day}

    @api.constrains("price_clause_id", "price_clause_date")
    def _check_price_clause_date(self):
        for schedule in self:
            if schedule.price_clause_id and not schedule.price_clause_date:
                raise ValidationError(
                    self.env._(
                        "Enter on which day the prices of %(name)s rise.", name=schedule.name
                    )
                )

    def _get_following(self, day, after):
        """Return the first day later than another on which prices may rise.

        :param day: one such day; the others are so many months from it, the start's day of the
            month where the start is one too
        """
        start, step = self.date_start, self.price_clause_id.months
        months = (day.year - start.year) * 12 + day.month - start.month
        if start + relativedelta(months=months) != day:
            start, months = day, 0
        months += max(1, ((after.year - day.year) * 12 + after.month - day.month) // step) * step
        while (found := start + relativedelta(months=months)) <= after:
            months += step
        return found

    @api.model
    def _propose_clauses(self, company, as_of):
        """Work out the prices that rise soon, and ask a person to look at them.

        Each day on which prices may rise is proposed once, however often this runs.

        :param as_of: the company's today, ``date``
        :return: recurrence.price.rise
        """
        rises = self.env["recurrence.price.rise"]
        clauses = self.env["recurrence.price.clause"].search([("company_id", "=", company.id)])
        for clause in clauses.with_company(company):
            problems = []
            for (date, month), schedules in self._get_clause_groups(clause, as_of).items():
                problem = clause._find_value_problem(month)
                try:
                    if not problem:
                        with self.env.cr.savepoint():
                            rises |= schedules._propose_rise(clause, date, month, as_of)
                except OperationalError:
                    raise
                except Exception as error:
                    if not isinstance(error, UserError):
                        _logger.exception("The price clause %s failed as of %s", clause.id, as_of)
                    problem = str(error)
                if problem:
                    names = ", ".join(schedules[:3].mapped("name"))
                    problems.append(f"{names}: {problem}")
            error = "\n".join(problems) or False
            if clause.error != error:
                clause.error = error
        return rises

    @api.model
    def _get_clause_groups(self, clause, as_of):
        """Return whose prices rise soon: dict (date, month an index is counted from) → rows."""
        days = clause.lead_days + (clause.notice_days if clause.is_announced else 0)
        due = self.search(
            [
                ("price_clause_id", "=", clause.id),
                ("state", "in", ("running", "paused")),
                ("price_clause_date", "<=", as_of + timedelta(days=days)),
            ]
        )
        # what still waits for a person is not worked out a second time from the same prices
        drafts = [("clause_id", "=", clause.id), ("state", "=", "draft")]
        due -= self.env["recurrence.price.rise"].search(drafts).schedule_ids
        counted = clause.method == "index"
        return due.grouped(lambda s: (s.price_clause_date, counted and s.price_base_month))

    def _propose_rise(self, clause, date, month, as_of):
        """Work out the prices of these for one day, and ask a person to look at them."""
        rises = self.env["recurrence.price.rise"]
        rise = rises.create(rises._prepare_of_clause(clause, self, date, month))
        rise._propose()
        if rise.notice_ids:
            rise._ask_to_look()
        else:
            rise.state = "kept"
        for schedule in self.with_context(**ENGINE_CONTEXT):
            schedule.price_clause_date = schedule._get_following(date, max(date, as_of))
        return rise

    def _follow_rise(self, rise):
        """Keep for which month prices are agreed now: from there on an index is counted.

        Where the threshold was not reached, or only some products rise, it goes on being counted
        from the same month.
        """
        if rise.product_ids:
            return
        schedules = self.sudo().with_context(**ENGINE_CONTEXT)
        schedules.write({"price_base_month": rise._get_agreed_month()})
