from odoo.http import Controller, request, route

from ..models.dunning.message.dunning_reminder_link_mixin import SAMPLE
from .dunning_visit import LARGEST_POST, LAYOUT, MODULE, Visit, enter_as_superuser, look, render

# Where Odoo's website is installed its layout surrounds every page, and needs to know of them; the
# language is the reader's, not one of the address.
OPEN = {"type": "http", "auth": "public", "website": True, "multilang": False, "sitemap": False}
GET = {**OPEN, "methods": ["GET"]}
POST = {**OPEN, "methods": ["POST"], "max_content_length": LARGEST_POST}


def enter(token, show, *args, refuse=None):
    """Show something to whom a token lets in, the same to all others.

    :param show: called with the ``Visit`` and ``args``
    :param refuse: answers all others; None: the page that says so
    """
    link = request.env["dunning.link"]._find_valid(token)
    if link:
        return look(show, _get_visit(link, token), *args)
    if refuse:
        return refuse()
    if token == SAMPLE:
        return render(f"{MODULE}.dunning_page_sample", {"layout": LAYOUT})
    # unknown, expired or revoked
    company = request.env["dunning.link"]._find_company(token)
    values = {
        "company": company,
        "res_company": company or request.env.company.sudo(),
        "layout": LAYOUT,
    }
    return render(f"{MODULE}.dunning_page_gone", values, status=404)


def _get_visit(link, token):
    env = enter_as_superuser(link.reminder_id.lang or request.env.lang)
    reminder = link.reminder_id.with_env(env).with_company(link.company_id)
    company = reminder.company_id
    return Visit(
        env=reminder.env,
        company=company,
        customer=reminder.partner_id.commercial_partner_id,
        reminder=reminder,
        email_to=reminder._get_answer_email(),
        today=company._get_job_today(),
        url=f"/dunning/{token}",
    )


class DunningPage(Controller):
    """The page of a customer that a reminder leads to, without login (C5).

    Whatever is opened with GET changes nothing: programs that look at mails open every link.
    """

    @route("/dunning/<string:token>", **GET)
    def page(self, token, **_params):
        """Show what is open of the customer, how to pay and how to answer."""
        return enter(token, Visit.show_page)

    @route("/dunning/<string:token>/invoice/<int:move_id>", **GET)
    def invoice(self, token, move_id, **_params):
        """Download an invoice."""
        return enter(token, Visit.send_invoice, move_id)

    @route("/dunning/<string:token>/statement", **GET)
    def statement(self, token, **_params):
        """Download the statement."""
        return enter(token, Visit.send_statement)

    @route("/dunning/<string:token>/answer/<string:kind>", **GET)
    def form(self, token, kind, **_params):
        """Show the form of an answer."""
        return enter(token, Visit.show_form, kind)

    @route("/dunning/<string:token>/answer/<string:kind>", **POST)
    def answer(self, token, kind, **_params):
        """Take an answer."""
        return enter(token, Visit.take_answer, kind)

    @route("/dunning/<string:token>/answered/<int:answer_id>", **GET)
    def answered(self, token, answer_id, **_params):
        """Confirm an answer."""
        return enter(token, Visit.show_answer, answer_id)
