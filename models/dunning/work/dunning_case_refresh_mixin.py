import json
from collections import defaultdict
from datetime import date

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ....tools.common.sql_array import array_literal
from ....tools.dunning.ageing import age
from ....tools.dunning.case import CaseFacts, Step, find_stage, sort_tasks, weigh
from ....tools.dunning.credit import exact

# What a refresh writes, with the type of each column.
COLUMNS = {
    "active": "boolean",
    "user_id": "int4",
    "amounts": "jsonb",
    "open_amount": "numeric",
    "overdue_amount": "numeric",
    "age_0": "numeric",
    "age_30": "numeric",
    "age_60": "numeric",
    "age_90": "numeric",
    "age_over": "numeric",
    "oldest_due": "date",
    "days_late": "int4",
    "usual_days_late": "numeric",
    "paid_count": "int4",
    "weight": "float8",
    "level": "int4",
    "next_date": "date",
    "next_code": "varchar",
    "next_params": "jsonb",
    "stage": "varchar",
    "last_contact_date": "date",
    "promise_date": "date",
    "kept_count": "int4",
    "broken_count": "int4",
    "tasks": "jsonb",
    "todo_code": "varchar",
    "todo_date": "date",
}
AGES = ("age_0", "age_30", "age_60", "age_90", "age_over")


