from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import DunningCommon

ADDON = "account_recurrence_dunning"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningPromiseRecord(DunningCommon):
    """K4: what was promised, until when it holds, and what came of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)
        cls.clerk = cls.create_user("clerk", "account_recurrence_dunning.dunning_group_user")
        cls.Promise = cls.env["dunning.promise"].with_user(cls.clerk)

    def line(self, move=None):
        return (move or self.move).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def promise(self, moves=None, **vals):
        moves = self.move if moves is None else moves
        values = {
            "partner_id": self.partner_a.id,
            "date": "2026-03-20",
            "move_line_ids": [line.id for move in moves for line in self.line(move)],
        }
        return self.Promise.create({**values, **vals})

    def judge(self, day="2026-03-21"):
        self.env["dunning.promise"]._judge(self.company, date.fromisoformat(day))

    def pay(self, amount, move=None, day="2026-03-15"):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=(move or self.move).ids
        )
        wizard.create({"payment_date": day, "amount": amount})._create_payments()

    def decide(self, day, move=None):
        facts = self.company._dunning_decide(date.fromisoformat(day), moves=move or self.move)
        return [(fact.decision.remind, fact.decision.reason) for fact in facts]

    # === WRONG INPUT === #

    def test_k4_more_than_is_open(self):
        """100.00 are open of the invoice, 150.00 of the customer."""
        with self.assertRaisesRegex(UserError, "100.01.*more than what is open of it:.*100.00"):
            self.promise(amount=100.01)
        self.create_due_invoice("2026-04-15", 50.0)
        with self.assertRaisesRegex(UserError, "more than what is open of it:.*150.00"):
            self.promise(self.env["account.move"], amount=150.01)
        self.promise(self.env["account.move"], amount=150.0)

    def test_k4_a_day_mistyped_by_a_century(self):
        with self.assertRaisesRegex(ValidationError, "at most a year ahead"):
            self.promise(date="2126-03-20")
        with self.assertRaisesRegex(ValidationError, "at most a year ahead"):
            self.promise(date="2027-03-11")
        self.promise(date="2027-03-10")

    # === EARLIER ONES === #

    def test_k4_a_promise_takes_the_place_of_an_earlier_one(self):
        first = self.promise(date="2026-03-20")
        second = self.promise(date="2026-03-25")
        self.assertEqual((first.state, second.state), ("withdrawn", "open"))
        self.assertTrue(first.block_ids.lifted_date)
        self.assertIn("Something else", first.message_ids[0].body)
        self.assertEqual(self.decide("2026-03-25"), [(False, "promise")])

    def test_k4_one_about_other_items_stays(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        first = self.promise()
        self.promise(other)
        self.assertEqual(first.state, "open")
        everything = self.promise(self.env["account.move"], date="2026-03-28")
        self.assertEqual((first.state, everything.state), ("withdrawn", "open"))

    def test_k4_what_was_not_promised_anew_stands_as_promised(self):
        """Everything by 20 March; then the first invoice by 12 March: the other one waits on."""
        other = self.create_due_invoice("2026-03-02", 50.0)
        first = self.promise(self.env["account.move"])
        second = self.promise(date="2026-03-12")
        self.assertEqual((first.state, first.replaced_by_id), ("withdrawn", second))
        rest = self.Promise.search([("rest_of_id", "=", first.id)])
        self.assertRecordValues(
            rest,
            [
                {
                    "state": "open",
                    "date": date(2026, 3, 20),
                    "date_given": date(2026, 3, 10),
                    "move_line_ids": self.line(other).ids,
                    "amount": 0.0,
                }
            ],
        )
        self.assertEqual(self.decide("2026-03-13"), [(True, "level_due")])
        self.assertEqual(self.decide("2026-03-20", other), [(False, "promise")])

    def test_k4_the_rest_of_an_amount(self):
        """120.00 of 150.00; 100.00 are promised anew, so 20.00 are left of the other invoice."""
        self.create_due_invoice("2026-03-02", 50.0)
        first = self.promise(self.env["account.move"], amount=120.0)
        self.promise(date="2026-03-12")
        rest = self.Promise.search([("rest_of_id", "=", first.id)])
        self.assertEqual(rest.amount, 20.0)
        # 80.00 promised of both: nothing is left of them
        third = self.promise(self.env["account.move"], amount=80.0, date="2026-03-25")
        self.promise(date="2026-03-13")
        self.assertFalse(self.Promise.search([("rest_of_id", "=", third.id)]))

    def test_k4_taken_back_the_same_day_the_earlier_one_stands_again(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        first = self.promise(self.env["account.move"])
        second = self.promise(date="2026-03-12")
        rest = self.Promise.search([("rest_of_id", "=", first.id)])
        second.action_withdraw()
        self.assertEqual(
            (first.state, second.state, rest.state), ("open", "withdrawn", "withdrawn")
        )
        for move in (self.move, other):
            self.assertEqual(self.decide("2026-03-20", move), [(False, "promise")])
        third = self.promise(date="2026-03-12")
        with freeze_time("2026-03-11"):
            third.action_withdraw()
        self.assertEqual(first.state, "withdrawn", "it held, and does not any more")

    def test_k4_named_items_count_whenever_they_are_due(self):
        """600.00 of two invoices by 20 March, one due on 31 March: 100.00 were paid."""
        later = self.create_due_invoice("2026-03-31", 500.0)
        promise = self.promise(self.move | later)
        alone = self.promise(later, date="2026-03-19", replaces=False)
        self.pay(100.0)
        self.judge()
        self.assertRecordValues(
            promise | alone,
            [
                {"state": "partly", "paid_amount": 100.0},
                {"state": "broken", "paid_amount": 0.0},
            ],
        )

    def test_k4_a_customer_who_pays_on_two_days(self):
        first = self.promise(amount=40.0)
        second = self.promise(amount=60.0, date="2026-03-30", replaces=False)
        self.assertEqual((first.state, second.state), ("open", "open"))

    def test_k4_the_dialog_tells_what_is_promised_already(self):
        self.promise(amount=40.0)
        action = self.Promise._get_dialog(self.partner_a)
        promises = self.Promise.with_context(**action["context"])
        with Form(promises, view=action["views"][0][0]) as form:
            self.assertIn("40.00 by 03/20/2026", form.earlier_text)
            self.assertTrue(form.replaces)
            form.date = date(2026, 3, 30)

    def test_k4_what_is_disputed_is_not_promised(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        self.env["dunning.dispute"].create(
            {
                "partner_id": self.partner_a.id,
                "reason": "defective",
                "move_line_ids": self.line(other).ids,
            }
        )
        promise = self.promise(self.env["account.move"])
        self.assertEqual(promise.open_amounts, {str(self.line().id): 100.0})
        self.assertEqual(promise.items, "Everything due by then")

    # === IT HOLDS === #

    def test_k4_it_holds_its_items_until_its_day(self):
        promise = self.promise()
        self.assertEqual(promise.block_ids.kind, "promise")
        self.assertEqual(promise.user_id, self.clerk)
        self.assertEqual(promise.date_given, date(2026, 3, 10))
        self.assertEqual(promise.items, self.move.name)
        self.assertIn("100.00", promise.amount_text)
        self.assertEqual(self.decide("2026-03-20"), [(False, "promise")])
        self.assertEqual(self.decide("2026-03-21"), [(True, "level_due")])

    def test_k4_without_items_it_is_about_all_that_is_due_by_then(self):
        later = self.create_due_invoice("2026-04-15", 70.0)
        promise = self.promise(self.env["account.move"])
        self.assertEqual(promise.open_amounts, {str(self.line().id): 100.0})
        self.assertFalse(promise.block_ids.move_id)
        self.pay(100.0)
        self.judge()
        self.assertEqual(promise.state, "kept")
        self.assertEqual(self.decide("2026-03-21", later), [(False, "not_due_yet")])

    def test_k4_without_items_what_is_due_later_is_not_held(self):
        later = self.create_due_invoice("2026-03-25", 50.0)
        self.promise(moves=self.move.browse())
        self.assertEqual(self.decide("2026-03-20"), [(False, "promise")])
        self.assertEqual(self.decide("2026-03-20", later), [(False, "not_due_yet")])

    def test_k4_one_item_holds_no_other(self):
        other = self.create_due_invoice("2026-02-20", 50.0)
        self.promise()
        self.assertEqual(self.decide("2026-03-10"), [(False, "promise")])
        self.assertEqual(self.decide("2026-03-10", other), [(True, "level_due")])

    def test_k4_the_dialog_says_which_amount_counts(self):
        self.create_due_invoice("2026-03-15", 50.0)
        self.create_due_invoice("2026-03-25", 25.0)
        values = {"default_partner_id": self.partner_a.id}
        views = f"{ADDON}.dunning_%s_view_form_dialog"
        with Form(self.Promise.with_context(**values), views % "promise") as form:
            form.date = "2026-03-20"
            self.assertEqual(form.full_text, "All of it: $\xa0150.00")
            form.date = "2026-03-31"
            self.assertEqual(form.full_text, "All of it: $\xa0175.00")
            form.move_line_ids.add(self.line())
            self.assertEqual(form.full_text, "All of it: $\xa0100.00")
            self.assertFalse(form.amount)
        calls = self.env["dunning.call"].with_user(self.clerk).with_context(**values)
        with Form(calls, views % "call") as form:
            form.outcome = "reached"
            form.promise_date = "2026-03-20"
            self.assertEqual(form.promise_full_text, "All of it: $\xa0150.00")
        disputes = self.env["dunning.dispute"].with_user(self.clerk).with_context(**values)
        with Form(disputes, views % "dispute") as form:
            form.reason = "amount"
            self.assertEqual(form.full_text, "All of it: $\xa0175.00")

    def test_k4_several_items_are_one_promise(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        promise = self.promise(self.move | other)
        self.assertEqual(len(promise.block_ids), 2)
        self.assertIn("150.00", promise.amount_text)

    def test_k4_its_day_moves_while_it_is_open(self):
        promise = self.promise()
        promise.date = "2026-03-25"
        self.assertEqual(promise.block_ids.date_until, date(2026, 3, 25))
        self.assertEqual(self.decide("2026-03-25"), [(False, "promise")])
        self.judge("2026-03-26")
        with self.assertRaisesRegex(UserError, "settled"):
            promise.date = "2026-04-01"

    def test_k4_the_day_of_its_block_moves_it_too(self):
        promise = self.promise()
        promise.block_ids.date_until = "2026-03-28"
        self.assertEqual(promise.date, date(2026, 3, 28))

    def test_k4_withdrawn_it_holds_nothing(self):
        promise = self.promise()
        promise.action_withdraw()
        self.assertEqual(promise.state, "withdrawn")
        self.assertEqual(self.decide("2026-03-12"), [(True, "level_due")])
        with self.assertRaisesRegex(UserError, "Only an open promise"):
            promise.action_withdraw()
        with self.assertRaisesRegex(UserError, "was withdrawn"):
            promise.action_kept()

    def test_k4_whoever_lifts_its_blocks_withdraws_it(self):
        promise = self.promise()
        promise.block_ids.action_lift()
        self.assertEqual(promise.state, "withdrawn")

    # === OUTCOME === #

    def test_k4_kept(self):
        promise = self.promise()
        self.pay(100.0)
        self.judge()
        self.assertEqual((promise.state, promise.paid_amount), ("kept", 100.0))
        self.assertEqual(promise.block_ids.outcome, "kept")
        self.assertFalse(promise.activity_ids)

    def test_k4_broken_gives_somebody_a_task(self):
        promise = self.promise()
        self.judge()
        self.assertEqual((promise.state, promise.paid_amount), ("broken", 0.0))
        [task] = promise.activity_ids
        self.assertEqual(task.user_id, self.clerk)
        self.assertEqual(task.date_deadline, date(2026, 3, 21))
        self.assertIn("03/20/2026", task.note)
        self.assertEqual(self.decide("2026-03-21"), [(True, "level_due")])

    def test_k4_partly_kept(self):
        promise = self.promise()
        self.pay(40.0)
        self.judge()
        self.assertEqual((promise.state, promise.paid_amount), ("partly", 40.0))
        self.assertEqual(promise.block_ids.outcome, "broken")

    def test_k4_as_much_as_was_promised_keeps_it(self):
        promise = self.promise(amount=40.0)
        self.assertIn("40.00", promise.amount_text)
        self.pay(40.0)
        self.judge()
        self.assertEqual((promise.state, promise.paid_amount), ("kept", 40.0))

    def test_k4_its_last_day_is_in_time(self):
        promise = self.promise()
        self.judge("2026-03-20")
        self.assertEqual(promise.state, "open")

    def test_k4_one_of_two_items_is_paid(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        promise = self.promise(self.move | other)
        self.pay(50.0, other)
        self.judge()
        self.assertEqual((promise.state, promise.paid_amount), ("partly", 50.0))
        outcomes = {block.move_id: block.outcome for block in promise.block_ids}
        self.assertEqual(outcomes, {self.move: "broken", other: "kept"})

    def test_k4_a_person_decides_otherwise(self):
        promise = self.promise()
        self.judge()
        promise.action_kept()
        self.assertEqual((promise.state, promise.block_ids.outcome), ("kept", "kept"))
        self.assertFalse(promise.activity_ids)

    def test_k4_in_another_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        move = self.create_due_invoice("2026-03-01", 200.0, currency_id=euro)
        promise = self.promise(move)
        self.assertEqual(promise.currency_id, euro)
        self.pay(200.0, move)
        self.judge()
        self.assertEqual((promise.state, promise.paid_amount), ("kept", 200.0))

    def test_k4_without_items_the_currency_is_what_the_customer_owes(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.create_due_invoice("2026-03-01", 200.0, partner=self.partner_b, currency_id=euro)
        promise = self.promise(self.env["account.move"], partner_id=self.partner_b.id, amount=200.0)
        self.assertEqual(promise.currency_id, euro)

    def test_k4_two_currencies_have_no_common_amount(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        move = self.create_due_invoice("2026-03-01", 200.0, currency_id=euro)
        with self.assertRaisesRegex(ValidationError, "several currencies"):
            self.promise(self.move | move, amount=100.0)
        promise = self.promise(self.move | move)
        self.assertIn("100.00", promise.amount_text)
        self.assertIn("200.00", promise.amount_text)

    # === AFTER A BROKEN ONE === #

    def reminded(self):
        self.company.dunning_contact_gap = 30
        self.env["account.move.line"]._dunning_write_line_status(
            {self.line().id: (1, date(2026, 3, 12), 0)}
        )
        self.level_2.gap = 14
        self.promise()
        self.judge()

    def test_k4_the_next_level_waits_for_its_gap(self):
        self.reminded()
        self.assertEqual(self.decide("2026-03-21"), [(False, "level_by_hand")])

    def test_k4_the_next_level_comes_at_once(self):
        self.company.dunning_broken_at_once = True
        self.reminded()
        self.assertEqual(self.decide("2026-03-21"), [(True, "level_due")])

    def test_k4_at_once_holds_for_one_level(self):
        self.company.dunning_broken_at_once = True
        self.reminded()
        self.env["account.move.line"]._dunning_write_line_status(
            {self.line().id: (2, date(2026, 3, 22), 0)}
        )
        self.assertEqual(self.decide("2026-04-02")[0][0], False)

    # === WRONG INPUT === #

    def test_k4_nothing_is_open(self):
        self.pay(100.0)
        with self.assertRaisesRegex(UserError, "Nothing of it is open"):
            self.promise()

    def test_k4_days_and_amounts_that_cannot_be(self):
        with self.assertRaisesRegex(ValidationError, "before the day"):
            self.promise(date="2026-03-09")
        with self.assertRaisesRegex(ValidationError, "must be positive"):
            self.promise(amount=-1.0)

    def test_k4_the_items_of_another_customer(self):
        foreign = self.create_due_invoice("2026-03-01", 10.0, partner=self.partner_b)
        with self.assertRaisesRegex(ValidationError, "is not a due line of"):
            self.promise(foreign)

    def test_k4_people_do_not_write_what_the_system_keeps(self):
        promise = self.promise()
        for vals in ({"state": "kept"}, {"paid_amount": 100.0}, {"amount": 1.0}):
            with self.subTest(vals), self.assertRaises(AccessError):
                promise.write(vals)

    # === BLOCKS AND THE CUSTOMER'S PAGE === #

    def test_k4_a_block_that_is_a_promise_has_one(self):
        block = self.env["dunning.block"].create(
            {"move_id": self.move.id, "kind": "promise", "date_until": "2026-03-20"}
        )
        self.assertEqual(block.promise_id.state, "open")
        self.assertEqual(block.promise_id.move_line_ids, self.line())
        self.assertEqual(block.promise_id.date, date(2026, 3, 20))
        self.judge()
        self.assertEqual((block.promise_id.state, block.outcome), ("broken", "broken"))

    def test_k4_the_daily_job_judges(self):
        promise = self.promise()
        with freeze_time("2026-03-21"):
            self.company._dunning_do_daily(date(2026, 3, 21))
        self.assertEqual(promise.state, "broken")
