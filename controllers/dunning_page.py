from odoo import http
from odoo.http import content_disposition, request

from ..models.dunning.message.dunning_reminder_link_mixin import SAMPLE

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


class DunningPage(http.Controller):
    """The page of a customer that a reminder leads to, without login (C5); it changes nothing."""

    @http.route(
        "/dunning/<string:token>", type="http", auth="public", methods=["GET"], sitemap=False
    )
    def page(self, token, **_params):
        """Show what is open of the customer, and how to pay."""
        if token == SAMPLE:
            return self._answer(f"{MODULE}.dunning_page_sample", {})
        link = self._open(token)
        if not link:
            return self._refuse(token)
        reminder, company = link.reminder_id, link.company_id
        today, lang = company._get_job_today(), request.env.lang
        return self._answer(
            f"{MODULE}.dunning_page",
            {
                "res_company": company,
                "company": company,
                "customer": reminder.partner_id.commercial_partner_id,
                "sections": reminder.partner_id._dunning_get_page(company, today, lang),
                "today": today,
                "parts": reminder._get_payment_parts(),
                "url": f"/dunning/{token}",
            },
        )

    @http.route(
        "/dunning/<string:token>/invoice/<int:move_id>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def invoice(self, token, move_id, **_params):
        """Download an invoice of the customer: as it was sent, else as it would be now."""
        link = self._open(token)
        move = link and move_id <= MAX_ID and link._find_invoice(move_id)
        if not move:
            return self._refuse(token)
        sent = move._dunning_get_sent_pdfs().get(move.id)
        if sent:
            pdf = request.env["ir.attachment"].sudo().browse(sent).raw
        else:
            report = request.env["account.move.send"].sudo()._get_default_pdf_report_id(move)
            pdf = link.reminder_id._render_report(report, move)[move.id]
        return self._download(pdf, f"{move.name}.pdf")

    @http.route(
        "/dunning/<string:token>/statement",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def statement(self, token, **_params):
        """Download the statement of open items of the reminder."""
        link = self._open(token)
        if not link:
            return self._refuse(token)
        reminder = link.reminder_id
        report = reminder._get_statement_report(reminder.level_id)
        pdf = reminder._render_report(report, reminder)[reminder.id]
        name = reminder._get_file_name(
            lambda env, date: env._("Statement of %(date)s.pdf", date=date)
        )
        return self._download(pdf, name)

    def _open(self, token):
        """Return the link of a token, as its reader reads it; empty where it opens nothing."""
        link = request.env["dunning.link"]._find_valid(token)
        if link:
            lang = link.reminder_id.lang
            request.update_context(lang=lang or request.env.lang)
            link = link.with_env(request.env(su=True)).with_company(link.company_id)
        return link

    def _refuse(self, token):
        """Answer the same to a token that is unknown, expired or revoked, and to a foreign id."""
        company = request.env["dunning.link"]._find_company(token)
        values = {"company": company, "res_company": company or request.env.company.sudo()}
        return self._answer(f"{MODULE}.dunning_page_gone", values, status=404)

    def _answer(self, template, values, status=200):
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
