from datetime import timedelta

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .link_case import LinkTodayCase
from .web_page import open_browser

WIDTHS = (390, 1280)
KINDS = ("promise", "dispute", "paid", "contact", "plan")
# Our part of a page in Odoo's portal; its menu, cookies bar and footer are not ours.
PORTAL = {"include": [".o_dunning_page"]}
# Odoo's own mark of a provider that is tried out has a label that screen readers ignore.
PAYMENT = {"exclude": ["#o_payment_form .fa-exclamation-triangle", "#o_payment_form img"]}
# Begins the payment the page shows, as Odoo's form does.
PAY = """
(() => {
  const data = document.getElementById("o_payment_form").dataset;
  const option = document.querySelector("[name=o_payment_radio]").dataset;
  const params = {
    provider_id: +option.providerId,
    payment_method_id: +option.paymentOptionId,
    token_id: null,
    amount: +data.amount,
    flow: "redirect",
    tokenization_requested: false,
    landing_route: data.landingRoute,
    is_validation: false,
  };
  return fetch(data.transactionRoute, {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({jsonrpc: "2.0", method: "call", params}),
  }).then((answer) => answer.text());
})()
"""


@tagged("post_install", "-at_install")
class TestDunningPageAxe(LinkTodayCase):
    """C5: axe finds nothing that keeps people out of a page the customer sees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"phone": "+32 2 555 01 23", "email": "us@company.example"})
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.create_due_invoice(str(cls.today - timedelta(9)), 40.0, currency_id=euro.id)
        cls.part_paid = cls.create_due_invoice(str(cls.today - timedelta(20)), 80.0)
        cls.create_refund(30.0, day=str(cls.today))
        cls.offer_online_payment()

    def setUp(self):
        super().setUp()
        self.url = f"/dunning/{self.get_token()}"

    def assertOpen(self, page, where, context=None):
        """Check the page that is shown at each width."""
        for width in WIDTHS:
            page.resize(width)
            with self.subTest(where, width=width):
                page.look(f"{where}_{width}")
                self.assertEqual(page.ask_axe(context), [])
                found = page.measure()
                self.assertLessEqual(found["scroll"], width)

    def answer(self, page, url, kind, typed):
        """Send the form of an answer as a person does, and stay on its confirmation."""
        page.open(f"{url}/answer/{kind}")
        for name, value in typed.items():
            page.evaluate(f"document.querySelector('[name={name}]').value = '{value}'")
        page.evaluate("document.querySelectorAll('[name=items]').forEach((e, n) => e.checked = !n)")
        page.follow("document.querySelector('button[type=submit]').click()")

    def test_c5_axe_finds_nothing_on_the_page(self):
        with open_browser(self) as page:
            for path in ("", "/pay/USD", *(f"/answer/{kind}" for kind in KINDS)):
                page.open(self.url + path)
                self.assertOpen(page, path or "page", PAYMENT if "pay" in path else None)
            for kind in KINDS:
                self.answer(page, self.url, kind, {})
                self.assertTrue(page.find("nothing was sent yet"), kind)
                self.assertOpen(page, f"error_{kind}")

    def test_c5_a_file_that_is_too_large_is_told_at_once(self):
        choose = """
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(%s)], "a.pdf"));
        const field = document.querySelector("[name=file]");
        field.files = files.files;
        field.dispatchEvent(new Event("change"));
        [field.files.length, document.getElementById("file_large").offsetHeight > 0];
        """
        with open_browser(self) as page:
            page.open(f"{self.url}/answer/dispute")
            self.assertEqual(page.evaluate("{%s}" % (choose % (6 * 1024 * 1024))), [0, True])
            self.assertOpen(page, "file_too_large")
            self.assertEqual(page.evaluate("{%s}" % (choose % 1024)), [1, False])

    def test_c5_items_chosen_anew_are_not_paid_with_the_amount_of_before(self):
        shown = "document.querySelector('[name=o_payment_submit_button]').offsetHeight > 0"
        with open_browser(self) as page:
            page.open(f"{self.url}/pay/USD")
            self.assertTrue(page.evaluate(shown))
            page.evaluate("document.querySelector('[name=items]').click()")
            self.assertFalse(page.evaluate(shown))
            page.follow("document.querySelector('button[type=submit]').click()")
            self.assertTrue(page.evaluate(shown))
            self.assertTrue(page.find("1,234,647.89"))

    def test_c5_axe_finds_nothing_on_confirmations(self):
        soon = self.today + timedelta(3)
        typed = {
            "contact": {"name": "Bob", "email": "bob@customer.example"},
            "plan": {"count": 3, "step": "month", "day": soon},
            "paid": {"day": self.today, "reference": "TX 77"},
            "dispute": {"reason": "other", "text": "It was broken"},
            "promise": {"day": soon},
        }
        with open_browser(self) as page:
            for kind in typed:
                self.answer(page, self.url, kind, typed[kind])
                self.assertTrue(page.find("Thank you for your answer"), kind)
                self.assertOpen(page, f"answered_{kind}")
            for path in ("", "/answer/plan"):
                page.open(self.url + path)
                self.assertOpen(page, f"afterwards{path}")

    def test_c5_axe_finds_nothing_after_a_payment(self):
        with open_browser(self) as page:
            page.open(f"{self.url}/pay/USD")
            page.evaluate(PAY, wait=True)
            transaction = self.env["payment.transaction"].sudo().search([], limit=1)
            for state in ("draft", "pending", "done"):
                # what is still loaded, as pictures, shares the test's transaction: read only
                self._wait_remaining_requests()
                transaction.state = state
                self.env.flush_all()
                page.open("/dunning/paid")
                self.assertTrue(page.find("Back to your open items"))
                self.assertOpen(page, f"paid_{state}")

    def test_c5_axe_finds_nothing_where_the_link_is_closed(self):
        with open_browser(self) as page:
            for path in ("/dunning/nothing", f"{self.url}x", "/dunning/sample"):
                page.open(path)
                self.assertOpen(page, path)
            self.reminder.action_revoke_link()
            self.env.flush_all()
            page.open(self.url)
            self.assertTrue(page.find("This link is no longer valid"))
            self.assertOpen(page, "revoked")

    def test_c5_axe_finds_nothing_in_the_portal(self):
        portal = new_test_user(
            self.env, "c5_axe", groups="base.group_portal", email="ann@customer.example"
        )
        portal.sudo().partner_id.parent_id = self.partner_a
        portal.sudo().write(
            {"company_ids": [Command.set(self.company.ids)], "company_id": self.company.id}
        )
        url = f"/my/open-items/{self.company.id}"
        with open_browser(self, "c5_axe") as page:
            for path in ("", "/pay/USD", *(f"/answer/{kind}" for kind in KINDS)):
                page.open(url + path)
                self.assertOpen(page, f"portal{path}", {**PORTAL, **PAYMENT})
            self.answer(page, url, "promise", {"day": self.today + timedelta(3)})
            self.assertTrue(page.find("Thank you for your answer"))
            self.assertOpen(page, "portal_answered", PORTAL)
            page.open(f"/my/invoices/{self.late.id}")
            self.assertOpen(page, "portal_invoice", {"include": [f'[href="{url}"]']})
            # the picture of Odoo's own entries has no text, and needs none beside its title
            page.open("/my/home")
            ours = {"include": ['[href="/my/open-items"]'], "exclude": [".o_portal_icon"]}
            self.assertOpen(page, "portal_home", ours)
