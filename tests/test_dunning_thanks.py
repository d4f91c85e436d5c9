from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningThanks(DunningMailCommon):
    """Who paid an invoice that was reminded is thanked, where the company wants it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.company.write({"name": "Brightwater", "email": "billing@us.example"})
        cls.partner_a.write({"name": "Acme", "email": "a@customer.example"})
        cls.company.dunning_thanks = True
        cls.company.sudo().dunning_thanks_since = datetime.now() - timedelta(hours=1)
        cls.move = cls.create_due_invoice("2026-03-01", 120.0)

    def setUp(self):
        super().setUp()
        self.reminder = self.execute("2026-03-10").reminder_ids

    def pay(self, move=None, amount=None):
        values = {"payment_date": "2026-03-12", **({"amount": amount} if amount else {})}
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=(move or self.move).ids
        )
        return register.create(values)._create_payments()

    def thank(self, day="2026-03-13"):
        """Do what the daily job does; return the e-mails it made."""
        before = self.get_mails()
        self.company._dunning_thank(date.fromisoformat(day))
        return self.get_mails() - before

    def get_mails(self):
        return self.env["mail.mail"].sudo().search([("model", "=", "dunning.reminder")])

    def test_who_paid_a_reminded_invoice_is_thanked_once(self):
        self.assertFalse(self.thank())
        self.pay()
        mail = self.thank()
        self.assertEqual(mail.email_to, self.reminder.email_to)
        self.assertEqual(
            mail.subject, f"Brightwater: thank you for your payment ({self.move.name})"
        )
        self.assertIn(self.move.name, mail.body_html)
        self.assertEqual(mail.res_id, self.reminder.id)
        self.assertIn("auto-generated", mail.headers)
        self.assertEqual(self.reminder.state, "sent")
        with self.mock_mail_gateway():
            mail.send()
        self.assertEqual(mail.state, "sent")
        self.assertIn(mail.mail_message_id, self.reminder.message_ids)
        self.assertFalse(self.thank())
        self.assertFalse(self.thank("2026-03-14"))

    def test_thanks_are_dressed_as_the_company_s_messages_without_what_reminds(self):
        self.level_1.write({"title": "Payment reminder", "header_html": "<p>Overdue!</p>"})
        self.company.phone = "+32 2 555 01 00"
        self.pay()
        body = str(self.thank().body_html)
        self.assertIn('data-dunning="message"', body)
        self.assertIn("+32 2 555 01 00", body)
        for text in ("Payment reminder", "Overdue!"):
            self.assertNotIn(text, body)
        self.assertEqual(body.count("Brightwater"), 1)

    def test_at_most_one_a_day_for_several_invoices(self):
        second = self.create_due_invoice("2026-03-02", 80.0)
        third = self.create_due_invoice("2026-03-03", 60.0)
        self.execute("2026-03-17")
        self.pay(self.move)
        self.pay(second)
        mail = self.thank()
        self.assertEqual(len(mail), 1)
        self.assertIn(f"{self.move.name}, {second.name}", mail.body_html)
        self.pay(third)
        self.assertFalse(self.thank())
        self.assertIn(third.name, self.thank("2026-03-14").body_html)

    def test_a_part_is_not_all(self):
        self.pay(amount=20.0)
        self.assertFalse(self.thank())
        self.pay()
        self.assertEqual(len(self.thank()), 1)

    def test_a_credit_note_is_no_payment(self):
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        wizard = wizard.create({"journal_id": self.move.journal_id.id, "date": "2026-03-12"})
        wizard.refund_moves()
        wizard.new_move_ids.filtered(lambda move: move.state == "draft").action_post()
        lines = (self.move | wizard.new_move_ids).line_ids
        lines = lines.filtered(lambda ln: ln.account_type == "asset_receivable")
        lines.filtered(lambda ln: not ln.reconciled).reconcile()
        self.assertFalse(self.move.amount_residual)
        self.assertFalse(self.thank())

    def test_a_payment_on_its_way_is_not_there(self):
        self.create_payment_on_its_way(self.move, 120.0)
        self.assertFalse(self.thank())

    def test_what_was_not_reminded_is_paid_without_thanks(self):
        self.pay(self.create_due_invoice("2026-04-01", 50.0))
        self.assertFalse(self.thank())

    def test_a_notice_is_no_reminder(self):
        move = self.create_due_invoice("2026-03-20", 50.0)
        self.execute("2026-03-17", levels=self.notice)
        self.pay(move)
        self.assertFalse(self.thank("2026-03-18"))

    def test_not_when_off_nor_for_what_was_paid_before(self):
        self.company.dunning_thanks = False
        self.pay()
        self.assertFalse(self.thank())
        self.company.dunning_thanks = True
        self.company.sudo().dunning_thanks_since = datetime.now() + timedelta(minutes=1)
        self.assertFalse(self.thank())

    def test_rule_16_not_on_a_copy(self):
        self.company.action_dunning_confirm_move()
        self.company.sudo().dunning_home = "elsewhere@other.example"
        self.pay()
        self.assertFalse(self.thank())

    def test_in_the_language_of_the_customer(self):
        template = self.env.ref("account_recurrence_dunning.mail_template_thanks").sudo()
        template.with_context(lang="fr_FR").subject = "Merci pour #REF#"
        self.reminder.sudo().lang = "fr_FR"
        self.pay()
        self.assertEqual(self.thank().subject, f"Merci pour {self.move.name}")

    def test_without_an_address_nothing_is_sent(self):
        self.reminder.sudo().recipient_ids = [Command.clear()]
        self.pay()
        self.assertFalse(self.thank())
