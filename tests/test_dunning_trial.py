"""K9: control groups: who is left without a level, how long, and what comes of it."""

from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.dunning.trial import is_drawn
from .common import DunningMailCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-06 09:00:00")
class TestDunningTrial(DunningMailCommon):
    """Due on 1 March: level 1 comes on the 6th, level 2 on the 16th; A is left out, B is not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice.active = False
        cls.partner_a.email = "a@customer.example"
        cls.partner_b.email = "b@customer.example"
        cls.manager = cls.create_user("trial_manager", "dunning_group_manager")
        cls.clerk = cls.create_user("trial_clerk", "dunning_group_user")
        cls.trial = (
            cls.env["dunning.trial"]
            .with_user(cls.manager)
            .create(
                {
                    "program_id": cls.program.id,
                    "level_id": cls.level_1.id,
                    "percent": 50,
                    "date_start": "2026-03-02",
                    "weeks": 8,
                }
            )
        )
        cls.leave_out(cls.trial, cls.partner_a, cls.partner_b)
        cls.move_a = cls.create_due_invoice("2026-03-01", partner=cls.partner_a)
        cls.move_b = cls.create_due_invoice("2026-03-01", partner=cls.partner_b)

    @classmethod
    def leave_out(cls, trial, left_out, sent):
        """Give a trial a secret by which some customers are left out, and others are not."""
        trial.sudo().secret = next(
            str(number)
            for number in range(100_000)
            if all(is_drawn(str(number), partner.id, trial.percent) for partner in left_out)
            and not any(is_drawn(str(number), partner.id, trial.percent) for partner in sent)
        )

    def simulate(self, day):
        run = self.env["dunning.run"].create({"date": day})
        run.action_simulate()
        return run

    def members(self):
        return {
            member.partner_id: (member.arm, str(member.date), member.move_line_ids.move_id)
            for member in self.env["dunning.trial.member"].search([])
        }

    # === THE ENGINE === #

    def test_k9_before_it_is_saved_it_does_not_run(self):
        values = {"program_id": self.program.id, "level_id": self.level_1.id}
        self.assertFalse(self.env["dunning.trial"].new(values).state)

    def test_k9_who_is_left_out_and_why_is_told(self):
        run = self.simulate("2026-03-06")
        found = self.decisions(run)
        self.assertEqual(found[self.move_b.name], ("remind", "level_due", "First reminder"))
        self.assertEqual(found[self.move_a.name], ("skip", "control_group", "Second reminder"))
        line = run.line_ids.filtered(lambda line: line.move_id == self.move_a)
        self.assertEqual(
            line.reason_text,
            "Control group until 04/26/2026: the customer is left without “1. First reminder”, to "
            "see what it achieves.",
        )

    def test_k9_rule_6_the_run_does_what_the_simulation_showed(self):
        simulation = self.simulate("2026-03-06")
        self.assertFalse(self.members(), "a simulation draws nobody")
        shown = self.decisions(simulation)
        run = self.execute("2026-03-06")
        self.assertEqual(self.decisions(run), shown)
        self.assertEqual(run.reminder_ids.partner_id, self.partner_b)
        self.assertEqual(
            self.members(),
            {
                self.partner_a: ("left_out", "2026-03-06", self.move_a),
                self.partner_b: ("sent", "2026-03-06", self.move_b),
            },
        )

    def test_k9_executing_a_simulated_run_draws_too(self):
        run = self.simulate("2026-03-06")
        with self.mock_mail_gateway():
            run.action_execute()
        self.assertEqual(len(self.members()), 2)

    def test_k9_a_customer_is_drawn_once(self):
        self.execute("2026-03-06")
        self.create_due_invoice("2026-03-04", partner=self.partner_a)
        self.execute("2026-03-09")
        self.assertEqual(self.members()[self.partner_a][1:], ("2026-03-06", self.move_a))

    def test_k9_what_was_drawn_stays(self):
        self.execute("2026-03-06")
        self.leave_out(self.trial, self.partner_b, self.partner_a)
        self.create_due_invoice("2026-03-10", partner=self.partner_a)
        found = self.decisions(self.simulate("2026-03-15"))
        self.assertEqual(found[self.move_a.name][1], "control_group")
        self.assertEqual(set(reason for _d, reason, _l in found.values()) & {"level_due"}, set())

    def test_k9_the_next_level_comes_in_its_turn(self):
        self.execute("2026-03-06")
        run = self.execute("2026-03-16")
        found = self.decisions(run)
        self.assertEqual(found[self.move_a.name], ("remind", "level_due", "Second reminder"))
        self.assertEqual(set(run.reminder_ids.mapped("state")), {"sent"})

    def test_k9_rule_12_when_it_is_over_who_was_left_out_goes_on(self):
        self.trial.weeks = 1
        self.assertEqual(str(self.trial.date_end), "2026-03-08")
        self.execute("2026-03-06")
        self.assertEqual(str(self.move_a.dunning_next_date), "2026-03-09")
        found = self.decisions(self.execute("2026-03-09"))
        self.assertEqual(found[self.move_a.name], ("remind", "level_due", "First reminder"))

    def test_k9_a_notice(self):
        self.trial.sudo().unlink()
        self.notice.active = True
        trial = self.env["dunning.trial"].create(
            {"program_id": self.program.id, "level_id": self.notice.id, "percent": 50}
        )
        self.leave_out(trial, self.partner_a, self.partner_b)
        move_a = self.create_due_invoice("2026-03-10", partner=self.partner_a)
        move_b = self.create_due_invoice("2026-03-10", partner=self.partner_b)
        self.company.dunning_contact_gap = 0
        found = self.decisions(self.simulate("2026-03-07"))
        self.assertEqual(found[move_b.name][:2], ("remind", "notice_due"))
        self.assertEqual(found[move_a.name][:2], ("skip", "control_group"))

    def test_k9_a_message_below_the_minimum_draws_both_sides_alike(self):
        self.company.dunning_min_amount = 500.0
        self.execute("2026-03-06")
        self.assertEqual(
            {partner: arm for partner, (arm, _day, _moves) in self.members().items()},
            {self.partner_a: "left_out", self.partner_b: "sent"},
        )

    def test_k9_a_run_of_other_levels_draws_nobody(self):
        self.execute("2026-03-06", levels=self.level_2)
        self.assertFalse(self.members())

    def test_k9_before_and_after_its_weeks_it_does_nothing(self):
        self.trial.date_start = "2026-03-09"
        self.assertEqual(self.trial.state, "coming")
        found = self.decisions(self.execute("2026-03-06"))
        self.assertEqual(found[self.move_a.name][0], "remind")
        self.assertFalse(self.members())

    def test_k9_other_programs_are_none_of_its_business(self):
        other = self.program.copy({"name": "Other"})
        self.assertFalse(other.trial_ids, "a copy starts without")
        self.partner_a.write({"dunning_policy": "own", "dunning_program_id": other.id})
        found = self.decisions(self.execute("2026-03-06"))
        self.assertEqual(found[self.move_a.name][0], "remind")

    # === BY HAND === #

    def test_k9_remind_now_says_so_and_does_it(self):
        remind = self.env["dunning.remind"].browse(
            self.env["dunning.remind"]._open(self.move_a)["res_id"]
        )
        self.assertIn("Control group until 04/26/2026", remind.warning)
        self.assertIn("goes all the same", remind.warning)
        with self.mock_mail_gateway():
            remind.action_remind()
        self.assertEqual(self.move_a.dunning_level, 1)
        self.assertFalse(self.members(), "who is reminded by hand is not drawn by it")
        other = self.env["dunning.remind"].browse(
            self.env["dunning.remind"]._open(self.move_b)["res_id"]
        )
        self.assertFalse(other.warning)

    # === WHERE IT SHOWS === #

    def test_k9_shown_on_the_customer_and_the_case(self):
        self.execute("2026-03-06")
        left_out = (
            "Control group until 04/26/2026: left without “1. First reminder” since 03/06/2026."
        )
        partner = self.partner_a.with_user(self.clerk)
        self.assertEqual(partner.dunning_trial_text, left_out)
        self.assertEqual(
            self.partner_b.dunning_trial_text,
            "Control group until 04/26/2026: gets “1. First reminder”, for comparison.",
        )
        cases = self.env["dunning.case"].sudo()
        cases._refresh_customers(self.company, self.partner_a)
        case = cases.search([("partner_id", "=", self.partner_a.id)]).with_user(self.clerk)
        self.assertEqual(case.get_case_page()["trials"], [left_out])
        with freeze_time("2026-04-27"):
            self.env.invalidate_all()
            self.assertFalse(partner.dunning_trial_text)

    def test_k9_the_invoice_says_why_and_when(self):
        self.execute("2026-03-06")
        self.assertEqual(self.move_a.dunning_reason, "control_group")
        self.assertEqual(str(self.move_a.dunning_next_date), "2026-03-16")

    # === THE COMPARISON === #

    def test_k9_the_overview_compares_both_sides(self):
        self.execute("2026-03-06")
        self._register_payment(self.move_b, payment_date="2026-03-10")
        with freeze_time("2026-03-20"):
            [told] = self.company.with_user(self.clerk).get_dunning_figures()["trials"]
        rows = {
            arm["name"]: (arm["customers"], arm["items"], arm["soon"], arm["later"], arm["days"])
            for arm in told["arms"]
        }
        self.assertEqual(
            {name: [str(cell).replace("\xa0", " ") for cell in row] for name, row in rows.items()},
            {
                "sent": ["1", "1", "100.0 % (1 of 1)", "–", "4.0 days"],
                "left_out": ["1", "1", "0.0 % (0 of 1)", "–", "–"],
            },
        )
        self.assertEqual([one["name"] for one in told["verdicts"]], ["few", "few"])
        self.assertEqual(
            told["verdicts"][0]["text"], "Paid within 7 days: too few customers to tell."
        )

    def test_k9_reversed_invoices_and_earlier_payments_do_not_count(self):
        self.execute("2026-03-06")
        self._register_payment(self.move_b, payment_date="2026-03-05")
        self.move_a._reverse_moves(
            [{"invoice_date": "2026-03-07", "date": "2026-03-07"}], cancel=True
        )
        with freeze_time("2026-03-20"):
            self.assertFalse(self.company.get_dunning_figures()["trials"])

    def test_k9_as_of_an_earlier_day(self):
        self.execute("2026-03-06")
        self._register_payment(self.move_b, payment_date="2026-03-10")
        with freeze_time("2026-03-20"):
            [told] = self.company.get_dunning_figures("2026-03-09")["trials"]
            self.assertEqual(told["arms"][0]["days"], "–")
            self.assertFalse(self.company.get_dunning_figures("2026-03-05")["trials"])

    def test_k9_the_list_behind_it(self):
        self.execute("2026-03-06")
        action = self.company.action_dunning_figure("trials", None, self.trial.id)
        self.assertEqual(len(self.env[action["res_model"]].search(action["domain"])), 2)

    # === SETTING IT UP === #

    def test_k9_a_manager_sets_it_up_on_the_program(self):
        self.trial.sudo().unlink()
        with Form(self.program.with_user(self.manager)) as form, form.trial_ids.new() as row:
            row.level_id = self.level_2
            row.percent = 30
        trial = self.program.trial_ids
        self.assertEqual((str(trial.date_start), str(trial.date_end)), ("2026-03-06", "2026-04-30"))
        self.assertEqual((trial.state, len(trial.sudo().secret)), ("running", 32))
        with self.assertRaises(AccessError):
            trial.with_user(self.clerk).percent = 10
        with self.assertRaises(AccessError):
            trial.with_user(self.clerk).action_stop()

    def test_k9_numbers_are_bounded(self):
        for name, values in (("percent", (0, 51, -1)), ("weeks", (0, 27, -1))):
            for value in values:
                with (
                    self.subTest(name=name, value=value),
                    self.assertRaises(IntegrityError),
                    mute_logger("odoo.sql_db"),
                    self.cr.savepoint(),
                ):
                    self.trial.write({name: value})
                    self.env.flush_all()

    def test_k9_one_at_a_time_and_of_the_program(self):
        values = {"program_id": self.program.id, "level_id": self.level_2.id}
        with (
            self.assertRaisesRegex(ValidationError, "another control group"),
            self.cr.savepoint(),
        ):
            self.env["dunning.trial"].create({**values, "date_start": "2026-04-26"})
        self.env["dunning.trial"].create({**values, "date_start": "2026-04-27"})
        other = self.program.copy({"name": "Other"})
        with self.assertRaisesRegex(ValidationError, "own program"):
            self.env["dunning.trial"].create({**values, "program_id": other.id})

    def test_k9_what_customers_were_drawn_for_stays(self):
        self.execute("2026-03-06")
        trial = self.trial.with_user(self.manager)
        for name, value in (
            ("percent", 10),
            ("weeks", 4),
            ("date_start", date(2026, 3, 1)),
            ("level_id", self.level_2.id),
        ):
            with self.subTest(name), self.assertRaisesRegex(UserError, "drawn already"):
                trial.write({name: value})
        with self.assertRaisesRegex(UserError, "instead of deleting"):
            trial.unlink()
        with self.assertRaisesRegex(UserError, "drawn already"):
            self.program.with_user(self.manager).write(
                {"trial_ids": [Command.update(trial.id, {"percent": 5})]}
            )

    def test_k9_stopped_it_ends_at_once(self):
        self.execute("2026-03-06")
        self.trial.with_user(self.manager).action_stop()
        self.assertEqual((str(self.trial.date_end), self.trial.state), ("2026-03-05", "over"))
        found = self.decisions(self.execute("2026-03-06"))
        self.assertEqual(found[self.move_a.name], ("remind", "level_due", "First reminder"))
        self.trial.with_user(self.manager).action_stop()
        self.assertEqual(str(self.trial.date_end), "2026-03-05")
        coming = self.env["dunning.trial"].create(
            {
                "program_id": self.program.id,
                "level_id": self.level_1.id,
                "date_start": "2026-09-01",
            }
        )
        self.assertEqual(coming.state, "coming")
        coming.action_stop()
        self.assertEqual(coming.state, "over", "stopped before it began")
        again = self.env["dunning.trial"].create(
            {"program_id": self.program.id, "level_id": self.level_1.id}
        )
        self.assertEqual(again.state, "running")
