from datetime import date
from pathlib import Path

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import DunningCommon

NEUTRALIZE = Path(__file__).parents[1] / "data" / "neutralize.sql"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningSettings(DunningCommon):
    def test_d1_switched_on_in_settings(self):
        self.company.write({"dunning_active": False, "dunning_activation_date": False})
        with Form(self.env["res.config.settings"]) as form:
            form.dunning_active = True
        form.record.execute()
        self.assertTrue(self.company.dunning_active)
        self.assertEqual(self.company.dunning_activation_date, date(2026, 3, 10))
        self.assertTrue(self.company.dunning_home)

    def test_d1_who_switches_it_on_answers_for_the_program(self):
        self.company.dunning_active = False
        self.program.user_id = False
        self.company.dunning_active = True
        self.assertEqual(self.program.user_id, self.env.user)

    def test_d5_sender_of_the_default_program_in_settings(self):
        clerk = self.create_user("settings_clerk", "dunning_group_user")
        clerk.email = "clerk@example.com"
        with Form(self.env["res.config.settings"]) as form:
            self.assertEqual(form.dunning_sender, "company")
            form.dunning_sender = "user"
            form.dunning_sender_user_id = clerk
        form.record.execute()
        self.assertEqual(self.program.sender, "user")
        self.assertEqual(self.program.sender_user_id, clerk)

    def test_d5_sender_follows_the_program_chosen_in_settings(self):
        other = self.program.copy({"name": "Other", "sender": "salesperson"})
        with Form(self.env["res.config.settings"]) as form:
            form.dunning_program_id = other
            self.assertEqual(form.dunning_sender, "salesperson")
        form.record.execute()
        self.assertEqual(self.company.dunning_program_id, other)
        self.assertEqual(other.sender, "salesperson")
        self.assertEqual(self.program.sender, "company", "the former default keeps its sender")

    def test_d5_a_sender_without_rights_is_refused_in_settings(self):
        plain = self.create_user("settings_plain", "account.group_account_invoice")
        with self.assertRaisesRegex(ValidationError, "no dunning rights"):
            with Form(self.env["res.config.settings"]) as form:
                form.dunning_sender = "user"
                form.dunning_sender_user_id = plain

    def test_journals_are_marked_as_bank_feed(self):
        settings = self.env["res.config.settings"].create({})
        action = settings.action_open_dunning_journals()
        journals = self.env["account.journal"].search(action["domain"])
        self.assertEqual(set(journals.mapped("type")), {"bank", "cash", "credit"})
        self.assertEqual(journals.company_id, self.company)
        self.assertFalse(any(journals.mapped("dunning_bank_feed")))

    def test_rule_17_settings_are_per_company(self):
        other = self.setup_other_company(name="Other")["company"]
        self.assertFalse(other.dunning_active)
        self.company.dunning_contact_gap = 3
        self.assertEqual(other.dunning_contact_gap, 7)
        settings = self.env["res.config.settings"].with_company(other).create({})
        self.assertEqual(settings.dunning_contact_gap, 7)

    def test_w2_simulation_from_settings(self):
        move = self.create_due_invoice("2026-03-01")
        settings = self.env["res.config.settings"].create({})
        action = settings.action_dunning_simulate()
        run = self.env["dunning.run"].browse(action["res_id"])
        self.assertEqual((run.state, run.date), ("simulated", date(2026, 3, 10)))
        self.assertEqual(run.line_ids.move_id, move)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningCopy(DunningCommon):
    """Rule 16: a copy of the database sends nothing."""

    def set_url(self, url):
        self.env["ir.config_parameter"].set_param("web.base.url", url)

    def test_rule_16_home_is_database_and_address(self):
        self.set_url("https://erp.example.com")
        self.company.action_dunning_confirm_move()
        self.assertFalse(self.company._is_dunning_copy())
        self.set_url("https://erp.example.com:8443/")
        self.assertFalse(self.company._is_dunning_copy(), "a port is no other place")
        self.set_url("https://test.example.com")
        self.assertTrue(self.company._is_dunning_copy())
        self.assertTrue(self.program.is_on_hold)
        self.company.action_dunning_confirm_move()
        self.assertFalse(self.company._is_dunning_copy())

    def test_rule_16_the_machine_itself_by_both_names(self):
        self.set_url("http://localhost:8069")
        self.company.action_dunning_confirm_move()
        self.set_url("http://127.0.0.1:8101")
        self.assertFalse(self.company._is_dunning_copy())

    def test_rule_16_settings_ask_and_a_person_answers(self):
        self.company.sudo().dunning_home = "elsewhere@erp.example.com"
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.dunning_is_copy)
        settings.action_dunning_confirm_move()
        self.assertFalse(self.company._is_dunning_copy())

    def test_rule_16_another_name_is_a_copy(self):
        self.company.sudo().dunning_home = "production@localhost"
        self.assertTrue(self.company._is_dunning_copy())

    def test_rule_16_neutralize_switches_programs_off(self):
        (self.partner_a | self.partner_b).email = "customer@example.com"
        allowed = self.program.copy({"allow_copy": True, "copy_email": "me@example.com"})
        (self.program | allowed).write({"mode": "automatic"})
        sent = self.create_due_invoice("2026-03-01")
        run = self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10), moves=sent)
        run.reminder_ids.sudo()._set_sent(date(2026, 3, 10))
        queued = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        waiting = self.env["dunning.run"]._execute_for(
            self.company, date(2026, 3, 10), moves=queued
        )
        self.assertEqual(waiting.reminder_ids.state, "queued")
        self.env.flush_all()
        self.env.cr.execute(NEUTRALIZE.read_text())
        self.env.invalidate_all()
        self.assertFalse(self.program.active)
        self.assertEqual(self.program.mode, "manual")
        self.assertTrue(allowed.active)
        self.assertEqual(allowed.mode, "manual")
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(waiting.reminder_ids.state, "cancelled")
        self.assertEqual(waiting.reminder_ids.line_ids.mapped("state"), ["cancelled"])

    def test_rule_16_a_neutralized_database_is_a_copy(self):
        self.company.action_dunning_confirm_move()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.assertTrue(self.company._is_dunning_copy())

    def test_empty_program_is_refused_with_its_name(self):
        empty = self.program.copy({"name": "Empty one"})
        empty.level_ids.active = False
        run = self.env["dunning.run"].create({"program_ids": empty.ids})
        with self.assertRaisesRegex(UserError, "Empty one has no active level"):
            run.action_execute()
