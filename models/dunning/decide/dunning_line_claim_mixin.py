from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL
from odoo.tools.gc import disabling_gc

from ....tools.common.sql_array import array_literal
from ....tools.dunning.claim import Claim, Settlement
from ....tools.dunning.invoice_claim import LateLine, claim_invoice
from .claim_terms import ClaimTerms

# what a query about claims reads, to be flushed before it
CLAIM_FIELDS = {
    "account.journal": ("type",),
    "account.move": (
        *("commercial_partner_id", "date", "invoice_date", "journal_id", "move_type"),
        "origin_payment_id",
    ),
    "account.move.line": (*("amount_currency", "currency_id", "date", "date_maturity", "move_id"),),
    "account.partial.reconcile": ("credit_move_id", "debit_amount_currency", "debit_move_id"),
}


class LineClaim(NamedTuple):
    """What is claimed on a due line, by which rule, and what is missing for more of it."""

    rule_id: int | None = None
    claim: Claim = Claim()
    gaps: tuple = ()  # pairs of a code and the parameters of its sentence


class DueDebt(NamedTuple):
    """A due line as the database has it; a step is its day, its amount, and whether a credit."""

    id: int
    move_id: int
    partner_id: int
    currency_id: int
    invoice_date: date
    due: date
    amount: str
    steps: list | None

    def get_line(self, first_day, covered=None):
        """Return it as the plain value a claim is computed of.

        :param date first_day: the first day of interest; None: it does not begin
        :param Decimal covered: what counts as paid in time, beside what settled it
        """
        steps = tuple(
            Settlement(date.fromisoformat(day), Decimal(amount), kind == "credit")
            for day, amount, kind in self.steps or ()
        )
        if covered:
            steps += (Settlement(self.due, covered, is_credit=True),)
        return LateLine(self.id, Decimal(self.amount), first_day, steps)


