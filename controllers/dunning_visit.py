from datetime import date
from typing import NamedTuple

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.exceptions import UserError
from odoo.http import content_disposition, request
from odoo.models import BaseModel
from odoo.tools import format_date, is_html_empty

from ..tools.dunning.answer_form import LARGEST_FILE

MODULE = "account_recurrence_dunning"
# The address is a secret: nobody else gets to know, keep or frame it.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
# Ids beyond are no integers for PostgreSQL.
MAX_ID = 2**31 - 1
# Larger files than are taken come as far as here: the form says so and keeps what was typed.
LARGEST_POST = 8 * LARGEST_FILE
LAYOUT = f"{MODULE}.dunning_page_layout"
KINDS = ("promise", "dispute", "paid", "contact", "plan")


class Visit(NamedTuple):
    """Who looks at whose open items: opened by a link, or by a customer who is logged in."""

    env: Environment  # of the superuser, in the reader's language
    company: BaseModel
    customer: BaseModel
    reminder: BaseModel  # the one the link is of, or the last one; may be empty
    email_to: str
    today: date
    url: str
    layout: str = LAYOUT
    planned: list | tuple = ()  # the dates of recurring invoices, where they are shown

    def collect(self):
        """Return all open due lines."""
        facts = self.customer._dunning_get_open_facts(self.company, self.today)
        # what is asked of their invoices, and no other of their hundred columns
        moves = self.env["account.move"].browse({fact.move_id for fact in facts})
        moves.fetch(["move_type", "name", "partner_bank_id", "partner_id", "payment_reference"])
        self.env["account.move.line"].browse([fact.id for fact in facts]).fetch(["move_id"])
        return facts

    def get_offers(self, facts):
        customer = self.customer.with_company(self.company)
        program = self.reminder.program_id or customer.dunning_effective_program_id
        return self.env["dunning.answer"]._get_offers(
            self.company, self.customer, program, facts, self.today
        )

    def get_answers(self):
        domain = [("company_id", "=", self.company.id), ("partner_id", "=", self.customer.id)]
        return self.env["dunning.answer"].search(domain, limit=200)

    def find_invoice(self, move_id):
        """Return a posted invoice of the customer and company; empty: it is another's."""
        return self.env["account.move"].search(
            [
                ("id", "=", move_id if 0 < move_id <= MAX_ID else 0),
                ("company_id", "=", self.company.id),
                ("commercial_partner_id", "=", self.customer.id),
                ("move_type", "in", ("out_invoice", "out_receipt", "out_refund")),
                ("state", "=", "posted"),
            ]
        )

    # === ONLINE PAYMENT === #

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
        due = [fact for fact in found if fact.line.due <= self.today] or found
        ticked = [fact for fact in found if str(fact.id) in chosen] or due
        amount = currency.round(sum(fact.open_amount for fact in ticked))
        [page] = self.customer._dunning_get_page(
            self.company, self.today, self.env.lang, facts=found
        )
        ids = "-".join(str(fact.id) for fact in ticked)
        values = {
            **self.get_payment_values(currency.id, amount),
            "rows": page["due"] + page["later"],
            "typed": {"items": [str(fact.id) for fact in ticked]},
            "errors": {},
            "transaction_route": f"{self.url}/transaction/{ids}",
        }
        return self.answer(f"{MODULE}.dunning_page_payment", values)

    def find_chosen(self, ids):
        """Return what a payment of due lines needs: (customer, currency, amount, invoices).

        :param ids: as they stand in the address
        :raise UserError: they are not, or not all, open any more
        """
        chosen = set(ids.split("-"))
        for currency_id, facts in self.find_payable(self.collect()).items():
            found = [fact for fact in facts if str(fact.id) in chosen]
            if found and len(found) == len(chosen):
                currency = self.env["res.currency"].browse(currency_id)
                amount = currency.round(sum(fact.open_amount for fact in found))
                moves = self.env["account.move"].browse([fact.move_id for fact in found])
                return self.customer, currency, amount, moves
        raise UserError(
            self.env._("What is open has changed. Please open the page again and choose the items.")
        )

    def sum_due(self, facts):
        """Return what is due now: ``{currency: amount}``."""
        totals = {}
        for fact in facts:
            if fact.line.due <= self.today and fact.open_amount > 0:
                currency = self.env["res.currency"].browse(fact.currency_id)
                totals[currency] = totals.get(currency, 0.0) + fact.open_amount
        return totals

    # === PAGES === #

    def show_page(self):
        facts = self.collect()
        lang = self.env.lang
        answers = self.get_answers()
        writer = self.reminder or self.env["dunning.reminder"].new(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "lang": lang,
            }
        )
        claims = writer._get_page_claims(lang, self.sum_due(facts))
        values = {
            "claims": claims,
            "sentences": writer._get_claim_sentences() if claims else [],
            "sections": self.customer._dunning_get_page(
                self.company, self.today, lang, facts=facts
            ),
            "parts": writer._get_open_payment_parts(facts, self.today, claims),
            "offers": self.get_offers(facts),
            "answers": answers[:10],
            "notes": answers._get_notes(),
            "has_statement": bool(facts),
            "planned": self.planned,
            "online": self.find_online(facts),
        }
        return self.answer(f"{MODULE}.dunning_page", values)

    def show_form(self, kind, typed=None, errors=None):
        """Show the form of one kind of answer, with what was typed and what is wrong with it."""
        if kind not in KINDS:
            return self.refuse()
        facts = self.collect()
        offers = self.get_offers(facts)
        offer = offers.get(kind)
        pages = []
        if offer:
            pages = self.customer._dunning_get_page(
                self.company, self.today, self.env.lang, facts=list(offer.facts.values())
            )
        typed = typed or {"items": _choose(kind, pages)}
        fields = self.env["dunning.answer"]._fields
        values = {
            "kind": kind,
            "offer": offer,
            "rows": [row for page in pages for row in page["due"] + page["later"]],
            "typed": typed,
            "errors": errors or {},
            "hints": self.env["dunning.answer"]._get_hints(offer) if offer else {},
            "largest_file": LARGEST_FILE,
            "reasons": fields["reason"]._description_selection(self.env),
            "steps": fields["plan_step"]._description_selection(self.env),
        }
        template = f"{MODULE}.dunning_page_form"
        return self.answer(template, values, status=400 if errors else 200)

    def take_answer(self, kind):
        """Take what was posted, and lead to its confirmation."""
        if kind not in KINDS:
            return self.refuse()
        typed = {
            name: request.httprequest.form.getlist(name)[:1000] for name in request.httprequest.form
        }
        upload = request.httprequest.files.get("file")
        file = (upload.filename, upload.read(LARGEST_FILE + 1)) if upload else None
        base = {
            "company_id": self.company.id,
            "partner_id": self.customer.id,
            "reminder_id": self.reminder.id,
            "email_to": self.email_to,
        }
        offers = self.get_offers(self.collect())
        answers = self.env["dunning.answer"]
        answer, errors = answers._receive(base, offers, kind, typed, file)
        if errors:
            return self.show_form(kind, typed, errors)
        response = request.redirect(f"{self.url}/answered/{answer.id}", code=303)
        response.headers.update(HEADERS)
        return response

    def show_answer(self, answer_id):
        """Confirm one answer of this customer to this company."""
        answer = self.get_answers().filtered(lambda found: found.id == answer_id)
        if not answer:
            return self.refuse()
        return self.answer(f"{MODULE}.dunning_page_answered", {"answer": answer})

    # === FILES === #

    def send_invoice(self, move_id):
        """Send an invoice of the customer: as it was sent, else as it would be now."""
        move = self.find_invoice(move_id)
        if not move:
            return self.refuse()
        sent = move._dunning_get_sent_pdfs().get(move.id)
        if sent:
            pdf = self.env["ir.attachment"].browse(sent).raw
        else:
            report = self.env["account.move.send"]._get_default_pdf_report_id(move)
            pdf = self.env["dunning.reminder"]._render_report(report, move)[move.id]
        return download(pdf, f"{move.name}.pdf")

    def send_statement(self):
        """Send the statement of all that is open now."""
        if not self.collect():
            return self.refuse()
        customer = self.customer.with_context(allowed_company_ids=self.company.ids)
        report = customer.env.ref(f"{MODULE}.dunning_customer_statements_report")
        pdf = customer.env["dunning.reminder"]._render_report(report, customer)[customer.id]
        day = format_date(self.env, self.today)
        return download(pdf, self.env._("Statement of %(date)s.pdf", date=day.replace("/", "-")))

    # === ANSWERS OF THE SERVER === #

    def refuse(self):
        """Answer that there is nothing here."""
        return self.answer(f"{MODULE}.dunning_page_gone", {}, status=404)

    def answer(self, template, values, status=200):
        company = self.company
        values = {
            **values,
            "company": company,
            "res_company": company,
            "customer": self.customer,
            "today": self.today,
            "url": self.url,
            "layout": self.layout,
            "page_name": "dunning",
        }
        return render(template, values, status)


