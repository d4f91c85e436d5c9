from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.common.value_bounds import YEARS
from .recurrence_occurrence_invoice_mixin import OPEN_STATES
from .recurrence_schedule_correction_mixin import LineChange


class EndPlan(NamedTuple):
    """What becomes of a recurrence whose agreement ends on a day.

    :ivar last: its last date, before any shift; None: no date bills anything
    :ivar period: first and last day that the last date bills
    :ivar dropped: dates that are planned or open and will not be invoiced
    :ivar credited_from: first day that posted invoices bill beyond the end; None: there is none
    """

    last: object
    period: tuple
    dropped: models.BaseModel
    credited_from: object


class RecurrenceScheduleEndPlanMixin(models.AbstractModel):
    """What would become of the dates and invoices of an agreement that ends on a day."""

    _name = "recurrence.schedule.end.plan.mixin"
    _inherit = "recurrence.schedule.agreement.mixin"
    _description = "End of a Recurring Invoice"

    def _get_end_plan(self, end):
        """Return what becomes of the dates when the agreement ends on a day; nothing is written.

        :param end: its last day, a ``date``
        :return: EndPlan
        """
        rule = self._end_rule_on(self._get_composed_rule(), end)
        last = rule.last_date()
        period = rule.period(last, self.period_paid) if last else ()
        if not period or period[0] > end:
            last, period = None, ()
        plan = self._get_plan(self.company_id._get_job_today(), rule=rule)
        occurrences = self.sudo().occurrence_ids
        removed = occurrences.browse([row.id for row in plan.removed])
        dropped = removed | self._get_open_after(end)
        return EndPlan(last, period, dropped.sorted("date"), self._get_billed_after(end))

    @api.model
    def _get_end_key(self, plan):
        """Return a text that names what an end drops and what it finds billed.

        :param plan: EndPlan
        """
        return f"{sorted(plan.dropped.ids)} {plan.last} {plan.credited_from}"

    def _get_open_after(self, end):
        """Return the dates still open that bill nothing up to a day."""
        return self.sudo().occurrence_ids.filtered(
            lambda o: o.state in OPEN_STATES and (o.period_start or o.rule_date) > end
        )

    def _get_billed_after(self, end):
        """Return the first day after another that a posted invoice bills, or None.

        Where whole periods are billed, the one that is under way is billed to its end.
        """
        posted = self._get_billing_from(end + timedelta(days=1)).filtered(
            lambda o: o.move_id.state == "posted" and o.move_id.payment_state != "reversed"
        )
        if self.proration == "whole":
            return min((o.period_start for o in posted if o.period_start > end), default=None)
        return max(end + timedelta(days=1), min(posted.mapped("period_start"))) if posted else None

    def _get_ending_changes(self, day):
        """Return that no line is billed from a day on, as list of LineChange."""
        return [
            LineChange(line, {"quantity": 0})
            for line in self.template_move_id.invoice_line_ids
            if line.display_type == "product"
            and line.recurrence_billing != "once"
            and not (line.recurrence_until and line.recurrence_until < day)
        ]

    def _has_usage(self):
        """Whether a line bills what is counted over the days before."""
        counted = self._get_line_quantities()
        return any(quantities._is_over_days() for quantities in counted.values())

    def _get_end_corrections(self, plan):
        """Return what was billed ahead and is given back, as list of Correction.

        :param plan: EndPlan
        :raise UserError: it cannot be known what was billed
        """
        day = plan.credited_from
        if not day:
            return []
        changes = self._get_ending_changes(day)
        return self._find_corrections(day, changes, dates=self._get_billing_from(day))

    def _check_end(self, end):
        """Refuse an end that notice cannot bring.

        :param end: a ``date``
        :raise UserError: it is before anything is billed, after the agreement ends anyway, or
            inside a draft that bills beyond it
        """
        if end.year not in YEARS:
            raise UserError(self.env._("Choose a day before the year %(year)s.", year=YEARS.stop))
        natural = self._get_natural_end()
        if natural and end > natural:
            raise UserError(
                self.env._(
                    "Without notice the agreement ends on %(end)s already.",
                    end=format_date(self.env, natural),
                )
            )
        if end < self.date_start:
            raise UserError(
                self.env._(
                    "%(name)s starts on %(start)s. Finish it to end it before.",
                    name=self.name,
                    start=format_date(self.env, self.date_start),
                )
            )
        if self.proration == "whole":
            return
        drafts = self._get_invoiced_from(end + timedelta(days=1)).filtered(
            lambda o: o.move_id.state == "draft" and o.period_start <= end
        )
        if drafts:
            raise UserError(
                self.env._(
                    "The draft invoice of %(date)s bills days after %(end)s. Post it, or cancel "
                    "it to have it created anew.",
                    date=format_date(self.env, drafts[0].date),
                    end=format_date(self.env, end),
                )
            )
