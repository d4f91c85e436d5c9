import re
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from secrets import token_hex

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import consteq, hmac

SCOPE = "account_recurrence_dunning.link"
# The company, which tells whose contact data to show, and 256 bits.
TOKEN = re.compile(r"([1-9][0-9]{0,9})-([A-Za-z0-9_-]{43})")
# Such a message was taken back, or never reached its reader.
CLOSED_STATES = ("cancelled", "reversed", "undeliverable")


class DunningLink(models.Model):
    """What leads from one reminder to its customer's page, without login (C5).

    The token is in the message alone. It is made of a salt and the secret of the database, so that
    the same message can be written anew; of the token itself only the SHA-256 is kept.
    """

    _name = "dunning.link"
    _description = "Link to a Customer's Page"
    _is_engine_made = True
    _inherit = ["recurrence.dunning.own.record.mixin"]
    _order = "id desc"
    _rec_name = "reminder_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    reminder_id = fields.Many2one(
        "dunning.reminder", required=True, readonly=True, index=True, ondelete="cascade"
    )
    salt = fields.Char(required=True, readonly=True, groups=NO_ACCESS)
    token_hash = fields.Char(required=True, readonly=True, groups=NO_ACCESS)
    reader_hash = fields.Char(required=True, readonly=True, groups=NO_ACCESS)
    revoked_date = fields.Datetime(string="Revoked", readonly=True)
    valid_until = fields.Date(compute="_compute_valid_until")
    state = fields.Selection(
        [("valid", "Valid"), ("expired", "Expired"), ("revoked", "Revoked")],
        string="Status",
        compute="_compute_state",
    )

    _reminder_once = models.UniqueIndex("(reminder_id)", "A reminder has one link.")
    _token_once = models.UniqueIndex("(token_hash)", "A link has a token of its own.")

    @api.depends("reminder_id.sent_date", "reminder_id.date")
    def _compute_valid_until(self):
        for link in self:
            reminder, days = link.reminder_id, link.company_id.sudo().dunning_page_days
            day = reminder.sent_date or reminder.date
            link.valid_until = day and day + timedelta(days=days)

    @api.depends("revoked_date", "valid_until", "reminder_id.state")
    def _compute_state(self):
        for link in self.sudo():
            company = link.company_id
            if (
                link.revoked_date
                or not company.dunning_page
                or link.reminder_id.state in CLOSED_STATES
                or not consteq(link.reader_hash, link.reminder_id._get_reader_hash())
            ):
                link.state = "revoked"
            elif link.valid_until < company._get_job_today():
                link.state = "expired"
            else:
                link.state = "valid"

    # === TOKEN === #

    @api.model
    def _make_token(self, company, salt):
        """Return the token that belongs to a salt, the same each time."""
        signature = bytes.fromhex(hmac(self.env(su=True), SCOPE, salt))
        return f"{company.id}-{urlsafe_b64encode(signature).decode().rstrip('=')}"

    def _get_token(self):
        self.ensure_one()
        return self._make_token(self.company_id, self.sudo().salt)

    @api.model
    def _prepare_token(self, company):
        salt = token_hex(16)
        token = self._make_token(company, salt)
        return {"salt": salt, "token_hash": sha256(token.encode()).hexdigest()}

    @api.model
    def _find_valid(self, token):
        """Return the link a token opens; empty where it is unknown, expired or revoked.

        Its reader cannot tell which of the three it is.
        """
        if not TOKEN.fullmatch(token):
            return self.browse()
        digest = sha256(token.encode()).hexdigest()
        link = self.sudo().search([("token_hash", "=", digest)])
        known = consteq(link.token_hash or "", digest)
        return link if known and link.state == "valid" else self.browse()

    @api.model
    def _find_company(self, token):
        """Return the company a token names, known or not; empty: none that has such pages."""
        match = TOKEN.fullmatch(token)
        companies = self.env["res.company"].sudo()
        domain = [("id", "=", int(match[1])), ("dunning_active", "=", True)] if match else []
        # ids beyond are no integers for PostgreSQL
        return companies.search(domain) if match and int(match[1]) < 2**31 else companies
