from datetime import timedelta
from decimal import Decimal

from num2words import num2words

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from ....tools.dunning.credit import exact
from ....tools.dunning.obstacle import Obstacle
from ....tools.dunning.rib import find_siren, split_iban

CENT = Decimal("0.01")
# France, and what belongs to it under another code; their banks write French account numbers.
FRANCE = ("FR", "BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT")


class DunningReminderBillMixin(models.AbstractModel):
    """The bill of exchange that a French customer signs and sends back (C3).

    A French document, whatever language the message is in: its words are not translated.
    """

    _name = "dunning.reminder.bill.mixin"
    _description = "Bills of Exchange of Reminders"
    _inherit = ["dunning.reminder.document.mixin"]

    # === WHO GETS ONE, AND WHAT IS MISSING === #

    @api.model
    def _takes_bill(self, company, customer):
        """Whether a customer is in France, where such bills are known, or nobody knows where."""
        return not customer.country_id or customer.country_id.code in FRANCE

    def _filter_billed(self):
        """Return those of these messages that enclose a bill: they ask for euros in France."""
        return self.filtered(
            lambda reminder: (
                reminder.level_id.attach_bill
                and reminder._takes_bill(reminder.company_id.sudo(), reminder.partner_id.sudo())
                and reminder._get_bill_amount() > 0
            )
        )

    @api.model
    def _find_bill_obstacle(self, company, customer):
        """Return the ``Obstacle`` that something is missing for a customer's bill, or None."""
        # without a country it is the company's, as Odoo prints addresses
        if (customer.country_id or company.country_id).code not in FRANCE:
            return Obstacle("bill_country", {"customer": customer.id})
        if not self._get_drawee_bank(company, customer):
            return Obstacle("bill_iban", {"customer": customer.id})
        if not customer.city:
            return Obstacle("bill_address", {"customer": customer.id})
        if not self._get_siren(company):
            return Obstacle("bill_siren", {"company": company.name})
        if not company.city:
            return Obstacle("bill_place", {"company": company.name})
        return None

    @api.model
    def _get_drawee_bank(self, company, customer):
        """Return the first account of a customer whose number a French bank reads."""
        return customer.bank_ids.filtered(
            lambda bank: bank.company_id.id in (False, company.id) and split_iban(bank.acc_number)
        )[:1]

    @api.model
    def _get_siren(self, company):
        return find_siren(company.company_registry, company.vat)

    def _get_bill_amount(self):
        """Return what the message asks for in euros: the bill is about nothing else."""
        return sum(
            (exact(total) for currency, total in self._get_totals() if currency.name == "EUR"),
            Decimal(),
        )

    # === MAKING IT === #

    def _prepare_bills(self):
        """Return the values of the attachments with bills of exchange."""
        billed = self._filter_billed()
        pdfs = billed._render_bills()
        return [
            reminder._prepare_document(
                reminder._get_file_name(
                    lambda env, date: env._("Bill of exchange of %(date)s.pdf", date=date)
                ),
                pdfs[reminder.id],
            )
            for reminder in billed
        ]

    def _render_bills(self):
        """Return ``{reminder id: its bill as PDF}``.

        :raise UserError: what one of them lacks
        """
        for reminder in self:
            company, customer = reminder.company_id.sudo(), reminder.partner_id.sudo()
            obstacle = self._find_bill_obstacle(company, customer)
            if obstacle:
                raise UserError(self.env["dunning.reason"]._get_sentence(*obstacle))
        if not self:
            return {}
        return self._render_report(self._get_shipped_report("dunning_bill_report"), self)

    def _render_letters(self):
        """Add the bill as the last page of a letter that encloses it."""
        letters = super()._render_letters()
        bills = self._filter_billed()._render_bills()
        return letters | {
            reminder_id: merge_pdf([letters[reminder_id], bill])
            for reminder_id, bill in bills.items()
        }

    def _get_bill_due_date(self):
        """Return when the bill is to be paid, counted from the day of the message."""
        return self._get_text_date() + timedelta(days=self.level_id.bill_days)

    def _prepare_bill(self):
        """Return what a bill says, as texts in French."""
        self.ensure_one()
        company, customer = self.company_id.sudo(), self.partner_id.sudo()
        bank = self._get_drawee_bank(company, customer)
        amount = self._get_bill_amount().quantize(CENT)
        whole, cents = divmod(int(amount * 100), 100)
        words = num2words(whole, lang="fr")
        # "un million d'euros"
        words += " d'euros" if whole and whole % 10**6 == 0 else " euros" if whole > 1 else " euro"
        if cents:
            words += f" et {num2words(cents, lang='fr')} centime{'s' if cents > 1 else ''}"
        return {
            "place": company.city,
            "date": f"{self._get_text_date():%d/%m/%Y}",
            "due": f"{self._get_bill_due_date():%d/%m/%Y}",
            "amount": f"{whole:,}".replace(",", "\u202f") + f",{cents:02d}",
            "words": words,
            "drawer": company.partner_id,
            "drawer_address": self._get_address_lines(company.partner_id),
            "siren": self._get_siren(company),
            "drawee": customer,
            "drawee_address": self._get_address_lines(customer),
            "drawee_siren": find_siren(customer.company_registry, customer.vat),
            "drawer_reference": f"{self.id:08d}",
            "drawee_reference": (customer.ref or f"{customer.id:08d}")[:10],
            "rib": split_iban(bank.acc_number),
            "iban": bank.acc_number,
            "bank": bank.bank_id.name or "",
        }

    @api.model
    def _get_address_lines(self, partner):
        """Return an address in France, line by line, as long as a bill has room for."""
        place = " ".join(filter(None, (partner.zip, partner.city)))
        return [*filter(None, (partner.street, partner.street2, place))]
