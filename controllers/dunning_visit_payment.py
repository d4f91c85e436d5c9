from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import is_html_empty

PAGE = "account_recurrence_dunning.dunning_page_payment"
# What is claimed for late payment, among the items that are chosen by their ids.
CLAIMS = "claims"


class VisitPayment:
    """What a visitor may pay online: open items, and what is claimed beside them.

    Of a ``Visit``, which knows whose items and who looks at them.
    """

    __slots__ = ()

    def find_payable(self, facts):
        """Return ``{currency id: [due line, …]}`` of what may be paid online now.

        What is just being paid online is left out: it would be paid twice. So is what is not of an
        invoice: Odoo would spend the money on all customers of an opening balance.
        """
        moves = self.env["account.move"].browse({fact.move_id for fact in facts})
        free = moves.filtered(
            lambda move: (
                move.is_sale_document(include_receipts=True)
                and not move.transaction_ids.filtered(_is_under_way)
            )
        )
        payable = {}
        for fact in facts:
            if fact.open_amount > 0 and fact.move_id in free._ids:
                payable.setdefault(fact.currency_id, []).append(fact)
        return payable

    def find_online(self, facts):
        """Return the names of the currencies in which something can be paid online."""
        found = []
        for currency_id, payable in self.find_payable(facts).items():
            amount = sum(fact.open_amount for fact in payable)
            values = self.get_payment_values(currency_id, amount)
            if values["payment_methods_sudo"]:
                found.append(values["currency"].name)
        return found

    def get_payment_values(self, currency_id, amount):
        """Return what Odoo's payment form needs, without what belongs to a person.

        A link is no login: saved payment methods of the customer are neither shown nor made.
        """
        # as the visitor, so that what is not published is not shown
        providers = request.env["payment.provider"].sudo()
        report = {}
        providers = providers._get_compatible_providers(
            self.company.id, self.customer.id, amount, currency_id=currency_id, report=report
        )
        methods = request.env["payment.method"].sudo()
        return {
            "currency": self.env["res.currency"].browse(currency_id),
            "amount": amount,
            "partner_id": self.customer.id,
            "providers_sudo": providers,
            "payment_methods_sudo": methods._get_compatible_payment_methods(
                providers.ids, self.customer.id, currency_id=currency_id, report=report
            ),
            "tokens_sudo": request.env["payment.token"].sudo(),
            "availability_report": report,
            "show_tokenize_input_mapping": dict.fromkeys(providers.ids, False),
            "is_html_empty": is_html_empty,
            "landing_route": self.url,
        }

    def show_payment(self, currency_name, chosen):
        """Show the form that pays chosen items in a currency; all that are due, where none are."""
        facts = self.collect()
        payable = self.find_payable(facts)
        currency = self.env["res.currency"].browse(payable)
        currency = currency.filtered(lambda found: found.name == currency_name)
        found = payable.get(currency.id)
        if not found:
            return self.refuse()
        ticked, claimed = self.tick(found, chosen), self.find_claimed(facts, currency)
        taken = claimed if not chosen or CLAIMS in chosen else None
        amount = self.sum_chosen(currency, ticked, taken)
        [page] = self.customer._dunning_get_page(
            self.company, self.today, self.env.lang, facts=found
        )
        choices = [*(str(fact.id) for fact in ticked), *([CLAIMS] if taken else [])]
        ids = "-".join(choices)
        values = {
            **self.get_payment_values(currency.id, amount),
            "rows": page["due"] + page["later"] + self.get_claim_choice(claimed),
            "typed": {"items": choices},
            "errors": {},
            "transaction_route": f"{self.url}/transaction/{ids}",
        }
        return self.answer(PAGE, values)

    def tick(self, facts, chosen):
        """Return the chosen ones of these items; all that are due, where none are."""
        due = [fact for fact in facts if fact.line.due <= self.today] or facts
        return [fact for fact in facts if str(fact.id) in chosen] or due

    def sum_chosen(self, currency, facts, claimed):
        """Return what chosen items and, where it was chosen too, what is claimed add up to."""
        amount = sum(fact.open_amount for fact in facts)
        return currency.round(amount + (claimed["amount"] if claimed else 0.0))

    def find_claimed(self, facts, currency):
        """Return what is claimed in a currency beside the items, or None.

        As ``_get_page_claims`` does. While a payment is under way it is not offered: that may be
        paying it already.
        """
        moves = self.env["account.move"].browse({fact.move_id for fact in facts})
        if moves.transaction_ids.filtered(_is_under_way):
            return None
        found = self.get_writer()._get_page_claims(self.env.lang)
        return next((section for section in found if section["currency"] == currency), None)

    def get_claim_choice(self, claimed):
        """Return the row among the choices that stands for what is claimed, as a list."""
        if not claimed:
            return []
        name = self.env._("Interest and fixed sums")
        return [{"id": CLAIMS, "number": name, "due": "", "left": claimed["total"]}]

    def find_chosen(self, ids):
        """Return what a payment of due lines needs: (customer, currency, amount, invoices).

        :param ids: as they stand in the address
        :raise UserError: they are not, or not all, open any more
        """
        chosen = set(ids.split("-"))
        items, open_facts = chosen - {CLAIMS}, self.collect()
        for currency_id, facts in self.find_payable(open_facts).items():
            found = [fact for fact in facts if str(fact.id) in items]
            if found and len(found) == len(items):
                currency = self.env["res.currency"].browse(currency_id)
                claimed = CLAIMS in chosen and self.find_claimed(open_facts, currency)
                amount = self.sum_chosen(currency, found, claimed)
                moves = self.env["account.move"].browse([fact.move_id for fact in found])
                return self.customer, currency, amount, moves
        raise UserError(
            self.env._("What is open has changed. Please open the page again and choose the items.")
        )


def _is_under_way(transaction):
    """Whether a payment was begun that the invoice does not know of yet."""
    state = transaction.state
    return state in ("pending", "authorized") or (
        state == "done" and not transaction.is_post_processed
    )
