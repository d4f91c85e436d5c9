from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ....tools.common.sql_array import array_literal
from ....tools.dunning.claim import ZERO
from ....tools.dunning.credit import exact
from ....tools.dunning.invoice_claim import deduct
from ...common.due_line import DUE_LINE_HELP
from ...common.rate_text import format_rate

# What was booked and is still in the books, and what was waived, by invoice. Odoo calls reversed
# what credit notes alone settled, of other goods too: only its own give it back.
SETTLED = """
   SELECT claim.move_id, claim.date, claim.interest_due AS interest,
          claim.fixed_sum_due AS fixed_sum, NULL::numeric AS most
     FROM dunning_claim claim
     JOIN account_move charge ON charge.id = claim.charge_move_id
    WHERE claim.move_id = ANY(%(moves)s::int[]) AND charge.state = ANY(%(states)s)
      AND (charge.payment_state IS DISTINCT FROM 'reversed'
           OR charge.amount_total > (
              SELECT COALESCE(sum(partial.debit_amount_currency), 0)
                FROM account_move_line debit
                JOIN account_partial_reconcile partial ON partial.debit_move_id = debit.id
                JOIN account_move_line credit ON credit.id = partial.credit_move_id
                JOIN account_move refund ON refund.id = credit.move_id
               WHERE debit.move_id = charge.id AND refund.reversed_entry_id = charge.id))
UNION ALL
   SELECT waiver.move_id, waiver.date, waiver.interest, waiver.fixed_sum,
          CASE WHEN waiver.includes_later THEN COALESCE(waiver.interest_until, 0) END
     FROM dunning_waiver waiver
    WHERE waiver.move_id = ANY(%(moves)s::int[]) AND waiver.withdrawn_date IS NULL
      AND waiver.id <> ALL(%(without)s::int[])
"""


SETTLED_FIELDS = {
    "account.move": ("amount_total", "payment_state", "reversed_entry_id", "state"),
    "account.move.line": ("move_id",),
    "account.partial.reconcile": ("credit_move_id", "debit_amount_currency", "debit_move_id"),
    "dunning.claim": ("charge_move_id", "date", "fixed_sum_due", "interest_due", "move_id"),
    "dunning.waiver": (
        *("date", "fixed_sum", "includes_later", "interest", "interest_until"),
        *("move_id", "withdrawn_date"),
    ),
}


class Settled(NamedTuple):
    """What of the claims on an invoice was booked or waived before."""

    interest: Decimal = ZERO
    fixed_sum: Decimal = ZERO
    first_day: date | None = None
    most: Decimal | None = None  # interest that ran on above it was waived too


