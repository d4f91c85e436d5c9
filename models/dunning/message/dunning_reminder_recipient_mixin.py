from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_normalize_all

from ....tools.common.header_text import first_line
from ...common.mail_addresses import find_addresses


class DunningReminderRecipientMixin(models.AbstractModel):
    """To whom a reminder goes when it is sent again, and what its addresses are warned of for."""

    _name = "dunning.reminder.recipient.mixin"
    _description = "Reminder Recipients"

    def _find_recipients_again(self):
        """Give reminders the recipients and the sender that hold now, where there are any.

        :return: those that can be sent by e-mail; the others keep the reason why not
        """
        reachable, programs = self.browse(), self.env["dunning.program"]
        blacklist = programs._get_blacklist(
            email_normalize_all(", ".join(filter(None, self._get_written_addresses())))
        )
        for reminder, (contact, recipient, copies) in self._find_people_again().items():
            move = reminder._get_first_move().sudo()
            # whom a person chose, as long as the message has not failed
            chosen = reminder.recipient_ids.filtered(lambda one: find_addresses(one.email))
            is_chosen = reminder.by_hand and reminder.state == "queued" and bool(chosen)
            if reminder.other_email or is_chosen:
                recipient = chosen or recipient
            program = reminder.program_id
            sender, obstacle = program._get_sender(move.create_uid, move.invoice_user_id)
            if not obstacle and not reminder.other_email and not is_chosen:
                obstacle = reminder._find_address_obstacle(recipient, contact, blacklist)
            reminder.write(
                {
                    "recipient_ids": recipient.ids,
                    "cc_ids": [Command.set(((reminder.cc_ids | copies) - recipient).ids)],
                    "user_id": sender.id,
                    "email_from": sender._dunning_get_from(reminder.company_id),
                    **reminder._prepare_failure(obstacle),
                }
            )
            if obstacle:
                reminder._fail(obstacle)
            else:
                reachable |= reminder
        return reachable

    def _find_people_again(self):
        """Return whom the programs of reminders write to now.

        :return: ``{reminder: (partner it is about, recipient or empty, partners in copy)}``
        """
        contacts, result = {}, {}
        for reminder in self:
            contacts[reminder] = reminder._get_contact_again()
        for company, found in self.grouped("company_id").items():
            pairs = {(reminder.program_id, contacts[reminder]) for reminder in found}
            people = self.env["dunning.program"]._find_recipients(company, [*pairs])
            for reminder in found:
                contact = contacts[reminder]
                result[reminder] = (contact, *people[reminder.program_id.id, contact.id])
        return {reminder: result[reminder] for reminder in self}

    def _get_contact_again(self):
        """Return the partner this reminder is about: of its customer, whoever an entry names."""
        line = self._get_first_line().sudo()
        move = line.move_id
        about = line.move_line_id if move.move_type == "entry" else move
        contact = about.partner_id or self.partner_id
        return contact if contact.commercial_partner_id == self.partner_id else self.partner_id

    def _get_written_addresses(self):
        """Return the addresses reminders go to, as written."""
        own = self.recipient_ids.mapped("email")
        return [*self.mapped("other_email"), *map(first_line, own)]

    def _find_postal_obstacle(self):
        """Return the ``Obstacle`` why a letter with this reminder cannot be posted, or None."""
        self.ensure_one()
        return self.program_id._get_postal_obstacle(self.recipient_ids[:1], self.partner_id)

    def _check_postal_address(self):
        """Refuse to make letters of these reminders where there is nowhere to post one to."""
        obstacles = filter(None, (reminder._find_postal_obstacle() for reminder in self))
        reasons = self.env["dunning.reason"]
        sentences = dict.fromkeys(reasons._get_sentence(*obstacle) for obstacle in obstacles)
        if sentences:
            raise UserError("\n".join(sentences))

    def _get_address_warnings(self):
        """Return ``{reminder id: warning}`` of what is wrong with addresses and stops nothing.

        One that is blacklisted gets the message all the same: a demand for payment is no
        advertising. The letter beside an e-mail waits for a person anyway.
        """
        emails = email_normalize_all(", ".join(filter(None, self._get_written_addresses())))
        blacklist = self.env["dunning.program"]._get_blacklist(emails)
        warnings = {
            reminder.id: self.env["dunning.reason"]._get_sentence(*obstacle)
            for reminder in self.filtered(lambda r: r.channel and r._get_channel().letter)
            if (obstacle := reminder._find_postal_obstacle())
            and reminder.failure_code != obstacle.code
        }
        for reminder in self if blacklist else ():
            own = reminder.other_email or ", ".join(
                map(first_line, reminder.recipient_ids.mapped("email"))
            )
            found = blacklist.intersection(email_normalize_all(own))
            if found:
                warnings[reminder.id] = self.env._(
                    "%(email)s is blacklisted in this database: check that it is the right "
                    "address for reminders.",
                    email=", ".join(sorted(found)),
                )
        return warnings
