from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningDispute(DunningCommon):
    """K5: what a customer says is wrong, who settles it until when, and how it ended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)
        cls.clerk = cls.create_user("clerk", "dunning_group_user")
        cls.Dispute = cls.env["dunning.dispute"].with_user(cls.clerk)

    def line(self, move=None):
        return (move or self.move).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def dispute(self, moves=None, **vals):
        moves = self.move if moves is None else moves
        values = {
            "partner_id": self.partner_a.id,
            "reason": "defective",
            "move_line_ids": [line.id for move in moves for line in self.line(move)],
        }
        return self.Dispute.create({**values, **vals})

    def decide(self, day="2026-12-01", move=None):
        facts = self.company._dunning_decide(date.fromisoformat(day), moves=move or self.move)
        return [(fact.decision.remind, fact.decision.reason) for fact in facts]

    # === IT HOLDS === #

    def test_k5_it_holds_its_items_until_it_is_settled(self):
        dispute = self.dispute()
        self.assertEqual(dispute.state, "open")
        [block] = dispute.block_ids
        self.assertEqual((block.kind, block.move_line_id), ("dispute", self.line()))
        self.assertFalse(block.date_until)
        self.assertEqual(self.decide(), [(False, "dispute")])
        dispute.action_rejected()
        self.assertEqual(self.decide(), [(True, "level_due")])

    def test_k5_other_items_go_on(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        self.dispute()
        self.assertEqual(self.decide(move=other), [(True, "level_due")])

    def test_k5_a_part_holds_the_whole_due_line(self):
        dispute = self.dispute(amount=40.0)
        self.assertIn("40.00", dispute.amount_text)
        self.assertIn("60.00", dispute.undisputed_text)
        self.assertEqual(self.decide(), [(False, "dispute")])

    def test_k5_all_of_it(self):
        dispute = self.dispute()
        self.assertIn("100.00", dispute.amount_text)
        self.assertFalse(dispute.undisputed_text)

    def test_k5_without_items_it_is_about_everything_open(self):
        other = self.create_due_invoice("2026-04-15", 70.0)
        dispute = self.dispute(self.env["account.move"])
        self.assertEqual(
            dispute.open_amounts, {str(self.line().id): 100.0, str(self.line(other).id): 70.0}
        )
        self.assertEqual(self.decide(move=other), [(False, "dispute")])

    # === WHO AND UNTIL WHEN === #

    def test_k5_somebody_has_until_a_day(self):
        dispute = self.dispute()
        self.assertEqual(dispute.date_deadline, date(2026, 3, 24))
        [task] = dispute.activity_ids
        self.assertEqual((task.user_id, task.date_deadline), (self.clerk, date(2026, 3, 24)))
        self.assertIn(self.move.name, task.note)

    def test_k5_the_company_says_how_long(self):
        self.company.dunning_dispute_days = 5
        self.assertEqual(self.dispute().date_deadline, date(2026, 3, 15))
        for days in (-1, 366):
            with self.assertRaisesRegex(ValidationError, "from 0 to 365"):
                self.company.dunning_dispute_days = days

    def test_k5_the_task_follows_the_day_and_the_responsible(self):
        dispute = self.dispute()
        other = self.create_user("other_clerk", "dunning_group_user")
        dispute.write({"date_deadline": "2026-03-30", "user_id": other.id})
        [task] = dispute.activity_ids
        self.assertEqual((task.user_id, task.date_deadline), (other, date(2026, 3, 30)))
        with self.assertRaisesRegex(ValidationError, "before it was raised"):
            dispute.date_deadline = "2026-03-09"

    def test_k5_overdue_ones_stay_open(self):
        dispute = self.dispute()
        with freeze_time("2026-04-20"):
            self.company._dunning_do_daily(date(2026, 4, 20))
            found = self.Dispute.search([("state", "=", "open"), ("date_deadline", "<", "today")])
        self.assertEqual(found, dispute)
        self.assertEqual(self.decide(), [(False, "dispute")])

    # === OUTCOME === #

    def credit(self, dispute, modify=False):
        action = dispute.action_credit_note()
        self.assertEqual(action["res_model"], "account.move.reversal")
        wizard = self.env["account.move.reversal"].with_context(**action["context"])
        wizard = wizard.create({"journal_id": self.move.journal_id.id})
        return wizard.modify_moves() if modify else wizard.refund_moves()

    def test_k5_credited(self):
        dispute = self.dispute()
        with self.assertRaisesRegex(UserError, "Link a credit note first"):
            dispute.action_credited()
        action = self.credit(dispute)
        self.assertEqual(dispute.credit_move_ids.ids, [action["res_id"]])
        self.assertEqual(dispute.credit_move_ids.move_type, "out_refund")
        self.assertEqual(dispute.state, "open")
        # a draft lowers nothing: 100.00 would be reminded
        with self.assertRaisesRegex(UserError, "Post the credit note first"):
            dispute.action_credited()
        self.assertFalse(dispute.block_ids.lifted_date)
        dispute.sudo().credit_move_ids.action_post()
        dispute.action_credited()
        self.assertEqual(dispute.state, "credited")
        self.assertEqual(
            (dispute.settled_date, dispute.settled_user_id), (date(2026, 3, 10), self.clerk)
        )
        self.assertTrue(dispute.block_ids.lifted_date)
        self.assertFalse(dispute.activity_ids)

    def test_k5_a_credit_note_with_a_new_invoice(self):
        dispute = self.dispute()
        self.credit(dispute, modify=True)
        self.assertEqual(dispute.credit_move_ids.move_type, "out_refund")
        self.assertEqual(dispute.credit_move_ids.reversed_entry_id, self.move)

    def test_k5_a_credit_note_of_another_invoice_is_not_linked(self):
        dispute = self.dispute()
        other = self.create_due_invoice("2026-03-02", 50.0)
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=other.ids
        )
        wizard.create({"journal_id": other.journal_id.id}).refund_moves()
        self.assertFalse(dispute.credit_move_ids)

    def test_k5_a_credit_note_linked_by_hand(self):
        dispute = self.dispute(amount=30.0)
        refund = self.create_refund(30.0)
        dispute.credit_move_ids = refund
        dispute.action_credited()
        self.assertEqual(dispute.state, "credited")
        foreign = self.create_refund(30.0, partner_id=self.partner_b)
        for move in (foreign, self.move):
            with self.assertRaisesRegex(ValidationError, "is not a credit note of"):
                self.dispute().credit_move_ids = move

    def test_k5_withdrawn(self):
        dispute = self.dispute()
        dispute.action_withdrawn()
        self.assertEqual(dispute.state, "withdrawn")
        for settle in (dispute.action_rejected, dispute.action_credit_note):
            with self.assertRaisesRegex(UserError, "settled already"):
                settle()
        with self.assertRaisesRegex(UserError, "open a new one"):
            dispute.date_deadline = "2026-05-01"

    def test_k5_by_reason_in_the_currency_of_the_company(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        move = self.create_due_invoice("2026-03-01", 200.0, currency_id=euro)
        self.dispute(self.move | move)
        self.dispute(move, amount=50.0, reason="amount")
        groups = self.Dispute._read_group(
            [("partner_id", "=", self.partner_a.id)], ["reason"], ["amount_company:sum"]
        )
        self.assertEqual(dict(groups), {"defective": 200.0, "amount": 25.0})

    # === WRONG INPUT === #

    def test_k5_reasons_are_those_customers_choose_from(self):
        reasons = dict(self.Dispute._fields["reason"]._description_selection(self.Dispute.env))
        self.assertEqual(
            list(reasons),
            ["not_received", "defective", "amount", "returned", "not_ours", "other"],
        )
        with self.assertRaisesRegex(ValidationError, "not one of the options"):
            self.dispute(reason="question")

    def test_k5_more_than_is_open(self):
        with self.assertRaisesRegex(UserError, "more than what is open"):
            self.dispute(amount=100.01)
        with self.assertRaisesRegex(ValidationError, "must be positive"):
            self.dispute(amount=-1.0)

    def test_k5_a_part_is_of_named_items(self):
        """Without them all that the customer has would be held for a part of one."""
        self.create_due_invoice("2026-03-02", 50.0)
        with self.assertRaisesRegex(UserError, "Choose the items of which a part is disputed"):
            self.dispute(self.env["account.move"], amount=40.0)

    def test_k5_a_part_of_the_only_item_names_it(self):
        dispute = self.dispute(self.env["account.move"], amount=40.0)
        self.assertEqual(dispute.move_line_ids, self.line())
        self.assertEqual(dispute.block_ids.move_line_id, self.line())

    def test_k5_of_all_it_says_so(self):
        self.assertEqual(self.dispute(self.env["account.move"]).items, "All open items")

    def test_k5_the_block_tells_what_is_disputed(self):
        dispute = self.dispute()
        self.assertEqual(
            dispute.block_ids._tell(),
            f"{self.move.name}: Dispute, by {self.clerk.name}: Goods or service not as agreed",
        )

    def test_k5_people_do_not_write_what_the_system_keeps(self):
        dispute = self.dispute()
        for vals in ({"state": "credited"}, {"settled_date": "2026-03-10"}, {"text": "x"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                dispute.write(vals)

    # === BLOCKS AND DOORS === #

    def test_k5_a_block_that_is_a_dispute_has_one(self):
        values = {"move_id": self.move.id, "kind": "dispute", "reason": "Broken"}
        block = self.env["dunning.block"].create(values)
        dispute = block.dispute_id
        self.assertEqual((dispute.state, dispute.reason), ("open", "other"))
        self.assertEqual((dispute.text, dispute.move_line_ids), ("Broken", self.line()))
        block.action_lift()
        self.assertEqual(dispute.state, "withdrawn")

    def test_k5_a_block_until_a_day_is_to_be_settled_by_then(self):
        block = self.env["dunning.block"].create(
            {"partner_id": self.partner_a.id, "kind": "dispute", "date_until": "2026-03-15"}
        )
        self.assertEqual(block.dispute_id.date_deadline, date(2026, 3, 15))
        self.assertFalse(block.dispute_id.move_line_ids)

    def test_k5_a_block_of_another_kind_is_no_dispute_any_more(self):
        block = self.dispute().block_ids
        dispute = block.dispute_id
        block.kind = "goodwill"
        self.assertEqual(dispute.state, "withdrawn")
        self.assertFalse(block.dispute_id)
        self.assertEqual(self.decide(), [(False, "goodwill")])
        block.kind = "dispute"
        self.assertEqual(block.dispute_id.state, "open")

    def test_k5_the_dialogs_of_a_customer(self):
        contact = self.partner_a.child_ids.create({"name": "Ann", "parent_id": self.partner_a.id})
        for name, door in (
            ("dunning.dispute", contact.with_user(self.clerk).action_dunning_dispute),
            ("dunning.promise", contact.with_user(self.clerk).action_dunning_promise),
        ):
            action = door(self.line().ids)
            self.assertEqual((action["res_model"], action["target"]), (name, "new"))
            model = self.env[name].with_user(self.clerk).with_context(**action["context"])
            values = model.default_get(["partner_id", "move_line_ids"])
            self.assertEqual(values["partner_id"], self.partner_a.id)
            self.assertEqual(values["move_line_ids"], [(6, 0, self.line().ids)])
        employee = self.create_user("dispute_employee")
        with self.assertRaises(AccessError):
            self.partner_a.with_user(employee).action_dunning_dispute()
