from datetime import datetime, timedelta
from datetime import time as daytime
from fractions import Fraction
from typing import Any, NamedTuple

import pytz

from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from .recurrence_saved_filter_mixin import JOB_SECONDS

NUMBERS = ("integer", "float", "monetary")
DATES = ("date", "datetime")


class Figure(NamedTuple):
    """What was counted of a billable quantity for one date.

    :ivar number: the count or the sum; None where it is not known
    :ivar records: what was counted, as superuser
    :ivar problem: why the number is not known, as a sentence
    """

    number: Fraction | None
    records: Any = None
    problem: str = ""


class RecurrenceQuantityCountingMixin(models.AbstractModel):
    """Counts a billable quantity for dates of recurrences: one query for many customers."""

    _name = "recurrence.quantity.counting.mixin"
    _inherit = ["recurrence.saved.filter.mixin"]
    _description = "Counting of a Billable Quantity"

    def _get_chosen_fields(self):
        return (*super()._get_chosen_fields(), "sum_field", "date_field", "partner_path")

    def _is_over_days(self):
        """Whether any of these is counted over the days that are billed."""
        return any(q.source == "usage" or (q.source == "filter" and q.date_field) for q in self)

    def _count_dates(self, occurrences, window, taken):
        """Return what was counted for dates.

        :param window: first and last day; without meaning where it is not counted over days
        :param taken: dict recurrence.usage → what bills it: the date, and of usage that came late
            its days; filled here
        :return: dict occurrence → Figure
        """
        self.ensure_one()
        if self.source == "entered":
            problem = self.env._("Enter the quantity: %(name)s.", name=self.name)
            return dict.fromkeys(occurrences, Figure(None, problem=problem))
        if self.source == "usage":
            return self._count_usage(occurrences, window, taken)
        return self._count_filter(occurrences, window)

    # === SAVED FILTER === #

    def _check_paths(self):
        """Refuse fields that there are not, that are of no use, or that are not the chooser's."""
        chooser = self._get_filter_users()[0]
        model = self._get_filter_model(chooser).sudo(False)
        wanted = (
            ("sum_field", lambda f: f.type in NUMBERS and f.store and "." not in self.sum_field),
            ("date_field", lambda f: f.type in DATES and f.store and "." not in self.date_field),
            ("partner_path", lambda f: f.type == "many2one" and f.comodel_name == "res.partner"),
        )
        for name, is_fit in wanted:
            path = self[name]
            if not path:
                continue
            field = _walk(model, path)
            if field is None or not is_fit(field):
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(path)s cannot stand in “%(field)s”.",
                        name=self.name,
                        path=path,
                        field=self._fields[name]._description_string(self.env),
                    )
                )
            self.env["recurrence.dunning.readable.domain.mixin"]._check_domain_readable(
                model, Domain(path, "!=", False)
            )

    def _count_filter(self, occurrences, window):
        """Count the records of the filter, or add up a number of theirs, for each customer."""
        chooser = self._check_filter_users()
        self._check_paths()
        model = self._get_filter_model(chooser).sudo(False)
        domain = self._get_filter_domain(chooser) & self._get_window_domain(model, window)
        if "company_id" in model._fields:
            domain &= Domain("company_id", "in", [*self.company_id.ids, False])
        customers = {o: o.schedule_id.sudo().partner_id.commercial_partner_id for o in occurrences}
        groupby = []
        if self.partner_path:
            groupby = [f"{self.partner_path}.commercial_partner_id"]
            ids = [customer.id for customer in customers.values()]
            domain &= Domain(groupby[0], "in", ids)
        with self._explain_filter_errors(), self._limit_time(JOB_SECONDS):
            domain &= self._get_writer_domain(chooser)
            rows = model._read_group(domain, groupby, self._get_aggregates(model))
        found = {row[0].id if groupby else False: row[len(groupby) :] for row in rows}
        return {
            occurrence: self._make_figure(model, found.get(customer.id if groupby else False))
            for occurrence, customer in customers.items()
        }

    def _get_writer_domain(self, chooser):
        """Return what else is not counted: what who changed the filter since may not read."""
        writer = self._get_filter_users()[1]
        if writer == chooser:
            return Domain.TRUE
        readable = self._get_filter_model(writer).sudo(False)
        return Domain("id", "in", readable._search(self._get_filter_domain(chooser)))

    def _get_aggregates(self, model):
        """Return what is asked of the records: who they are, their sum, and its currencies."""
        if not self.sum_field:
            return ["id:array_agg"]
        field = model._fields[self.sum_field]
        currency = field.type == "monetary" and field.get_currency_field(model)
        distinct = [f"{currency}:array_agg_distinct"] if currency else []
        return ["id:array_agg", f"{self.sum_field}:sum", *distinct]

    def _make_figure(self, model, row):
        if not row:
            return Figure(Fraction(0), model.sudo())
        ids, total, currencies = *row, *(None, ())[len(row) - 1 :]
        records = model.browse(ids or []).sudo()
        if not self.sum_field:
            return Figure(Fraction(len(records)), records)
        if len(currencies or ()) > 1:
            problem = self.env._("%(name)s: the amounts are in several currencies.", name=self.name)
            return Figure(None, records, problem)
        return Figure(_to_fraction(total or 0), records)

    def _get_window_domain(self, model, window):
        """Return which records are of some days: those of the company's time zone."""
        if not self.date_field:
            return Domain.TRUE
        first, last = window
        after = last + timedelta(days=1)
        if model._fields[self.date_field].type == "datetime":
            tz = pytz.timezone(self.company_id.recurrence_dunning_tz or "UTC")
            first, after = (
                tz.localize(datetime.combine(day, daytime()))
                .astimezone(pytz.utc)
                .replace(tzinfo=None)
                for day in (first, after)
            )
        return Domain(self.date_field, ">=", first) & Domain(self.date_field, "<", after)

    # === USAGE === #

    def _count_usage(self, occurrences, window, taken):
        """Add up imported usage: of the days billed, and what came late for days billed before."""
        usage = self.env["recurrence.usage"].sudo()
        schedules = occurrences.schedule_id
        rows = usage.search(
            Domain("quantity_id", "=", self.id)
            & Domain("schedule_id", "in", schedules.ids)
            & Domain("day", "<=", window[1])
            & usage._get_open_domain()
        )
        counted = self._get_counted_windows(schedules, rows, window)
        by_schedule = rows.grouped("schedule_id")
        figures = {}
        for occurrence in occurrences:
            mine = usage.browse()
            for row in by_schedule.get(occurrence.schedule_id, usage):
                windows = counted.get(occurrence.schedule_id, ())
                if row.day >= window[0]:
                    # each line that counts these days counts it
                    is_mine = taken.setdefault(row, (occurrence, None)) == (occurrence, None)
                else:
                    is_late = any(first <= row.day <= last for first, last in windows)
                    mark = occurrence, window
                    is_mine = is_late and taken.setdefault(row, mark) == mark
                if is_mine:
                    mine += row
            figures[occurrence] = self._add_up(mine, window)
        return figures

    def _add_up(self, rows, window):
        is_there = any(window[0] <= row.day for row in rows)
        if not is_there and not self.none_is_zero:
            problem = self.env._(
                "%(name)s: no usage has been imported for %(start)s – %(end)s.",
                name=self.name,
                start=format_date(self.env, window[0]),
                end=format_date(self.env, window[1]),
            )
            return Figure(None, rows.browse(), problem)
        return Figure(sum((_to_fraction(row.used) for row in rows), Fraction(0)), rows)

    def _get_counted_windows(self, schedules, rows, window):
        """Return the days that invoices have counted already, where usage came late.

        Of a date that was skipped the usage is not billed, and not of days before the start.

        :return: dict schedule → list of (first day, last day)
        """
        late = rows.filtered(lambda row: row.day < window[0])
        if not late:
            return {}
        counts = self.env["recurrence.quantity.count"].sudo()
        found = counts.search(
            Domain("quantity_id", "=", self.id)
            & Domain("occurrence_id.schedule_id", "in", late.schedule_id.ids)
            & Domain("date_end", ">=", min(late.mapped("day")))
            & Domain("is_standing", "=", True)
        )
        windows = {}
        for count in found:
            days = count.date_start, count.date_end
            windows.setdefault(count.occurrence_id.schedule_id, []).append(days)
        return windows


def _walk(model, path):
    """Return the field at the end of a path of relations, or None."""
    field = None
    for name in path.split("."):
        if field is not None:
            if field.type != "many2one":
                return None
            model = model.env[field.comodel_name]
        field = model._fields.get(name)
        if field is None:
            return None
    return field


def _to_fraction(number):
    """Return a number of the database as the exact one that people see."""
    return Fraction(str(round(number, 6)))
