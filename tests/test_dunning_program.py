from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningProgram(DunningCommon):
    def test_d3_each_company_gets_a_default_program(self):
        company = self.env["res.company"].create({"name": "Newcomer"})
        program = company.dunning_program_id
        self.assertEqual(program.company_id, company)
        self.assertEqual(program.mode, "manual")
        self.assertFalse(company.dunning_active)
        self.assertRecordValues(
            program.level_ids.sorted("days"),
            [
                {"name": "Polite notice", "days": -3, "number": 0, "gap": 0},
                {"name": "First reminder", "days": 5, "number": 1, "gap": 0},
                {"name": "Second reminder", "days": 15, "number": 2, "gap": 7},
                {"name": "Final reminder", "days": 30, "number": 3, "gap": 14},
            ],
        )
        self.assertTrue(all(program.level_ids.mapped("mail_template_id")))

    @freeze_time("2026-05-04 23:30:00")
    def test_d1_switching_on_fixes_the_day_of_the_company(self):
        company = self.env["res.company"].create(
            {"name": "Newcomer", "recurrence_dunning_tz": "Asia/Tokyo"}
        )
        self.assertFalse(company.dunning_activation_date)
        company.dunning_active = True
        self.assertEqual(company.dunning_activation_date, date(2026, 5, 5))

    @freeze_time("2026-05-04")
    def test_d1_switching_on_again_keeps_the_day(self):
        self.company.dunning_active = False
        self.company.dunning_active = True
        self.assertEqual(self.company.dunning_activation_date, date(2026, 1, 1))

    def test_d4_levels_are_numbered_by_days(self):
        self.program.level_ids = [
            Command.create({"name": "Between", "days": 10}),
            Command.create({"name": "Early notice", "days": -10}),
        ]
        found = [(level.days, level.number) for level in self.program.level_ids.sorted("days")]
        self.assertEqual(found, [(-10, 0), (-3, 0), (5, 1), (10, 2), (15, 3), (30, 4)])

    def test_d4_archived_level_leaves_its_number_to_the_next(self):
        self.level_1.active = False
        self.assertEqual(self.level_2.number, 1)
        self.assertEqual(self.level_3.number, 2)
        self.assertIn(self.level_1, self.program.level_ids)
        self.level_1.active = True
        self.assertEqual((self.level_1.number, self.level_2.number, self.level_3.number), (1, 2, 3))

    def test_d4_numbers_follow_while_editing(self):
        with Form(self.program) as form:
            with form.level_ids.new() as level:
                level.name = "Between"
                level.days = 10
        self.assertEqual((self.level_1.number, self.level_2.number), (1, 3))

    def test_d4_sentences_say_when(self):
        level = self.env["dunning.level"]
        self.assertEqual(level._get_sentence(-3), "3 days before due date")
        self.assertEqual(level._get_sentence(-1), "1 day before due date")
        self.assertEqual(level._get_sentence(0), "On the due date")
        self.assertEqual(level._get_sentence(1), "1 day after due date")
        self.assertEqual(level._get_sentence(15), "15 days after due date")
        self.assertEqual(
            self.program.summary,
            "Days before due date: 3, after due date: 5, 15, 30",
        )

    def test_d4_ladder_has_the_archived_levels(self):
        self.level_2.active = False
        ladder = self.program._get_ladder()
        self.assertEqual([level.days for level in ladder.steps], [5, 30])
        self.assertEqual([level.days for level in ladder.notices], [-3])

    def test_empty_ladder_is_a_clear_error(self):
        empty = self.program.copy()
        empty.level_ids.active = False
        self.assertTrue(empty.is_empty)
        self.assertEqual(empty.summary, "No active level")
        with self.assertRaisesRegex(UserError, "no active level"):
            empty._check_runnable()

    def test_d6_each_place_for_the_recipient_once(self):
        self.assertEqual(
            self.program._get_recipient_order(), ["dunning", "billing", "invoice", "preferred"]
        )
        with self.assertRaisesRegex(ValidationError, "only once"):
            self.program.recipient_second = "dunning"

    def test_d5_sender_needs_dunning_rights(self):
        clerk = self.create_user("clerk_without", "account.group_account_invoice")
        with self.assertRaisesRegex(ValidationError, "no dunning rights"):
            self.program.write({"sender": "user", "sender_user_id": clerk.id})
        with self.assertRaisesRegex(ValidationError, "Choose the user"):
            self.program.write({"sender": "user", "sender_user_id": False})
        clerk.group_ids += self.env.ref("account_recurrence_dunning.dunning_group_user")
        self.program.write({"sender": "user", "sender_user_id": clerk.id})

    def test_used_level_is_archived_not_deleted(self):
        move = self.create_due_invoice("2026-03-01")
        self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 6), moves=move)
        self.assertTrue(self.level_1.is_used)
        self.assertFalse(self.level_2.is_used)
        with self.assertRaisesRegex(UserError, "archive used levels instead"):
            self.level_1.unlink()
        self.level_2.unlink()
        self.assertEqual(self.level_3.number, 2)


