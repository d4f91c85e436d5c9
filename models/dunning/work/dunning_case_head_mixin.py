from odoo import models
from odoo.tools import format_amount

MOST_CONTACTS = 6


class DunningCaseHeadMixin(models.AbstractModel):
    """What stands above the open items of a case: ageing, people to talk to, credit limit."""

    _name = "dunning.case.head.mixin"
    _description = "Head of Cases"

    def _get_ages(self):
        """Return what is open by how late it is: label, amount as text, and share in percent."""
        names = ("age_0", "age_30", "age_60", "age_90", "age_over")
        total = sum(max(self[name], 0.0) for name in names)
        return [
            {
                "name": name,
                "label": self._fields[name]._description_string(self.env),
                "amount": format_amount(self.env, self[name], self.currency_id),
                "share": round(100 * max(self[name], 0.0) / total, 1),
            }
            for name in names
            if total and self[name]
        ]

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
