from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .common import DunningCommon

AS_OF = date(2026, 3, 10)


@tagged("post_install", "-at_install")
class TestDunningDueLine(DunningCommon):
    """Rule 9: what is a due line, what is open of it, and why it is held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.other_currency = cls.setup_other_currency("EUR")

    def collect(self, **kwargs):
        return {fact.move_name: fact for fact in self.company._dunning_decide(AS_OF, **kwargs)}

    def hold_of(self, move):
        return self.collect()[move.name].line.hold

    # === WHAT IS A DUE LINE === #

    def test_an_open_invoice_is_a_due_line(self):
        move = self.create_due_invoice("2026-03-01", 250.0)
        fact = self.collect()[move.name]
        self.assertEqual(fact.line.due, date(2026, 3, 1))
        self.assertEqual((fact.residual, fact.open_amount), (250.0, 250.0))
        self.assertEqual(fact.program_id, self.program.id)
        self.assertEqual(fact.decision.reason, "level_due")

    def test_each_instalment_is_a_due_line(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 40}),
                ],
            }
        )
        move = self._create_invoice_one_line(
            price_unit=100.0,
            tax_ids=[],
            partner_id=self.partner_a,
            invoice_date="2026-02-01",
            invoice_payment_term_id=term.id,
            post=True,
        )
        move.is_move_sent = True
        facts = self.company._dunning_collect(AS_OF)
        self.assertEqual(
            [(str(fact.line.due), fact.residual) for fact in facts],
            [("2026-02-11", 50.0), ("2026-03-13", 50.0)],
        )

    def test_drafts_paid_and_vendor_bills_are_none(self):
        paid = self.create_due_invoice()
        self._register_payment(paid)
        self._create_invoice_one_line(price_unit=10.0, partner_id=self.partner_a)
        self._create_invoice_one_line(
            price_unit=10.0, partner_id=self.partner_a, move_type="in_invoice", post=True
        )
        self.assertFalse(self.collect())

    def test_opening_balances_only_where_they_are_followed_up(self):
        skipped = self.create_entry("misc", [(self.partner_a, 80.0)])
        reminded = self.create_entry("misc", [(self.partner_b, 70.0)], no_followup=False)
        facts = self.collect()
        self.assertEqual(facts[skipped.name].line.hold, "no_followup")
        self.assertTrue(facts[reminded.name].decision.remind)

    def test_a_refund_paid_out_is_no_due_line_but_uses_credit_up(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        self.create_entry("bank", [(self.partner_a, -100.0)])
        self.create_entry("bank", [(self.partner_a, 40.0)])
        facts = self.collect()
        self.assertEqual(list(facts), [move.name])
        self.assertEqual(facts[move.name].open_amount, 40.0)

    # === WHAT IS OPEN OF IT === #

    def test_credits_count_once_oldest_line_first(self):
        first = self.create_due_invoice("2026-02-01", 100.0)
        second = self.create_due_invoice("2026-02-15", 100.0)
        third = self.create_due_invoice("2026-03-01", 100.0)
        self.create_entry("bank", [(self.partner_a, -130.0)])
        facts = self.collect()
        self.assertEqual(
            [facts[move.name].open_amount for move in (first, second, third)], [0.0, 70.0, 100.0]
        )
        self.assertEqual(facts[first.name].line.hold, "covered_by_credit")
        self.assertTrue(facts[second.name].decision.remind)

    def test_credits_count_once_over_all_programs(self):
        own = self.program.copy({"name": "Own"})
        self.create_due_invoice("2026-02-01", 100.0)
        second = self.create_due_invoice("2026-02-15", 100.0, dunning_program_id=own.id)
        self.create_entry("bank", [(self.partner_a, -100.0)])
        facts = self.collect(programs=own)
        self.assertEqual(list(facts), [second.name])
        self.assertEqual(facts[second.name].open_amount, 100.0)

    def test_a_credit_in_another_currency_covers_nothing(self):
        move = self.create_due_invoice("2026-02-01", 100.0)
        foreign = self.create_refund(500.0, "2026-02-01", currency_id=self.other_currency.id)
        self.assertEqual(foreign.payment_state, "not_paid")
        self.assertEqual(self.collect()[move.name].open_amount, 100.0)

    def test_a_foreign_invoice_is_counted_in_its_currency(self):
        move = self.create_due_invoice("2026-03-01", 300.0, currency_id=self.other_currency.id)
        fact = self.collect()[move.name]
        self.assertEqual(fact.currency_id, self.other_currency.id)
        self.assertEqual(fact.residual, 300.0)

    def test_a_payment_on_its_way_is_subtracted(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        payment = self.create_payment_on_its_way(move, 60.0)
        self.assertFalse(payment.move_id)
        self.assertEqual(payment.state, "in_process")
        fact = self.collect()[move.name]
        self.assertEqual((fact.in_process, fact.open_amount), (60.0, 40.0))
        self.assertTrue(fact.decision.remind)
        payment.amount = 100.0
        self.assertEqual(self.hold_of(move), "in_payment")

    def test_rule_9_a_payment_without_an_entry_counts_once_when_the_bank_matched_it(self):
        """1,000.00, of which 700.00 came in: the bank statement line has the entry, 300 are open.

        Odoo calls the payment paid then, and it never gets an entry.
        """
        move = self.create_due_invoice("2026-03-01", 1000.0)
        payment = self.create_payment_on_its_way(move, 700.0)
        entry = self.create_entry("bank", [(self.partner_a, -700.0)])
        lines = (move | entry).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual((payment.state, payment.move_id.id), ("paid", False))
        fact = self.collect()[move.name]
        self.assertEqual((fact.residual, fact.in_process, fact.open_amount), (300.0, 0.0, 300.0))
        self.assertTrue(fact.decision.remind)
        self.assertFalse(payment._dunning_filter_underway())

    def test_rule_9_a_payment_called_paid_by_hand_is_still_to_come(self):
        move = self.create_due_invoice("2026-03-01", 1000.0)
        payment = self.create_payment_on_its_way(move, 700.0)
        payment.action_validate()
        self.assertEqual(payment.state, "paid")
        self.assertEqual(self.collect()[move.name].open_amount, 300.0)
        self.assertEqual(payment._dunning_filter_underway(), payment)

    def create_transaction(self, move, **values):
        """Return an online payment of 100.00 that is under way."""
        provider = self.env["payment.provider"].create(
            {"name": "Pending", "code": "none", "state": "test"}
        )
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": 100.0,
                "currency_id": move.currency_id.id,
                "partner_id": self.partner_a.id,
                "reference": "dunning-pending",
                "state": "pending",
                "invoice_ids": [Command.set(move.ids)],
                **values,
            }
        )

    def set_code(self, provider):
        self.env.cr.execute(
            "UPDATE payment_provider SET code = 'demo' WHERE id = %s", [provider.id]
        )

    def test_a_pending_online_payment_is_subtracted(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        transaction = self.create_transaction(move)
        # A provider without code stands for a transfer that was only announced.
        self.assertFalse(self.hold_of(move))
        self.set_code(transaction.provider_id)
        self.assertEqual(self.hold_of(move), "in_payment")
        transaction.state = "cancel"
        self.assertFalse(self.hold_of(move))

    def test_rule_1_the_rate_of_an_online_payment_is_that_of_the_company_s_day(self):
        """23:30 in UTC on 9 March is 8:30 of the 10th in Tokyo: then four euros were a dollar."""
        self.company.recurrence_dunning_tz = "Asia/Tokyo"
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-03-10", 4.0)])
        move = self.create_due_invoice("2026-03-01", 100.0)
        transaction = self.create_transaction(move, currency_id=euro.id)
        self.set_code(transaction.provider_id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = '2026-03-09 23:30' WHERE id = %s",
            [transaction.id],
        )
        fact = self.collect()[move.name]
        self.assertEqual((fact.in_process, fact.open_amount), (25.0, 75.0))

    # === WHY IT IS HELD === #

    def test_rule_10_never_sent_never_reminded(self):
        move = self.create_due_invoice(sent=False)
        self.assertEqual(self.hold_of(move), "never_sent")
        self.company.dunning_skip_unsent = False
        self.assertFalse(self.hold_of(move))

    def test_direct_debit_is_collected_not_reminded(self):
        move = self.create_due_invoice()
        method = (
            self.env["account.payment.method"]
            .sudo()
            .create(
                {"name": "Direct Debit", "code": "sepa_direct_debit", "payment_type": "inbound"}
            )
        )
        line = self.env["account.payment.method.line"].create(
            {
                "name": "Direct Debit",
                "payment_method_id": method.id,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        move.preferred_payment_method_line_id = line
        self.assertEqual(self.hold_of(move), "direct_debit")

    def test_payment_states_are_read_each_with_its_reason(self):
        move = self.create_due_invoice()
        for state, reason in (
            ("blocked", "blocked_payment"),
            ("reversed", "reversed"),
            ("invoicing_legacy", "legacy"),
            ("paid", "paid"),
            ("not_paid", ""),
        ):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE account_move SET payment_state = %s WHERE id = %s", [state, move.id]
            )
            self.env.invalidate_all()
            self.assertEqual(self.hold_of(move), reason, state)

    def test_no_followup_is_read_and_not_written(self):
        move = self.create_due_invoice()
        move.no_followup = True
        self.assertEqual(self.hold_of(move), "no_followup")
        self.assertTrue(move.no_followup)

    def test_a_block_holds_line_invoice_or_customer(self):
        first = self.create_due_invoice()
        second = self.create_due_invoice()
        block = self.env["dunning.block"].create(
            {
                "partner_id": self.partner_a.id,
                "move_id": first.id,
                "kind": "dispute",
                "date_from": "2026-03-01",
            }
        )
        self.assertEqual((self.hold_of(first), self.hold_of(second)), ("dispute", ""))
        block.unlink()
        self.env["dunning.block"].create(
            {
                "partner_id": self.partner_a.id,
                "kind": "promise",
                "date_from": "2026-03-01",
                "date_until": "2026-03-10",
            }
        )
        self.assertEqual((self.hold_of(first), self.hold_of(second)), ("promise", "promise"))

    def test_a_block_of_another_day_holds_nothing(self):
        move = self.create_due_invoice()
        blocks = self.env["dunning.block"]
        for first, last in (("2026-02-01", "2026-03-09"), ("2026-03-11", "2026-03-20")):
            blocks.create(
                {
                    "partner_id": self.partner_a.id,
                    "kind": "promise",
                    "date_from": first,
                    "date_until": last,
                }
            )
        self.assertFalse(self.hold_of(move))

    def test_d9_d2_customer_invoice_and_activation_decide(self):
        move = self.create_due_invoice()
        self.partner_a.dunning_policy = "never"
        self.assertEqual(self.hold_of(move), "customer_never")
        self.assertFalse(self.collect(by_hand=True)[move.name].line.hold)
        self.partner_a.dunning_policy = False
        move.dunning_choice = "never"
        self.assertEqual(self.hold_of(move), "invoice_off")
        move.dunning_choice = False
        self.company.dunning_activation_date = "2026-02-01"
        self.assertEqual(self.hold_of(move), "before_activation")

    def test_no_program_is_a_reason(self):
        move = self.create_due_invoice()
        self.company.dunning_program_id = False
        self.assertEqual(self.hold_of(move), "no_program")

    def test_rule_16_a_copy_of_the_database_holds(self):
        move = self.create_due_invoice()
        self.company.sudo().dunning_home = "elsewhere@example.com"
        self.assertEqual(self.hold_of(move), "database_copy")
        self.assertEqual(self.collect(by_hand=True)[move.name].line.hold, "database_copy")
        self.program.write({"allow_copy": True, "copy_email": "test@company.example"})
        self.assertFalse(self.hold_of(move))
        run = self.env["dunning.run"]._execute_for(self.company, AS_OF)
        self.assertEqual(run.reminder_ids.mail_id.email_to, "test@company.example")
        self.assertFalse(run.reminder_ids.mail_id.email_cc)

    def test_an_archived_program_reminds_nobody(self):
        move = self.create_due_invoice()
        self.program.active = False
        self.assertEqual(self.hold_of(move), "program_off")

    def test_rule_17_nothing_of_another_company_is_read(self):
        other = self.setup_other_company()["company"]
        here = self.create_due_invoice("2026-03-01", 100.0)
        there = self.init_invoice(
            "out_invoice",
            partner=self.partner_a,
            invoice_date="2026-01-15",
            amounts=[100.0],
            company=other,
            post=True,
        )
        self.assertEqual(there.company_id, other)
        self.assertEqual(list(self.collect()), [here.name])