@tagged("post_install", "-at_install")
class TestDunningProgramReset(DunningCommon):
    def open_reset(self):
        action = self.program.action_open_reset()
        return self.env["dunning.program.reset"].browse(action["res_id"])

    def test_d3_nothing_to_reset(self):
        self.assertTrue(self.open_reset().is_same)

    def test_d3_nothing_to_reset_for_a_reader_of_another_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["account_recurrence_dunning"], ["fr_FR"])
        french = self.program.with_context(lang="fr_FR")
        self.assertNotEqual(
            self.env["dunning.program"]
            .with_context(lang="fr_FR")
            ._get_level_values("standard")[1]["name"],
            "First reminder",
            "it is translated",
        )
        changes = self.env["dunning.program.reset"].with_context(lang="fr_FR")._find_changes(french)
        self.assertEqual(changes, [])

    def test_d3_reset_lists_what_changes(self):
        self.level_1.write({"days": 8, "name": "Nudge"})
        self.level_2.active = False
        self.level_3.unlink()
        self.program.level_ids = [Command.create({"name": "Own", "days": 60})]
        reset = self.open_reset()
        self.assertEqual(
            reset.line_ids.mapped(lambda line: (line.kind, line.label)),
            [
                ("days", "“Nudge”: 8 days after due date → 5 days after due date"),
                ("text", "“Nudge” back to the default: Name"),
                ("level", "Bring back “Second reminder”"),
                ("level", "Add “Final reminder”, 30 days after due date"),
                ("level", "Remove “Own”, which was never used"),
            ],
        )

    def test_d3_only_what_is_ticked_is_reset(self):
        self.level_1.write({"days": 8, "name": "Nudge"})
        reset = self.open_reset()
        reset.line_ids.filtered(lambda line: line.kind == "text").is_chosen = False
        reset.action_apply()
        self.assertEqual((self.level_1.days, self.level_1.name), (5, "Nudge"))

    def test_d3_reset_makes_the_program_as_shipped(self):
        own = self.env["dunning.level"].create(
            {"program_id": self.program.id, "name": "Own", "days": 4}
        )
        self.level_1.write({"days": 8, "gap": 3, "name": "Nudge", "channel": "letter"})
        self.level_2.active = False
        self.level_3.unlink()
        move = self.create_due_invoice("2026-03-01")
        self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 6), moves=move)
        self.assertTrue(own.is_used)
        self.open_reset().action_apply()
        self.assertRecordValues(
            self.program.level_ids.filtered("active").sorted("days"),
            [
                {"name": "Polite notice", "days": -3, "number": 0, "gap": 0, "channel": "email"},
                {"name": "First reminder", "days": 5, "number": 1, "gap": 0, "channel": "email"},
                {"name": "Second reminder", "days": 15, "number": 2, "gap": 7, "channel": "email"},
                {"name": "Final reminder", "days": 30, "number": 3, "gap": 14, "channel": "email"},
            ],
        )
        self.assertTrue(own.exists())
        self.assertFalse(own.active)
        self.assertTrue(self.open_reset().is_same)

    def test_d3_reset_offers_the_shipped_text(self):
        template = self.level_1.mail_template_id
        shipped = template.subject
        template.sudo().subject = "Pay up"
        line = self.open_reset().line_ids
        self.assertEqual(len(line), 1)
        self.assertEqual(template.subject, "Pay up", "listing the change must not make it")
        self.assertFalse(line.is_chosen, "the text is shared by programs: it is not ticked")
        line.is_chosen = True
        line.reset_id.action_apply()
        self.assertEqual(template.subject, shipped)


