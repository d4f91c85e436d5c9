from datetime import date
from typing import NamedTuple

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.http import content_disposition, request
from odoo.models import BaseModel
from odoo.tools import format_date

from ..tools.dunning.answer_form import LARGEST_FILE
from .dunning_visit_payment import VisitPayment

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


class Visitor(NamedTuple):
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


class Visit(VisitPayment, Visitor):
    """What a visitor is shown, and what is taken from him."""

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

    def get_writer(self):
        """Return the message whose words the page takes; where there is none an empty one."""
        return self.reminder or self.env["dunning.reminder"].new(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "lang": self.env.lang,
            }
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
        writer = self.get_writer()
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
