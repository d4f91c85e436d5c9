from datetime import date

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningForewarning(DunningMailCommon):
    """The salesperson is told before the last level goes to a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-20 10:00:00"))
        cls.partner_a.write({"name": "Acme", "email": "a@customer.example"})
        cls.seller = cls.create_user("fore_seller")
        cls.seller.sudo().write({"email": "seller@us.example", "notification_type": "inbox"})
        cls.company.dunning_last_level_days = 5
        cls.move = cls.create_due_invoice("2026-03-01", 120.0, invoice_user_id=cls.seller.id)
        cls.line = cls.move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")

    def setUp(self):
        super().setUp()
        # level 1 after 5 days, level 2 after 15: the last one, after 30, goes on 31 March
        for day in ("2026-03-06", "2026-03-17"):
            self.execute(day)
        self.assertEqual(self.move.dunning_level, 2)

    def tell(self, day):
        """Do what the daily job does; return what the salesperson got."""
        told = self.get_told()
        with self.mock_mail_gateway():
            self.company._dunning_forewarn(date.fromisoformat(day))
        return self.get_told() - told

    def get_told(self, user=None):
        domain = [("notification_ids.res_partner_id", "=", (user or self.seller).partner_id.id)]
        return self.env["mail.message"].sudo().search(domain)

    def test_told_so_many_days_before_as_the_engine_forecasts(self):
        self.assertEqual(self.move.dunning_next_date, date(2026, 3, 31))
        self.assertFalse(self.tell("2026-03-25"))
        message = self.tell("2026-03-26")
        self.assertEqual(message.subject, "The last level goes out soon: Acme")
        for text in (self.level_3.name, "Acme", "03/31/2026", self.move.name, "120.00"):
            self.assertIn(text, message.body)

    def test_told_once_a_cycle(self):
        self.assertEqual(len(self.tell("2026-03-26")), 1)
        self.assertFalse(self.tell("2026-03-27"))
        self.env["account.move.line"].sudo()._dunning_write_line_status(
            {self.line.id: (2, date(2026, 3, 17), self.line.dunning_cycle + 1)}
        )
        self.assertEqual(len(self.tell("2026-03-28")), 1)

    def test_all_of_a_salesperson_in_one_message(self):
        self.partner_b.email = "b@customer.example"
        second = self.create_due_invoice(
            "2026-03-01", 80.0, partner=self.partner_b, invoice_user_id=self.seller.id
        )
        for day in ("2026-03-18", "2026-03-25"):
            self.execute(day)
        self.assertEqual(second.dunning_level, 2)
        message = self.tell("2026-04-04")
        self.assertEqual(len(message), 1)
        self.assertIn(self.move.name, message.body)
        self.assertIn(second.name, message.body)

    def test_not_of_what_waits_for_a_person(self):
        block = self.env["dunning.block"].create({"move_id": self.move.id, "kind": "dispute"})
        self.assertFalse(self.tell("2026-03-30"))
        block.action_lift()
        self.assertEqual(len(self.tell("2026-03-30")), 1)

    def test_a_block_that_ends_moves_the_day(self):
        self.env["dunning.block"].create(
            {"move_id": self.move.id, "kind": "other", "date_until": "2026-04-10"}
        )
        self.assertFalse(self.tell("2026-03-30"))
        self.assertIn("04/11/2026", self.tell("2026-04-07").body)

    def test_not_when_off_paid_or_on_a_copy(self):
        self.company.dunning_last_level_days = 0
        self.assertFalse(self.tell("2026-03-30"))
        self.company.dunning_last_level_days = 5
        home = self.company.dunning_home
        self.company.sudo().dunning_home = "elsewhere@other.example"
        self.assertFalse(self.tell("2026-03-30"))
        self.company.sudo().dunning_home = home
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        ).create({"payment_date": "2026-03-20"})._create_payments()
        self.assertFalse(self.tell("2026-03-30"))

    def test_without_salesperson_who_answers_for_dunning_is_told(self):
        clerk = self.create_user("fore_clerk", "dunning_group_user")
        clerk.sudo().notification_type = "inbox"
        self.program.user_id = clerk
        self.seller.sudo().active = False
        before = self.get_told(clerk)
        self.tell("2026-03-30")
        self.assertEqual(len(self.get_told(clerk) - before), 1)

    def test_in_the_language_of_who_is_told(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.seller.sudo().lang = "fr_FR"
        self.assertIn("31/03/2026", self.tell("2026-03-30").body)

    def test_the_days_are_bounded(self):
        for days in (-1, 61):
            with self.assertRaises(ValidationError):
                self.company.dunning_last_level_days = days
