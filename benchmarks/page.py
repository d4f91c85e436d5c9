"""How long the customer's page takes, from the request to its last byte."""

from werkzeug.test import Client

from odoo.http import root

from . import play
from .dunning import DUE, INVOICED
from .figure import Figure, in_turns

ITEMS = 200
ROUNDS = 15
# What a person does not feel as waiting.
LIMIT = 150.0


def link_page_ms(workshop):
    """Milliseconds until the page of a customer with 200 open items is there, beside its limit."""
    env, company = workshop.env, workshop.company
    values = {"invoice_date": INVOICED, "invoice_date_due": DUE, "invoice_payment_term_id": False}
    [customer] = workshop.customers(1)
    play.issue_invoices(env, [workshop.invoice_values(customer, **values)] * ITEMS)
    company.write({"dunning_active": True, "dunning_activation_date": INVOICED})
    env["res.partner.bank"].create(
        {"acc_number": "BE15001559627230", "partner_id": company.partner_id.id}
    )
    env["ir.mail_server"].create({"name": "Benchmark", "smtp_host": "localhost"})
    [reminder] = env["dunning.run"]._execute_for(company, company._get_job_today()).reminder_ids
    path = f"/dunning/{reminder._get_page_url().rpartition('/')[2]}"
    env.cr.commit()
    client = Client(root)

    def look(_number):
        response = client.get(path, headers={"X-Odoo-Database": env.cr.dbname})
        text = response.get_data(as_text=True)
        shown = text.count("/invoice/")
        assert response.status_code == 200 and shown == ITEMS, f"{shown} items are shown"

    [taken] = in_turns(ROUNDS, look)
    return Figure("link_page_ms", 1000 * taken, "ms", "limit", LIMIT)
