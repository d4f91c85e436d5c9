from datetime import date
from typing import NamedTuple

from odoo import SUPERUSER_ID, http
from odoo.api import Environment
from odoo.http import content_disposition, request
from odoo.models import BaseModel

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
# A file, and what is typed beside it.
LARGEST_POST = LARGEST_FILE + 1024 * 1024
LAYOUT = f"{MODULE}.dunning_page_layout"
KINDS = ("promise", "dispute", "paid", "contact", "plan")
# What is ticked at first: what people mostly mean.
ALL_TICKED = ("promise", "plan")


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

    def collect(self):
        """Return all open due lines."""
        return self.customer._dunning_get_open_facts(self.company, self.today)

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


class DunningVisit(http.Controller):
    """What the page without login and the portal have in common (C5)."""

    def _as_superuser(self, lang):
        request.update_context(lang=lang)
        return request.env(user=SUPERUSER_ID, su=True)

    # === PAGES === #

    def _show_page(self, visit):
        facts = visit.collect()
        lang = visit.env.lang
        answers = visit.get_answers()
        writer = visit.reminder or visit.env["dunning.reminder"].new(
            {
                "company_id": visit.company.id,
                "partner_id": visit.customer.id,
                "lang": lang,
            }
        )
        values = {
            "sections": visit.customer._dunning_get_page(
                visit.company, visit.today, lang, facts=facts
            ),
            "parts": writer._get_open_payment_parts(facts, visit.today),
            "offers": visit.get_offers(facts),
            "answers": answers[:10],
            "notes": answers._get_notes(),
            "has_statement": bool(visit.reminder and facts),
        }
        return self._answer(f"{MODULE}.dunning_page", visit, values)

    def _show_form(self, visit, kind, typed=None, errors=None):
        """Show the form of one kind of answer, with what was typed and what is wrong with it."""
        if kind not in KINDS:
            return self._refuse(visit)
        facts = visit.collect()
        offers = visit.get_offers(facts)
        offer = offers.get(kind)
        rows = []
        if offer:
            pages = visit.customer._dunning_get_page(
                visit.company, visit.today, visit.env.lang, facts=list(offer.facts.values())
            )
            rows = [row for page in pages for part in ("due", "later") for row in page[part]]
        typed = typed or {}
        if not typed and (kind in ALL_TICKED or len(rows) == 1):
            typed = {"items": [str(row["id"]) for row in rows]}
        fields = visit.env["dunning.answer"]._fields
        values = {
            "kind": kind,
            "offer": offer,
            "rows": rows,
            "typed": typed,
            "errors": errors or {},
            "reasons": fields["reason"]._description_selection(visit.env),
            "steps": fields["plan_step"]._description_selection(visit.env),
        }
        template = f"{MODULE}.dunning_page_form"
        return self._answer(template, visit, values, status=400 if errors else 200)

    def _take_answer(self, visit, kind):
        """Take what was posted, and lead to its confirmation."""
        if kind not in KINDS:
            return self._refuse(visit)
        typed = {
            name: request.httprequest.form.getlist(name)[:1000] for name in request.httprequest.form
        }
        upload = request.httprequest.files.get("file")
        file = (upload.filename, upload.read(LARGEST_FILE + 1)) if upload else None
        base = {
            "company_id": visit.company.id,
            "partner_id": visit.customer.id,
            "reminder_id": visit.reminder.id,
            "email_to": visit.email_to,
        }
        offers = visit.get_offers(visit.collect())
        answers = visit.env["dunning.answer"]
        answer, errors = answers._receive(base, offers, kind, typed, file)
        if errors:
            return self._show_form(visit, kind, typed, errors)
        response = request.redirect(f"{visit.url}/answered/{answer.id}", code=303)
        response.headers.update(HEADERS)
        return response

    def _show_answer(self, visit, answer_id):
        """Confirm one answer of this customer to this company."""
        answer = visit.get_answers().filtered(lambda found: found.id == answer_id)
        if not answer:
            return self._refuse(visit)
        return self._answer(f"{MODULE}.dunning_page_answered", visit, {"answer": answer})

    # === FILES === #

    def _send_invoice(self, visit, move_id):
        """Send an invoice of the customer: as it was sent, else as it would be now."""
        move = visit.find_invoice(move_id)
        if not move:
            return self._refuse(visit)
        sent = move._dunning_get_sent_pdfs().get(move.id)
        if sent:
            pdf = visit.env["ir.attachment"].browse(sent).raw
        else:
            report = visit.env["account.move.send"]._get_default_pdf_report_id(move)
            pdf = visit.env["dunning.reminder"]._render_report(report, move)[move.id]
        return self._download(pdf, f"{move.name}.pdf")

    def _send_statement(self, visit):
        """Send the statement of open items of the reminder."""
        reminder = visit.reminder
        if not reminder:
            return self._refuse(visit)
        report = reminder._get_statement_report(reminder.level_id)
        pdf = reminder._render_report(report, reminder)[reminder.id]
        name = reminder._get_file_name(
            lambda env, date: env._("Statement of %(date)s.pdf", date=date)
        )
        return self._download(pdf, name)

    # === ANSWERS OF THE SERVER === #

    def _refuse(self, visit):
        """Answer that there is nothing here."""
        return self._answer(f"{MODULE}.dunning_page_gone", visit, {}, status=404)

    def _answer(self, template, visit, values, status=200):
        company = visit.company
        values = {
            **values,
            "company": company,
            "res_company": company,
            "customer": visit.customer,
            "today": visit.today,
            "url": visit.url,
            "layout": visit.layout,
            "page_name": "dunning",
        }
        return self._render(template, values, status)

    def _render(self, template, values, status=200):
        response = request.render(template, values, status=status)
        response.headers.update(HEADERS)
        return response

    def _download(self, pdf, name):
        headers = {
            **HEADERS,
            "Content-Type": "application/pdf",
            "Content-Disposition": content_disposition(name.replace("/", "_")),
        }
        return request.make_response(pdf, list(headers.items()))
