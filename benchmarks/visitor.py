"""A customer who opens the link of a reminder and answers, over HTTP as a browser does."""

from datetime import timedelta
from urllib.parse import urljoin

import requests
from lxml import html


def visit_links(env, today):
    """Let some customers open the link of their last reminder on a day, one after the other."""
    reminders = env["dunning.reminder"].search([("state", "=", "sent"), ("level_number", ">", 0)])
    open_in_euros = reminders.filtered(
        lambda reminder: (
            reminder.link_state == "valid"
            and reminder.line_ids.move_line_id.filtered("amount_residual").currency_id.name == "EUR"
        )
    )
    last = [found[:1] for found in open_in_euros.grouped("partner_id").values()]
    visitors = [Visitor(reminder._get_page_url()) for reminder in last]
    visitors[0].answer("promise", day=today + timedelta(4))
    visitors[1].answer("dispute", reason="amount", text="The price was agreed without travel.")
    visitors[2].pay("EUR")
    visitors[3].answer("promise", day=today + timedelta(6))
    visitors[4].pay("EUR")
    visitors[5].answer("plan", count="3", step="month", day=today + timedelta(7))
    env.cr.commit()
    env.invalidate_all()
    env["payment.transaction"].search([("state", "=", "done")])._post_process()


class Visitor:
    """Who opened one link."""

    def __init__(self, url):
        """:param url: the address in the message"""
        self.url = url
        self.session = requests.Session()

    def answer(self, kind, **typed):
        """Fill in one of the forms: what is preset stays, but for what is typed.

        Where no item is ticked at first, it is about the first one.
        """
        address = f"{self.url}/answer/{kind}"
        form = self._open(address).xpath("//form[@method='post']")[0]
        values = [(name, value) for name, value in form.form_values() if name not in typed]
        if "items" not in dict(values):
            values += [("items", value) for value in form.xpath("(.//*[@name='items'])[1]/@value")]
        response = self.session.post(address, [*values, *typed.items()], allow_redirects=False)
        assert response.status_code == 303, f"{kind} was not taken: {response.text}"

    def pay(self, currency):
        """Pay what is due in a currency with the test provider of Odoo; return its reference."""
        form = self._open(f"{self.url}/pay/{currency}").get_element_by_id("o_payment_form")
        option = form.xpath("//input[@data-provider-code='demo']")[0]
        reference = self._call(
            form.get("data-transaction-route"),
            provider_id=int(option.get("data-provider-id")),
            payment_method_id=int(option.get("data-payment-option-id")),
            token_id=None,
            amount=float(form.get("data-amount")),
            flow="direct",
            tokenization_requested=False,
            landing_route=self.url,
            is_validation=False,
        )["reference"]
        card = {"payment_details": "4242", "simulated_state": "done"}
        self._call("/payment/demo/simulate_payment", reference=reference, **card)
        return reference

    def _open(self, address):
        response = self.session.get(address)
        response.raise_for_status()
        return html.fromstring(response.text)

    def _call(self, path, **params):
        response = self.session.post(urljoin(self.url, path), json={"params": params}).json()
        assert "error" not in response, response["error"]
        return response.get("result")
