from hashlib import sha256

from odoo import fields, models
from odoo.tools import email_normalize

from ....tools.dunning.message_state import PREPARED, UNDELIVERED

# What the page can open on.
VIEWS = {"": "", "pay": "#pay"}
# In place of a token where the message is a test or shown in advance.
SAMPLE = "sample"


class DunningReminderLinkMixin(models.AbstractModel):
    """The customer's page that a reminder leads to."""

    _name = "dunning.reminder.link.mixin"
    _description = "Links of Reminders"

    link_ids = fields.One2many("dunning.link", "reminder_id", string="Links", readonly=True)
    link_state = fields.Selection(related="link_ids.state", string="Link")
    link_valid_until = fields.Date(related="link_ids.valid_until", string="Link Valid Until")

    def _get_page_url(self, view=""):
        """Return the address of the customer's page, or "" where none is offered.

        :param view: what the page opens on: "pay", "promise", "dispute"; empty: the open items
        """
        self.ensure_one()
        if view not in VIEWS or not self.company_id.sudo().dunning_page:
            return ""
        link = self.sudo().link_ids[:1]
        token = SAMPLE if self.is_test else link and link._get_token()
        return f"{self.get_base_url()}/dunning/{token}{VIEWS[view]}" if token else ""

    def _ensure_links(self):
        """Give the messages that are being written a link; another one for another reader."""
        links = self.env["dunning.link"].sudo()
        values = []
        for reminder in self.filtered(
            lambda r: (
                r.state in (*PREPARED, *UNDELIVERED)
                and not r.is_test
                and r.company_id.sudo().dunning_page
            )
        ):
            company, reader = reminder.company_id, reminder._get_reader_hash()
            link = reminder.sudo().link_ids
            if not link:
                values.append(
                    {
                        "company_id": company.id,
                        "reminder_id": reminder.id,
                        "reader_hash": reader,
                        **links._prepare_token(company),
                    }
                )
            elif link.reader_hash != reader:
                link.write({"reader_hash": reader, **links._prepare_token(company)})
        links.create(values)

    def _get_reader_hash(self):
        """Return a mark of who reads a message: another one where people or addresses changed.

        Where the customer got another dunning contact since, somebody else is to read it.
        """
        self.ensure_one()
        reminder = self.sudo()
        customer = reminder.partner_id.commercial_partner_id.with_company(reminder.company_id)
        readers = reminder.recipient_ids.sorted("id")
        people = [
            (one.id, email_normalize(one.email) or "", one.active, one.commercial_partner_id.id)
            for one in readers
        ]
        other = customer.dunning_contact_id - readers
        return sha256(repr((people, reminder.other_email or "", other.id)).encode()).hexdigest()

    def action_revoke_link(self):
        """Close the pages these reminders lead to."""
        self._check_may_act()
        links = self.sudo().link_ids.filtered(lambda link: not link.revoked_date)
        links.write({"revoked_date": fields.Datetime.now()})
        for reminder in links.reminder_id:
            reminder._message_log(
                body=self.env._("The link was revoked by %(user)s.", user=self.env.user.name)
            )
        return True
