from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize, email_normalize_all, html2plaintext

from ....tools.dunning.auto_reply import (
    AUTOMATIC,
    CALENDAR,
    DELAYED,
    DELIVERED,
    FAILED,
    PERSON,
    READ,
    find_failed,
    find_kind,
    find_originals,
)
from ....tools.dunning.reply_text import drop_quotes, find_named, get_excerpt
from ...common.activity_type import find_activity_type
from ...common.common_defaults import COMMON_DEFAULTS
from ...common.plain_note_mixin import plain_note
from .dunning_reminder_reply_mixin import TASK

# So many of the last reminders to an address are looked through for what a subject names.
LAST = 100
SENT = ("sent", "undeliverable", "reversed")


class DunningReminderRouteMixin(models.AbstractModel):
    """Which reminder an incoming e-mail is about, and what sort of message it is."""

    _name = "dunning.reminder.route.mixin"
    _description = "Routes of Incoming E-mails"

    # === WHERE A MESSAGE BELONGS === #

    @api.model
    def _find_route(self, message_dict, route):
        """Return where a message goes that came to the address for answers and refers to nothing.

        It belongs to the reminder that its subject names, else to the customer who wrote it, else
        to the company's program: it is never lost.
        """
        _model, _thread_id, _values, user_id, alias = route
        company = alias and self.env["res.company"].search([("dunning_alias_id", "=", alias.id)])
        company = company[:1] if company else self.env.company
        address = email_normalize(message_dict.get("email_from")) or ""
        target = (
            self._find_named(company, address, message_dict.get("subject") or "")
            or self._find_customer(company, address)
            or company.dunning_program_id
            or company.partner_id
        )
        return (target._name, target.id, {}, user_id, alias)

    @api.model
    def _find_named(self, company, address, subject):
        """Return the last reminder to an address that a subject names by invoice or subject."""
        domain = Domain([("company_id", "=", company.id), ("state", "in", SENT)])
        domain &= Domain("is_test", "=", False)
        if not self._is_colleague(address):
            customers = self._find_contacts(company, address).commercial_partner_id
            written = Domain("email_to", "ilike", address) if address else Domain.FALSE
            domain &= written | Domain("partner_id", "in", customers.ids)
        found = self.search(domain, order="sent_date desc, id desc", limit=LAST)
        named = find_named(subject, found.line_ids.mapped("move_name"))
        for reminder in found:
            if named and named in reminder.line_ids.mapped("move_name"):
                return reminder
            if not named and reminder.subject and find_named(subject, [reminder.subject]):
                return reminder
        return self.browse()

    @api.model
    def _find_customer(self, company, address):
        """Return the customer an address belongs to, or nobody; a colleague is none."""
        if not address or self._is_colleague(address):
            return self.env["res.partner"]
        found = self._find_contacts(company, address).commercial_partner_id[:1]
        if found:
            return found
        domain = [("company_id", "=", company.id), ("email_to", "ilike", address)]
        for reminder in self.search(domain, order="id desc", limit=LAST):
            if address in email_normalize_all(reminder.email_to):
                return reminder.partner_id
        return found

    @api.model
    def _find_contacts(self, company, address):
        contacts = self.env["res.partner"]
        if not address:
            return contacts
        return contacts.search(
            [("email_normalized", "=", address), ("company_id", "in", (False, company.id))]
        )

    @api.model
    def _is_colleague(self, address):
        users = self.env["res.users"]
        return bool(
            address
            and users.search_count([("email_normalized", "=", address), ("share", "=", False)])
        )

    # === WHAT SORT OF MESSAGE IT IS === #

    @api.model
    def _get_own_routes(self, routes):
        """Return the routes of a message that lead to reminders, or come from their address."""
        return [
            route
            for route in routes or ()
            if route[0] == "dunning.reminder"
            or (route[4] and route[4].sudo().alias_model_id.model == "dunning.reminder")
        ]

    @api.model
    def _mark_incoming(self, message, message_dict):
        """Return the values of a message; one of a program as a notification that says so."""
        kind = find_kind(message)
        if kind == PERSON:
            return message_dict
        # it answers nobody: the author of the reminder is not told
        values = {name: value for name, value in message_dict.items() if name != "parent_id"}
        return {
            **values,
            "message_type": "notification",
            "is_internal": True,
            "body": self._prepare_marked_body(kind, message_dict.get("body")),
        }

    @api.model
    def _prepare_marked_body(self, kind, body):
        label = {
            AUTOMATIC: self.env._("Automatic reply"),
            CALENDAR: self.env._("Reply to an invitation"),
            READ: self.env._("Receipt: the message was displayed"),
            DELIVERED: self.env._("Receipt: the message was delivered"),
            DELAYED: self.env._("The message is delayed; the mail server goes on trying"),
            FAILED: self.env._("The message was not delivered"),
        }[kind]
        return Markup("<p><b>%s</b></p>%s") % (label, body or "")

    @api.model
    def _receive_report(self, email_message, message_dict):
        """Deal with a message that Odoo takes for one that came back, where it is about a reminder.

        A delay, a receipt or an absence is no failure. Of a failure whose report names neither
        message nor address in the way Odoo reads it, both are looked for.

        :return: whether nothing is left to do
        """
        message, kind = self._find_reported(email_message, message_dict), find_kind(email_message)
        reminder = message and self.browse(message.res_id).exists()
        if not reminder:
            return False
        if kind == FAILED:
            failed = find_failed(email_message) or email_normalize_all(reminder.email_to or "")[:1]
            message_dict["bounced_message"] = message
            message_dict["bounced_msg_ids"] = [message.message_id]
            if not message_dict.get("bounced_email") and failed:
                message_dict["bounced_email"] = failed[0]
                message_dict["bounced_partner"] = self._find_contacts(
                    reminder.company_id, failed[0]
                )
            return False
        values = self._mark_incoming(email_message, message_dict)
        author = self._find_contacts(
            reminder.company_id, email_normalize(message_dict.get("email_from"))
        )[:1]
        reminder.with_user(self.env.ref("base.user_root")).sudo().message_post(
            body=values.get("body") or "",
            subject=values.get("subject"),
            message_type=values["message_type"],
            subtype_xmlid="mail.mt_comment" if kind == PERSON else "mail.mt_note",
            email_from=values.get("email_from"),
            author_id=author.id,
            message_id=values["message_id"],
            attachments=values.get("attachments") or [],
        )
        return True

    @api.model
    def _find_reported(self, email_message, message_dict):
        """Return the message about a reminder that a report is about, or nothing."""
        messages = self.env["mail.message"].sudo()
        found = message_dict.get("bounced_message") or messages
        if not found:
            originals = find_originals(email_message)
            found = messages.search([("message_id", "in", originals)], order="id desc", limit=1)
        return found if found.model == "dunning.reminder" else messages

    @api.model
    def _ask_about_strays(self, message_dict, routes):
        """Give a person what came to the address for answers and belongs to no reminder."""
        if message_dict.get("message_type") != "email":
            return
        text = get_excerpt(html2plaintext(drop_quotes(message_dict.get("body") or "")))
        note = Markup("<p><b>%s</b></p>%s") % (message_dict.get("email_from"), plain_note(text))
        for model, record_id, _values, _user_id, alias in routes:
            if model == "dunning.reminder":
                continue
            company = self.env["res.company"].search([("dunning_alias_id", "=", alias.id)])[:1]
            company = company or self.env.company
            user = company._dunning_find_colleague([company.dunning_program_id.user_id])
            spoken = self.with_context(lang=user.lang)
            self.env["mail.activity"].with_context(**COMMON_DEFAULTS).create(
                {
                    "res_model_id": self.env["ir.model"]._get_id(model),
                    "res_id": record_id,
                    "activity_type_id": find_activity_type(self.env, TASK).id,
                    "automated": True,
                    "date_deadline": company._get_job_today(),
                    "summary": spoken.env._("An e-mail about reminders"),
                    "note": note,
                    "user_id": user.id,
                }
            )
