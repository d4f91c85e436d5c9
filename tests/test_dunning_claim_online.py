"""What a message claims is paid online with its items, or left out (C5, M3)."""

from freezegun import freeze_time

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .link_case import LinkCase
from .test_dunning_claim_told import ClaimToldCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestClaimOnline(ClaimToldCase, LinkCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.offer_online_payment()
        cls.method = cls.env.ref("payment.payment_method_unknown").sudo()
        cls.late = cls.create_due_invoice("2026-03-01", 1000.0)
        cls.reminder = cls.remind(cls.late)
        # 2 to 10 March: nine days at 0.30, and 40.00
        cls.reminder.sudo()._renew_claims()

    def pay(self, ids, amount):
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.method.id,
            "token_id": None,
            "amount": amount,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "https://elsewhere.example",
            "is_validation": False,
        }
        self.env.flush_all()
        url = f"/dunning/{self.get_token()}/transaction/{ids}"
        with freeze_time("2026-03-10"), mute_logger("odoo.http"):
            return self.make_jsonrpc_request(url, params)

    def open_form(self, query=""):
        return self.open(f"{self.get_token()}/pay/USD{query}").text

    def test_c5_the_form_asks_for_what_the_page_asks(self):
        page = self.open().text.replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("$ 1,142.70", page)  # 100.00 + 1,000.00 + 42.70
        form = self.open_form()
        self.assertIn('data-amount="1142.7"', form)
        self.assertIn('value="claims"', form)
        # unticked
        line = self.get_line(self.late)
        self.assertIn('data-amount="1000.0"', self.open_form(f"?items={line.id}"))
        both = self.open_form(f"?items={line.id}&items=claims")
        self.assertIn('data-amount="1042.7"', both)

    def test_c5_paid_it_is_not_asked_again(self):
        line = self.get_line(self.late)
        with self.assertRaises(JsonRpcException):
            self.pay(f"{line.id}-claims", 1000.0)
        with self.assertRaises(JsonRpcException):
            self.pay(line.id, 1042.7)
        self.assertEqual(self.pay(f"{line.id}-claims", 1042.7)["amount"], 1042.7)
        self.env.invalidate_all()
        transaction = self.env["payment.transaction"].sudo().search([], order="id desc", limit=1)
        transaction._set_pending()
        # under way it is offered neither way
        self.assertNotIn('value="claims"', self.open_form())
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(self.late.amount_residual, 0.0)
        page = self.open().text.replace("\N{NO-BREAK SPACE}", " ")
        # the 42.70 are to the customer's credit: 100.00 are open, and as much is asked in all
        self.assertIn("$ 57.30", page)
        self.assertIn('data-amount="100.0"', self.open_form())

    def test_c5_nothing_is_claimed_of_other_visitors(self):
        other = self.create_due_invoice("2026-03-01", 40.0, partner=self.partner_b)
        self.partner_b.email = "other@customer.example"
        self.reminder = self.remind(other)
        self.assertNotIn('value="claims"', self.open_form())
        with self.assertRaises(JsonRpcException):
            self.pay(f"{self.get_line(other).id}-claims", 82.7)
