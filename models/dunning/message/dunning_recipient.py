from odoo import api, models
from odoo.tools import email_normalize_all

from ....tools.common.header_text import first_line, one_line
from ....tools.common.mail_address import as_sent
from ....tools.dunning.obstacle import Obstacle


class DunningRecipient(models.AbstractModel):
    """To whom a reminder goes, from whom, and in which language (D5, D6, D7)."""

    _name = "dunning.recipient"
    _description = "Recipients and Senders of Reminders"

    # === RECIPIENTS === #

    @api.model
    def _find(self, company, programs_contacts):
        """Find the recipients for due lines.

        :param company: whose values of the customers are read
        :param programs_contacts: pairs of (program, partner of the due line), each pair once
        :return: ``{(program id, partner id): (recipient or empty, partners in copy)}``
        """
        partners = self.env["res.partner"].with_company(company)
        # one recordset for all: what is read of one customer is read of all of them at once
        contacts = partners.browse({contact.id for _program, contact in programs_contacts})
        by_id = {contact.id: contact for contact in contacts}
        related = self._get_related(contacts.commercial_partner_id)
        result = {}
        for program, contact in programs_contacts:
            contact = by_id[contact.id]
            family = related.get(contact.commercial_partner_id.id, partners)
            candidates = [
                found
                for place in program._get_recipient_order()
                if (found := self._get_candidate(place, contact, family))
            ]
            reachable = [found for found in candidates if find_addresses(found.email)]
            recipient = (reachable or candidates or [partners])[0]
            copies = family.filtered(lambda child: child.dunning_also and child.email) - recipient
            result[program.id, contact.id] = (recipient, copies)
        return result

    @api.model
    def _find_for(self, company, facts):
        """Find the recipients for the due lines these facts are about, once for each fact.

        :param facts: of due lines that follow a program
        :return: as ``_find``; noted on the facts too
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
            found |= self._find(
                company, [(programs.browse(one), partners.browse(other)) for one, other in pairs]
            )
        for fact in facts:
            fact.recipients = found[fact.program_id, fact.contact_id]
        return found

    @api.model
    def _find_again(self, reminders):
        """Give reminders the recipients and the sender that hold now, where there are any.

        :return: those that can be sent by e-mail; the others keep the reason why not
        """
        reachable = reminders.browse()
        blacklist = self._get_blacklist(
            email_normalize_all(", ".join(filter(None, self._get_emails(reminders))))
        )
        for reminder in reminders:
            move = reminder._get_first_move().sudo()
            contact = move.partner_id or reminder.partner_id
            recipient, copies = self._find(reminder.company_id, [(reminder.program_id, contact)])[
                reminder.program_id.id, contact.id
            ]
            # whom a person chose, as long as the message has not failed
            chosen = reminder.recipient_ids.filtered(lambda one: find_addresses(one.email))
            is_chosen = reminder.by_hand and reminder.state == "queued" and bool(chosen)
            if reminder.other_email or is_chosen:
                recipient = chosen or recipient
            sender, obstacle = self._get_sender(
                reminder.program_id, move.create_uid, move.invoice_user_id
            )
            if not obstacle and not reminder.other_email and not is_chosen:
                obstacle = self._get_failure(recipient, reminder.program_id, contact, blacklist)
            reminder.write(
                {
                    "recipient_ids": recipient.ids,
                    "cc_ids": (reminder.cc_ids | copies - recipient).ids,
                    "user_id": sender.id,
                    "email_from": self._get_from(sender, reminder.company_id),
                    **reminder._prepare_failure(obstacle),
                }
            )
            if obstacle:
                reminder._fail(obstacle)
            else:
                reachable |= reminder
        return reachable

    @api.model
    def _get_related(self, customers):
        """Return the contacts of customers that may get reminders, by customer id."""
        contacts = customers.search(
            [
                ("commercial_partner_id", "in", customers.ids),
                "|",
                "|",
                ("dunning_preferred", "=", True),
                ("dunning_also", "=", True),
                ("type", "=", "invoice"),
            ]
        )
        return contacts.grouped(lambda contact: contact.commercial_partner_id.id)

    @api.model
    def _get_candidate(self, place, contact, family):
        """Return who is found at one of the places a program names; nobody: empty.

        Who is archived has left: the next place is looked at.
        """
        customer = contact.commercial_partner_id
        if place == "dunning":
            return customer.dunning_contact_id.filtered("active")
        if place == "billing":
            return customer.billing_contact_id.filtered("active")
        if place == "invoice":
            is_person = contact.parent_id or not contact.is_company
            return contact.filtered("active") if is_person else contact.browse()
        preferred = family.filtered("dunning_preferred")[:1]
        children = family.filtered(lambda child: child.type == "invoice" and child != customer)
        return preferred or children[:1] or customer.filtered("active")

    @api.model
    def _find_archived(self, program, contact):
        """Return who would be written to, were he not archived; nobody: empty."""
        customer = contact.commercial_partner_id
        by_place = {
            "dunning": customer.dunning_contact_id,
            "billing": customer.billing_contact_id,
            "invoice": contact,
            "preferred": customer,
        }
        found = contact.browse()
        for place in program._get_recipient_order():
            found |= by_place[place].filtered(lambda person: not person.active)
        return found[:1]

    @api.model
    def _get_failure(self, recipient, program, contact, blacklist=()):
        """Return the ``Obstacle`` why a message cannot reach the recipient by e-mail, or None.

        Asked by the simulation and when the message is made.

        :param program: its say on blacklisted addresses holds
        :param contact: the partner of the due line the recipient was found for
        :param blacklist: the addresses that are blacklisted, normalized
        """
        if not recipient:
            archived = self._find_archived(program, contact)
            customer = contact.commercial_partner_id
            if archived and archived == customer:
                return Obstacle("customer_archived", {"customer": customer.id})
            if archived:
                return Obstacle("contact_archived", {"recipient": archived.id})
            return Obstacle("no_recipient", {"customer": customer.id})
        figures = {"recipient": recipient.id, "email": recipient.email or ""}
        if not (recipient.email or "").strip():
            return Obstacle("no_address", figures)
        if not find_addresses(recipient.email):
            return Obstacle("bad_address", figures)
        if program.undeliverable_blacklisted and blacklist:
            if blacklist.intersection(email_normalize_all(first_line(recipient.email))):
                return Obstacle("blacklisted", figures)
        return None

    # === BLACKLIST === #

    @api.model
    def _get_blacklist(self, emails):
        """Return those of the normalized addresses that are blacklisted, as a set."""
        if not emails:
            return set()
        found = self.env["mail.blacklist"].sudo().search([("email", "in", list(emails))])
        return set(found.mapped("email"))

    @api.model
    def _get_emails(self, reminders):
        """Return the addresses reminders go to, as written."""
        own = reminders.recipient_ids.mapped("email")
        return [*reminders.mapped("other_email"), *map(first_line, own)]

    @api.model
    def _get_warnings(self, reminders):
        """Return ``{reminder id: warning}`` where one goes to a blacklisted address.

        It is sent all the same: a demand for payment is no advertising.
        """
        emails = email_normalize_all(", ".join(filter(None, self._get_emails(reminders))))
        blacklist = self._get_blacklist(emails)
        warnings = {}
        for reminder in reminders if blacklist else ():
            own = reminder.other_email or ", ".join(
                map(first_line, reminder.recipient_ids.mapped("email"))
            )
            found = blacklist.intersection(email_normalize_all(own))
            if found:
                warnings[reminder.id] = self.env._(
                    "%(email)s is on the blacklist of this database: check that it is the right "
                    "address for reminders.",
                    email=", ".join(sorted(found)),
                )
        return warnings

    # === LANGUAGE === #

    @api.model
    def _get_lang(self, recipient, customer, company):
        """Return the installed language to write in: the recipient's, else the customer's.

        A code that is not installed falls back on another one of the same language, then on the
        next in the row: customer, company, the job's own.
        """
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        for code in (recipient.lang, customer.lang, company.partner_id.lang, self.env.lang):
            if not code:
                continue
            if code in installed:
                return code
            same = [other for other in installed if other[:2] == code[:2]]
            if same:
                return same[0]
        return installed[0]

    # === SENDER === #

    @api.model
    def _get_from(self, sender, company):
        """Return the address a message leaves from.

        :param sender: in whose name it leaves; empty: the company
        """
        return one_line(sender.email_formatted or company.email_formatted)

    @api.model
    def _get_sender(self, program, creator, salesperson):
        """Return in whose name a message leaves (empty: the company), and the obstacle if any (D5).

        A user that the program names must have the right to send: where that right was lost, the
        message is kept unsent with the reason. The others fall back on one another.

        :param creator: the user who created the invoice
        :param salesperson: the user responsible for the invoice
        """
        if program.sender == "user":
            chosen = program.sender_user_id
            if self._may_send(chosen, program.company_id):
                return chosen, None
            if not chosen:
                return chosen, Obstacle("sender_gone", {"program": program.id})
            return chosen.browse(), Obstacle("no_sender", {"sender": chosen.id})
        by_mode = {
            "creator": [creator, program.user_id, salesperson],
            "salesperson": [salesperson],
            "company": [],
        }
        for user in by_mode[program.sender]:
            if self._may_send(user, program.company_id):
                return user, None
        return self.env["res.users"], None

    @api.model
    def _may_send(self, user, company):
        """Whether reminders of a company may leave in the name of a user: one with the right."""
        return bool(user) and not self.env["dunning.sender"]._get_problem(user, company)


def find_addresses(text):
    """Return the addresses in a text that a mail server takes, as it is given them.

    Whatever asks whether somebody can be reached asks here, and so does what is sent. A line
    break separates no addresses.
    """
    return list(filter(None, map(as_sent, email_normalize_all(first_line(text)))))
