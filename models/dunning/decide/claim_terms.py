from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta

from ....tools.dunning.claim import CENT
from ....tools.dunning.credit import exact
from ....tools.dunning.ladder import add_days

# A rate of exchange that is older is not the rate of that day.
FRESH = timedelta(days=31)
# no interest is ever as much
OUT_OF_REACH = Decimal("Infinity")


class Chosen(NamedTuple):
    """A rule with what is asked of it for each line: reading a record 100,000 times is slow."""

    rule: Any
    rule_id: int | None
    gaps: tuple  # why nothing is claimed at all: pairs of code and parameters
    begins: str
    begins_days: int
    currency_id: int
    conversion: str
    bar_years: int
    bar_from: str

    def get_first_day(self, due, reminded):
        """Return the first day of interest of a due line; None as long as it does not begin.

        :param date due: the day it is due
        :param reminded: the reminders that left: pairs of (day, whether it bears the fee); one
            before it was due does not count
        """
        if self.begins == "reminder":
            later = [day for day, _bears in reminded or () if day >= due]
            return add_days(min(later), 1) if later else None
        return add_days(due, self.begins_days if self.begins == "days" else 1)

    def find_refusal(self, due, as_of):
        """Return why nothing is claimed at all on a due line as of a day; empty: something may be.

        Barred by time it is only where the rule names a period.
        """
        if self.gaps or not self.bar_years:
            return self.gaps
        begin = due.replace(month=12, day=31) if self.bar_from == "year" else due
        return (("barred", {}),) if as_of > begin + relativedelta(years=self.bar_years) else ()

    def get_conversion_day(self, currency_id, first_day, due):
        """Return whose day's rate of exchange fixed sums are converted at; None: they are not."""
        if self.currency_id == currency_id or self.conversion == "none":
            return None
        return add_days(due.replace(day=1), -1) if self.conversion == "month_before" else first_day


class ClaimTerms:
    """What a company may claim of whom: the rules and rates in use, read once for a computation.

    Not a model: it lives as long as one computation, which asks the same of thousands of lines.
    """

    def __init__(self, company, partner_ids):
        """
        :param company: the company, as superuser
        :param partner_ids: the customers that are asked about
        """
        self.env, self.company = company.env, company
        self.rules = self.env["dunning.charge.rule"]._read_used(company)
        self.rates = self.env["dunning.rate"]._read_used()
        self.ask_reminders = any(rule.begins == "reminder" or rule.fee for rule in self.rules)
        # read together, and once: fields of records are slow to ask for 100,000 lines
        partners = self.env["res.partner"].browse(partner_ids)
        partners.fetch(["country_id", *partners._dunning_get_debtor_fields()])
        self._debtors = {
            partner.id: (partner.country_id.id, partner._dunning_get_debtor_kind())
            for partner in partners
        }
        self._chosen, self._fitting, self._terms, self._fresh = {}, {}, {}, {}

    def choose(self, partner_id, invoice_date):
        """Return what rule a customer's invoice falls under, as ``Chosen``.

        :param int partner_id: the customer
        """
        country_id, kind = self._debtors[partner_id]
        key = (country_id, kind, invoice_date)
        if key not in self._chosen:
            rule = self._choose(country_id, kind, invoice_date)
            code = None
            if not rule:
                code = "no_rule" if country_id else "no_country"
            elif rule.interest == "none" and not rule.tier_ids and not rule.fee:
                code = "refused"
            self._chosen[key] = Chosen(
                rule,
                rule.id or None,
                ((code, {"kind": kind, "country_id": country_id}),) if code else (),
                *(rule.begins, rule.begins_days, rule.currency_id.id, rule.conversion),
                *(rule.bar_years, rule.bar_from),
            )
        return self._chosen[key]

    def _choose(self, country_id, kind, invoice_date):
        """Return the first rule that fits: looked for once per country and kind, then by date."""
        fitting = self._fitting.get((country_id, kind))
        if fitting is None:
            country = self.env["res.country"].browse(country_id or [])
            rules = self.rules._find_fitting(country, kind)
            fitting = [(rule.date_from, rule) for rule in rules]
            self._fitting[country_id, kind] = fitting
        for date_from, rule in fitting:
            if not date_from or date_from <= invoice_date:
                return rule
        return self.rules.browse()

    def get_terms(self, chosen, currency_id, first_day, due):
        """Return what an invoice's claim is computed by: rule, fixed sums, and what is missing.

        :param Chosen chosen: the rule it falls under
        :param int currency_id: the currency of the invoice
        :param date first_day: of interest on the line that is due first, or None
        :param date due: the day that line is due
        """
        day = chosen.get_conversion_day(currency_id, first_day, due)
        key = (chosen.rule_id, currency_id, day)
        if key not in self._terms:
            self._terms[key] = self._find_terms(chosen.rule, currency_id, day)
        return self._terms[key]

    def _find_terms(self, rule, currency_id, day):
        currency = self.env["res.currency"].browse(currency_id)
        unit = Decimal(str(currency.rounding or CENT))
        tiers, minimum, fee, gaps = rule._get_tiers(), exact(rule.minimum), exact(rule.fee), ()
        if rule.currency_id != currency and (tiers or minimum or fee):
            sums = (tiers, minimum, fee)
            tiers, minimum, fee, gaps = self._convert_sums(rule, currency, day, *sums)
        return rule._get_pure(self.rates, unit, minimum, fee), tiers, gaps

    def _convert_sums(self, rule, currency, day, tiers, minimum, fee):
        """Return fixed sums, minimum and fee in a currency, and why they are not converted.

        :param date day: at whose rate of exchange; None: they are not converted, or not yet
        """
        ids = (rule.currency_id.id, currency.id)
        if day and self._is_known(rule.currency_id, day) and self._is_known(currency, day):
            tiers = [tuple(self.convert(amount, *ids, day) for amount in tier) for tier in tiers]
            minimum, fee = (self.convert(amount, *ids, day) for amount in (minimum, fee))
            return tiers, minimum, fee, ()
        gaps = ()
        # before a first reminder there is no day yet, which is told
        if day or rule.conversion == "none":
            code = "no_conversion" if day else "not_converted"
            names = {"from": rule.currency_id.name, "to": currency.name}
            gaps = ((f"{code}_all" if minimum else code, names),)
        return [], OUT_OF_REACH if minimum else minimum, exact(0), gaps

    def _is_known(self, currency, day):
        """Whether the company has a rate of exchange of about that day.

        Odoo would take any other, or 1.
        """
        if currency == self.company.currency_id:
            return True
        key = (currency.id, day)
        if key not in self._fresh:
            self._fresh[key] = bool(
                self.env["res.currency.rate"].search_count(
                    [
                        ("currency_id", "=", currency.id),
                        ("company_id", "in", (False, self.company.root_id.id)),
                        ("name", "<=", day),
                        ("name", ">", day - FRESH),
                    ],
                    limit=1,
                )
            )
        return self._fresh[key]

    def convert_payments(self, paid, to_id):
        """Return payments in one currency, as pairs of a day and an amount.

        :param paid: (day, currency id, amount) of each
        """
        return [(day, self.convert(amount, from_id, to_id, day)) for day, from_id, amount in paid]

    def convert(self, amount, from_id, to_id, day: date):
        """Return an amount in another currency, at the company's rate of a day, exactly."""
        if from_id == to_id:
            return exact(amount)
        currencies = self.env["res.currency"]
        given, wanted = currencies.browse(from_id), currencies.browse(to_id)
        return exact(given._convert(float(amount), wanted, self.company, day))
