from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import DunningMailCommon

IDLE = "Nothing is sent at these run times, because all levels chosen for them are archived"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 08:30:00")
class TestDunningOnlyThese(DunningMailCommon):
    """What is for chosen levels or programs alone never becomes one for all (D15)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.program.mode = "automatic"
        cls.schedule = cls.program.schedule_ids
        cls.schedule.level_ids = cls.level_1
        cls.schedule.sudo().date_since = "2026-03-09 12:00:00"
        cls.move = cls.create_due_invoice("2026-03-01")

    def run_job(self):
        with self.enter_registry_test_mode(), self.mock_mail_gateway():
            cron = self.env.ref("account_recurrence_dunning.ir_cron_dunning_run")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()

    def runs(self):
        return self.env["dunning.run"].search([("company_id", "=", self.company.id)])

    # === RUN TIMES === #

    def test_d15_a_run_time_whose_only_level_is_archived_runs_nothing_and_says_so(self):
        self.assertEqual(str(self.schedule.next_run), "2026-03-10 08:00:00")
        self.assertNotIn(IDLE, self.program.job_problem or "")
        self.level_1.active = False
        self.assertFalse(self.schedule.next_run)
        self.assertFalse(self.program.next_run)
        self.assertIn(f"{IDLE}: Mon, Tue, Wed, Thu, Fri at 08:00.", self.program.job_problem)
        self.run_job()
        self.assertFalse(self.runs())
        # one planned before an update of the addon knows of it
        self.schedule.sudo()._run_planned(self.schedule.date_since)
        self.assertFalse(self.runs().reminder_ids)
        self.assertEqual(self.runs().line_ids.mapped("decision"), ["skip"])

    def test_d15_a_level_that_comes_back_has_no_missed_run(self):
        self.level_1.active = False
        with freeze_time("2026-03-12 12:00:00"):
            self.level_1.active = True
            self.env.invalidate_all()
            self.assertEqual(str(self.schedule.next_run), "2026-03-13 08:00:00")
            self.assertFalse(self.program.is_missed)
            self.assertNotIn(IDLE, self.program.job_problem or "")

    def test_d15_one_archived_level_beside_another_leaves_the_other(self):
        self.schedule.level_ids = self.level_1 | self.level_2
        self.level_2.active = False
        self.run_job()
        self.assertEqual(self.runs().reminder_ids.level_id, self.level_1)
        self.assertEqual(self.runs().level_ids, self.level_1 | self.level_2)

    def test_d15_the_only_level_of_a_run_time_is_not_deleted(self):
        with self.assertRaisesRegex(
            UserError, "First reminder cannot be deleted.*Standard program.*at 08:00"
        ):
            self.level_1.unlink()
        self.schedule.level_ids = self.level_1 | self.level_2
        self.level_1.unlink()
        self.assertEqual(self.schedule.level_ids, self.level_2)

    def test_d15_the_forecast_does_not_run_it_either(self):
        self.level_1.active = False
        wednesday = self.env["dunning.forecast"].create(
            {"date_from": "2026-03-11", "date_until": "2026-03-11"}
        )
        self.assertFalse(wednesday._get_slots(wednesday.date_from, [self.program.id]))
        self.assertFalse(self.company._dunning_get_lines_of(wednesday.date_from))

    # === COPIES === #

    def check_copy(self, copy):
        [line] = copy.schedule_ids
        self.assertEqual(line.level_ids.program_id, copy)
        self.assertEqual(line.level_ids.mapped("days"), [5])

    def test_d15_a_duplicate_runs_the_same_levels(self):
        # the order of their ids is not that of their days
        self.notice.days, self.level_2.days = 40, 2
        self.check_copy(self.program.copy())

    def test_d15_an_archived_level_stays_the_only_one_of_the_copy(self):
        self.level_1.active = False
        copy = self.program.copy()
        self.check_copy(copy)
        self.assertFalse(copy.schedule_ids.next_run)

    def test_d15_a_program_customised_for_a_customer_runs_the_same_levels(self):
        self.partner_a._dunning_customise_program()
        self.check_copy(self.partner_a.dunning_program_id)

    def test_rule_17_a_copy_in_another_company_runs_the_same_levels(self):
        other = self.setup_other_company(name="Other")["company"]
        companies = (self.company | other).ids
        program = self.program.with_context(allowed_company_ids=companies)
        self.check_copy(program._copy_to_company(other))

    # === RUNS === #

    def test_d15_a_run_of_an_archived_program_executes_nothing_and_says_why(self):
        other = self.program.copy({"name": "Friendly"})
        run = self.env["dunning.run"].create({"program_ids": [Command.set(other.ids)]})
        other.active = False
        self.env.invalidate_all()
        self.assertEqual(run.program_text, "Friendly")
        with self.assertRaisesRegex(UserError, "Archived programs send nothing: Friendly"):
            run.action_execute()
        run.action_simulate()
        self.assertFalse(run.remind_count)
        run.program_ids += self.program
        run.action_simulate()
        run.action_execute()
        self.assertEqual(run.reminder_ids.program_id, self.program)

    def test_d15_a_run_of_an_archived_level_sends_no_other(self):
        run = self.env["dunning.run"].create({"level_ids": [Command.set(self.level_3.ids)]})
        self.level_3.active = False
        self.env.invalidate_all()
        run.action_execute()
        self.assertFalse(run.reminder_ids)
        self.assertEqual(run.line_ids.reason, "level_not_chosen")

    def test_d15_a_run_whose_only_level_program_or_invoice_is_deleted_is_not_one_of_all(self):
        level = self.level_3.copy({"name": "Fourth", "days": 90})
        program = self.program.copy({"name": "Friendly"})
        invoice = self.create_due_invoice("2026-03-01", 20.0)
        for field, record in (
            ("level_ids", level),
            ("program_ids", program),
            ("move_ids", invoice),
        ):
            run = self.env["dunning.run"].create({field: [Command.set(record.ids)]})
            self.assertEqual(run.limited_to, field)
            if field == "move_ids":
                record.button_draft()
            record.unlink()
            self.env.invalidate_all()
            self.assertFalse(run[field])
            for act in (run.action_simulate, run.action_execute):
                with self.assertRaisesRegex(UserError, "has been deleted.*Choose others"):
                    act()
            # a person decides that it is one of all
            run[field] = [Command.clear()]
            self.assertFalse(run.limited_to)
            run.action_simulate()
            self.assertIn(self.move, run.line_ids.move_id)

    def test_k7_a_forecast_of_an_archived_program_foresees_nothing(self):
        other = self.program.copy({"name": "Friendly"})
        forecast = self.env["dunning.forecast"].create(
            {
                "date_from": "2026-03-10",
                "date_until": "2026-03-13",
                "program_ids": [Command.set(other.ids)],
            }
        )
        other.active = False
        self.env.invalidate_all()
        self.assertFalse(sum(forecast._count_messages().values()))
