from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestDunningPlan(DunningCommon):
    """K4: several days and amounts over due lines, each watched."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)
        cls.line = cls.move.line_ids.filtered("date_maturity")
        cls.clerk = cls.create_user("clerk", "dunning_group_user")
        cls.Plan = cls.env["dunning.plan"].with_user(cls.clerk)

    def plan(self, rows=None, active=True, **vals):
        """A plan of 40 on 20 March, 30 on 20 April and 30 on 20 May, unless told otherwise."""
        rows = rows or [("2026-03-20", 40.0), ("2026-04-20", 30.0), ("2026-05-20", 30.0)]
        plan = self.Plan.create(
            {
                "partner_id": self.partner_a.id,
                "move_line_ids": self.line.ids,
                "promise_ids": [Command.create({"date": d, "amount": a}) for d, a in rows],
                **vals,
            }
        )
        if active:
            plan.action_activate()
        return plan

    def judge(self, day):
        self.env["dunning.plan"]._judge(self.company, date.fromisoformat(day))

    def pay(self, amount, day="2026-03-15"):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        wizard.create({"payment_date": day, "amount": amount})._create_payments()

    def decide(self, day):
        facts = self.company._dunning_decide(date.fromisoformat(day), moves=self.move)
        return [(fact.decision.remind, fact.decision.reason) for fact in facts]

    def states(self, plan):
        return plan.promise_ids.sorted("date").mapped("state")

    # === WHAT WAS PROMISED BEFORE === #

    def test_k4_agreed_on_it_takes_the_place_of_promises(self):
        """100.00 and 50.00 promised for 12 March; the plan is about the first invoice."""
        other = self.create_due_invoice("2026-03-02", 50.0)
        promises = self.env["dunning.promise"].with_user(self.clerk)
        promise = promises.create({"partner_id": self.partner_a.id, "date": "2026-03-12"})
        plan = self.plan(active=False)
        self.assertEqual(promise.state, "open", "a proposal changes nothing")
        plan.action_activate()
        self.assertEqual(promise.state, "withdrawn")
        rest = promises.search([("rest_of_id", "=", promise.id)])
        self.assertEqual(rest.move_line_ids.move_id, other)
        promises._judge(self.company, date(2026, 3, 13))
        self.assertEqual((promise.state, rest.state), ("withdrawn", "broken"))
        self.assertEqual(self.states(plan), ["open"] * 3)

    # === MAKING === #

    def test_k4_a_plan_is_computed(self):
        plan = self.Plan.create(
            {
                "partner_id": self.partner_a.id,
                "count": 3,
                "step": "month",
                "date_first": "2026-03-31",
            }
        )
        rows = [(p.date, p.amount) for p in plan.promise_ids.sorted("date")]
        self.assertEqual(
            rows,
            [(date(2026, 3, 31), 33.33), (date(2026, 4, 30), 33.33), (date(2026, 5, 31), 33.34)],
        )
        self.assertEqual((plan.amount, plan.date_last), (100.0, date(2026, 5, 31)))
        self.assertEqual((plan.state, plan.move_line_ids), ("proposed", self.line))

    def test_k4_the_dialog_divides_and_lets_edit(self):
        action = self.partner_a.with_user(self.clerk).action_dunning_plan()
        plans = self.Plan.with_context(**action["context"])
        form = Form(plans, view="account_recurrence_dunning.dunning_plan_view_form_dialog")
        form.count = 2
        form.date_first = date(2026, 3, 20)
        form.step = "week"
        self.assertEqual(form.amount, 100.0)
        for number, (day, amount, agreed) in enumerate(
            ((date(2026, 3, 20), 50.0, 70.0), (date(2026, 3, 27), 50.0, 30.0))
        ):
            with form.promise_ids.edit(number) as row:
                self.assertEqual((row.date, row.amount), (day, amount))
                row.amount = agreed
        plan = form.save()
        self.assertEqual(plan.promise_ids.sorted("date").mapped("amount"), [70.0, 30.0])

    def test_k4_a_proposal_holds_nothing(self):
        plan = self.plan(active=False)
        self.assertEqual(self.decide("2026-03-12"), [(True, "level_due")])
        plan.action_activate()
        self.assertEqual(self.decide("2026-03-12"), [(False, "promise")])
        with self.assertRaisesRegex(UserError, "Only a proposed plan"):
            plan.action_activate()

    def test_k4_one_hold_until_its_last_day_and_grace(self):
        plan = self.plan()
        [block] = plan.block_ids
        self.assertEqual((block.kind, block.move_line_id), ("promise", self.line))
        self.assertEqual(block.date_until, date(2026, 5, 27))
        self.assertFalse(plan.promise_ids.block_ids)
        self.assertFalse(block.promise_id)

    # === WHAT BECOMES OF IT === #

    def test_k4_kept(self):
        plan = self.plan()
        self.pay(40.0)
        self.judge("2026-03-21")
        self.assertEqual((plan.state, plan.paid_amount), ("active", 40.0))
        self.assertEqual(self.states(plan), ["kept", "open", "open"])
        self.pay(60.0, "2026-04-01")
        self.judge("2026-04-02")
        self.assertEqual((plan.state, self.states(plan)), ("kept", ["kept"] * 3))
        self.assertFalse(plan.activity_ids)

    def test_k4_a_missed_instalment_is_warned_about_first(self):
        plan = self.plan()
        self.judge("2026-03-20")
        self.assertFalse(plan.warned_date)
        self.judge("2026-03-21")
        self.assertEqual((plan.state, plan.warned_date), ("active", date(2026, 3, 21)))
        [task] = plan.activity_ids
        self.assertEqual(task.user_id, self.clerk)
        self.assertIn("03/28/2026", task.note)
        self.assertEqual(self.decide("2026-03-21"), [(False, "promise")])
        self.judge("2026-03-22")
        self.assertEqual(len(plan.activity_ids), 1)
        self.pay(40.0)
        self.judge("2026-03-23")
        self.assertEqual((plan.state, plan.warned_date), ("active", False))
        self.assertFalse(plan.activity_ids)

    def test_k4_not_paid_within_the_days_of_grace_it_ends(self):
        plan = self.plan()
        self.pay(10.0)
        self.judge("2026-03-21")
        self.judge("2026-03-27")
        self.assertEqual(plan.state, "active")
        self.judge("2026-03-28")
        self.assertEqual((plan.state, plan.paid_amount), ("ended", 10.0))
        self.assertEqual(self.states(plan), ["partly", "withdrawn", "withdrawn"])
        self.assertEqual(plan.block_ids.outcome, "broken")
        self.assertEqual(self.decide("2026-03-28"), [(True, "level_due")])
        self.assertEqual(plan.activity_ids.summary, "The payment plan has ended")

    def test_k4_the_company_says_how_many_days_of_grace(self):
        self.company.dunning_plan_grace_days = 0
        plan = self.plan()
        self.judge("2026-03-21")
        self.assertEqual(plan.state, "ended")
        self.assertEqual(self.states(plan), ["broken", "withdrawn", "withdrawn"])
        with self.assertRaisesRegex(ValidationError, "from 0 to 365"):
            self.company.dunning_plan_grace_days = -1

    def test_k4_the_daily_job_watches_plans(self):
        plan = self.plan()
        self.company._dunning_do_daily(date(2026, 3, 21))
        self.assertTrue(plan.warned_date)
        self.assertEqual(self.states(plan), ["open", "open", "open"])

    def test_k4_cancelled(self):
        plan = self.plan()
        plan.action_cancel()
        self.assertEqual((plan.state, self.states(plan)), ("cancelled", ["withdrawn"] * 3))
        self.assertEqual(self.decide("2026-03-12"), [(True, "level_due")])
        with self.assertRaisesRegex(UserError, "over already"):
            plan.action_cancel()

    def test_k4_whoever_lifts_its_blocks_cancels_it(self):
        plan = self.plan()
        plan.block_ids.action_lift()
        self.assertEqual(plan.state, "cancelled")

    def test_k4_an_instalment_moves_but_is_not_decided_alone(self):
        plan = self.plan()
        last = plan.promise_ids.sorted("date")[-1].with_user(self.clerk)
        last.date = "2026-06-01"
        self.assertEqual(plan.date_last, date(2026, 6, 1))
        self.assertEqual(plan.block_ids.date_until, date(2026, 6, 8))
        for decide in (last.action_withdraw, last.action_kept, last.action_broken):
            with self.assertRaisesRegex(UserError, "decide on the plan"):
                decide()
        with self.assertRaisesRegex(UserError, "decide there"):
            plan.block_ids.action_kept()

    # === THE LETTER === #

    def test_k4_the_letter_names_days_amounts_and_account(self):
        bank = self.env["res.partner.bank"].create(
            {"acc_number": "BE71096123456769", "partner_id": self.company.partner_id.id}
        )
        self.assertIn(bank, self.company._dunning_get_accounts())
        plan = self.plan()
        action = plan.action_print()
        self.assertEqual(action["type"], "ir.actions.report")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account_recurrence_dunning.dunning_plan_report", plan.ids
        )
        text = html.decode()
        for part in ("03/20/2026", "05/20/2026", "40.00", "100.00", self.move.name, "BE71 0961"):
            self.assertIn(part, text)
        self.assertEqual(plan.action_send()["res_model"], "mail.compose.message")

    # === WRONG INPUT === #

    def test_k4_amounts_and_days_that_cannot_be(self):
        days = ("2026-03-20", "2026-04-20")
        for rows, error in (
            ([(days[0], 50.0), (days[1], 49.0)], "add up to"),
            ([(days[0], 100.0)], "from 2 to 60"),
            ([(days[0], 110.0), (days[1], -10.0)], "needs a day and an amount"),
            ([(days[0], 50.0), (False, 50.0)], "needs a day and an amount"),
            ([("2026-03-09", 50.0), (days[1], 50.0)], "before the day"),
        ):
            with self.subTest(error), self.assertRaisesRegex(UserError, error):
                self.plan(rows)

    def test_k4_items_in_two_currencies(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        other = self.create_due_invoice("2026-03-01", 200.0, currency_id=euro)
        lines = self.line | other.line_ids.filtered("date_maturity")
        with self.assertRaisesRegex(UserError, "one currency"):
            self.plan(move_line_ids=lines.ids)
        plan = self.plan(
            [("2026-03-20", 100.0), ("2026-04-20", 100.0)],
            move_line_ids=other.line_ids.filtered("date_maturity").ids,
        )
        self.assertEqual((plan.currency_id, plan.promise_ids.currency_id), (euro, euro))

    def test_k4_people_do_not_write_what_a_plan_keeps(self):
        plan = self.plan()
        for vals in (
            {"state": "kept"},
            {"amount": 1.0},
            {"promise_ids": [Command.clear()]},
            {"warned_date": False},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                plan.write(vals)
