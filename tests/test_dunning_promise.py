from datetime import date

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon

PROMISED = date(2026, 3, 20)
CHECKED = date(2026, 3, 21)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-21")
class TestDunningPromise(DunningCommon):
    """A promise whose money is there is kept, by the same facts the engine has (b8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)
        cls.bank = cls.company_data["default_journal_bank"]

    def promise(self, move=None, **vals):
        target = {} if "partner_id" in vals else {"move_id": (move or self.move).id}
        return self.env["dunning.block"].create(
            {"kind": "promise", "date_from": "2026-03-10", "date_until": PROMISED, **target, **vals}
        )

    def check(self, *blocks):
        self.env["dunning.promise"]._judge(self.company, CHECKED)
        return [block.outcome for block in blocks]

    def decide(self, move=None):
        run = self.env["dunning.run"].create({"date": CHECKED, "move_ids": (move or self.move).ids})
        run.action_simulate()
        return run.line_ids

    def pay_on_account(self, amount, **vals):
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.partner_a.id,
                "partner_type": "customer",
                "payment_type": "inbound",
                "amount": amount,
                "date": "2026-03-19",
                **vals,
            }
        )
        payment.action_post()
        return payment

    def receive(self, amount, text="transfer", **vals):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-03-19",
                "payment_ref": text,
                "amount": amount,
                "partner_id": self.partner_a.id,
                **vals,
            }
        )

    def last_message(self, record=None):
        return (record or self.move).message_ids[:1].body

    def test_b8_nothing_came(self):
        promise = self.promise()
        self.assertEqual(self.check(promise), ["broken"])
        self.assertIn("was not kept: reminders resume", self.last_message(promise))
        self.assertIn("blocked until 03/20/2026 and now resume", self.last_message())
        self.assertEqual(self.decide().decision, "remind")

    def test_b8_money_on_account(self):
        promise = self.promise()
        before = self.move.message_ids
        self.create_refund(100.0, day="2026-03-19")
        self.assertEqual(self.check(promise), ["kept"])
        self.assertEqual(self.move.message_ids, before)
        self.assertEqual(self.decide().reason, "covered_by_credit")

    def test_b8_a_payment_in_process(self):
        promise = self.promise()
        self.create_payment_on_its_way(self.move, 100.0)
        self.assertEqual(self.check(promise), ["kept"])
        self.assertIn(self.decide().reason, ("in_payment", "paid"))

    def test_b8_part_of_it_is_in_process(self):
        promise = self.promise()
        self.create_payment_on_its_way(self.move, 40.0)
        self.assertEqual(self.check(promise), ["broken"])
        self.assertEqual(self.decide().decision, "remind")

    def test_b8_a_bank_line_nobody_matched(self):
        promise = self.promise()
        self.receive(100.0)
        self.assertEqual(self.check(promise), ["kept"])
        self.assertEqual(self.decide().reason, "payment_found")

    def test_b8_a_bank_line_of_a_part_leaves_it_undecided(self):
        """The engine waits until it is matched, and so does the promise."""
        promise = self.promise()
        before = self.move.message_ids
        line = self.receive(40.0)
        self.assertEqual(self.check(promise), [False])
        self.assertEqual(self.decide().reason, "payment_found")
        self.assertEqual(self.move.message_ids, before)
        line.unlink()
        self.assertEqual(self.check(promise), ["broken"])

    def test_b8_two_promises_share_one_payment(self):
        newer = self.create_due_invoice("2026-03-05", 100.0)
        first, second = self.promise(), self.promise(newer)
        self.receive(100.0)
        self.assertEqual(self.check(first, second), ["kept", "broken"])
        self.assertEqual(self.decide().reason, "payment_found")
        self.assertEqual(self.decide(newer).decision, "remind")

    def test_b8_a_promise_of_the_customer(self):
        self.create_due_invoice("2026-03-05", 50.0)
        later = self.create_due_invoice("2026-04-05", 70.0)
        promise = self.promise(partner_id=self.partner_a.id)
        self.receive(150.0)
        self.assertEqual(self.check(promise), ["kept"])
        self.assertEqual(self.decide(later).reason, "not_due_yet")

    def test_b8_a_promise_of_the_customer_half_kept(self):
        self.create_due_invoice("2026-03-05", 50.0)
        promise = self.promise(partner_id=self.partner_a.id)
        self.receive(100.0)
        self.assertEqual(self.check(promise), ["broken"])
        self.assertIn("and now resume", self.last_message(self.partner_a))

    def test_b8_a_promise_on_one_instalment(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                ],
            }
        )
        move = self._create_invoice_one_line(
            price_unit=100.0,
            tax_ids=[],
            partner_id=self.partner_b,
            invoice_date="2026-03-01",
            invoice_payment_term_id=term,
            post=True,
        )
        first, second = move.line_ids.filtered("date_maturity").sorted("date_maturity")
        promises = (
            self.promise(move_line_id=first.id, move_id=False),
            self.promise(move_line_id=second.id, move_id=False),
        )
        self.receive(50.0, partner_id=self.partner_b.id)
        self.assertEqual(self.check(*promises), ["kept", "broken"])

    def test_b8_money_in_another_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        promise = self.promise()
        self.receive(100.0, foreign_currency_id=currency.id, amount_currency=200.0)
        self.assertEqual(self.check(promise), ["kept"])
        self.assertEqual(self.decide().reason, "payment_found")

    def test_b8_the_message_names_what_holds_reminders_all_the_same(self):
        promise = self.promise()
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "dispute"})
        self.assertEqual(self.check(promise), ["broken"])
        self.assertIn("was not kept. The customer disputes it", self.last_message(promise))
        self.assertNotIn("resume", self.last_message(promise) + self.last_message())
        self.assertEqual(self.decide().reason, "dispute")

    def test_b8_a_reversed_invoice_owes_nothing(self):
        promise = self.promise()
        self.move._reverse_moves([{"date": "2026-03-15"}], cancel=True)
        self.assertEqual(self.check(promise), ["kept"])
