import io
from datetime import timedelta

from PIL import Image

from odoo import api, models
from odoo.exceptions import UserError

from ....tools.common.banner import BANNER_SIZE, find_width
from ....tools.dunning.decision import Decision
from ....tools.dunning.fact import DueFact
from ....tools.dunning.ladder import LEVEL_DUE, DueLine

# (days between invoice and due date, amount) of the invoices of the sample customer
SAMPLE_INVOICES = ((30, 480.0), (14, 125.5))


class DunningLevel(models.Model):
    """A level's message as the customer would get it, made by the code that sends, never kept."""

    _inherit = "dunning.level"

    def _show_message(self, move, as_of):
        """Return the message about an invoice as texts (see ``_describe_reminder``).

        :param move: the invoice, with something open
        :param date as_of: the day it speaks of
        """
        with self.env.cr.savepoint() as savepoint:
            reminder = self._make_reminder(move, as_of)
            result = self._describe_reminder(reminder)
            savepoint.rollback()
        return result

    def _show_sample(self, lang, as_of):
        """Return the message to a customer that does not exist, in a language."""
        template = self.mail_template_id
        if template.model == "account.move":
            raise UserError(
                self.env._(
                    "The message “%(name)s” is based on an invoice: choose a real one.",
                    name=template.name,
                )
            )
        with self.env.cr.savepoint() as savepoint:
            result = self._describe_reminder(self._make_sample(lang, as_of))
            savepoint.rollback()
        return result

    def _make_sample(self, lang, as_of):
        """Create the reminder of the sample customer; the caller rolls it back."""
        partner = self.env["res.partner"].sudo().with_company(self.company_id)
        partner = partner.create(
            {
                "name": self.env._("Sample Customer"),
                "email": "customer@example.com",
                "lang": lang,
                "is_company": True,
            }
        )
        facts = [
            self._get_sample_fact(partner, as_of, number, *invoice)
            for number, invoice in enumerate(SAMPLE_INVOICES, start=41)
        ]
        group = {
            "program": self.program_id.sudo(),
            "partner": partner,
            "contact": partner,
            "recipient": partner,
            "copies": partner.browse(),
            "top": facts[0],
            "facts": facts,
            "takes_rest": True,
        }
        return self._create_test(group, as_of)

    def _get_sample_fact(self, partner, as_of, number, term, amount):
        """Return the facts of an invoice that does not exist, due when the level comes."""
        due = as_of - timedelta(days=self.days)
        fact = DueFact(
            line=DueLine(False, due=due),
            move_id=False,
            contact_id=partner.id,
            partner_id=partner.id,
            currency_id=self.company_id.currency_id.id,
            residual=amount,
            residual_company=amount,
            open_amount=amount,
            program_id=self.program_id.id,
            cycle=0,
            amount_total=amount,
            move_name=f"INV/{due.year}/{number:05}",
            invoice_date=due - timedelta(days=term),
            payment_state="not_paid",
            exclusion=None,
            hold="",
            creator_id=self.env.uid,
            salesperson_id=self.env.uid,
        )
        fact.decision = Decision(True, LEVEL_DUE, self._get_ladder_level(), as_of, {})
        return fact

    @api.model
    def _describe_reminder(self, reminder):
        """Return what a reminder would send: subject, body, people, language, names of files."""
        reminder.sudo()._make_mails()
        mail = reminder.mail_id
        if mail:
            reminder.sudo()._attach_documents()
        if not mail or reminder.state == "failed":
            raise UserError(reminder.failure_reason or self.env._("No message could be created."))
        return {
            "subject": mail.subject,
            "body": mail.body_html,
            "to": self._name_people(reminder.recipient_ids),
            "copy": self._name_people(reminder.cc_ids),
            "from": mail.email_from or "",
            "lang": reminder.lang,
            "attachments": mail.attachment_ids.mapped("name"),
            "placeholders": reminder.sudo()._describe_placeholders(),
        }

    @api.model
    def _name_people(self, partners):
        """Return names and addresses; who has no address is named with that."""
        return ", ".join(
            f"{partner.display_name} <{partner.email}>"
            if partner.email
            else self.env._("%(name)s (no e-mail address)", name=partner.display_name)
            for partner in partners
        )

    def _is_banner_lost(self):
        """Whether the level has a banner whose file is gone or no picture."""
        attachment = self._get_banner_file()
        if not attachment:
            return False
        content = attachment.raw or b""
        if content.lstrip().startswith(b"<"):
            return False  # a drawing: text that needs no decoding
        try:
            Image.open(io.BytesIO(content)).verify()
        except (OSError, SyntaxError, ValueError):
            return True
        return False

    def _get_banner_width(self):
        """Return the width of the banner in pixels, which Outlook wants to be told, or None."""
        self.ensure_one()
        return find_width(self._get_banner_file().raw or b"", BANNER_SIZE)

    def _get_banner_file(self):
        domain = [
            ("res_model", "=", self._name),
            ("res_field", "=", "banner"),
            ("res_id", "=", self.id),
        ]
        return self.env["ir.attachment"].sudo().search(domain, limit=1)
