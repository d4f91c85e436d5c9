import base64
import operator

from odoo import api, models
from odoo.tools import format_amount

from ....tools.dunning.bank_account import format_iban
from ....tools.dunning.payment_reference import join_references


class DunningReminderPaymentMixin(models.AbstractModel):
    """How the customer pays what a reminder asks for."""

    _name = "dunning.reminder.payment.mixin"
    _description = "Payment Details of Reminders"

    def _get_payment_parts(self, pictures=True):
        """Return what a customer needs to pay by bank transfer: a list of dictionaries.

        One for each currency; several where its invoices are paid to several accounts of the
        company. Nothing is asked where nothing is to be paid, or there is no account.

        :param pictures: whether ``qr`` is drawn; else ``qr_src`` is a link to the same picture
        :return: ``currency`` (its code), ``amount`` (text), ``beneficiary``, ``bank``, ``iban``
            (in groups; where ``is_iban`` is false the number of another kind of account), ``bic``,
            ``reference``, ``qr`` (PNG as bytes, or None), ``qr_src`` (what shows it, or "")
        """
        self.ensure_one()
        lang = self.lang or self.env.lang or "en_US"
        return [
            self._prepare_payment_part(currency, bank, lines, amount, lang, pictures)
            for currency, found in self._get_standing().grouped("currency_id").items()
            for bank, (lines, amount) in self._split_by_account(currency, found).items()
            if bank and currency.compare_amounts(amount, 0) > 0
        ]

    def _prepare_payment_part(self, currency, bank, lines, amount, lang, pictures):
        reference, url = self._get_transfer_code(currency, bank, lines, amount)
        picture = self._draw_barcode(url) if pictures else None
        source = f"{self.get_base_url()}{url}" if url else ""
        if picture:
            source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        iban = format_iban(bank.acc_number or "")
        return {
            "currency": currency.name,
            "amount": format_amount(self.env, amount, currency, lang),
            "beneficiary": bank.acc_holder_name or bank.partner_id.name or "",
            "bank": bank.bank_name or "",
            "iban": iban or bank.acc_number or "",
            "is_iban": bool(iban),
            "bic": bank.bank_bic or "",
            "reference": reference,
            "qr": picture,
            "qr_src": source,
        }

    def _get_transfer_code(self, currency, bank, lines, amount):
        """Return the reference of a transfer and the link to its QR code, "" if Odoo makes none."""
        # an entry may be about several customers
        invoices = lines.move_id.sudo().filtered(lambda move: move.move_type != "entry")
        debtor = invoices[:1].partner_id or self.partner_id.sudo()
        forms = self._get_reference_forms(self._get_payment_references(lines))
        for reference, structured in forms:
            url = bank.build_qr_code_url(
                currency.round(amount), reference, structured, currency, debtor
            )
            if url:
                return reference, self._enlarge_barcode(url)
        return forms[0][0], ""

    # === THE ACCOUNT === #

    def _split_by_account(self, currency, lines):
        """Return ``{account: (lines to pay there, amount)}`` of the lines in one currency.

        Credits are taken off the oldest lines first, as everywhere.
        """
        due = lines.filtered(lambda line: line.amount_residual > 0)
        due = due.sorted(lambda line: (str(line.due_date or ""), line.id))
        credit = -sum((lines - due).mapped("amount_residual"))
        usual = self._get_bank_account(currency)
        accounts = self.company_id._dunning_get_accounts()
        # another one is not told, whoever put it on the invoice
        own = {line: line.move_id.sudo().partner_bank_id & accounts for line in due}
        first = next(filter(None, own.values()), usual)
        result = {}
        for line in due:
            bank = own[line] or first
            covered = min(credit, line.amount_residual)
            credit -= covered
            found, amount = result.get(bank, (line.browse(), 0.0))
            result[bank] = (found | line, amount + line.amount_residual - covered)
        # what is claimed is paid where its invoice is
        for claim in self._get_claims().filtered(lambda one: one.currency_id == currency):
            line = due.filtered(lambda line, claim=claim: line.move_id == claim.move_id)[:1]
            bank = own.get(line) or first
            found, amount = result.get(bank, (due.browse(), 0.0))
            covered = min(credit, claim.amount)
            credit -= covered
            result[bank] = (found, amount + claim.amount - covered)
        return result

    def _get_bank_account(self, currency=None):
        """Return the company's account to transfer an amount in a currency to; empty: none.

        In the order in which Odoo chooses one for an invoice.
        """
        self.ensure_one()
        currency = currency or self.company_id.currency_id
        return self.company_id._dunning_get_accounts().sorted(
            lambda bank: (
                bool(bank.currency_id) and bank.currency_id != currency,
                bank.currency_id != currency,
                not bank.allow_out_payment,
            )
        )[:1]

    # === THE REFERENCE === #

    @api.model
    def _get_payment_references(self, lines):
        """Return by what the payment of each line is known, each once, the oldest first."""
        get_number = self._get_item_number
        if lines._name != "account.move.line":
            get_number = operator.attrgetter("move_name")
        references = [line.move_id.sudo().payment_reference or get_number(line) for line in lines]
        return list(dict.fromkeys(filter(None, references)))

    @api.model
    def _get_item_number(self, item):
        """Return by what the customer knows a journal item, as ``SHOWN_NUMBER`` does."""
        move = item.move_id
        from_bank = move.origin_payment_id or move.statement_line_id
        label = (item.name or "").strip() if move.move_type == "entry" and not from_bank else ""
        return label or move.name

    @api.model
    def _get_reference_forms(self, references):
        """Return what may be written into a transfer: (text, the same where it is structured).

        Of several invoices the references of all, as far as there is room, so that each is found
        by its own; else that of the oldest, for an account that takes nothing but one structured
        reference, as a Swiss QR-IBAN.
        """
        if len(references) < 2:
            return [(references[0] if references else "",) * 2]
        return [(join_references(references), ""), (references[0], references[0])]
