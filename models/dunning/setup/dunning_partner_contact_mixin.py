from odoo import models


class DunningPartnerContactMixin(models.AbstractModel):
    """Which contacts of a customer may get reminders (D6, D7)."""

    _name = "dunning.partner.contact.mixin"
    _description = "Dunning Contacts"

    def _dunning_get_contacts(self):
        """Return the contacts of customers that may get reminders, by customer id."""
        contacts = self.search(
            [
                ("commercial_partner_id", "in", self.ids),
                "|",
                "|",
                ("dunning_preferred", "=", True),
                ("dunning_also", "=", True),
                ("type", "=", "invoice"),
            ]
        )
        return contacts.grouped(lambda contact: contact.commercial_partner_id.id)

    def _dunning_get_recipient_at(self, place, family):
        """Return who is found at one of the places a program names; nobody: empty.

        Who is archived has left: the next place is looked at.
        """
        customer = self.commercial_partner_id
        if place == "dunning":
            return customer.dunning_contact_id.filtered("active")
        if place == "billing":
            return customer.billing_contact_id.filtered("active")
        if place == "invoice":
            is_person = self.parent_id or not self.is_company
            return self.filtered("active") if is_person else self.browse()
        preferred = family.filtered("dunning_preferred")[:1]
        children = family.filtered(lambda child: child.type == "invoice" and child != customer)
        return preferred or children[:1] or customer.filtered("active")

    def _dunning_has_postal_address(self):
        """Whether a letter finds this contact: a street or P.O. box, and a city or postcode."""
        return all(
            any((self[name] or "").strip() for name in names)
            for names in (("street", "street2"), ("city", "zip"))
        )