@tagged("post_install", "-at_install")
class TestDunningProgramSchedule(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls.program.schedule_ids
        cls.line.ensure_one()

    def set_since(self, moment):
        self.line.sudo().date_since = moment

    def test_d15_next_run_is_the_next_weekday_and_hour(self):
        # 2026-03-06 is a Friday
        self.set_since(datetime(2026, 3, 6, 7, 59))
        self.assertEqual(self.line.next_run, datetime(2026, 3, 6, 8, 0))
        self.line._mark_run(datetime(2026, 3, 6, 8, 0))
        self.assertEqual(self.line.next_run, datetime(2026, 3, 9, 8, 0))

    def test_d15_hour_is_the_companys_also_over_summer_time(self):
        self.company.recurrence_dunning_tz = "Europe/Berlin"
        # clocks go forward on 2026-03-29, a Sunday
        self.set_since(datetime(2026, 3, 27, 12, 0))
        self.assertEqual(self.line.next_run, datetime(2026, 3, 30, 6, 0))
        self.set_since(datetime(2026, 3, 26, 12, 0))
        self.assertEqual(self.line.next_run, datetime(2026, 3, 27, 7, 0))

    def test_d15_due_once_however_many_hours_were_missed(self):
        self.set_since(datetime(2026, 3, 2, 7, 0))
        now = datetime(2026, 3, 6, 12, 0)
        schedules = self.env["dunning.program.schedule"]
        self.assertEqual(schedules._get_due(self.company, now), self.line)
        self.line._mark_run(now)
        self.assertFalse(schedules._get_due(self.company, now))
        self.assertEqual(self.line.next_run, datetime(2026, 3, 9, 8, 0))

    def test_d15_missed_run_is_red(self):
        self.set_since(datetime(2026, 3, 6, 7, 0))
        with freeze_time("2026-03-06 09:59:00"):
            self.line.invalidate_recordset()
            self.assertFalse(self.line.is_missed)
            self.assertFalse(self.program.is_missed)
        with freeze_time("2026-03-06 10:01:00"):
            self.env.invalidate_all()
            self.assertTrue(self.line.is_missed)
            self.assertTrue(self.program.is_missed)
            missed = self.env["dunning.program"].search([("schedule_ids.is_missed", "=", True)])
            self.assertIn(self.program, missed)

    def test_d15_nothing_runs_where_dunning_is_off(self):
        self.set_since(datetime(2026, 3, 6, 7, 0))
        schedules = self.env["dunning.program.schedule"]
        now = datetime(2026, 3, 6, 12, 0)
        self.company.dunning_active = False
        self.assertFalse(schedules._get_due(self.company, now))
        self.company.dunning_active = True
        self.set_since(datetime(2026, 3, 6, 7, 0))
        self.program.active = False
        self.assertFalse(schedules._get_due(self.company, now))

    @freeze_time("2026-03-06 12:00:00")
    def test_d15_a_changed_hour_was_not_missed(self):
        self.set_since(datetime(2026, 3, 1, 7, 0))
        self.assertTrue(self.line.is_missed)
        self.line.hour = 9.5
        self.assertEqual(self.line.next_run, datetime(2026, 3, 9, 9, 30))
        self.assertFalse(self.line.is_missed)

    def test_d15_a_line_needs_a_weekday(self):
        with self.assertRaisesRegex(ValidationError, "at least one weekday"):
            self.line.write(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), False))

    def test_d15_levels_are_of_the_same_program(self):
        other = self.program.copy()
        with self.assertRaisesRegex(ValidationError, "its own program"):
            self.line.level_ids = other.level_ids[:1]
