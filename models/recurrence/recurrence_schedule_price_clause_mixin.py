import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

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
        """Start with the first anniversary to come; what a person entered stays."""
        for schedule in self:
            months = schedule.price_clause_id.months
            if not months or not schedule.date_start:
                schedule.price_clause_date = False
            elif not schedule.price_clause_date:
                schedule.price_clause_date = schedule._get_anniversary(
                    fields.Date.context_today(self)
                )

    @api.depends("price_clause_id", "date_start")
    def _compute_price_base_month(self):
        for schedule in self:
            if not schedule.price_clause_id or not schedule.date_start:
                schedule.price_base_month = False
            elif not schedule.price_base_month:
                schedule.price_base_month = schedule.date_start.replace(day=1)

    def _get_anniversary(self, day):
        """Return the first anniversary of the start that is later than a day."""
        months, start = self.price_clause_id.months, self.date_start
        passed = (day.year - start.year) * 12 + day.month - start.month
        number = max(1, passed // months)
        while (found := start + relativedelta(months=number * months)) <= day:
            number += 1
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
            try:
                with self.env.cr.savepoint():
                    rises |= self._propose_clause(clause, as_of)
                    if clause.error:
                        clause.error = False
            except OperationalError:
                raise
            except Exception as error:
                if not isinstance(error, UserError):
                    _logger.exception("The price clause %s failed as of %s", clause.id, as_of)
                clause.error = str(error)
        return rises

    @api.model
    def _propose_clause(self, clause, as_of):
        rises = self.env["recurrence.price.rise"]
        days = clause.lead_days + (clause.notice_days if clause.is_announced else 0)
        due = self.search(
            [
                ("price_clause_id", "=", clause.id),
                ("state", "in", ("running", "paused")),
                ("price_clause_date", "<=", as_of + timedelta(days=days)),
            ]
        )
        for (date, month), schedules in due.grouped(
            lambda s: (s.price_clause_date, s.price_base_month)
        ).items():
            rise = rises.create(rises._prepare_of_clause(clause, schedules, date, month))
            rise._propose()
            rise._ask_to_look()
            for schedule in schedules.with_context(**ENGINE_CONTEXT):
                schedule.price_clause_date = schedule._get_anniversary(max(date, as_of))
            rises |= rise
        return rises

    def _follow_clause(self, rise, is_withdrawn=False):
        """Keep from which month on the index is counted from now on.

        Where the threshold was not reached, it goes on being counted from the same month.
        """
        if rise.clause_id.index_id:
            own = self.sudo().filtered(lambda s: s.price_clause_id == rise.clause_id)
            month = rise.base_month if is_withdrawn else rise.current_month
            own.with_context(**ENGINE_CONTEXT).write({"price_base_month": month})
