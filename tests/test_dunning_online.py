from freezegun import freeze_time

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .link_case import LinkCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningOnline(LinkCase):
    """C5: chosen items are paid by Odoo's online providers, with what is open of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.offer_online_payment()
        cls.method = cls.env.ref("payment.payment_method_unknown").sudo()

    def pay(self, moves, token=None, **values):
        ids = "-".join(str(self.get_line(move).id) for move in moves)
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.method.id,
            "token_id": None,
            "amount": sum(moves.mapped("amount_residual")),
            "flow": "redirect",
            "tokenization_requested": True,
            "landing_route": "https://elsewhere.example",
            "is_validation": False,
            **values,
        }
        self.env.flush_all()
        token = token or self.get_token()
        with freeze_time("2026-03-10"), mute_logger("odoo.http"):
            return self.make_jsonrpc_request(f"/dunning/{token}/transaction/{ids}", params)

    def transactions(self):
        self.env.invalidate_all()
        return (
            self.env["payment.transaction"].sudo().search([("provider_id", "=", self.provider.id)])
        )

    def test_c5_chosen_items_are_paid(self):
        self.create_due_invoice("2026-03-05", 40.0)
        values = self.pay(self.move)
        self.assertEqual(values["amount"], 100.0)
        transaction = self.transactions()
        self.assertEqual(transaction.invoice_ids, self.move)
        self.assertEqual(transaction.partner_id, self.partner_a)
        self.assertFalse(transaction.tokenize)
        self.assertEqual(transaction.landing_route, "/dunning/paid")
        # while it is under way it is not offered a second time
        transaction._set_pending()
        with self.assertRaises(JsonRpcException):
            self.pay(self.move)
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(self.move.amount_residual, 0)

    def test_c5_a_payment_is_confirmed(self):
        token = self.get_token()
        self.assertGone(self.open("paid"))
        self.pay(self.move)
        transaction = self.transactions()
        self.assertIn("Nothing was paid", self.open("paid").text)
        transaction._set_pending()
        self.assertIn("Your payment is being processed", self.open("paid").text)
        transaction._set_done()
        text = self.open("paid").text
        self.assertIn("Thank you for your payment", text)
        self.assertIn("100.00", text)
        self.assertIn(f'href="/dunning/{token}"', text)
        # of another visitor it tells nothing
        self.authenticate(None, None)
        self.assertGone(self.open("paid"))

    def test_c5_a_transaction_keeps_no_token(self):
        self.pay(self.move)
        [values] = self.transactions().read()
        self.assertNotIn(self.get_token(), str(values))

    def test_c5_the_residual_is_asked_not_the_total(self):
        self.create_payment(self.move, 30.0)
        self.assertEqual(self.move.amount_residual, 70.0)
        page = self.open(f"{self.get_token()}/pay/USD").text
        self.assertIn('data-amount="70.0"', page)
        self.assertEqual(self.pay(self.move)["amount"], 70.0)

    def create_payment(self, move, amount):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard.create({"payment_date": "2026-03-09", "amount": amount})._create_payments()

    def test_c5_the_page_offers_it(self):
        other = self.create_due_invoice("2026-03-05", 40.0)
        self.assertIn("/pay/USD", self.open().text)
        page = self.open(f"{self.get_token()}/pay/USD?items={self.get_line(other).id}").text
        self.assertIn('data-amount="40.0"', page)
        self.assertIn("o_payment_form", page)
        self.provider.is_published = False
        self.assertNotIn("/pay/USD", self.open().text)
        for name in ("XXX", "%00", "USD%00", "'"):
            self.assertGone(self.open(f"{self.get_token()}/pay/{name}"))

    def test_c5_the_visitor_does_not_say_what_is_paid(self):
        foreign = self.create_due_invoice("2026-03-05", 40.0, partner=self.partner_b)
        hidden = self.provider.copy({"is_published": False, "state": "test"})
        for values in (
            {"amount": 1.0},
            {"amount": -100.0},
            {"amount": "100"},
            {"amount": None},
            {"flow": "token", "token_id": 1},
            {"flow": "nothing"},
            {"provider_id": hidden.id},
            {"partner_id": self.partner_b.id},
            {"currency_id": 1},
        ):
            with self.assertRaises(JsonRpcException, msg=values):
                self.pay(self.move, **values)
        with self.assertRaises(JsonRpcException):
            self.pay(foreign)
        with self.assertRaises(JsonRpcException):
            self.pay(self.move | foreign)
        with self.assertRaises(JsonRpcException):
            self.pay(self.move, token="1-" + "A" * 43)
        self.reminder.action_revoke_link()
        with self.assertRaises(JsonRpcException):
            self.pay(self.move)
        self.assertFalse(self.transactions())

    def test_c5_saved_cards_are_not_shown(self):
        self.provider.allow_tokenization = True
        self.env["payment.token"].sudo().create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "payment_details": "4242",
                "partner_id": self.partner_a.id,
                "provider_ref": "x",
                "active": True,
            }
        )
        self.assertNotIn("4242", self.open(f"{self.get_token()}/pay/USD").text)

    def test_c5_paid_by_the_provider_of_odoo_for_trials(self):
        """Where ``payment_demo`` is installed, from the page to the paid invoice."""
        demo = self.env.ref("payment.payment_provider_demo").sudo()
        if demo.code != "demo":
            self.skipTest("payment_demo is not installed")
        demo = demo.copy({"company_id": self.company.id, "state": "test", "is_published": True})
        method = demo.payment_method_ids[:1]
        method.active = True
        demo.journal_id = self.company_data["default_journal_bank"]
        ids = {"provider_id": demo.id, "payment_method_id": method.id}
        other = self.create_due_invoice("2026-03-05", 40.0)
        values = self.pay(self.move | other, flow="direct", **ids)
        with freeze_time("2026-03-10"):
            self.make_jsonrpc_request(
                "/payment/demo/simulate_payment",
                {
                    "reference": values["reference"],
                    "payment_details": "4242",
                    "simulated_state": "done",
                },
            )
            status = self.make_jsonrpc_request("/payment/status/poll", {})
        self.env.invalidate_all()
        self.assertEqual(status["landing_route"], "/dunning/paid")
        self.assertIn("Thank you for your payment", self.open("paid").text)
        self.assertEqual((self.move | other).mapped("amount_residual"), [0.0, 0.0])
        self.assertIn("Nothing is open", self.open().text)
