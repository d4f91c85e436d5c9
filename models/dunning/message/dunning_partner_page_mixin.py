from collections import defaultdict
from functools import cache

from odoo import models
from odoo.tools import format_amount, format_date


class DunningPartnerPageMixin(models.AbstractModel):
    """What a customer reads about the own open items, on the page that reminders lead to (C5)."""

    _name = "dunning.partner.page.mixin"
    _description = "Open Items for the Customer"

    def _dunning_get_open_facts(self, company, as_of):
        """Return the facts about all open due lines of a customer in a company."""
        customer = self.sudo().commercial_partner_id
        return company._dunning_collect(as_of, partners=customer, by_hand=True)

    def _dunning_get_page(self, company, as_of, lang, facts=None):
        """Return the open items of a customer in a company as texts, a section a currency.

        Amounts are those of the engine: due are instalments, not invoices, less what was paid, is
        on its way or stands to the customer's credit.

        :param date as_of: the company's day
        :param lang: the language of who reads it
        :param facts: the open due lines; None: they are read
        """
        customer = self.sudo().commercial_partner_id
        if facts is None:
            facts = customer._dunning_get_open_facts(company, as_of)
        credits = company._dunning_get_engine()._read_credits(company, facts)
        moves = self.env["account.move"].sudo().browse({fact.move_id for fact in facts})
        invoices = moves.filtered(lambda move: move.is_sale_document(include_receipts=True))
        texts = _Texts(self.env, lang)
        sections = defaultdict(lambda: {"due": [], "later": [], "credits": []})
        for fact in facts:
            row = texts.describe(fact, as_of)
            row["has_pdf"] = fact.move_id in invoices._ids
            kind = "due" if fact.line.due <= as_of else "later"
            sections[fact.currency_id][kind].append(row)
        for row in credits.get(customer.id, []):
            if row["currency_id"] not in sections:
                continue
            sections[row["currency_id"]]["credits"].append(
                {
                    "number": row["move_name"] or "",
                    "date": texts.day(row["invoice_date"]),
                    "amount": texts.amount(row["amount_residual"], row["currency_id"]),
                }
            )
        for currency_id, section in sections.items():
            section["currency"] = self.env["res.currency"].browse(currency_id).name
            for kind in ("due", "later"):
                total = sum(row["open"] for row in section[kind])
                section[f"total_{kind}"] = texts.amount(total, currency_id)
        return list(sections.values())


class _Texts:
    """Days and amounts as texts; the same ones are written once."""

    def __init__(self, env, lang):
        self.currencies = env["res.currency"]
        self.day = cache(lambda day: format_date(env, day, lang))
        self.amount = cache(
            lambda amount, currency: format_amount(
                env, amount, self.currencies.browse(currency), lang
            )
        )

    def describe(self, fact, as_of):
        """Return one open item as texts, and what is left of it as a number."""
        late = (as_of - fact.line.due).days
        currency = self.currencies.browse(fact.currency_id)
        settled = fact.residual - fact.open_amount
        return {
            "id": fact.id,
            "move_id": fact.move_id,
            "number": fact.move_name or "",
            "date": self.day(fact.invoice_date) if fact.invoice_date else "",
            "due": self.day(fact.line.due),
            "late": max(late, 0),
            "open": fact.open_amount,
            "amount": self.amount(fact.residual, currency.id),
            "left": self.amount(fact.open_amount, currency.id),
            "settled": "" if currency.is_zero(settled) else self.amount(settled, currency.id),
        }
