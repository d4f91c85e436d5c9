import re

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ....tools.dunning.spoken_amount import read_amount

# Fewer digits name no telephone number.
LEAST_DIGITS = 5
MOST_FOUND = 1000


class DunningCaseSearchMixin(models.AbstractModel):
    """Finding a customer by anything a caller says."""

    _name = "dunning.case.search.mixin"
    _description = "Finding Cases"

    caller = fields.Char(
        string="Anything a Caller Says",
        compute="_compute_caller",
        search="_search_caller",
        help="Customer, contact, invoice number, amount, telephone number or reference.",
    )

    is_disputed = fields.Boolean(
        string="Disputed",
        compute="_compute_is_disputed",
        search="_search_is_disputed",
        help="A dispute is open, also where something else is to do first.",
    )

    def _compute_is_disputed(self):
        disputed = self.filtered_domain(self._search_is_disputed("in", [True]))
        disputed.is_disputed = True
        (self - disputed).is_disputed = False

    @api.model
    def _search_is_disputed(self, operator, value):
        """Return the domain of the cases with an open dispute; each is of one company."""
        if operator != "in":
            return NotImplemented
        groups = self.env["dunning.dispute"]._read_group(
            [("state", "=", "open")], ["company_id"], ["partner_id:array_agg"]
        )
        return Domain.OR(
            Domain("company_id", "=", company.id) & Domain("partner_id", "in", partner_ids)
            for company, partner_ids in groups
        )

    def _compute_caller(self):
        self.caller = False

    @api.model
    def _search_caller(self, operator, value):
        """Return the domain of the cases of whom a text may speak."""
        if operator not in ("ilike", "in"):
            return NotImplemented
        texts = [value] if isinstance(value, str) else value
        partner_ids = set()
        for text in filter(lambda text: isinstance(text, str) and text, texts):
            partner_ids |= self._find_by_contact(text) | self._find_by_item(text)
        return Domain("partner_id", "in", list(partner_ids))

    @api.model
    def _find_by_contact(self, text):
        """Return the ids of the customers whose data, or whose contacts', contain a text."""
        names = ("complete_name", "email", "ref", "vat")
        partners = self.env["res.partner"].with_context(active_test=False)
        found = partners.search_fetch(
            Domain.OR([Domain(name, "ilike", text)] for name in names),
            ["commercial_partner_id"],
            limit=MOST_FOUND,
        )
        digits = re.sub(r"\D", "", text).lstrip("0")
        if len(digits) >= LEAST_DIGITS:
            found |= self._find_by_phone(digits)
        return set(found.commercial_partner_id.ids)

    @api.model
    def _find_by_phone(self, digits):
        """Return the contacts whose telephone number contains these digits, however written."""
        partners = self.env["res.partner"].with_context(active_test=False)
        partners.flush_model(["phone"])
        rows = self.env.execute_query(
            SQL(
                r"SELECT id FROM res_partner WHERE regexp_replace(phone, '\D', '', 'g') LIKE %s"
                " LIMIT %s",
                f"%{digits}%",
                MOST_FOUND,
            )
        )
        return partners.search([("id", "in", [row[0] for row in rows])])

    @api.model
    def _find_by_item(self, text):
        """Return the ids of the customers with an open item that a text names."""
        open_items = Domain(
            [
                ("company_id", "in", self.env.companies.ids),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        named = ("name", "ref", "payment_reference", "invoice_origin")
        wanted = Domain.OR([Domain(f"move_id.{name}", "ilike", text)] for name in named)
        amount = read_amount(text)
        if amount is not None:
            wanted |= Domain("amount_residual_currency", "=", float(amount))
            wanted |= Domain("move_id.amount_total", "=", float(amount))
        lines = self.env["account.move.line"].sudo()
        groups = lines._read_group(open_items & wanted, ["partner_id"], limit=MOST_FOUND)
        return {partner.commercial_partner_id.id for (partner,) in groups}
