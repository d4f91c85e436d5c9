from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
class TestDunningRun(DunningMailCommon):
    """What a simulation shows is what happens, once, with a reason for each line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.partner_b.email = "b@customer.example"

    def simulate(self, day, **vals):
        run = self.env["dunning.run"].create({"date": day, **vals})
        run.action_simulate()
        return run

    # === SIMULATION (W2) === #

    def test_w2_simulation_lists_every_due_line_with_decision_and_reason(self):
        due = self.create_due_invoice("2026-03-01")
        soon = self.create_due_invoice("2026-03-12")
        later = self.create_due_invoice("2026-03-30")
        unsent = self.create_due_invoice("2026-03-01", sent=False)
        run = self.simulate("2026-03-09")
        self.assertEqual(
            self.decisions(run),
            {
                due.name: ("remind", "level_due", "First reminder"),
                soon.name: ("remind", "notice_due", "Polite notice"),
                later.name: ("skip", "not_due_yet", "Polite notice"),
                unsent.name: ("skip", "never_sent", "First reminder"),
            },
        )
        self.assertEqual((run.remind_count, run.skip_count), (2, 2))
        line = run.line_ids.filtered(lambda line: line.move_id == later)
        self.assertEqual(line.reason_text, "No reminder is due yet: next step on 03/27/2026.")
        self.assertEqual(str(line.next_date), "2026-03-27")

    def test_w2_simulation_changes_nothing(self):
        move = self.create_due_invoice("2026-03-01")
        before = move.line_ids.read(["dunning_level", "dunning_last_date", "dunning_cycle"])
        run = self.simulate("2026-03-09")
        run.action_simulate()
        self.assertEqual(run.state, "simulated")
        self.assertEqual(len(run.line_ids), 1)
        self.assertFalse(run.reminder_ids)
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "dunning.reminder")]))
        after = move.line_ids.read(["dunning_level", "dunning_last_date", "dunning_cycle"])
        self.assertEqual(before, after)

    def test_a_run_is_found_by_its_program_and_its_day(self):
        run = self.simulate("2026-03-09", program_ids=self.company.dunning_program_id.ids)
        other = self.simulate("2026-03-10")
        runs = run | other
        for text, found in [
            (self.company.dunning_program_id.name, run),
            ("03/10/2026", other),
            ("99/99/9999", runs.browse()),
        ]:
            with self.subTest(text):
                domain = [("name", "ilike", text), ("id", "in", runs.ids)]
                self.assertEqual(runs.search(domain), found)
        self.assertFalse(self.env["dunning.reminder"].search([("run_id", "ilike", "no such run")]))

    @freeze_time("2026-03-09 12:00:00")
    def test_any_day_may_be_simulated_only_the_past_executed(self):
        self.create_due_invoice("2026-03-20")
        run = self.simulate("2026-03-25")
        self.assertEqual(run.line_ids.mapped("decision"), ["remind"])
        with self.assertRaisesRegex(UserError, "cannot be executed for a future date"):
            run.action_execute()
        self.assertEqual(run.state, "simulated")

    # === EXECUTION (W3) === #

    @freeze_time("2026-03-09 12:00:00")
    def test_w3_execution_does_what_the_simulation_showed(self):
        self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-02-01", 50.0, partner=self.partner_b)
        self.create_due_invoice("2026-03-30", 70.0)
        run = self.simulate("2026-03-09")
        shown = self.decisions(run)
        run.action_execute()
        self.assertEqual(self.decisions(run), shown)
        reminded = run.reminder_ids.line_ids.filtered(lambda line: line.kind == "remind")
        self.assertEqual(
            sorted(reminded.mapped("move_name")),
            sorted(name for name, decision in shown.items() if decision[0] == "remind"),
        )
        self.assertEqual(run.line_ids.reminder_id, run.reminder_ids)
        self.assertEqual(run.state, "done")

    @freeze_time("2026-03-09 12:00:00")
    def test_rule_6_execution_leaves_out_what_changed_and_adds_nothing(self):
        paid = self.create_due_invoice("2026-03-01", 100.0)
        disputed = self.create_due_invoice("2026-03-01", 110.0)
        kept = self.create_due_invoice("2026-03-01", 120.0)
        run = self.simulate("2026-03-09")
        self._register_payment(paid)
        self.env["dunning.block"].create(
            {
                "partner_id": self.partner_a.id,
                "move_id": disputed.id,
                "kind": "dispute",
                "date_from": "2026-03-09",
            }
        )
        new = self.create_due_invoice("2026-03-01", 130.0)
        run.action_execute()
        self.assertEqual(
            self.decisions(run),
            {
                paid.name: ("skip", "paid", "First reminder"),
                disputed.name: ("skip", "dispute", "First reminder"),
                kept.name: ("remind", "level_due", "First reminder"),
                new.name: ("skip", "not_shown", "First reminder"),
            },
        )
        lines = run.reminder_ids.line_ids.filtered(lambda line: line.kind == "remind")
        self.assertEqual(lines.move_id, kept)
        self.assertFalse(new.line_ids.filtered("dunning_level"))

    @freeze_time("2026-03-09 12:00:00")
    def test_rule_6_what_is_shown_of_a_line_is_what_its_message_says(self):
        """H4: due on 2 March, 7 days before the 9th; put off to the 20th, notice on the 17th."""
        earlier = self.create_due_invoice("2026-03-01", 100.0)
        later = self.create_due_invoice("2026-03-01", 110.0)
        run = self.simulate("2026-03-09")
        for move, due in ((earlier, "2026-03-02"), (later, "2026-03-20")):
            move.line_ids.filtered("date_maturity").date_maturity = due
        self._register_payment(earlier, amount=40.0)
        run.action_execute()
        line = run.line_ids.filtered(lambda found: found.move_id == earlier)
        told = run.reminder_ids.line_ids
        for found in (line, told):
            self.assertEqual(
                (str(found.due_date), found.days_late, found.amount_residual),
                ("2026-03-02", 7, 60.0),
            )
        self.assertFalse(line.is_changed)
        self.assertIn("03/07/2026", line.reason_text)
        line = run.line_ids - line
        self.assertEqual((line.decision, line.reason), ("skip", "not_due_yet"))
        self.assertEqual((str(line.due_date), str(line.next_date)), ("2026-03-20", "2026-03-17"))

    def test_rule_2_the_same_day_again_reminds_nothing_twice(self):
        move = self.create_due_invoice("2026-03-01")
        first = self.execute("2026-03-09")
        again = self.execute("2026-03-09")
        self.assertEqual(len(first.reminder_ids), 1)
        self.assertFalse(again.reminder_ids)
        # The contact gap names the customer's wait, which is longer than the level's own.
        self.assertEqual(
            self.decisions(again)[move.name], ("skip", "not_due_yet", "Second reminder")
        )

    def test_what_is_on_its_way_is_not_reminded_again(self):
        move = self.create_due_invoice("2026-03-01")
        runs = self.env["dunning.run"]
        runs._execute_for(self.company, date(2026, 3, 9))
        again = runs._execute_for(self.company, date(2026, 3, 9))
        self.assertEqual(self.decisions(again)[move.name][:2], ("skip", "in_progress"))

    def test_a_done_run_is_closed(self):
        self.create_due_invoice("2026-03-01")
        run = self.execute("2026-03-09")
        for action in (run.action_simulate, run.action_execute, run.unlink):
            with self.assertRaises(UserError):
                action()

    def test_ladder_is_climbed_once_per_level(self):
        """Notice three days before, then 5, 15 and 30 days after the due date, once each."""
        self.company.dunning_contact_gap = 0
        move = self.create_due_invoice("2026-03-01")
        reminded = {}
        for day in range(20, 110):
            as_of = date.fromordinal(date(2026, 2, 1).toordinal() + day)
            run = self.execute(str(as_of))
            for line in run.reminder_ids.line_ids:
                reminded[str(as_of)] = line.level_number
        self.assertEqual(
            reminded,
            {"2026-02-26": 0, "2026-03-06": 1, "2026-03-16": 2, "2026-03-31": 3},
        )
        self.assertEqual(move.dunning_level, 3)
        self.assertEqual(str(move.dunning_last_date), "2026-03-31")
        self.assertFalse(move.dunning_next_date)

    def test_rule_12_a_late_line_starts_at_the_first_rung(self):
        self.company.dunning_contact_gap = 0
        self.create_due_invoice("2026-01-20", invoice_date="2026-01-05")
        levels = {}
        for day in ("2026-03-20", "2026-03-21", "2026-03-27", "2026-04-09", "2026-04-10"):
            run = self.execute(day)
            levels[day] = run.reminder_ids.line_ids.mapped("level_number")
        self.assertEqual(
            levels,
            {
                "2026-03-20": [1],
                "2026-03-21": [],
                "2026-03-27": [2],
                "2026-04-09": [],
                "2026-04-10": [3],
            },
        )

    def test_rule_12_contact_gap_lets_lines_wait_for_the_next_message(self):
        self.create_due_invoice("2026-03-01")
        waiting = self.create_due_invoice("2026-03-03")
        self.assertEqual(len(self.execute("2026-03-06").reminder_ids), 1)
        run = self.execute("2026-03-08")
        self.assertEqual(self.decisions(run)[waiting.name][:2], ("skip", "contact_gap"))
        self.assertEqual(str(waiting.dunning_next_date), "2026-03-13")
        self.assertEqual(len(self.execute("2026-03-13").reminder_ids), 1)

    # === CHOICES === #

    def test_d15_only_the_chosen_levels_are_sent(self):
        move = self.create_due_invoice("2026-03-01")
        soon = self.create_due_invoice("2026-03-12")
        run = self.execute("2026-03-09", levels=self.notice)
        self.assertEqual(
            self.decisions(run),
            {
                move.name: ("skip", "level_not_chosen", "First reminder"),
                soon.name: ("remind", "notice_due", "Polite notice"),
            },
        )

    def test_programs_run_apart(self):
        own = self.program.copy({"name": "Own"})
        mine = self.create_due_invoice("2026-03-01", dunning_program_id=own.id)
        self.create_due_invoice("2026-03-01")
        run = self.execute("2026-03-09", programs=own)
        self.assertEqual(list(self.decisions(run)), [mine.name])

    def test_by_hand_ignores_contact_gap_and_never_automatically(self):
        self.create_due_invoice("2026-03-01")
        self.execute("2026-03-06")
        move = self.create_due_invoice("2026-03-01")
        self.partner_a.dunning_policy = "never"
        run = self.execute("2026-03-07", moves=move)
        self.assertTrue(run.by_hand)
        self.assertEqual(
            self.decisions(run), {move.name: ("remind", "level_due", "First reminder")}
        )
        self.assertEqual(run.reminder_ids.state, "sent")

    @freeze_time("2026-03-09 12:00:00")
    def test_an_empty_program_says_so(self):
        empty = self.program.copy({"name": "Empty"})
        empty.level_ids.active = False
        move = self.create_due_invoice("2026-03-01", dunning_program_id=empty.id)
        run = self.simulate("2026-03-09")
        self.assertEqual(self.decisions(run), {move.name: ("skip", "no_level", "")})
        with self.assertRaisesRegex(UserError, "no active level"):
            run.action_execute()

    # === RIGHTS, COMPANIES, SPEED === #

    @freeze_time("2026-03-09 12:00:00")
    def test_a_dunning_user_simulates_and_executes_an_employee_sees_nothing(self):
        self.create_due_invoice("2026-03-01")
        clerk = self.create_user("dunning_clerk", "dunning_group_user")
        run = self.env["dunning.run"].with_user(clerk).create({"date": "2026-03-09"})
        run.action_simulate()
        run.action_execute()
        self.assertEqual(run.reminder_ids.mapped("state"), ["queued"])
        employee = self.create_user("plain_employee")
        for model in ("dunning.run", "dunning.run.line", "dunning.reminder"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([])

    def test_rule_17_companies_run_apart(self):
        other = self.setup_other_company()["company"]
        other.write({"dunning_active": True, "dunning_activation_date": "2026-01-01"})
        here = self.create_due_invoice("2026-03-01")
        there = self.init_invoice(
            "out_invoice",
            partner=self.partner_a,
            invoice_date="2026-01-15",
            amounts=[100.0],
            company=other,
            post=True,
        )
        there.is_move_sent = True
        # "never" in one company says nothing about the other
        self.partner_a.with_company(other).dunning_policy = "never"
        self.assertEqual(self.execute("2026-03-09").line_ids.move_id, here)
        run = self.env["dunning.run"]._execute_for(other, date(2026, 3, 9))
        self.assertEqual(run.company_id, other)
        self.assertEqual(run.line_ids.move_id, there)
        self.assertEqual(run.line_ids.mapped("reason"), ["customer_never"])
        clerk = self.create_user("dunning_clerk", "dunning_group_user")
        self.assertNotIn(run, self.env["dunning.run"].with_user(clerk).search([]))

    def test_queries_do_not_grow_with_the_lines(self):
        partners = self.env["res.partner"].create(
            [{"name": f"C{n}", "email": f"c{n}@customer.example"} for n in range(40)]
        )
        self.create_due_invoice("2026-03-01", partner=partners[0])
        runs = self.env["dunning.run"]

        def count(day):
            self.cr.flush()  # what invoices note before the commit, too
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            run = runs.create({"date": day})
            run.action_simulate()
            self.env.flush_all()
            return self.cr.sql_log_count - before, len(run.line_ids)

        count("2026-03-09")
        one, lines = count("2026-03-09")
        self.assertEqual(lines, 1)
        for partner in partners[1:]:
            self.create_due_invoice("2026-03-01", partner=partner)
        many, lines = count("2026-03-09")
        self.assertEqual(lines, 40)
        self.assertLessEqual(many, one + 2)
