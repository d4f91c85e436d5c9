from datetime import timedelta
from math import inf

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ....tools.dunning.effect import SOON_DAYS, Sent, measure_levels
from ....tools.dunning.figures import Customer, expect_cash, sort_customers

EFFECT_DAYS = 90  # of the levels whose effect is told


class DunningCompanyCashMixin(models.AbstractModel):
    """What is expected to be paid, and what levels achieved (K9)."""

    _name = "dunning.company.cash.mixin"
    _description = "Expected Cash of a Company"

    def _dunning_expect_cash(self, items, as_of):
        """Return what is expected by week, as ``Expected``.

        :param items: what stood open on the day, as ``_dunning_read_open`` returns it
        """
        customers = sort_customers(items)
        for partner_id, amount, day in self._dunning_read_promised(as_of):
            customers.setdefault(partner_id, Customer()).promises.append((day, amount))
        for partner_id, amount, day in self._dunning_read_planned(as_of):
            customers.setdefault(partner_id, Customer()).planned.append((day, amount))
        late = self._dunning_read_days_late(customers, as_of)
        average = self._dunning_get_average(late)
        for partner_id, (days, _count) in late.items():
            customers[partner_id].days_late = round(days)
        return expect_cash(customers.values(), as_of, average)

    def _dunning_read_days_late(self, customers, as_of):
        """Return how late customers pay: ``{customer id: (days, invoices counted)}``."""
        partners = self.env["res.partner"].browse(filter(None, customers))
        return partners._dunning_get_average_late(self, partners, as_of)

    def _dunning_get_average(self, late):
        """Return how many days late all customers are on average, each invoice counting once."""
        count = sum(found for _days, found in late.values())
        return round(sum(days * found for days, found in late.values()) / count) if count else 0

    def _dunning_get_promise_domain(self, as_of):
        """Return the domain of the promises, and instalments of plans, that held on a day."""
        if as_of >= self._get_job_today():
            # a promise may be settled by hand before its day
            states, plans = ("open",), ("active",)
        else:
            states = ("open", "kept", "partly", "broken")
            plans = ("active", "kept", "ended")
        return Domain(
            [
                ("company_id", "=", self.id),
                ("date_given", "<=", as_of),
                ("date", ">=", as_of),
                ("state", "in", states),
                "|",
                ("plan_id", "=", False),
                ("plan_id.state", "in", plans),
            ]
        )

    def _dunning_read_promised(self, as_of):
        """Return what was promised: a list of (customer id, amount in company currency, day)."""
        groups = self.env["dunning.promise"]._read_group(
            self._dunning_get_promise_domain(as_of),
            ["partner_id", "date:day"],
            ["amount_company:sum"],
        )
        return [(partner.id, amount, day) for partner, day, amount in groups]

    def _dunning_read_planned(self, as_of):
        """Return what will be invoiced: a list of (customer id, amount, due date).

        None here: whatever plans invoices adds them.
        """
        return []

    def _dunning_get_dispute_domain(self, as_of):
        """Return the domain of the disputes that were not settled on a day."""
        return Domain(
            [
                ("company_id", "=", self.id),
                ("date_given", "<=", as_of),
                "|",
                ("settled_date", "=", False),
                ("settled_date", ">", as_of),
            ]
        )

    def _dunning_read_disputed(self, as_of):
        """Return how much of due lines was disputed on a day: ``{due line id: amount}``.

        In their currencies; infinite for all of a line. What is disputed of several together is
        taken from one after the other.
        """
        disputes = self.env["dunning.dispute"].search_fetch(
            self._dunning_get_dispute_domain(as_of), ["open_amounts", "amount"], order="id"
        )
        found = {}
        for dispute in disputes:
            left = dispute.amount or inf
            for line_id, opened in (dispute.open_amounts or {}).items():
                part = inf if left == inf else min(left, opened)
                left -= 0 if left == inf else part
                if part:
                    found[int(line_id)] = found.get(int(line_id), 0.0) + part
        return found

    # === LEVELS === #

    def _dunning_get_effect_domain(self, as_of):
        """Return the domain of what got a level within the days whose effect is told of a day."""
        last = as_of - timedelta(days=SOON_DAYS)
        return [
            ("company_id", "=", self.id),
            ("date", ">", last - timedelta(days=EFFECT_DAYS)),
            ("date", "<=", last),
        ]

    def _dunning_measure_levels(self, as_of):
        """Return what each level achieved: ``{level id: Effect}``.

        What happened after the day is left out.
        """
        effects = self.env["dunning.level.effect"]
        query = effects._search(self._dunning_get_effect_domain(as_of))
        names = ("level_id", "amount", "date", "paid_date", "following_date")
        columns = [
            SQL("%s AS %s", effects._field_to_sql(query.table, name, query), SQL.identifier(name))
            for name in names
        ]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT level_id, sum(amount), date, paid, following, count(*)
                  FROM (SELECT level_id, amount, date,
                               CASE WHEN paid_date <= %(as_of)s THEN paid_date END AS paid,
                               CASE WHEN following_date <= %(as_of)s
                                    THEN following_date END AS following
                          FROM (%(sent)s) sent) known
              GROUP BY level_id, date, paid, following
                """,
                as_of=as_of,
                sent=query.select(*columns),
            )
        )
        return measure_levels(map(Sent._make, rows), as_of)
