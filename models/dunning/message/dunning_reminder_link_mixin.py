from hashlib import sha256

from odoo import api, fields, models
from odoo.tools import email_normalize

from ....tools.common.header_text import one_line
from ....tools.dunning.message_state import PREPARED, UNDELIVERED
from ...common.mail_addresses import join_addresses

# What the page can open on: what stands behind its address.
VIEWS = {"": "", "pay": "#pay", "dispute": "/answer/dispute", "promise": "/answer/promise"}
# In place of a token where the message is a test or shown in advance.
SAMPLE = "sample"


class DunningReminderLinkMixin(models.AbstractModel):
    """The customer's page that a reminder leads to."""

    _name = "dunning.reminder.link.mixin"
    _description = "Links of Reminders"

    link_ids = fields.One2many("dunning.link", "reminder_id", string="Links", readonly=True)
    # computed, not related: Odoo would offer a related field in filters, and then refuse to search
    link_state = fields.Selection(
        lambda self: self.env["dunning.link"]._fields["state"]._description_selection(self.env),
        string="Link",
        compute="_compute_link_state",
    )
    link_valid_until = fields.Date(compute="_compute_link_state")

    @api.depends("link_ids.state", "link_ids.valid_until")
    def _compute_link_state(self):
        for reminder in self:
            link = reminder.link_ids[:1]
            reminder.link_state = link.state
            reminder.link_valid_until = link.valid_until

    def _get_page_url(self, view=""):
        """Return the address of the customer's page, or "" where none is offered.

        :param view: what the page opens on: "pay", "promise", "dispute"; empty: the open items
        """
        self.ensure_one()
        company = self.company_id.sudo()
        if view not in VIEWS or not company.dunning_page:
            return ""
        if view == "promise" and not self.sudo().program_id.promise_days:
            return ""
        if view == "pay" and not company.dunning_is_payable:
            return ""
        link = self.sudo().link_ids[:1]
        token = SAMPLE if self.is_test else link and link._get_token()
        return f"{self.get_base_url()}/dunning/{token}{VIEWS[view]}" if token else ""

    def _get_answer_email(self):
        """Return where answers on the page are confirmed: to whom the reminder was sent."""
        self.ensure_one()
        return one_line(self.other_email) or join_addresses(self.recipient_ids)

    def _get_open_payment_parts(self, facts, as_of, claims=()):
        """Return how to pay what is due now, as ``_get_payment_parts`` does for a message.

        Where nothing is due yet: how to pay what will be.

        :param facts: all open due lines of the customer
        :param claims: what is asked for beside them, as ``_get_page_claims`` returns it
        """
        claimed = {section["currency"]: section["amount"] for section in claims}
        facts = [fact for fact in facts if fact.open_amount > 0]
        groups = {}
        for fact in [fact for fact in facts if fact.line.due <= as_of] or facts:
            groups.setdefault(fact.currency_id, []).append(fact)
        base_url = self.get_base_url()
        result = []
        for currency in claimed:
            # where nothing but that is open
            groups.setdefault(currency.id, [])
        for currency_id, found in groups.items():
            currency = self.env["res.currency"].browse(currency_id)
            for bank, (lines, amount) in self._split_open_by_account(currency, found).items():
                # the code is a picture of its own: the page does not wait until it is drawn
                # in the language of the page, which may be another than the message's
                lang = self.env.lang
                amount += claimed.pop(currency, 0.0)
                part = self._prepare_payment_part(currency, bank, lines, amount, lang, False)
                result.append({**part, "qr_src": part["qr_src"].removeprefix(base_url)})
        return result

    def _split_open_by_account(self, currency, facts):
        """Return ``{account: (journal items to pay there, amount)}`` of facts in one currency."""
        accounts = self.company_id._dunning_get_accounts()
        usual = self._get_bank_account(currency)
        lines = self.env["account.move.line"].sudo().browse([fact.id for fact in facts])
        parts = {}
        for fact, line in zip(facts, lines, strict=True):
            bank = line.move_id.partner_bank_id & accounts or usual
            if bank:
                known, amount = parts.get(bank, (lines.browse(), 0.0))
                parts[bank] = (known | line, amount + fact.open_amount)
        return parts or ({usual: (lines, 0.0)} if usual else {})

    def _ensure_links(self):
        """Give the messages that are being written a link; another one for another reader."""
        links = self.env["dunning.link"].sudo()
        values = []
        for reminder in self.filtered(
            lambda r: (
                r.id  # a statement by hand is no record
                and r.state in (*PREPARED, *UNDELIVERED)
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
        mark = (people, reminder.other_email or "", other.id)
        if customer != reminder.partner_id:
            # it became a contact of another one, whose page its readers are not to see
            mark += (customer.id,)
        return sha256(repr(mark).encode()).hexdigest()

    def action_revoke_link(self):
        """Close the pages these reminders lead to."""
        self.check_access("read")
        self._check_may_act()
        links = self.sudo().link_ids.filtered(lambda link: not link.revoked_date)
        links.write({"revoked_date": fields.Datetime.now()})
        for reminder in links.reminder_id:
            reminder._message_log(
                body=self.env._("The link was revoked by %(user)s.", user=self.env.user.name)
            )
        return True