class DunningLineClaimMixin(models.AbstractModel):
    """Late interest and fixed sums on due lines, as of a day (M2).

    Amounts are in the invoice's currency. Payments and credits count on the day of their entry, as
    far as they are matched with the line; a payment of the invoice that has no entry yet on its own
    day. What is not known makes a claim smaller, and is named (rule 22).
    """

    _name = "dunning.line.claim.mixin"
    _description = "Claims on Due Lines"

    def _dunning_compute_claims(self, company, as_of, covered=None, reminding=()):
        """Return what is claimed on these due lines of a company.

        It asks no switch and no right: who calls it does.

        :param date as_of: a day of the company, which is counted
        :param covered: what the customer has to his credit, by line, as the engine spreads it: it
            counts as paid in time
        :param reminding: lines that messages being written remind of on that day: ``{id: whether
            its invoice bears the fee of its message}``
        :return: ``{line id: LineClaim}``
        """
        by_move = defaultdict(list)
        for debt in self._dunning_read_debts():
            by_move[debt.move_id].append(debt)
        customers = {debts[0].partner_id for debts in by_move.values()}
        terms = ClaimTerms(company.sudo(), customers)
        reminded = self._dunning_read_reminded() if terms.ask_reminders else {}
        for line_id, bears in dict(reminding).items() if terms.ask_reminders else ():
            reminded[line_id].append((as_of, bears))
        settled = self.env["dunning.claim"]._find_settled(by_move)
        paid = self._dunning_read_unmatched(company, by_move)
        found = {}
        with disabling_gc():  # a hundred thousand claims, none of them garbage yet
            for move_id, debts in by_move.items():
                payments = terms.convert_payments(paid.get(move_id, ()), debts[0].currency_id)
                day = settled.get(move_id)
                claims = _claim(terms, debts, as_of, reminded, payments, covered or {}, day)
                found.update(claims)
        return found

    def _dunning_read_debts(self):
        """Return these due lines with what settled them, the oldest first, in one query."""
        for model, names in CLAIM_FIELDS.items():
            self.env[model].flush_model(names)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.id, line.move_id, move.commercial_partner_id, line.currency_id,
                       COALESCE(move.invoice_date, move.date),
                       COALESCE(line.date_maturity, line.date),
                       line.amount_currency::text, settled.steps
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
             LEFT JOIN (
                       SELECT partial.debit_move_id,
                              array_agg(ARRAY[
                                  LEAST(credit.date, payment.date,
                                        CASE WHEN entry.move_type = 'out_refund'
                                             THEN entry.invoice_date END)::text,
                                  partial.debit_amount_currency::text,
                                  CASE WHEN journal.type IN ('bank', 'cash', 'credit')
                                       THEN 'money' ELSE 'credit' END]) AS steps
                         FROM account_partial_reconcile partial
                         JOIN account_move_line credit ON credit.id = partial.credit_move_id
                         JOIN account_move entry ON entry.id = credit.move_id
                         JOIN account_journal journal ON journal.id = entry.journal_id
                    LEFT JOIN account_payment payment ON payment.id = entry.origin_payment_id
                        WHERE partial.debit_move_id = ANY(%(lines)s::int[])
                          AND partial.debit_amount_currency > 0
                     GROUP BY partial.debit_move_id
                       ) settled ON settled.debit_move_id = line.id
                 WHERE line.id = ANY(%(lines)s::int[]) AND line.amount_currency > 0
              ORDER BY COALESCE(line.date_maturity, line.date), line.id
                """,
                lines=array_literal(self.ids),
            )
        )
        return [DueDebt(*row) for row in rows]

    def _dunning_read_reminded(self):
        """Return the reminders of each line that left: ``{line id: [(day, bears the fee), …]}``.

        A message has one fee, whatever it reminds of: the invoice that was due first bears it.
        """
        counted = [
            ("kind", "=", "remind"),
            ("state", "=", "sent"),
            ("level_number", ">", 0),
            ("counts", "=", True),
            ("is_test", "=", False),
            ("drop_reason", "=", False),
            ("effective_date", "!=", False),
        ]
        lines = self.env["dunning.reminder.line"].sudo()
        own = lines.search([("move_line_id", "in", self.ids), *counted])
        told = lines.search_fetch(
            [("reminder_id", "in", own.reminder_id.ids), *counted],
            ["reminder_id", "move_id", "move_line_id", "due_date", "effective_date"],
        )
        bearers = {
            reminder: found.sorted(lambda line: (line.due_date, line.id))[:1].move_id
            for reminder, found in told.grouped("reminder_id").items()
        }
        found = defaultdict(list)
        for line in own:
            bears = line.move_id == bearers[line.reminder_id]
            found[line.move_line_id.id].append((line.effective_date, bears))
        return found

    def _dunning_read_unmatched(self, company, move_ids):
        """Return the payments of invoices that have no entry yet: ``{invoice id: [(day, …)]}``.

        Online payments that are under way are among them.
        """
        found = defaultdict(list)
        for move_id, currency_id, day, amount in company._dunning_read_underway(move_ids):
            found[move_id].append((day, currency_id, amount))
        return found


def _claim(terms, debts, as_of, reminded, payments, covered, settled_on):
    """Return what is claimed on the due lines of an invoice: pairs of a line's id and its claim.

    :param ClaimTerms terms: what may be claimed of whom
    :param debts: the lines of the invoice, the one that is due first comes first
    :param reminded: the days of the reminders by line, each with whether it bears the fee
    :param payments: of the invoice, without an entry: (day, amount) in its currency
    :param covered: what the customer has to his credit, by line
    :param settled_on: the day something of its claims was first booked or waived, or None
    """
    first = debts[0]
    chosen = terms.choose(first.partner_id, first.invoice_date)
    if refused := chosen.find_refusal(first.due, as_of):
        late = [debt for debt in debts if debt.due < as_of]
        return [(debt.id, LineClaim(chosen.rule_id, gaps=refused)) for debt in late]
    begins = {debt.id: chosen.get_first_day(debt.due, reminded.get(debt.id)) for debt in debts}
    pure, tiers, gaps = terms.get_terms(chosen, first.currency_id, begins[first.id], first.due)
    lines = [debt.get_line(begins[debt.id], covered.get(debt.id)) for debt in debts]
    sent = chain.from_iterable(reminded.get(debt.id, ()) for debt in debts) if pure.fee else ()
    claims = claim_invoice(lines, as_of, pure, tiers, payments, sent, settled_on)
    return [
        (
            debt.id,
            LineClaim(
                chosen.rule_id,
                claims[debt.id],
                # the fixed sum is one for the invoice: what is missing of it is told once
                _find_gaps(debt, claims[debt.id], as_of, begins, gaps if debt is first else ()),
            ),
        )
        for debt in debts
    ]


def _find_gaps(debt, claim, as_of, begins, gaps):
    """Return what is missing for more of a claim on a due line: pairs of code and parameters."""
    missing = [("no_rate", {"from": start, "to": end}) for start, end in claim.missing]
    if debt.due >= as_of:
        return tuple(missing)
    if not begins[debt.id]:
        missing.append(("not_reminded", {}))
    return (*gaps, *missing)
