from odoo import api, models
from odoo.tools import email_normalize_all

from ....tools.common.header_text import first_line
from ....tools.dunning.obstacle import Obstacle
from ...common.mail_addresses import find_addresses


class DunningProgram(models.Model):
    """To whom a reminder goes (D6, D7)."""

    _inherit = "dunning.program"

    # === RECIPIENTS === #

    @api.model
    def _find_recipients(self, company, programs_contacts):
        """Find the recipients for due lines.

        :param company: whose values of the customers are read
        :param programs_contacts: pairs of (program, partner of the due line), each pair once
        :return: ``{(program id, partner id): (recipient or empty, partners in copy)}``
        """
        partners = self.env["res.partner"].with_company(company)
        # one recordset for all: what is read of one customer is read of all of them at once
        contacts = partners.browse({contact.id for _program, contact in programs_contacts})
        by_id = {contact.id: contact for contact in contacts}
        related = contacts.commercial_partner_id._dunning_get_contacts()
        result = {}
        for program, contact in programs_contacts:
            contact = by_id[contact.id]
            family = related.get(contact.commercial_partner_id.id, partners)
            candidates = [
                found
                for place in program._get_recipient_order()
                if (found := contact._dunning_get_recipient_at(place, family))
            ]
            reachable = [found for found in candidates if find_addresses(found.email)]
            recipient = (reachable or candidates or [partners])[0]
            copies = family.filtered(lambda child: child.dunning_also and child.email) - recipient
            result[program.id, contact.id] = (recipient, copies)
        return result

    @api.model
    def _find_fact_recipients(self, company, facts):
        """Find the recipients for the due lines these facts are about, once for each fact.

        :param facts: of due lines that follow a program
        :return: as ``_find_recipients``; noted on the facts too
        """
        found = {
            (fact.program_id, fact.contact_id): fact.recipients for fact in facts if fact.recipients
        }
        pairs = {(fact.program_id, fact.contact_id) for fact in facts} - found.keys()
        if pairs:
            partners = self.env["res.partner"].with_company(company)
            contacts = partners.browse({contact_id for _program_id, contact_id in pairs})
            contacts.fetch(["commercial_partner_id"])
            programs = self.env["dunning.program"]
            found |= self._find_recipients(
                company, [(programs.browse(one), partners.browse(other)) for one, other in pairs]
            )
        for fact in facts:
            fact.recipients = found[fact.program_id, fact.contact_id]
        return found

    def _find_archived_recipient(self, contact):
        """Return who would be written to, were he not archived; nobody: empty."""
        customer = contact.commercial_partner_id
        by_place = {
            "dunning": customer.dunning_contact_id,
            "billing": customer.billing_contact_id,
            "invoice": contact,
            "preferred": customer,
        }
        found = contact.browse()
        for place in self._get_recipient_order():
            found |= by_place[place].filtered(lambda person: not person.active)
        return found[:1]

    # === BLACKLIST === #

    @api.model
    def _get_blacklist(self, emails):
        """Return those of the normalized addresses that are blacklisted, as a set."""
        if not emails:
            return set()
        found = self.env["mail.blacklist"].sudo().search([("email", "in", list(emails))])
        return set(found.mapped("email"))

    def _get_recipient_obstacle(self, recipient, contact, blacklist=()):
        """Return the ``Obstacle`` why a message cannot reach the recipient by e-mail, or None.

        Asked by the simulation and when the message is made.

        :param contact: the partner of the due line the recipient was found for
        :param blacklist: the addresses that are blacklisted, normalized
        """
        if not recipient:
            return self._get_nobody_obstacle(contact)
        figures = {"recipient": recipient.id, "email": recipient.email or ""}
        if not (recipient.email or "").strip():
            return Obstacle("no_address", figures)
        if not find_addresses(recipient.email):
            return Obstacle("bad_address", figures)
        if self.undeliverable_blacklisted and blacklist:
            if blacklist.intersection(email_normalize_all(first_line(recipient.email))):
                return Obstacle("blacklisted", figures)
        return None

    @api.model
    def _get_postal_obstacle(self, recipient, contact, blacklist=()):
        """Return the ``Obstacle`` why a letter cannot be posted to the recipient, or None.

        Parameters as in ``_get_recipient_obstacle``.
        """
        reader = recipient or contact.commercial_partner_id
        if reader._dunning_has_postal_address():
            return None
        return Obstacle("no_postal_address", {"recipient": reader.id})

    def _get_nobody_obstacle(self, contact):
        """Return the ``Obstacle`` why nobody was found for a due line: whoever was is archived."""
        archived = self._find_archived_recipient(contact)
        customer = contact.commercial_partner_id
        if archived and archived == customer:
            return Obstacle("customer_archived", {"customer": customer.id})
        if archived:
            return Obstacle("contact_archived", {"recipient": archived.id})
        return Obstacle("no_recipient", {"customer": customer.id})
