from odoo.http import Controller, request, route

from odoo.addons.account.controllers.portal import PortalAccount

from ..tools.recurrence.placeholder import strip_placeholders
from .dunning_visit import LARGEST_POST, MODULE, Visit, enter_as_superuser, look, render

OPEN = {"type": "http", "auth": "user", "website": True, "sitemap": False}
GET = {**OPEN, "methods": ["GET"]}
POST = {**OPEN, "methods": ["POST"], "max_content_length": LARGEST_POST}
URL = "/my/open-items"
LAYOUT = f"{MODULE}.dunning_portal_layout"
# How many dates of recurring invoices are shown.
MOST_PLANNED = 12


def get_companies():
    """Return the companies whose page the portal user may open, as superuser; most: one."""
    user = request.env.user
    companies = request.env["res.company"].sudo()
    if not user._is_portal():
        return companies
    customer = user.partner_id.commercial_partner_id
    found = (
        request.env["account.move"]
        .sudo()
        ._read_group(
            [
                ("commercial_partner_id", "=", customer.id),
                ("move_type", "in", ("out_invoice", "out_receipt", "out_refund")),
                ("state", "=", "posted"),
            ],
            ["company_id"],
        )
    )
    planned = companies.concat(*(company for [company] in found)) | _get_planned().company_id
    return planned.filtered(lambda company: company.dunning_active and company.dunning_page)


def _get_planned(company=None):
    """Return the dates on which the portal user gets recurring invoices, as superuser."""
    customer = request.env.user.partner_id.commercial_partner_id
    domain = [
        ("schedule_id.document_type", "in", ("out_invoice", "out_receipt")),
        ("state", "in", ("planned", "todo")),
        ("schedule_id.state", "=", "running"),
        ("schedule_id.template_move_id.commercial_partner_id", "=", customer.id),
    ]
    if company:
        domain.append(("company_id", "=", company.id))
    occurrences = request.env["recurrence.occurrence"].sudo()
    return occurrences.search(domain, order="date, rule_date, id", limit=MOST_PLANNED)


def enter_portal(company_id, show, *args):
    company = get_companies().filtered(lambda found: found.id == company_id)
    if not company:
        raise request.not_found()
    return look(show, _get_visit(company), *args)


def _get_visit(company):
    user = request.env.user
    env = enter_as_superuser(request.env.lang)
    company = company.with_env(env).with_company(company)
    customer = user.partner_id.commercial_partner_id.with_env(company.env)
    reminder = company.env["dunning.reminder"].search(
        [
            ("company_id", "=", company.id),
            ("partner_id.commercial_partner_id", "=", customer.id),
            ("state", "=", "sent"),
            ("is_test", "!=", True),
        ],
        limit=1,
    )
    return Visit(
        env=company.env,
        company=company,
        customer=customer,
        reminder=reminder,
        email_to=user.email_formatted or "",
        today=company._get_job_today(),
        url=f"{URL}/{company.id}",
        layout=LAYOUT,
        planned=[_describe_planned(found) for found in _get_planned(company)],
    )


def _describe_planned(occurrence):
    """Return a date of a recurring invoice as it is planned now, without our own notes."""
    template = occurrence.schedule_id.template_move_id
    lines = template.invoice_line_ids.filtered(lambda line: line.display_type == "product")
    first = next(iter((lines[:1].name or "").splitlines()), "")
    return {
        "date": occurrence.date,
        "text": strip_placeholders(first),
        "amount": template.amount_total,
        "currency": template.currency_id,
    }


class DunningPortal(Controller):
    """The customer's page for those who are logged in to the portal (C5)."""

    @route(URL, **GET)
    def portal_companies(self, **_params):
        """Lead to the open items; where there are several companies, let one be chosen."""
        companies = get_companies()
        if len(companies) == 1:
            return request.redirect(f"{URL}/{companies.id}")
        values = {"companies": companies, "page_name": "dunning", "layout": LAYOUT}
        return render(f"{MODULE}.dunning_portal_companies", values)

    @route(f"{URL}/<int:company_id>", **GET)
    def portal_page(self, company_id, **_params):
        """Show what is open of the customer, how to pay and how to answer."""
        return enter_portal(company_id, Visit.show_page)

    @route(f"{URL}/<int:company_id>/invoice/<int:move_id>", **GET)
    def portal_invoice(self, company_id, move_id, **_params):
        """Download an invoice."""
        return enter_portal(company_id, Visit.send_invoice, move_id)

    @route(f"{URL}/<int:company_id>/statement", **GET)
    def portal_statement(self, company_id, **_params):
        """Download the statement."""
        return enter_portal(company_id, Visit.send_statement)

    @route(f"{URL}/<int:company_id>/answer/<string:kind>", **GET)
    def portal_form(self, company_id, kind, **_params):
        """Show the form of an answer."""
        return enter_portal(company_id, Visit.show_form, kind)

    @route(f"{URL}/<int:company_id>/answer/<string:kind>", **POST)
    def portal_answer(self, company_id, kind, **_params):
        """Take an answer."""
        return enter_portal(company_id, Visit.take_answer, kind)

    @route(f"{URL}/<int:company_id>/answered/<int:answer_id>", **GET)
    def portal_answered(self, company_id, answer_id, **_params):
        """Confirm an answer."""
        return enter_portal(company_id, Visit.show_answer, answer_id)


class DunningPortalHome(PortalAccount):
    """Where the portal leads to the open items."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "dunning_page_count" in counters:
            values["dunning_page_count"] = len(get_companies())
        return values

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        values = super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        company = invoice.sudo().company_id
        if invoice.is_sale_document(include_receipts=True) and company in get_companies():
            values["dunning_page_url"] = f"{URL}/{company.id}"
        return values