class DunningClaim(models.Model):
    """What was claimed on a due line as of a day, frozen as it was told or booked (M2, M3).

    Amounts are in the invoice's currency. ``interest`` and ``fixed_sum`` are what the rule gives
    up to that day; ``interest_due`` and ``fixed_sum_due`` what was left of it to claim, after what
    had been booked or waived before. A rate that is corrected later changes neither.
    """

    _name = "dunning.claim"
    _description = "Claim"
    _is_engine_made = True
    _inherit = "recurrence.dunning.own.record.mixin"
    _order = "date desc, id desc"
    _rec_name = "move_name"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Due Line",
        help=DUE_LINE_HELP,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_name = fields.Char(string="Number", readonly=True)
    date = fields.Date(string="As of", required=True, readonly=True, index=True)
    rule_id = fields.Many2one("dunning.charge.rule", readonly=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    interest = fields.Monetary(readonly=True, aggregator=None)
    fixed_sum = fields.Monetary(readonly=True, aggregator=None)
    interest_due = fields.Monetary(
        string="Interest Claimed",
        readonly=True,
        aggregator=None,
        help="Less what was booked or waived before.",
    )
    fixed_sum_due = fields.Monetary(
        string="Fixed Sum Claimed",
        readonly=True,
        aggregator=None,
        help="Less what was booked or waived before.",
    )
    amount = fields.Monetary(string="Claimed", readonly=True, aggregator=None)
    parts = fields.Json(readonly=True, help="The parts of the interest, as they were computed.")
    gaps = fields.Json(readonly=True, help="Why no more is claimed: codes with their figures.")
    missing_text = fields.Char(string="Not Claimed", compute="_compute_texts")
    parts_text = fields.Text(string="Computation", compute="_compute_texts")
    difference_text = fields.Char(string="Computed Today", compute="_compute_difference_text")
    charge_move_id = fields.Many2one(
        "account.move",
        string="Charged on",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help=(
            "The invoice on which it was booked. If that is cancelled, reversed or deleted, it can "
            "be claimed again."
        ),
    )

    @api.depends("parts", "gaps", "currency_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        moves = self.env["account.move"]
        for claim in self:
            gaps = [moves._dunning_tell_gap(*_read_gap(gap)) for gap in claim.gaps or ()]
            claim.missing_text = " ".join(gap["reason"] for gap in gaps)
            claim.parts_text = "\n".join(claim._tell_part(part) for part in claim.parts or ())

    @api.depends("interest", "fixed_sum", "move_id", "date")
    @api.depends_context("lang")
    def _compute_difference_text(self):
        """Tell where rule, rates or payments known today give another claim for the same day."""
        for claim in self:
            claim.difference_text = False
        for (company, day), found in self.grouped(lambda one: (one.company_id, one.date)).items():
            computed = found.move_id._dunning_get_claims(company.sudo(), day)
            for claim in found.filtered("move_line_id"):
                claim.difference_text = claim._tell_difference(computed.get(claim.move_id.id, {}))

    def _tell_difference(self, computed):
        found = computed.get(self.move_line_id.id)
        total, told = found.claim.total if found else ZERO, self.interest + self.fixed_sum
        if found and self.charge_move_id:
            # what was booked stands on lines of its own
            total = found.claim.interest if self.interest else found.claim.fixed_sum
        if not self.currency_id.compare_amounts(float(total), told):
            return False
        return self.env._(
            "%(now)s instead of %(then)s",
            now=self.currency_id.format(float(total)),
            then=self.currency_id.format(told),
        )

    def _tell_part(self, part):
        """Return one part of the interest as a line of text."""
        return self.env._(
            "%(start)s to %(end)s (days: %(days)s), %(rate)s %% a year on %(base)s: %(amount)s",
            start=format_date(self.env, part["from"]),
            end=format_date(self.env, part["to"]),
            days=part["days"],
            rate=format_rate(self.env, part["rate"]),
            base=self.currency_id.format(part["base"]),
            amount=self.currency_id.format(part["amount"]),
        )

    def _sort_by_due_date(self):
        """Return these claims in the order their invoices were due."""
        return self.sorted(lambda claim: (claim.move_id.invoice_date_due or claim.date, claim.id))

    # === WHAT IS LEFT TO CLAIM === #

    @api.model
    def _prepare_claims(
        self, company, moves, as_of, *, without=None, reminding=(), posted_only=False
    ):
        """Return what is left to claim on invoices of a company as of a day.

        It asks no switch and no right: who calls it does.

        :param moves: the invoices, with other entries among them on which nothing is claimed
        :param without: waivers that are not looked at
        :param reminding: as ``account.move._dunning_get_claims`` takes it
        :param posted_only: what stands on a draft was not charged yet
        :return: list of values, one for each due line with a claim or with something missing, in
            the order of the invoices and of their due dates
        """
        found = moves._dunning_get_claims(company, as_of, reminding)
        settled = self._read_settled(moves, without, posted_only)
        result = []
        for move in moves.sudo():
            claims = found.get(move.id, {})
            if not claims:
                code = move._dunning_get_claim_hold()
                result += [self._prepare_gap(move, as_of, code)] if code else []
                continue
            result += self._prepare_lines(move, as_of, claims, settled.get(move.id, Settled()))
        return result

    @api.model
    def _sum_left(self, company, moves, as_of, reminding=()):
        """Return what is left to claim on invoices: ``{customer id: {currency: amount}}``."""
        totals = defaultdict(lambda: defaultdict(float))
        for values in self._prepare_claims(company, moves, as_of, reminding=reminding):
            if values.get("amount"):
                currency = self.env["res.currency"].browse(values["currency_id"])
                totals[values["partner_id"]][currency] += values["amount"]
        return totals

    @api.model
    def _find_settled(self, move_ids):
        """Return since when something of the claims on invoices was booked or waived.

        :return: ``{invoice id: first day}`` of those of which something was
        """
        settled = self._read_settled(self.env["account.move"].browse(move_ids))
        return {move_id: found.first_day for move_id, found in settled.items()}

    @api.model
    def _deduct(self, move, as_of, claims):
        """Return the values of claims on the due lines of an invoice, less what was settled."""
        settled = self._read_settled(move).get(move.id, Settled())
        return self._prepare_lines(move, as_of, claims, settled)

    @api.model
    def _prepare_lines(self, move, as_of, claims, settled):
        """Return the values of the claims on the due lines of an invoice, see above."""
        interests = [found.claim.interest for found in claims.values()]
        waived, total = settled.interest, sum(interests, ZERO)
        if settled.most is not None:
            waived += max(total - settled.most, ZERO)
        rows = zip(
            claims.items(),
            deduct(interests, waived),
            deduct([found.claim.fixed_sum for found in claims.values()], settled.fixed_sum),
            strict=True,
        )
        return [
            {
                **self._prepare_shared(move, as_of),
                "move_line_id": line_id,
                "rule_id": found.rule_id,
                "interest": float(found.claim.interest),
                "fixed_sum": float(found.claim.fixed_sum),
                "interest_due": float(interest),
                "fixed_sum_due": float(fixed_sum),
                "amount": float(interest + fixed_sum),
                "parts": [
                    _write_days(move._dunning_get_part(line_id, part)) for part in found.claim.parts
                ],
                "gaps": [[code, _write_days(params)] for code, params in found.gaps],
            }
            for (line_id, found), interest, fixed_sum in rows
            if found.claim.total or found.gaps
        ]

    @api.model
    def _prepare_gap(self, move, as_of, code):
        return {**self._prepare_shared(move, as_of), "gaps": [[code, {}]]}

    @api.model
    def _prepare_shared(self, move, as_of):
        return {
            "company_id": move.company_id.id,
            "partner_id": move.commercial_partner_id.id,
            "move_id": move.id,
            "move_name": move.name,
            "currency_id": move.currency_id.id,
            "date": as_of,
        }

    @api.model
    def _read_settled(self, moves, without=None, posted_only=False):
        """Return what of the claims on invoices was booked or waived: ``{invoice id: Settled}``."""
        for model, names in SETTLED_FIELDS.items():
            self.env[model].flush_model(names)
        rows = self.env.execute_query(
            SQL(
                "SELECT move_id, sum(interest), sum(fixed_sum), min(date), min(most)"
                "  FROM (%s) settled GROUP BY move_id",
                SQL(
                    SETTLED,
                    moves=array_literal(moves.ids),
                    without=without.ids if without else [],
                    states=["posted"] if posted_only else ["posted", "draft"],
                ),
            )
        )
        return {
            move_id: Settled(
                exact(interest), exact(fixed_sum), first_day, None if most is None else exact(most)
            )
            for move_id, interest, fixed_sum, first_day, most in rows
        }


def _write_days(values):
    """Return values as JSON keeps them: days as text."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }


def _read_gap(gap):
    """Return code and parameters of what JSON kept."""
    code, params = gap
    if code == "no_rate":
        params = {name: fields.Date.to_date(day) for name, day in params.items()}
    return code, params