class DunningCaseRefreshMixin(models.AbstractModel):
    """Keeping the rows of the worklist: a handful of queries, however many customers."""

    _name = "dunning.case.refresh.mixin"
    _description = "Refreshing Cases"

    @api.model
    def _refresh(self, company, decided, as_of, partners=None):
        """Bring the cases of customers up to date.

        :param company: the company they are of
        :param decided: decided facts of all its open due lines, or of those of ``partners``
        :param date as_of: the day they were decided for
        :param partners: the commercial partners the facts are of; None: all
        """
        self = self.sudo().with_company(company)
        cases = {}
        by_partner = defaultdict(list)
        for fact in decided:
            if fact.open_amount + fact.found > 0:
                by_partner[fact.partner_id].append(fact)
        for partner_id, facts in by_partner.items():
            cases[partner_id] = self._sum_up(company, facts, as_of)
        known = self._read_known(company, partners)
        customers = self.env["res.partner"].browse(cases)
        figures = self._read_figures(company, customers, as_of, cases, by_partner)
        for name in self._get_task_finders():
            getattr(self, name)(company, customers, as_of, cases, by_partner)
        rows = [
            self._prepare_row(case, figures[partner_id], as_of)
            for partner_id, case in cases.items()
        ]
        self._store(company, rows, known)

    @api.model
    def _sum_up(self, company, facts, as_of):
        """Return what the engine's facts about one customer come to."""
        case = CaseFacts(facts[0].partner_id)
        aged = []
        for fact in facts:
            left = exact(fact.open_amount) + exact(fact.found)
            late = (as_of - fact.line.due).days
            opened, overdue = case.amounts.get(fact.currency_id, (0, 0))
            case.amounts[fact.currency_id] = (opened + left, overdue + (left if late > 0 else 0))
            rate = fact.residual_company / fact.residual if fact.residual else 0.0
            aged.append((late, company.currency_id.round(float(left) * rate)))
            case.level = max(case.level, fact.line.level)
        case.ages = age(aged)
        case.oldest_due = min(fact.line.due for fact in facts)
        case.step = self._find_step(facts, as_of)
        return case

    @api.model
    def _find_step(self, facts, as_of):
        """Return the step that comes first; where none comes, why not the largest item."""
        steps = [
            (max(fact.decision.next_date, as_of), -fact.open_amount, fact.id, fact)
            for fact in facts
            if fact.decision.next_date and (not fact.line.hold or fact.line.hold_until)
        ]
        if steps:
            day, _amount, _id, fact = min(steps)
        else:
            day, fact = None, max(facts, key=lambda found: (found.open_amount, found.id))
        params = dict(fact.decision.params)
        if len(facts) > 1:
            params["item"] = fact.move_name
        return Step(day, fact.decision.reason, params)

    @api.model
    def _read_known(self, company, partners):
        """Return the cases there are: ``{customer id: (case id, collector id)}``."""
        domain = Domain("company_id", "=", company.id)
        if partners is not None:
            domain &= Domain("partner_id", "in", partners.ids)
        found = self.with_context(active_test=False).search_fetch(
            domain, ["partner_id", "collector_id"], order="id"
        )
        return {case.partner_id.id: (case.id, case.collector_id.id) for case in found}

    @api.model
    def _prepare_row(self, case, figures, as_of):
        """Return the values of a row, as JSON can hold them.

        :param figures: what ``_read_figures`` found for the customer
        """
        tasks = sort_tasks(case.tasks, as_of)
        late = case.days_late(as_of)
        first = tasks[0] if tasks else None
        return {
            "partner_id": case.partner_id,
            "active": True,
            "amounts": {str(k): [float(v) for v in both] for k, both in case.amounts.items()},
            "open_amount": float(case.open_amount),
            "overdue_amount": float(case.overdue_amount),
            **{name: float(amount) for name, amount in zip(AGES, case.ages, strict=True)},
            "oldest_due": case.oldest_due,
            "days_late": late,
            "weight": float(weigh(case.overdue_amount, late)),
            "level": case.level,
            "next_date": case.step.day,
            "next_code": case.step.code,
            "next_params": case.step.params,
            "stage": find_stage(case, as_of),
            "promise_date": case.promised,
            "tasks": [list(task) for task in tasks],
            "todo_code": first and first.code,
            "todo_date": first and first.day,
            **figures,
        }

    @api.model
    def _store(self, company, rows, known):
        """Write rows where they changed; make those there are not; close those not named.

        :param known: what ``_read_known`` returned
        """
        ids = {partner_id: case_id for partner_id, (case_id, _who) in known.items()}
        here = {row["partner_id"] for row in rows}
        self._close([case_id for partner_id, case_id in ids.items() if partner_id not in here])
        ids |= self._make(company, here - ids.keys())
        for row in rows:
            _id, collector = known.get(row["partner_id"], (None, None))
            row["id"] = ids[row["partner_id"]]
            row["user_id"] = collector or row["user_id"]
        if rows:
            self._write_rows(rows)

    @api.model
    def _make(self, company, partner_ids):
        """Make the cases of customers that have none: ``{customer id: case id}``.

        By SQL: of two that make the same one at once the second starts anew, as Odoo's
        transactions do, instead of telling somebody that there is one already.
        """
        if not partner_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO dunning_case (company_id, partner_id, active, stage, create_uid,
                                          create_date, write_uid, write_date)
                SELECT %(company)s, id, TRUE, 'planned', %(user)s, now() AT TIME ZONE 'UTC',
                       %(user)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(partners)s::int[]) AS id
           ON CONFLICT DO NOTHING
             RETURNING partner_id, id
                """,
                company=company.id,
                user=self.env.uid,
                partners=array_literal(sorted(partner_ids)),
            )
        )
        made = dict(rows)
        self.browse(made.values()).modified(["company_id", "partner_id", "active", "stage"])
        return made

    @api.model
    def _write_rows(self, rows):
        """Write all columns of many rows by one statement, where they differ."""
        types = SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in COLUMNS.items()
        )
        source = SQL(
            "jsonb_to_recordset(%s::jsonb) AS new(id int4, %s)",
            json.dumps(rows, default=date.isoformat),
            types,
        )
        columns = {name: SQL("new.%s", SQL.identifier(name)) for name in COLUMNS}
        changed = SQL(
            "(%s) IS DISTINCT FROM (%s)",
            SQL(", ").join(SQL("target.%s", SQL.identifier(name)) for name in COLUMNS),
            SQL(", ").join(columns.values()),
        )
        self._write_in_bulk(columns, source, changed)

    @api.model
    def _close(self, case_ids):
        """Take cases out of the worklist: nothing of them is open any more."""
        cases = self.browse(case_ids).filtered("active")
        cases.write(
            {
                "active": False,
                "amounts": {},
                "tasks": [],
                "todo_code": False,
                "todo_date": False,
                "weight": 0.0,
                **dict.fromkeys(("open_amount", "overdue_amount", *AGES), 0.0),
            }
        )

    # === FIGURES === #

    @api.model
    def _read_figures(self, company, customers, as_of, cases, by_partner):
        """Return what stands in the rows beside money and tasks: ``{customer id: values}``."""
        late = customers._dunning_get_average_late(company, customers, as_of)
        contacts = self._read_contacts(company, customers)
        promises = self._read_promises(company, customers, cases)
        responsible = self._find_responsible(customers, by_partner)
        for partner_id, day in contacts.items():
            cases[partner_id].contact = day
        return {
            customer.id: {
                "usual_days_late": round(late.get(customer.id, (0.0, 0))[0], 1),
                "paid_count": late.get(customer.id, (0.0, 0))[1],
                "last_contact_date": contacts.get(customer.id),
                "user_id": responsible.get(customer.id),
                **promises[customer.id],
            }
            for customer in customers
        }

    @api.model
    def _read_contacts(self, company, customers):
        """Return the day each customer was last written to or spoken with, by customer id."""
        groups = self.env["dunning.reminder"]._read_group(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", customers.ids),
                ("state", "=", "sent"),
                ("is_test", "=", False),
            ],
            ["partner_id"],
            ["sent_date:max"],
        )
        contacts = {partner.id: day for partner, day in groups}
        calls = self.env["dunning.call"]._read_group(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", customers.ids),
                ("outcome", "=", "reached"),
            ],
            ["partner_id"],
            ["date_logged:max"],
        )
        for partner, day in calls:
            contacts[partner.id] = max(day, contacts.get(partner.id) or day)
        return contacts

    @api.model
    def _read_promises(self, company, customers, cases):
        """Return how promises stand, by customer id; the earliest open day goes to the case."""
        found = {customer_id: {"kept_count": 0, "broken_count": 0} for customer_id in cases}
        groups = self.env["dunning.promise"]._read_group(
            [("company_id", "=", company.id), ("partner_id", "in", customers.ids)],
            ["partner_id", "state"],
            ["__count", "date:min"],
        )
        for partner, state, count, day in groups:
            figures = found[partner.id]
            if state == "kept":
                figures["kept_count"] += count
            elif state in ("broken", "partly"):
                figures["broken_count"] += count
            elif state == "open":
                cases[partner.id].promised = day
        return found

    # === WHO === #

    @api.model
    def _find_responsible(self, customers, by_partner):
        """Return who looks after each customer, by customer id, where no collector is set.

        The salesperson, where that is somebody who may; else the program's responsible.
        """
        users = self.env.ref("account_recurrence_dunning.dunning_group_user").all_user_ids
        may = set(users.filtered(lambda user: user.active and not user.share).ids)
        programs = self.env["dunning.program"].browse(
            {fact.program_id for facts in by_partner.values() for fact in facts if fact.program_id}
        )
        by_program = {program.id: program.user_id.id for program in programs}
        customers.fetch(["user_id"])
        found = {}
        for customer in customers:
            program_id = next(
                (fact.program_id for fact in by_partner[customer.id] if fact.program_id), None
            )
            candidates = (customer.user_id.id, by_program.get(program_id))
            found[customer.id] = next((one for one in candidates if one in may), None)
        return found

    def _refresh_responsible(self):
        """Bring the responsible of these cases in line with their collectors."""
        for case in self.filtered("collector_id"):
            case.user_id = case.collector_id
        self.filtered(lambda case: not case.collector_id)._refresh_now()

    def _refresh_now(self):
        """Bring these cases up to date at once: something of them changed."""
        for company, cases in self.sudo().grouped("company_id").items():
            self._refresh_customers(company, cases.partner_id)

    @api.model
    def _refresh_customers(self, company, customers):
        """Bring the cases of customers up to date, also those that have none yet."""
        if company.dunning_active:
            today = company._get_job_today()
            decided = company._dunning_decide(today, partners=customers)
            self._refresh(company, decided, today, customers)
