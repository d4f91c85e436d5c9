from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningBlock(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.create_due_invoice("2026-03-01")
        cls.clerk = cls.create_user("block_clerk", "dunning_group_user")

    def block(self, **vals):
        vals = {"move_id": self.move.id, "kind": "dispute", **vals}
        return self.env["dunning.block"].with_user(self.clerk).create(vals)

    def get_reason(self, move=None, as_of=date(2026, 3, 10)):
        """Return the engine's decision on the only due line of the invoice."""
        facts = self.company._dunning_decide(as_of, moves=move or self.move)
        return facts[0].decision.reason

    def test_each_kind_holds_with_its_own_reason(self):
        self.assertEqual(self.get_reason(), "level_due")
        for kind in ("dispute", "promise", "direct_debit", "goodwill", "legal", "other"):
            block = self.block(kind=kind, date_until="2026-03-10")
            self.assertEqual(self.get_reason(), kind)
            block.action_lift()
            self.assertEqual(self.get_reason(), "level_due")

    def test_who_and_when_are_kept(self):
        block = self.block(kind="dispute", reason="Two boxes were broken")
        self.assertEqual(block.user_id, self.clerk)
        self.assertEqual(block.date_from, date(2026, 3, 10))
        self.assertEqual(block.partner_id, self.partner_a)
        self.assertEqual(block.company_id, self.company)
        self.assertEqual(block.state, "current")
        block.action_lift()
        self.assertEqual(block.lifted_user_id, self.clerk)
        self.assertEqual(block.lifted_date, date(2026, 3, 10))
        self.assertEqual(block.state, "lifted")

    def test_block_and_lift_are_noted_on_the_invoice(self):
        block = self.block(kind="dispute", reason="Two boxes were broken")
        self.assertIn("Reminders are blocked.", self.move.message_ids[0].body)
        block.action_lift()
        self.assertIn("no longer blocked", self.move.message_ids[0].body)
        self.block(kind="goodwill", date_until="2026-03-31")
        self.assertIn("Reminders are blocked until 03/31/2026.", self.move.message_ids[0].body)

    def test_kind_and_reason_are_told_to_dunning_users_alone(self):
        """Generated: each kind, on an invoice and on the customer, through all that can happen.

        Others read what is noted on invoices and contacts: Invoicing users, any employee.
        """
        manager = self.create_user("block_manager", "dunning_group_manager")
        self.partner_a.email = "customer@customer.example"
        kinds = dict(self.env["dunning.block"]._fields["kind"].selection)
        for kind in kinds:
            for target in ({"move_id": self.move.id}, {"partner_id": self.partner_a.id}):
                with self.subTest(kind=kind, **target), self.env.cr.savepoint() as savepoint:
                    vals = {"move_id": False, "reason": "He lies", **target}
                    days = {"date_from": "2026-03-01", "date_until": "2026-03-31"}
                    over = {**days, "date_until": "2026-03-09"}
                    promise = self.block(**vals, **over, kind="promise")
                    self.env["dunning.promise"]._judge(self.company, date(2026, 3, 10))
                    self.assertEqual(promise.outcome, "broken")
                    self.block(**vals, **days, kind=kind).action_lift()
                    self.block(**vals, **days, kind=kind)
                    action = self.move.with_user(manager).action_dunning_remind()
                    remind = self.env["dunning.remind"].with_user(manager).browse(action["res_id"])
                    remind.action_over_block()
                    remind.action_remind()
                    notes = self.move.message_ids | self.partner_a.message_ids
                    shared = " ".join(str(note.body) for note in notes)
                    self.assertIn("blocked until 03/09/2026", shared)
                    self.assertIn("despite a block", shared)
                    for secret in ("He lies", *kinds.values(), "romise", "lawyer", "dispute"):
                        self.assertNotIn(secret, shared)
                    reminder = self.move.dunning_reminder_line_ids.reminder_id
                    said = " ".join(str(m.body) for m in reminder.message_ids)
                    self.assertIn(f"despite: {kinds[kind]}", said)
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_the_history_of_a_block_stands_on_the_block(self):
        block = self.block(kind="dispute", reason="Two boxes were broken")
        block = block.with_context(tracking_disable=False, mail_notrack=False)
        self.env.cr.precommit.run()
        block.write({"kind": "legal", "reason": "At the lawyer's"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        values = block.message_ids.sudo().tracking_value_ids
        told = values.mapped("new_value_char") + values.mapped("new_value_text")
        self.assertIn("Lawyer or collection agency", told)
        self.assertIn("At the lawyer's", told)
        reader = self.create_user("block_reader", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            block.message_ids.with_user(reader).read(["body"])

    def test_until_is_the_last_day(self):
        self.block(kind="promise", date_until="2026-03-12")
        self.assertEqual(self.get_reason(as_of=date(2026, 3, 12)), "promise")
        self.assertEqual(self.get_reason(as_of=date(2026, 3, 13)), "level_due")

    def test_next_reminder_is_the_day_after_the_block(self):
        self.assertEqual(self.move.dunning_next_date, date(2026, 3, 10))
        block = self.block(kind="promise", date_until="2026-03-20")
        self.assertEqual(self.move.dunning_next_date, date(2026, 3, 21))
        block.action_lift()
        self.assertEqual(self.move.dunning_next_date, date(2026, 3, 10))

    def test_customer_block_holds_all_his_invoices_of_the_company(self):
        other = self.create_due_invoice("2026-03-01")
        stranger = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        block = self.block(move_id=False, partner_id=contact.id, kind="legal")
        self.assertEqual(block.partner_id, self.partner_a, "it is kept on the customer")
        self.assertEqual(self.get_reason(), "legal")
        self.assertEqual(self.get_reason(other), "legal")
        self.assertEqual(self.get_reason(stranger), "level_due")
        self.assertEqual(other.dunning_current_block_ids, block)
        self.assertFalse(stranger.dunning_current_block_ids)

    def test_customer_block_moves_the_next_reminder_too(self):
        block = self.block(move_id=False, partner_id=self.partner_a.id, kind="legal")
        self.assertFalse(self.move.dunning_next_date)
        block.action_lift()
        self.assertEqual(self.move.dunning_next_date, date(2026, 3, 10))

    def test_block_of_one_instalment_leaves_the_other(self):
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
            partner_id=self.partner_a,
            invoice_date="2026-02-10",
            invoice_payment_term_id=term,
            post=True,
        )
        move.is_move_sent = True
        first, second = move.line_ids.filtered("date_maturity").sorted("date_maturity")
        self.block(move_id=False, move_line_id=first.id, kind="dispute")
        facts = self.company._dunning_collect(date(2026, 3, 10), moves=move)
        holds = {fact.id: fact.line.hold for fact in facts}
        self.assertEqual(holds, {first.id: "dispute", second.id: ""})

    def test_a_promise_has_its_day(self):
        with self.assertRaisesRegex(ValidationError, "needs a date"):
            self.block(kind="promise")

    @mute_logger("odoo.sql_db")
    def test_a_block_ends_after_it_begins(self):
        with self.assertRaises(IntegrityError):
            self.block(kind="dispute", date_until="2026-03-09")
            self.env.flush_all()

    def test_a_broken_promise_ends_the_block(self):
        kept = self.block(kind="promise", date_until="2026-03-20")
        kept.action_kept()
        self.assertEqual((kept.outcome, kept.state), ("kept", "current"))
        broken = self.block(kind="promise", date_until="2026-03-20")
        broken.action_broken()
        self.assertEqual((broken.outcome, broken.state), ("broken", "lifted"))
        with self.assertRaisesRegex(UserError, "Only a promise"):
            self.block(kind="dispute").action_kept()

    def test_only_customer_invoices_of_the_customer(self):
        bill = self._create_invoice_one_line(
            price_unit=10.0, move_type="in_invoice", partner_id=self.partner_a
        )
        with self.assertRaisesRegex(ValidationError, "Only customer invoices"):
            self.block(move_id=bill.id)
        with self.assertRaisesRegex(ValidationError, "not an invoice of this customer"):
            self.block(partner_id=self.partner_b.id)

    def test_states_can_be_searched(self):
        over = self.block(date_from="2026-03-01", date_until="2026-03-09")
        current = self.block(date_until="2026-03-10")
        coming = self.block(date_from="2026-03-11")
        lifted = self.block()
        lifted.action_lift()
        every = over | current | coming | lifted
        for state, expected in (
            ("over", over),
            ("current", current),
            ("coming", coming),
            ("lifted", lifted),
        ):
            self.assertEqual(expected.state, state)
            found = self.env["dunning.block"].search([("state", "=", state)]) & every
            self.assertEqual(found, expected)

    def test_blocked_invoices_can_be_searched(self):
        other = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        third = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.block()
        self.block(move_id=other.id)
        moves = self.move | other | third
        blocked = self.env["account.move"].search([("is_dunning_blocked", "=", True)]) & moves
        self.assertEqual(blocked, self.move | other)
        free = self.env["account.move"].search([("is_dunning_blocked", "=", False)]) & moves
        self.assertEqual(free, third)

    def test_a_block_belongs_to_one_company(self):
        other = self.setup_other_company(name="Other")["company"]
        self.block(move_id=False, partner_id=self.partner_a.id)
        self.env.user.company_ids |= other
        foreign = self._create_invoice_one_line(
            price_unit=10.0,
            tax_ids=[],
            partner_id=self.partner_a,
            company_id=other,
            invoice_date=fields.Date.to_date("2026-02-01"),
        )
        self.assertFalse(foreign.dunning_current_block_ids)
        outsider = self.create_user("block_outsider", "dunning_group_user", companies=other)
        self.assertFalse(self.env["dunning.block"].with_user(outsider).search([]))

    def test_dialog_of_the_invoice(self):
        action = self.move.with_user(self.clerk).action_dunning_block()
        block = (
            self.env["dunning.block"]
            .with_user(self.clerk)
            .with_context(**action["context"])
            .create({"kind": "goodwill"})
        )
        self.assertEqual((block.move_id, block.partner_id), (self.move, self.partner_a))
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        action = contact.with_user(self.clerk).action_dunning_block()
        self.assertEqual(action["context"]["default_partner_id"], self.partner_a.id)
