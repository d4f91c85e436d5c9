from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from ....tools.common.sql_array import array_literal
from ....tools.common.value_bounds import find_problem
from ....tools.dunning.claim import ZERO
from ....tools.dunning.credit import exact
from ...common.rate_text import format_rate

# what Odoo says of an invoice that nothing is claimed on
HELD = ("reversed", "blocked", "invoicing_legacy")


class DunningInvoiceClaimMixin(models.AbstractModel):
    """Late interest and fixed sum of an invoice, as of a day; account.move only calls it."""

    _name = "dunning.invoice.claim.mixin"
    _description = "Claims of Invoices"

    def _dunning_get_claim(self, as_of=None):
        """Return what is claimed on an invoice as of a day, whatever the switches say.

        :param as_of: the day, which is counted; by default the company's today
        :return: ``currency`` (its code), ``interest`` and ``fixed_sum`` (in that currency), the
            ``parts`` of the interest and what is ``missing``, each with a ``reason``
        """
        return self._dunning_sum_claims(self._dunning_get_line_claims(as_of))

    def _dunning_get_line_claims(self, as_of=None):
        """Return the claims on the due lines of an invoice: ``{line id: LineClaim}``."""
        self.ensure_one()
        company = self.company_id.sudo()
        day = self._dunning_get_claim_day(as_of) or company._get_job_today()
        return self._dunning_get_claims(company, day).get(self.id, {})

    def _dunning_get_claims(self, company, as_of, reminding=()):
        """Return the claims on the due lines of invoices: ``{invoice id: {line id: LineClaim}}``.

        :param company: that of the invoices, as superuser
        :param date as_of: a day of the company, which is counted
        :param reminding: due lines that the messages being written remind of on that day:
            ``{id: whether its invoice bears the fee of its message}``
        """
        moves = self.filtered(lambda move: not move._dunning_get_claim_hold())
        if not moves:
            return {}
        receivable = Domain("account_type", "=", "asset_receivable")
        lines = self.env["account.move.line"].sudo()
        lines = lines.search(Domain("move_id", "in", moves.ids) & receivable)
        # what the customer has to his credit counts, though nobody matched it yet (rule 9)
        facts = company._dunning_collect(as_of, partners=moves.sudo().commercial_partner_id)
        own = set(lines.ids)
        covered = {
            fact.id: exact(fact.payable) - exact(fact.open_amount)
            for fact in facts
            if fact.id in own
        }
        found = lines._dunning_compute_claims(company, as_of, covered, reminding)
        move_ids = {line.id: line.move_id.id for line in lines}
        result = defaultdict(dict)
        for line_id, claim in found.items():
            result[move_ids[line_id]][line_id] = claim
        return result

    def _dunning_take_claims(self):
        """Let whoever books or waives claims on these invoices at the same time come after.

        The other's transaction fails on the rows that were written, and Odoo plays it again: then
        it sees what was booked or waived. A lock alone would not be enough for that.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE account_move SET write_date = write_date WHERE id = ANY(%s::int[])",
                array_literal(sorted(self.ids)),
            )
        )

    @api.model
    def _dunning_get_claim_day(self, as_of):
        """Return a day that was given as a date or as text; None: none was.

        :raises UserError: it is no day, or one of another age
        """
        try:
            day = fields.Date.to_date(as_of)
        except (KeyError, TypeError, ValueError):
            day = None
        if as_of and (not day or find_problem("date", day)):
            raise UserError(
                self.env._("This is not a day: %(day)s. Write it as 2026-03-31.", day=as_of)
            )
        return day

    def _dunning_get_claim_hold(self):
        """Return the code why nothing at all is claimed on this entry; None: something may be."""
        if self.move_type not in ("out_invoice", "out_receipt") or self.state != "posted":
            return "no_invoice"
        if self.sudo().dunning_claim_ids:
            return "charge"
        # Odoo's own state is read, as reminders read it (rule 9)
        return self.payment_state if self.payment_state in HELD else None

    def _dunning_sum_claims(self, claims):
        """Return the claims on the due lines of an invoice as one, see ``_dunning_get_claim``."""
        currency, missing, parts = self.currency_id, [], []
        if code := self._dunning_get_claim_hold():
            missing.append(self._dunning_tell_gap(code, {}))
        for line_id, found in claims.items():
            parts += [self._dunning_get_part(line_id, part) for part in found.claim.parts]
            for code, params in found.gaps:
                gap = self._dunning_tell_gap(code, params)
                if gap not in missing:
                    missing.append(gap)
        interest = sum((found.claim.interest for found in claims.values()), ZERO)
        fixed_sum = sum((found.claim.fixed_sum for found in claims.values()), ZERO)
        return {
            "currency": currency.name,
            "interest": currency.round(float(interest)),
            "fixed_sum": currency.round(float(fixed_sum)),
            "parts": parts,
            "missing": missing,
        }

    @api.model
    def _dunning_get_part(self, line_id, part):
        return {
            "line_id": line_id,
            "from": part.start,
            "to": part.end,
            "days": part.days,
            "rate": float(part.rate),
            "base": float(part.base),
            "amount": float(part.amount),
        }

    @api.model
    def _dunning_tell_gap(self, code, params):
        """Return why less is claimed, as a dict with the days it is about and a ``reason``."""
        days = {"from": False, "to": False}
        if code == "no_rate":
            days = {name: params[name] for name in days}
            params = {name: format_date(self.env, day) for name, day in days.items()}
        elif "kind" in params:
            kinds = dict(self.env["dunning.charge.rule"]._get_debtor_kinds())
            country = self.env["res.country"].sudo().browse(params["country_id"] or [])
            params = {
                "kind": kinds[params["kind"]],
                "country": country.name or self.env._("customers without a country"),
            }
        reasons = self._dunning_get_gap_reasons() | self._dunning_get_conversion_reasons()
        return {**days, "reason": reasons[code] % params if params else reasons[code]}

    @api.model
    def _dunning_get_gap_reasons(self):
        """Return why less or nothing is claimed, by code; what is named in it is filled in."""
        return {
            "no_invoice": self.env._("Late payment is charged on posted customer invoices only."),
            "charge": self.env._(
                "This invoice charges for late payment: nothing is claimed on it."
            ),
            "reversed": self.env._("The invoice was reversed."),
            "blocked": self.env._("The invoice is blocked for payment."),
            "invoicing_legacy": self.env._(
                "The invoice was paid before bookkeeping was used here."
            ),
            "no_country": self.env._("The customer has no country: no rule is known."),
            "no_rule": self.env._("No rule is in use for %(country)s: %(kind)s."),
            "barred": self.env._("The claim is barred by time: the period of the rule is over."),
            "refused": self.env._("Nothing may be charged in %(country)s: %(kind)s."),
            "not_reminded": self.env._(
                "Interest begins after a first reminder, and none was sent."
            ),
            "no_rate": self.env._("From %(from)s to %(to)s no rate is known."),
        }

    @api.model
    def _dunning_get_conversion_reasons(self):
        """Return why amounts of a rule in another currency are not claimed, by code."""
        return {
            "no_conversion": self.env._(
                "No rate of the day converts %(from)s into %(to)s: no fixed sum is claimed."
            ),
            "no_conversion_all": self.env._(
                "No rate of the day converts %(from)s into %(to)s: neither a fixed sum nor "
                "interest, which has a minimum, is claimed."
            ),
            "not_converted": self.env._(
                "The fixed sum is not converted from %(from)s into %(to)s."
            ),
            "not_converted_all": self.env._(
                "Fixed sum and minimum are not converted from %(from)s into %(to)s: nothing is "
                "claimed."
            ),
        }

    # === ON THE INVOICE'S DUNNING PAGE === #

    def _dunning_get_claim_page(self):
        """Return today's claim as texts; False where there is none or the program computes none."""
        self.ensure_one()
        computes = self.dunning_effective_program_id.sudo().charge_compute
        if not computes or self._dunning_get_claim_hold():
            return False
        day, currency = self.company_id.sudo()._get_job_today(), self.currency_id
        claims = self._dunning_get_line_claims(day)
        claim = self._dunning_sum_claims(claims)
        if not any(claim[name] for name in ("interest", "fixed_sum", "missing")):
            return False
        rule_ids = {found.rule_id for found in claims.values() if found.rule_id}
        rules = self.env["dunning.charge.rule"].sudo().browse(rule_ids)
        total = claim["interest"] + claim["fixed_sum"]
        left = self._dunning_get_claim_left(day, claims)
        settled = total - left
        return {
            "interest": format_amount(self.env, claim["interest"], currency),
            "fixed_sum": format_amount(self.env, claim["fixed_sum"], currency),
            "total": format_amount(self.env, total, currency),
            "settled": not currency.is_zero(settled) and format_amount(self.env, settled, currency),
            "left": format_amount(self.env, left, currency),
            "has_left": not currency.is_zero(left),
            "day": format_date(self.env, day),
            "rules": [{"id": rule.id, "name": rule.name} for rule in rules],
            "missing": [gap["reason"] for gap in claim["missing"]],
            "parts": [self._dunning_tell_part(part) for part in claim["parts"]],
        }

    def _dunning_get_claim_left(self, day, claims):
        """Return what was neither booked nor waived of the claims on this invoice as of a day."""
        left = self.env["dunning.claim"].sudo()._deduct(self, day, claims)
        return self.currency_id.round(sum(values["amount"] for values in left))

    def _dunning_tell_part(self, part):
        return {
            "from": format_date(self.env, part["from"]),
            "to": format_date(self.env, part["to"]),
            "days": part["days"],
            "rate": format_rate(self.env, part["rate"]),
            "base": format_amount(self.env, part["base"], self.currency_id),
            "amount": format_amount(self.env, part["amount"], self.currency_id),
        }
