from odoo import models
from odoo.tools import format_amount

from ....tools.dunning.ageing import age
from ....tools.dunning.credit import exact
from .dunning_case_refresh_mixin import AGES

MOST_CONTACTS = 6


class DunningCaseHeadMixin(models.AbstractModel):
    """What stands above the open items of a case: ageing, people to talk to, credit limit."""

    _name = "dunning.case.head.mixin"
    _description = "Head of Cases"

    def _get_ages(self, facts):
        """Return what is open by how late it is, a bar for each currency.

        :param facts: decided facts about what is open
        :return: ``[{"currency": name, "parts": [{"name", "label", "amount", "share"}, …]}, …]``:
            amounts as texts, shares in percent
        """
        today = self.company_id._get_job_today()
        by_currency = {}
        for fact in facts:
            left = exact(fact.open_amount) + exact(fact.found)
            late = (today - fact.line.due).days
            by_currency.setdefault(fact.currency_id, []).append((late, left))
        currencies = self.env["res.currency"].browse(by_currency)
        return [
            {
                "currency": currency.name,
                "parts": self._get_age_parts(age(by_currency[currency.id]), currency),
            }
            for currency in currencies
        ]

    def _get_age_parts(self, amounts, currency):
        total = sum(amounts)
        return [
            {
                "name": name,
                "label": self._fields[name]._description_string(self.env),
                "amount": format_amount(self.env, float(amount), currency),
                "share": round(float(100 * amount / total), 1),
            }
            for name, amount in zip(AGES, amounts, strict=True)
            if amount
        ]

    def _get_company_total(self, facts):
        """Return what is open in the company's currency as a text, where others are open too."""
        if {fact.currency_id for fact in facts} <= {self.currency_id.id}:
            return ""
        return format_amount(self.env, self.open_amount, self.currency_id)

    def _get_contacts(self):
        """Return the people to talk to: what they are for, telephone and e-mail address."""
        customer = self.partner_id
        children = customer.child_ids
        roles = {
            self.env._("Dunning contact"): customer.dunning_contact_id,
            self.env._("Billing contact"): customer.billing_contact_id,
            "": customer,
            self.env._("Invoices"): children.filtered(lambda one: one.type == "invoice"),
            None: children,
        }
        found = {}
        for role, people in roles.items():
            for person in people.filtered(lambda one: one.active and (one.phone or one.email)):
                found.setdefault(person, []).append(role)
        return [
            {
                "id": person.id,
                "name": person.name or person.display_name,
                "role": ", ".join(filter(None, [person.function, *dict.fromkeys(names)])),
                "phone": person.phone or "",
                "email": person.email or "",
            }
            for person, names in list(found.items())[:MOST_CONTACTS]
        ]

    def _get_trials(self):
        """Return in which control groups the customer is, a sentence each."""
        members = self.env["dunning.trial.member"]._get_current(
            self.company_id, self.partner_id, self.company_id._get_job_today()
        )
        return members._get_sentences()

    def _get_credit(self):
        """Return how much of the customer's credit limit is used, as a text; no limit: empty."""
        customer = self.partner_id
        if not customer.use_partner_credit_limit:
            return ""
        return self.env._(
            "%(used)s of %(limit)s",
            used=format_amount(self.env, customer.credit, self.currency_id),
            limit=format_amount(self.env, customer.credit_limit, self.currency_id),
        )
