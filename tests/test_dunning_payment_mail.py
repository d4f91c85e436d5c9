import re
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .link_case import LinkCase
from .smtp_case import DunningSmtpCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 09:00:00")
class TestDunningPaymentMail(DunningSmtpCase, LinkCase):
    """C5: a payment on the customer's page is confirmed by e-mail, through a real mail server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")
        # whom the link was sent to: it closes for anybody else
        cls.partner_a.write({"name": "partner_a", "email": "anna@customer.example"})
        cls.company.write({"name": "Brightwater", "phone": "+32 2 555 01 00"})
        cls.company.recurrence_dunning_tz = "Europe/Brussels"
        cls.provider = cls.offer_online_payment()
        cls.method = cls.env.ref("payment.payment_method_unknown").sudo()

    def begin(self, moves=None, token=None):
        """Begin a payment as the page does; return its transaction."""
        moves = moves or self.move
        ids = "-".join(str(self.get_line(move).id) for move in moves)
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.method.id,
            "token_id": None,
            "amount": sum(moves.mapped("amount_residual")),
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "/",
            "is_validation": False,
        }
        self.env.flush_all()
        with freeze_time("2026-03-10 09:00:00"), mute_logger("odoo.http"):
            self.make_jsonrpc_request(
                f"/dunning/{token or self.get_token()}/transaction/{ids}", params
            )
        self.env.invalidate_all()
        return self.env["payment.transaction"].sudo().search([], limit=1)

    def post_process(self, transaction, state):
        """Do what Odoo does when a provider tells a state; return the e-mails that arrived."""
        before = len(self.mailbox.messages)
        if state:
            getattr(transaction, f"_set_{state}")(
                **({"state_message": "No"} if state == "error" else {})
            )
        transaction._post_process()
        return self.mailbox.messages[before:]

    def assertConfirmed(self, messages):
        self.assertEqual(len(messages), 1)
        return messages[0]

    def test_c5_what_was_paid_is_confirmed_where_the_link_was_sent(self):
        other = self.create_due_invoice("2026-03-05", 1140.5)
        transaction = self.begin(self.move | other)
        recipients, message = self.assertConfirmed(self.post_process(transaction, "done"))
        self.assertEqual(recipients, ["anna@customer.example"])
        self.assertEqual(message["Subject"], "Your payment to Brightwater")
        self.assertEqual(message["Auto-Submitted"], "auto-generated")
        for kind in ("html", "plain"):
            text = message.get_body((kind,)).get_content().replace("\xa0", " ")
            text = re.sub("</?span[^>]*>", "", text)
            self.assertEqual(text.count("+32 2 555 01 00"), 1, kind)
            for part in (
                "Thank you for your payment",
                "$ 1,240.50",
                self.move.name,
                other.name,
                "03/10/2026",
                transaction.reference,
                "+32 2 555 01 00",
            ):
                self.assertIn(part, text, kind)
        self.assertIn('data-dunning="message"', message.get_body(("html",)).get_content())
        self.assertNotIn(self.get_token(), message.as_string())
        self.assertEqual(self.reminder.message_ids[:1].subject, message["Subject"])
        self.assertIn("confirmed this by e-mail", self.open("paid").text)

    def test_c5_once_however_often_it_is_processed(self):
        transaction = self.begin()
        self.assertConfirmed(self.post_process(transaction, "done"))
        self.assertFalse(self.post_process(transaction, None))
        with self.enter_registry_test_mode():
            self.env.ref("payment.cron_post_process_payment_tx").sudo().method_direct_trigger()
        self.assertFalse(self.post_process(transaction, None))

    def test_c5_an_order_is_told_apart_from_its_payment(self):
        transaction = self.begin()
        _to, message = self.assertConfirmed(self.post_process(transaction, "pending"))
        self.assertEqual(message["Subject"], "Your payment order to Brightwater")
        text = message.get_body(("plain",)).get_content()
        self.assertIn("We have received your payment order", text)
        self.assertIn("You need not do anything else", text)
        self.assertNotIn("Thank you for your payment", text)
        self.assertFalse(self.post_process(transaction, None))
        _to, message = self.assertConfirmed(self.post_process(transaction, "done"))
        self.assertEqual(message["Subject"], "Your payment to Brightwater")
        self.assertFalse(self.post_process(transaction, None))

    def test_c5_a_transfer_says_what_is_left_to_do(self):
        transaction = self.begin()
        # as Odoo's own addon for transfers, which is not needed here, marks its provider
        self.env.cr.execute(
            "UPDATE payment_provider SET code = 'custom' WHERE id = %s", [self.provider.id]
        )
        self.env.invalidate_all()
        self.provider.pending_msg = "<p>Please transfer it to BE71 0961 2345 6769</p>"
        _to, message = self.assertConfirmed(self.post_process(transaction, "pending"))
        text = message.get_body(("plain",)).get_content()
        self.assertIn("BE71 0961 2345 6769", text)
        self.assertNotIn("You need not do anything else", text)
        page = self.open("paid").text
        self.assertIn("BE71 0961 2345 6769", page)
        self.assertNotIn("You need not do anything else", page)

    def test_c5_what_failed_is_not_confirmed(self):
        for state in ("canceled", "error"):
            with self.subTest(state):
                self.assertFalse(self.post_process(self.begin(), state))

    def test_c5_a_payment_that_was_not_made_on_the_page_is_not_confirmed(self):
        transaction = self.begin()
        stock = transaction.copy({"reference": "stock"})
        self.assertFalse(stock.dunning_email_to)
        self.assertFalse(self.post_process(stock, "done"))

    def test_c5_in_the_language_of_the_reader(self):
        self.reminder.lang = "de_DE"
        transaction = self.begin()
        _to, message = self.assertConfirmed(self.post_process(transaction, "done"))
        self.assertEqual(message["Subject"], "Ihre Zahlung an Brightwater")
        text = message.get_body(("plain",)).get_content().replace("\xa0", " ")
        for part in ("Vielen Dank für Ihre Zahlung", "$ 100,00", "10.03.2026", "Für: "):
            self.assertIn(part, text)

    def test_c5_the_day_is_the_company_s(self):
        transaction = self.begin()
        with freeze_time("2026-03-10 23:30:00"):
            _to, message = self.assertConfirmed(self.post_process(transaction, "done"))
        self.assertIn("03/11/2026", message.get_body(("plain",)).get_content())

    def test_c5_of_many_invoices_the_first_are_named(self):
        transaction = self.begin()
        transaction.invoice_ids = self.move
        for number in range(52):
            transaction.invoice_ids |= self.move.copy({"name": f"X/{number:02d}"})
        self.assertTrue(transaction._dunning_describe_payment()["numbers"].endswith(" + 3"))

    def test_rule_16_not_from_a_copy(self):
        transaction = self.begin()
        self.company.action_dunning_confirm_move()
        self.company.sudo().dunning_home = "elsewhere@other.example"
        self.assertFalse(self.post_process(transaction, "done"))
        self.assertFalse(transaction.dunning_confirmed)
        mails = self.env["mail.mail"].sudo().search([("subject", "like", "Your payment")])
        self.assertFalse(mails)

    def test_rule_21_a_confirmation_is_no_dunning(self):
        transaction = self.begin()
        self.company.dunning_active = False
        self.assertConfirmed(self.post_process(transaction, "done"))

    def test_c5_who_was_confirmed_a_payment_is_not_thanked_too(self):
        self.company.dunning_thanks = True
        self.company.sudo().dunning_thanks_since = datetime.now() - timedelta(hours=1)
        self.reminder.line_ids.sudo().effective_date = "2026-03-10"
        other = self.create_due_invoice("2026-03-05", 40.0)
        second = self.remind(other)
        second.line_ids.sudo().effective_date = "2026-03-10"
        self.assertConfirmed(self.post_process(self.begin(), "done"))
        self.assertEqual(self.reminder.line_ids.thanked_date, date(2026, 3, 10))
        self.assertFalse(second.line_ids.thanked_date)
        self.company._dunning_thank(date(2026, 3, 11))
        self.assertFalse(self.thanks())
        # what is paid another way is thanked for as before
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=other.ids
        )
        register.create({"payment_date": "2026-03-12"})._create_payments()
        self.company._dunning_thank(date(2026, 3, 13))
        self.assertEqual(len(self.thanks()), 1)
        self.assertIn(other.name, self.thanks().body_html)
        self.assertNotIn(self.move.name, self.thanks().body_html)

    def thanks(self):
        return self.env["mail.mail"].sudo().search([("subject", "like", "thank you for")])

    def test_c5_a_confirmation_that_fails_keeps_no_payment_back(self):
        transaction = self.begin()
        self.env.ref(
            "account_recurrence_dunning.dunning_payment_mail"
        ).sudo().arch = '<t t-name="x"><t t-out="1 / 0"/></t>'
        with mute_logger("odoo.addons.account_recurrence_dunning.models.common.isolation"):
            self.assertFalse(self.post_process(transaction, "done"))
        self.assertEqual(self.move.amount_residual, 0)
        self.assertFalse(transaction.dunning_confirmed)

    def test_c5_a_biller_does_not_say_whom_a_payment_is_confirmed_to(self):
        transaction = self.begin()
        biller = self.create_user("payment_biller", "account.group_account_invoice")
        for values in (
            {"dunning_email_to": "thief@elsewhere.example"},
            {"dunning_confirmed": False},
            {"dunning_reminder_id": False},
            {"dunning_lang": "de_DE"},
        ):
            with self.assertRaises(AccessError):
                transaction.with_user(biller).sudo(False).write(values)
        self.assertEqual(transaction.dunning_email_to, '"partner_a" <anna@customer.example>')
