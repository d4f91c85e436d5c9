import re
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools.misc import file_open

from .common import DunningMailCommon

USER = "account_recurrence_dunning.dunning_group_user"


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10")
class TestDunningCase(DunningMailCommon):
    """K1: one row per customer and company, why it is there, and nothing out of date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"email": "a@customer.example", "phone": "+32 470 12 34 56"})
        cls.clerk = cls.create_user("clerk", USER)
        cls.program.user_id = cls.clerk
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)

    def refresh(self, day="2026-04-10"):
        self.company._dunning_refresh_status(date.fromisoformat(day))

    def case(self, partner=None):
        self.env["dunning.case.change"]._write_noted()
        self.env["dunning.case.change"]._take()
        return (
            self.env["dunning.case"]
            .with_user(self.clerk)
            .with_context(active_test=False)
            .search([("partner_id", "=", (partner or self.partner_a).id)])
        )

    def pay(self, amount=100.0, day="2026-04-09", move=None):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=(move or self.move).ids
        )
        wizard.create({"payment_date": day, "amount": amount})._create_payments()

    # === MONEY === #

    def test_k1_amounts_and_ages(self):
        """40 days late, 10 days late, not due; by hand: 100 + 50 + 25 = 175."""
        self.create_due_invoice("2026-03-31", 50.0)
        self.create_due_invoice("2026-04-20", 25.0)
        case = self.case()
        self.assertEqual(case.open_amount, 175.0)
        self.assertEqual(case.overdue_amount, 150.0)
        ages = [case.age_0, case.age_30, case.age_60, case.age_90, case.age_over]
        self.assertEqual(ages, [25.0, 50.0, 100.0, 0.0, 0.0])
        self.assertEqual((case.days_late, case.oldest_due), (40, date(2026, 3, 1)))
        self.assertEqual(case.weight, 6000.0)
        self.assertIn("150.00 overdue × days late: 40", case.weight_text)
        self.assertIn("175.00", case.open_text)
        self.assertIn("150.00", case.overdue_text)

    def test_k1_two_currencies_are_never_added_up(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.create_due_invoice("2026-03-01", 200.0, currency_id=euro)
        case = self.case()
        self.assertIn("100.00", case.overdue_text)
        self.assertIn("200.00", case.overdue_text)
        self.assertEqual(case.overdue_amount, 200.0, "100 and 200 at two for one")

    def test_k1_a_credit_counts(self):
        self.create_refund(30.0)
        self.assertEqual(self.case().open_amount, 70.0)

    def test_k1_companies_have_rows_of_their_own(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        self.assertEqual(self.case().company_id, self.company)
        with self.assertRaises(AccessError):
            stranger = self.create_user("stranger", USER, other)
            self.case().with_user(stranger).read(["overdue_amount"])

    # === NOTHING OUT OF DATE === #

    def test_k1_an_invoice_posted_makes_a_row(self):
        self.assertFalse(self.case(self.partner_b))
        self.create_due_invoice("2026-03-01", 10.0, partner=self.partner_b)
        self.assertEqual(self.case(self.partner_b).open_amount, 10.0)

    def test_k1_a_payment_changes_it_and_the_last_one_closes_it(self):
        case = self.case()
        self.pay(40.0)
        self.case()
        self.assertEqual(case.open_amount, 60.0)
        self.pay(60.0)
        self.case()
        self.assertEqual((case.active, case.open_amount, case.overdue_text), (False, 0.0, ""))
        self.create_due_invoice("2026-04-01", 10.0)
        self.case()
        self.assertEqual((case.active, case.open_amount), (True, 10.0))

    def test_k1_what_changed_waits_once_for_each_customer(self):
        self.case()
        changes = self.env["dunning.case.change"]
        for amount in (1.0, 2.0, 3.0):
            self.create_due_invoice("2026-03-05", amount)
        changes._write_noted()
        self.assertEqual(len(changes.search([])), 1)
        self.assertEqual(changes._take(), 0)
        self.assertFalse(changes.search([]))
        self.assertEqual(self.case().open_amount, 106.0)

    def test_k1_the_worklist_opens_up_to_date(self):
        self.create_due_invoice("2026-03-01", 10.0, partner=self.partner_b)
        self.env["dunning.case.change"]._write_noted()
        cases = self.env["dunning.case"].with_user(self.clerk)
        action = cases.action_open_worklist()
        self.assertTrue(action["context"]["dunning_one_company"])
        other = self.setup_other_company()["company"]
        self.clerk.sudo().company_ids |= other
        both = cases.with_context(allowed_company_ids=(self.company | other).ids)
        self.assertFalse(both.action_open_worklist()["context"]["dunning_one_company"])
        self.assertEqual(action["res_model"], "dunning.case")
        self.assertTrue(cases.search([("partner_id", "=", self.partner_b.id)]))

    def test_k1_the_daily_refresh_makes_days_pass(self):
        case = self.case()
        self.assertEqual(case.days_late, 40)
        self.refresh("2026-04-12")
        self.assertEqual(case.days_late, 42)

    def test_k1_many_customers_cost_no_more_queries(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "email": f"c{n}@x.example"} for n in range(20)]
        )
        for partner in partners:
            self.create_due_invoice("2026-03-01", 10.0, partner=partner)
        self.refresh()
        few, many = self.partner_a, partners | self.partner_a
        counts = []
        for customers in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["dunning.case"]._refresh_customers(self.company, customers)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    # === WHY IT IS HERE === #

    def todo(self):
        case = self.case()
        case._refresh_now()
        return case.todo_code, case.todo_date, case.stage

    def test_k1_nothing_to_do_while_the_ladder_goes_on(self):
        case = self.case()
        self.assertEqual((case.todo_code, case.stage), (False, "planned"))
        self.assertEqual(case.next_date, date(2026, 4, 10))
        self.assertIn("Level 1 has been due", case.next_text)

    def test_k1_a_broken_promise(self):
        promise = self.env["dunning.promise"].with_user(self.clerk)
        with freeze_time("2026-04-01"):
            promise.create({"partner_id": self.partner_a.id, "date": "2026-04-08"})
        self.assertEqual(self.todo(), (False, False, "promised"))
        self.env["dunning.promise"]._judge(self.company, date(2026, 4, 10))
        self.assertEqual(self.todo(), ("broken", date(2026, 4, 8), "todo"))
        case = self.case()
        self.assertIn("promised by 04/08/2026", case.todo_text)
        self.assertEqual((case.kept_count, case.broken_count), (0, 1))
        promise.create({"partner_id": self.partner_a.id, "date": "2026-04-20"})
        self.assertEqual(self.todo()[0], False, "the customer promised anew")

    def test_k1_a_message_that_did_not_get_through(self):
        self.partner_a.email = False
        run = self.env["dunning.run"].create({"date": "2026-04-10"})
        run.action_simulate()
        run.action_execute()
        self.assertEqual(self.todo(), ("undelivered", date(2026, 4, 10), "todo"))
        self.assertIn("04/10/2026 was not delivered", self.case().todo_text)

    def test_k1_a_call_and_a_letter(self):
        for channel, code in (("call", "call"), ("letter", "letter")):
            self.level_1.channel = channel
            partner = self.env["res.partner"].create(
                {"name": channel, "street": "Long Street 1", "city": "Ghent"}
            )
            self.create_due_invoice("2026-03-01", 10.0, partner=partner)
            run = self.env["dunning.run"].create({"date": "2026-04-10"})
            run.action_simulate()
            run.action_execute()
            case = self.case(partner)
            case._refresh_now()
            self.assertEqual(case.todo_code, code)

    def test_k1_nobody_can_be_reached(self):
        self.partner_a.email = False
        self.assertEqual(self.todo()[0], "unreachable")
        self.assertIn("no recipient", self.case().todo_text)

    def test_k1_a_payment_that_nobody_matched(self):
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-04-09",
                "payment_ref": "transfer",
                "amount": 40.0,
                "partner_id": self.partner_a.id,
            }
        )
        self.assertEqual(self.todo(), ("payment", date(2026, 4, 9), "todo"))
        self.assertIn("40.00, received on 04/09/2026", self.case().todo_text)

    def test_k1_the_end_of_the_ladder(self):
        line = self.move.line_ids.filtered("date_maturity")
        self.env["account.move.line"]._dunning_write_line_status(
            {line.id: (3, date(2026, 3, 31), 0)}
        )
        self.refresh()
        self.assertEqual(self.todo(), ("decide", date(2026, 4, 10), "todo"))
        end = self.env["dunning.escalation"].search([("partner_id", "=", self.partner_a.id)])
        end._decide("wait", date_again=date(2026, 4, 30))
        self.assertEqual(self.todo(), ("decide", date(2026, 4, 30), "ended"))

    def test_k1_the_most_pressing_is_first_and_the_others_are_counted(self):
        self.partner_a.email = False
        with freeze_time("2026-04-01"):
            self.env["dunning.promise"].create(
                {"partner_id": self.partner_a.id, "date": "2026-04-08"}
            )
        self.env["dunning.promise"]._judge(self.company, date(2026, 4, 10))
        self.assertEqual(self.todo()[0], "broken")
        self.assertIn("(and 1 more)", self.case().todo_text)

    def test_k1_a_dispute_stands_apart(self):
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "dispute"})
        self.assertEqual(self.todo(), ("dispute", date(2026, 4, 24), "disputed"))
        with freeze_time("2026-04-24"):
            self.assertEqual(self.todo(), ("dispute", date(2026, 4, 24), "todo"))
            self.assertIn("to be settled by 04/24/2026", self.case().todo_text)
            # other work comes first, and the dispute is found all the same
            disputed = [("partner_id", "=", self.partner_a.id), ("is_disputed", "=", True)]
            cases = self.env["dunning.case"].with_user(self.clerk)
            self.assertEqual(cases.search(disputed), self.case())
            self.assertTrue(self.case().is_disputed)
        self.env["dunning.dispute"].sudo().search([])._close("rejected")
        self.env.invalidate_all()
        self.assertFalse(self.case().is_disputed)
        self.assertFalse(cases.search(disputed))

    def test_k1_who_was_not_reached_is_called_again(self):
        values = {"partner_id": self.partner_a.id, "date_again": "2026-04-14"}
        calls = self.env["dunning.call"].with_user(self.clerk)
        calls.create({**values, "outcome": "not_reached"})
        self.assertEqual(self.todo(), ("call", date(2026, 4, 14), "planned"))
        case = self.case()
        self.assertEqual(case.coming_text, "The customer is to be called on 04/14/2026.")
        self.assertEqual(case.todo_text, case.coming_text)
        self.assertFalse(case.todo_all_text, "nothing of it is for today")
        with freeze_time("2026-04-15"):
            case.invalidate_recordset()
            self.assertEqual(case.todo_text, "The customer is to be called since 04/14/2026.")
        calls.create({"partner_id": self.partner_a.id, "outcome": "reached"})
        self.assertEqual(self.todo(), (False, False, "planned"))
        self.assertEqual(self.case().last_contact_date, date(2026, 4, 10))

    def test_k1_the_call_of_a_level_that_reached_nobody_waits(self):
        """Level 1 is a call since 1 April; tried on the 10th, to be tried again on the 16th."""
        self.level_1.channel = "call"
        run = self.execute("2026-04-10")
        self.assertEqual(run.reminder_ids.mapped("state"), ["draft"])
        self.assertEqual(self.todo(), ("call", date(2026, 4, 10), "todo"))
        calls = self.env["dunning.call"].with_user(self.clerk)
        values = {"partner_id": self.partner_a.id, "outcome": "not_reached"}
        calls.create({**values, "date_again": "2026-04-16"})
        self.assertEqual(self.todo(), ("call", date(2026, 4, 16), "planned"))

    def test_k1_a_wrong_number_is_to_be_found(self):
        calls = self.env["dunning.call"].with_user(self.clerk)
        calls.create({"partner_id": self.partner_a.id, "outcome": "wrong_number"})
        self.assertEqual(self.todo(), ("number", date(2026, 4, 10), "todo"))
        self.assertEqual(
            self.case().todo_text, "The number called on 04/10/2026 is wrong: find another one."
        )
        self.partner_a.phone = "+32 470 65 43 21"
        self.case()._refresh_now()
        self.assertEqual(self.todo(), (False, False, "planned"))

    def test_k1_an_answer_says_what_it_is_and_opens(self):
        answers = self.env["dunning.answer"].sudo()
        answer = answers.create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner_a.id,
                "date": "2026-04-09",
                "kind": "paid",
                "fingerprint": "case answer",
            }
        )
        self.case()._refresh_now()
        case = self.case()
        self.assertEqual(case.todo_code, "answer")
        kind = dict(answer._fields["kind"]._description_selection(self.env))["paid"]
        self.assertEqual(case.todo_text, f"The customer answered on 04/09/2026: {kind}.")
        self.assertEqual(case.action_answers()["res_id"], answer.id)

    def test_k1_the_next_step_names_its_item(self):
        other = self.create_due_invoice("2026-04-07", 25.0)
        case = self.case()
        self.assertTrue(case.next_text.startswith(f"{self.move.name}: "), case.next_text)
        self.assertNotIn(other.name, case.next_text)

    # === WHO === #

    def test_k1_responsible_is_collector_else_salesperson_else_program(self):
        seller = self.create_user("seller", USER)
        case = self.case()
        self.assertEqual(case.user_id, self.clerk)
        self.partner_a.user_id = seller
        case._refresh_now()
        self.assertEqual(case.user_id, seller)
        collector = self.create_user("collector", USER)
        case.collector_id = collector
        self.assertEqual(case.user_id, collector)
        case._refresh_now()
        self.assertEqual(case.user_id, collector)
        case.collector_id = False
        self.assertEqual(case.user_id, seller)

    def test_k1_a_salesperson_without_the_right_is_passed_over(self):
        self.partner_a.user_id = self.create_user("plain", "base.group_user")
        case = self.case()
        case._refresh_now()
        self.assertEqual(case.user_id, self.clerk)

    def test_k1_people_set_the_collector_alone(self):
        case = self.case()
        with self.assertRaisesRegex(UserError, "moves by itself"):
            case.stage = "promised"
        for vals in ({"weight": 1.0}, {"todo_code": False}, {"user_id": self.env.uid}):
            with self.subTest(vals), self.assertRaises(AccessError):
                case.write(vals)
        with self.assertRaises(AccessError):
            case.unlink()

    # === SEARCH === #

    def test_k1_found_by_anything_a_caller_says(self):
        self.move.ref = "PO 4711"
        self.move.payment_reference = "RF18539007547034"
        child = self.env["res.partner"].create(
            {"name": "Zoe Quill", "parent_id": self.partner_a.id, "phone": "0611/22 33 44"}
        )
        self.create_due_invoice("2026-03-01", 33.0, partner=self.partner_b)
        case = self.case()
        cases = self.env["dunning.case"].with_user(self.clerk)
        for text in (
            self.move.name,
            "PO 4711",
            "RF18539007547034",
            "100.00",
            "100,00",
            child.name,
            "470 123456",
            "0470/12.34.56",
            "61122 33",
            "a@customer",
        ):
            with self.subTest(text):
                self.assertEqual(cases.search([("caller", "ilike", text)]), case)
        self.assertFalse(cases.search([("caller", "ilike", "nobody of that name")]))

    # === ITS SCREEN === #

    def test_k2_open_items_with_their_next_step(self):
        page = self.case().get_case_page()
        [item] = page["items"]
        self.assertEqual(item["name"], self.move.name)
        self.assertEqual((item["due"], item["days"], item["level"]), ("03/01/2026", 40, ""))
        self.assertIn("100.00", item["amount"])
        self.assertEqual(item["next"], "04/10/2026")
        self.assertIn("Level 1 has been due", item["reason"])

    def test_k2_levels_are_called_by_their_names(self):
        self.assertEqual(self.case().get_case_page()["items"][0]["level_name"], "")
        self.level_1.name = "First Reminder"
        self.execute("2026-04-10")
        [item] = self.case().get_case_page()["items"]
        self.assertEqual((item["level"], item["level_name"]), (1, "First Reminder"))

    def test_rule_17_a_block_and_a_statement_are_of_the_company_of_the_case(self):
        """The case is of one company, and another one stands first on the screen."""
        other = self.setup_other_company(name="Other")["company"]
        self.clerk.sudo().company_ids |= other
        case = self.case().with_user(self.clerk)
        case = case.with_context(allowed_company_ids=[other.id, self.company.id])
        action = case.action_pause()
        blocks = case.env["dunning.block"].with_context(**action["context"])
        block = blocks.create({**blocks.default_get(["company_id"]), "kind": "other"})
        self.assertEqual((block.company_id, block.partner_id), (self.company, self.partner_a))
        action = case.action_statement()
        self.assertEqual(action["context"]["allowed_company_ids"], self.company.ids)

    def test_rule_1_the_timeline_tells_the_day_of_the_company(self):
        """17:30 in Los Angeles on 10 April is 00:30 of the 11th in UTC."""
        self.company.recurrence_dunning_tz = "America/Los_Angeles"
        with freeze_time("2026-04-11 00:30:00"):
            call = self.env["dunning.call"].with_user(self.clerk)
            call.create({"partner_id": self.partner_a.id, "outcome": "reached"})
            self.case().with_user(self.clerk).message_post(body="Called", message_type="comment")
        events = self.case()._tell_calls() + self.case()._tell_notes()
        self.assertEqual([event["day"] for event in events], ["2026-04-10"] * 2)

    def test_k2_one_timeline_of_everything(self):
        case = self.case()
        run = self.env["dunning.run"].create({"date": "2026-04-10"})
        run.action_simulate()
        run.action_execute()
        self.env["dunning.promise"].create({"partner_id": self.partner_a.id, "date": "2026-04-20"})
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "goodwill"})
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "dispute"})
        self.env["dunning.call"].create({"partner_id": self.partner_a.id, "outcome": "reached"})
        self.pay(10.0)
        case.message_post(body="Called <b>twice</b>", message_type="comment")
        page = case.get_case_page()
        kinds = {event["kind"] for event in page["events"]}
        self.assertEqual(
            kinds, {"invoice", "reminder", "promise", "dispute", "call", "block", "payment", "note"}
        )
        days = [event["day"] for event in page["events"]]
        self.assertEqual(days, sorted(days, reverse=True))
        self.assertEqual({kind for kind, _label in page["kinds"]}, kinds)

    def test_k2_the_promise_dialog_knows_customer_and_items(self):
        case = self.case()
        line = self.move.line_ids.filtered("date_maturity")
        action = case.action_promise(line.ids)
        model = self.env["dunning.promise"].with_user(self.clerk).with_context(**action["context"])
        with Form(model, view=action["views"][0][0]) as form:
            form.date = date(2026, 4, 20)
            self.assertEqual(form.partner_id, self.partner_a)
        promise = form.record
        self.assertEqual(promise.move_line_ids, line)
        case.action_refresh()
        self.assertEqual((case.stage, case.promise_date), ("promised", date(2026, 4, 20)))

    def test_k2_items_of_somebody_else_are_refused(self):
        foreign = self.create_due_invoice("2026-03-01", 10.0, partner=self.partner_b)
        line = foreign.line_ids.filtered("date_maturity")
        for name in (
            "action_promise",
            "action_dispute",
            "action_call",
            "action_pause",
            "action_remind",
        ):
            with self.subTest(name), self.assertRaisesRegex(UserError, "Choose open items of"):
                getattr(self.case(), name)(line.ids)

    def test_k2_every_button_of_the_screen_takes_what_is_ticked(self):
        """The screen hands each action the ticked items: all of its methods take them."""
        with file_open(
            "account_recurrence_dunning/static/src/dunning_case/dunning_case.xml"
        ) as page:
            methods = set(re.findall(r"this\.act\('(\w+)'\)", page.read()))
        self.assertIn("action_statement", methods)
        self.move._dunning_apply({"level": 3, "last_date": date(2026, 4, 1)})
        self.program.charge_compute = True
        rule = self.env["dunning.charge.rule"].create(
            {
                "name": "Everybody",
                "debtor_kind": self.partner_a._dunning_get_debtor_kind(),
                "interest": "fixed",
                "fixed_rate": 10.0,
                "sequence": 1,
            }
        )
        rule.sudo().action_confirm()
        case = self.case()
        for method in sorted(methods):
            with self.subTest(method):
                self.assertTrue(getattr(case, method)(case._get_open_moves().line_ids[:0].ids))

    def test_k2_next_customer_by_weight_own_first(self):
        partners = self.env["res.partner"].create(
            [{"name": name} for name in ("Small", "Large", "Colleague's")]
        )
        for partner, amount in zip(partners, (10.0, 500.0, 900.0), strict=True):
            self.create_due_invoice("2026-03-01", amount, partner=partner)
        partners[2].user_id = self.create_user("colleague", USER)
        self.partner_a.email = False
        cases = {partner: self.case(partner) for partner in (self.partner_a, *partners)}
        for case in cases.values():
            case._refresh_now()
        mine = cases[self.partner_a]
        self.assertEqual(mine.action_next()["res_id"], cases[partners[0]].id)
        self.assertEqual(cases[partners[1]].action_next()["res_id"], mine.id)
        self.assertEqual(cases[partners[0]].action_next()["res_id"], cases[partners[1]].id)

    def test_k2_nothing_more_to_do(self):
        action = self.case().action_next()
        self.assertEqual(action["tag"], "display_notification")

    def test_k1_switched_off_nothing_is_noted(self):
        self.company.dunning_active = False
        self.create_due_invoice("2026-03-01", 10.0, partner=self.partner_b)
        self.assertFalse(self.case(self.partner_b))

    def test_k1_instalments_count_each(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now, half in May",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
                ],
            }
        )
        move = self._create_invoice_one_line(
            price_unit=80.0,
            tax_ids=[],
            partner_id=self.partner_b,
            invoice_date="2026-03-11",
            invoice_payment_term_id=term,
            post=True,
        )
        case = self.case(self.partner_b)
        self.assertEqual((case.open_amount, case.overdue_amount), (80.0, 40.0))
        self.assertEqual(len(case.get_case_page()["items"]), 2)
        self.assertEqual(case.oldest_due, move.invoice_date)

    def test_k2_a_note_is_plain_text(self):
        case = self.case()
        case.action_note("He said <b>Friday</b>\nor Monday")
        [note] = [event for event in case.get_case_page()["events"] if event["kind"] == "note"]
        self.assertEqual(note["text"], "He said <b>Friday</b>\nor Monday")
        for text in ("", "  ", False, ["x"]):
            with self.subTest(text), self.assertRaisesRegex(UserError, "Write something"):
                case.action_note(text)

    def test_k2_the_head_of_the_screen(self):
        self.partner_a.dunning_contact_id = self.env["res.partner"].create(
            {"name": "Zoe Quill", "parent_id": self.partner_a.id, "phone": "0611/22 33 44"}
        )
        self.create_due_invoice("2026-04-20", 300.0)
        page = self.case().get_case_page()
        self.assertEqual(
            [(part["name"], part["share"]) for part in page["ages"][0]["parts"]],
            [("age_0", 75.0), ("age_60", 25.0)],
        )
        self.assertEqual(page["company_total"], "")
        zoe, customer = page["contacts"]
        self.assertEqual((zoe["name"], zoe["role"]), ("Zoe Quill", "Dunning contact"))
        self.assertEqual(zoe["phone"], "0611/22 33 44")
        self.assertEqual(customer["email"], "a@customer.example")
        self.assertEqual(page["credit"], "")

    def test_k2_ageing_in_the_currencies_of_the_customer(self):
        """Two of another currency unit are one of the company's; by hand: 300 / 2 + 100 = 250."""
        other = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self.create_due_invoice("2026-03-31", 200.0, currency_id=other.id)
        self.create_due_invoice("2026-04-20", 100.0, currency_id=other.id)
        page = self.case().get_case_page()
        company = self.company.currency_id.name
        self.assertEqual(
            [
                (bar["currency"], [(part["amount"], part["share"]) for part in bar["parts"]])
                for bar in page["ages"]
            ],
            [
                (company, [("$\xa0100.00", 100.0)]),
                ("EUR", [("100.00\xa0€", 33.3), ("200.00\xa0€", 66.7)]),
            ],
        )
        self.assertEqual(page["company_total"], "$\xa0250.00")

    def test_k2_what_is_to_do_is_told_in_full(self):
        self.env["dunning.dispute"].create(
            {"partner_id": self.partner_a.id, "reason": "amount", "date_deadline": "2026-04-10"}
        )
        self.env["dunning.call"].create(
            {
                "partner_id": self.partner_a.id,
                "outcome": "not_reached",
                "date_again": "2026-04-10",
            }
        )
        case = self.case()
        self.assertEqual(
            case.todo_all_text.split("\n"),
            [
                "The customer is to be called since 04/10/2026.",
                "The dispute is to be settled by 04/10/2026.",
            ],
        )

    def test_k2_what_is_at_the_end_is_decided_on_the_case(self):
        other = self.create_due_invoice("2026-03-02", 50.0)
        young = self.create_due_invoice("2026-04-09", 25.0)
        case = self.case()
        self.assertFalse(case.get_case_page()["may_decide"])
        with self.assertRaisesRegex(UserError, "Nothing is to be decided"):
            case.action_decide()
        (self.move | other)._dunning_apply({"level": 3, "last_date": date(2026, 4, 1)})
        lines = (self.move | other | young).line_ids.filtered("date_maturity").sorted("id")
        page = case.get_case_page()
        self.assertTrue(page["may_decide"])
        self.assertEqual([item["is_ended"] for item in page["items"]], [True, True, False])

        def get_moves(ticked):
            action = case.action_decide(ticked)
            dialog = self.env[action["res_model"]].browse(action["res_id"])
            return dialog.escalation_ids.move_id

        self.assertEqual(get_moves([]), self.move | other)
        self.assertEqual(get_moves(lines[1].ids), other)
        self.assertEqual(get_moves(lines[1:].ids), other)
        with self.assertRaisesRegex(UserError, "None of these items is at the end"):
            case.action_decide(lines[2].ids)
        self.env["dunning.block"].create({"move_id": other.id, "kind": "goodwill"})
        self.assertEqual(get_moves([]), self.move)
        self.assertEqual(get_moves(lines[1].ids), other)

    def test_k1_the_end_waits_for_a_promise_and_for_a_dispute(self):
        line = self.move.line_ids.filtered("date_maturity")
        self.env["account.move.line"]._dunning_write_line_status(
            {line.id: (3, date(2026, 3, 31), 0)}
        )
        self.refresh()
        promise = self.env["dunning.promise"].create(
            {"partner_id": self.partner_a.id, "date": "2026-04-20"}
        )
        self.assertEqual(self.todo(), ("decide", date(2026, 4, 21), "promised"))
        promise.action_withdraw()
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "dispute"})
        self.assertEqual(self.todo(), ("dispute", date(2026, 4, 24), "disputed"))