def _choose(kind, pages):
    """Return the ids of the items that are ticked at first; a plan is one in one currency."""
    rows = [row for page in pages for row in page["due"] + page["later"]]
    if kind == "plan":
        rows = pages[0]["due"] if pages else []
    elif kind != "promise" and len(rows) > 1:
        rows = []
    return [str(row["id"]) for row in rows]


def _is_under_way(transaction):
    """Whether a payment was begun that the invoice does not know of yet."""
    state = transaction.state
    return state in ("pending", "authorized") or (
        state == "done" and not transaction.is_post_processed
    )


def enter_as_superuser(lang):
    """Return the environment in which a visitor who was let in reads, in a language.

    One that was switched off since falls back on the visitor's own (rule 13).
    """
    if not request.env["res.lang"]._get_data(code=lang):
        lang = request.env.lang
    request.update_context(lang=lang)
    return request.env(user=SUPERUSER_ID, su=True)


def look(show, *args):
    """Answer a request that only looks: whatever is written on the way is taken back.

    Printing an invoice, for example, touches it.
    """
    if request.httprequest.method not in ("GET", "HEAD"):
        return show(*args)
    with request.env.cr.savepoint() as savepoint:
        response = show(*args)
        response.flatten()
        savepoint.rollback()
    return response


def render(template, values, status=200):
    """Return a page that nobody else gets to know of."""
    response = request.render(template, values, status=status)
    response.headers.update(HEADERS)
    return response


def download(pdf, name):
    """Return a PDF as a file."""
    headers = {
        **HEADERS,
        "Content-Type": "application/pdf",
        "Content-Disposition": content_disposition(name.replace("/", "_")),
    }
    return request.make_response(pdf, list(headers.items()))
