from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, formatLang

from ....tools.dunning.claim import ZERO


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
        try:
            day = fields.Date.to_date(as_of) or company._get_job_today()
        except (TypeError, ValueError):
            raise UserError(
                self.env._("This is not a day: %(day)s. Write it as 2026-03-31.", day=as_of)
            ) from None
        if not self._dunning_bears_claim():
            return {}
        lines = self.sudo().line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        return lines._dunning_compute_claims(company, day)

    def _dunning_bears_claim(self):
        return self.move_type in ("out_invoice", "out_receipt") and self.state == "posted"

    def _dunning_sum_claims(self, claims):
        """Return the claims on the due lines of an invoice as one, see ``_dunning_get_claim``."""
        currency, missing, parts = self.currency_id, [], []
        if not self._dunning_bears_claim():
            missing.append(self._dunning_tell_gap("no_invoice", {}))
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
        rules = self.env["dunning.charge.rule"]
        kinds = dict(rules._fields["debtor_kind"]._description_selection(self.env))
        country = self.env["res.country"].sudo().browse(params.get("country_id") or [])
        names = {"kind": kinds.get(params.get("kind"), ""), "country": country.name or ""}
        days = {
            name: format_date(self.env, params[name])
            for name in ("from", "to")
            if code == "no_rate"
        }
        reasons = {
            "no_invoice": lambda: self.env._("Only posted customer invoices bear a claim."),
            "no_country": lambda: self.env._("The customer has no country: no rule is known."),
            "no_rule": lambda: self.env._("No rule is in use for %(country)s: %(kind)s.", **names),
            "refused": lambda: self.env._(
                "Nothing may be charged in %(country)s: %(kind)s.", **names
            ),
            "not_reminded": lambda: self.env._(
                "Interest begins after a first reminder, and none was sent."
            ),
            "no_rate": lambda: self.env._("From %(from)s to %(to)s no rate is known.", **days),
            "no_conversion": lambda: self.env._(
                "No rate of the day converts %(from)s into %(to)s: no fixed sum is claimed.",
                **params,
            ),
            "not_converted": lambda: self.env._(
                "The fixed sum is not converted from %(from)s into %(to)s.", **params
            ),
        }
        return {
            "from": params["from"] if days else False,
            "to": params["to"] if days else False,
            "reason": reasons[code](),
        }

    # === ON THE INVOICE'S DUNNING PAGE === #

    def _dunning_get_claim_page(self):
        """Return today's claim as texts; False where the invoice's program computes none."""
        self.ensure_one()
        if not self.dunning_effective_program_id.sudo().charge_compute:
            return False
        claims, currency = self._dunning_get_line_claims(), self.currency_id
        rule_ids = {found.rule_id for found in claims.values() if found.rule_id}
        rules = self.env["dunning.charge.rule"].sudo().browse(rule_ids)
        claim = self._dunning_sum_claims(claims)
        total = claim["interest"] + claim["fixed_sum"]
        return {
            "interest": format_amount(self.env, claim["interest"], currency),
            "fixed_sum": format_amount(self.env, claim["fixed_sum"], currency),
            "total": format_amount(self.env, total, currency),
            "day": format_date(self.env, self.company_id.sudo()._get_job_today()),
            "rules": [{"id": rule.id, "name": rule.name} for rule in rules],
            "missing": [gap["reason"] for gap in claim["missing"]],
            "parts": [
                {
                    "from": format_date(self.env, part["from"]),
                    "to": format_date(self.env, part["to"]),
                    "days": part["days"],
                    "rate": formatLang(self.env, part["rate"], digits=2),
                    "base": format_amount(self.env, part["base"], currency),
                    "amount": format_amount(self.env, part["amount"], currency),
                }
                for part in claim["parts"]
            ],
        }
