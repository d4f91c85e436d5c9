"""What the engine keeps, people cannot write (rule 19)."""

from datetime import date

from freezegun import freeze_time

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import access_table as table
from .common import DunningCommon, RecurrenceCommon, RecurrenceInvoiceCommon

ADDON = "account_recurrence_dunning"


@tagged("post_install", "-at_install")
class TestKeptFields(DunningCommon):
    def test_rule_19_every_stored_read_only_field_of_an_own_model_is_kept(self):
        user = self.create_user("kept_user", "dunning_group_manager")
        checked = 0
        for name, model in self.registry.items():
            if model._original_module != ADDON or model._abstract or model._transient:
                continue
            records = self.env[name].with_user(user).browse(1)
            self.assertIsInstance(
                records, self.registry["recurrence.dunning.own.record.mixin"], name
            )
            for field in model._fields.values():
                is_own = field._module == ADDON and field.name not in models.MAGIC_COLUMNS
                if not (is_own and field.store and field.readonly):
                    continue
                if (name, field.name) in table.NOT_KEPT:
                    continue
                with self.assertRaisesRegex(AccessError, "managed by the system", msg=str(field)):
                    records._check_field_access(field, "write")
                checked += 1
        self.assertGreater(checked, 100)

    def test_rule_19_a_kept_field_on_a_model_of_odoo_s_is_read_only_and_refused(self):
        user = self.create_user("kept_core_user", "dunning_group_manager")
        user.group_ids |= self.env.ref("account.group_account_manager")
        user.group_ids |= self.env.ref("base.group_system")
        move = self.create_due_invoice()
        new = {
            "account.move.line": {"move_id": move.id},
            "res.company": {"name": "New"},
            "mail.activity": {"res_model_id": self.env["ir.model"]._get_id("res.partner")},
        }
        values = {"boolean": True, "char": "x", "date": "2026-05-05", "integer": 7, "many2one": 1}
        values["datetime"] = "2026-05-05 10:00:00"
        checked = 0
        mixin = self.registry["recurrence.dunning.system.field.mixin"]
        for name in sorted(mixin._inherit_children):
            model = self.registry[name]
            if model._original_module == ADDON or model._abstract:
                continue
            for field in model._fields.values():
                if not getattr(field, "system", None):
                    continue
                self.assertTrue(field.readonly, field)
                found = {"account.move": move, "account.move.line": move.line_ids}.get(name)
                records = (found or self.env[name].browse(1))[:1].with_user(user)
                value = values.get(field.type) or field.get_values(self.env)[0]
                # links of an invoice to its recurrence are refused before, with a reason
                with self.assertRaisesRegex(UserError, "cannot be edited", msg=str(field)):
                    records.write({field.name: value})
                checked += 1
                if field.system == "once":
                    # given when the record is created
                    continue
                given = {f"default_{field.name}": False}
                with self.assertRaisesRegex(AccessError, "managed by the system", msg=str(field)):
                    records.with_context(**given).create(new.get(name, {}))
        self.assertGreater(checked, 10)

    def test_rule_19_nothing_that_only_some_may_read_is_copied(self):
        """Who may not read it could not duplicate the record."""
        companies_and_users = ("res.company", "res.users")
        for name, model in self.registry.items():
            if model._original_module == ADDON or name in companies_and_users:
                continue
            for field in model._fields.values():
                if field._module == ADDON and field.groups:
                    self.assertFalse(field.copy, field)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestKeptProof(DunningCommon):
    """A run that was executed is the proof, whatever its reader would like it to be (b3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.create_user("proof_user", "dunning_group_user")
        cls.manager = cls.create_user("proof_manager", "dunning_group_manager")
        cls.other = cls.setup_other_company(name="Other")["company"]
        cls.move = cls.create_due_invoice("2026-03-01")
        cls.done_run = cls.env["dunning.run"]._execute_for(cls.company, date(2026, 3, 10))

    def test_a_done_run_is_not_set_back_redated_or_moved(self):
        values = (
            {"state": "draft"},
            {"executed_on": "2020-01-01"},
            {"date": "2026-01-01"},
            {"company_id": self.other.id},
            {"user_id": self.user.id},
            {"by_hand": True},
            {"remind_count": 0},
            {"error": "x"},
            {"program_ids": [Command.clear()]},
            {"level_ids": [Command.set(self.level_1.ids)]},
            {"move_ids": [Command.set(self.move.ids)]},
            {"line_ids": [Command.clear()]},
            {"reminder_ids": [Command.clear()]},
        )
        for user in (self.user, self.manager):
            for vals in values:
                with self.assertRaises(UserError, msg=f"{user.login} {vals}"):
                    self.done_run.with_user(user).write(vals)
        self.assertEqual((self.done_run.state, self.done_run.date), ("done", date(2026, 3, 10)))

    def test_neither_it_nor_its_lines_or_reminders_are_deleted(self):
        self.assertTrue(self.done_run.reminder_ids)
        for records in (
            self.done_run,
            self.done_run.line_ids,
            self.done_run.reminder_ids,
            self.done_run.reminder_ids.line_ids,
        ):
            with self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_model"):
                records.with_user(self.manager).unlink()
        self.done_run.sudo().state = "draft"
        with self.assertRaisesRegex(UserError, "it is evidence"):
            self.done_run.with_user(self.manager).unlink()

    def test_a_reminder_that_left_is_deleted_by_no_other_addon_either(self):
        reminder = self.done_run.reminder_ids.sudo()
        reminder.channel = "letter"
        reminder._set_sent(date(2026, 3, 10))
        with self.assertRaisesRegex(UserError, "it is evidence"):
            reminder.unlink()

    def test_a_copy_of_a_done_run_is_a_draft(self):
        self.assertEqual(self.done_run.with_user(self.user).copy().state, "draft")

    def test_only_the_engine_s_doors_make_runs_by_hand(self):
        runs = self.env["dunning.run"].with_user(self.user)
        with self.assertRaisesRegex(AccessError, "By Hand"):
            runs.create({"move_ids": self.move.ids, "by_hand": True})
        with self.assertRaises(AccessError):
            runs.with_context(default_by_hand=True).create({"move_ids": self.move.ids})
        self.assertFalse(runs.load(["date", "by_hand"], [["2026-03-10", "1"]])["ids"])
        self.assertFalse(runs.create({"move_ids": self.move.ids}).by_hand)

    def test_rule_17_no_run_for_a_company_one_may_not_enter(self):
        runs = self.env["dunning.run"].with_user(self.user)
        with self.assertRaises(AccessError):
            runs.create({"company_id": self.other.id, "date": "2026-03-10"})
        with self.assertRaises(AccessError):
            runs._execute_for(self.other, date(2026, 3, 10))

    def test_remind_now_without_an_invoice_is_no_run_over_all(self):
        dialog = (
            self.env["dunning.remind"].with_user(self.user).create({"company_id": self.company.id})
        )
        with self.assertRaisesRegex(UserError, "Choose the invoices"):
            dialog.action_remind()

    def test_b5_nobody_writes_the_status_of_invoices_and_lines(self):
        biller = self.create_user("proof_biller", "account.group_account_invoice")
        line = self.move.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
        for user in (biller, self.user, self.manager):
            for values in (
                {"dunning_level": 3},
                {"dunning_cycle": 9},
                {"dunning_last_date": "2026-03-01"},
                {"dunning_due_date": "2026-03-01"},
                {"dunning_level_days": 30},
            ):
                with self.assertRaises(AccessError, msg=f"{user.login} {values}"):
                    line.with_user(user).write(values)
            for values in ({"dunning_level": 3}, {"dunning_next_date": "2027-01-01"}):
                with self.assertRaises(AccessError, msg=f"{user.login} {values}"):
                    self.move.with_user(user).write(values)
            with self.assertRaises(UserError):
                self.move.with_user(user).write(
                    {"line_ids": [Command.update(line.id, {"dunning_level": 3})]}
                )

    def test_the_batch_is_the_door_to_levels(self):
        batch = (
            self.env["dunning.batch"]
            .with_user(self.user)
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create({"set_level": True, "level": 0})
        )
        self.env["dunning.reminder"].search([]).sudo()._drop("test")
        batch.action_apply()
        self.assertEqual(batch.changed_count, 1)

    def test_rule_17_nothing_is_moved_to_another_company(self):
        """Odoo looks at the rules before it writes; what comes out must be theirs as well."""
        other_program = self.other.dunning_program_id
        level = self.level_1.with_user(self.manager)
        with self.assertRaises(AccessError):
            level.program_id = other_program.id
        with self.assertRaises(AccessError):
            self.program.with_user(self.manager).company_id = self.other
        block = self.env["dunning.block"].create({"move_id": self.move.id, "kind": "other"})
        with self.assertRaises(AccessError):
            block.with_user(self.user).company_id = self.other
        tag = self.env["account.move.tag"].create({"name": "Mine", "company_id": self.company.id})
        with self.assertRaises(AccessError):
            tag.with_user(self.user).company_id = self.other

    def test_rule_17_dialogs_say_nothing_of_what_one_may_not_see(self):
        stranger = self.create_user("proof_stranger", "dunning_group_manager", companies=self.other)
        dialogs = self.env["dunning.test"].with_user(stranger)
        with self.assertRaises(AccessError):
            dialogs.create({"move_id": self.move.id})
        with self.assertRaises(AccessError):
            dialogs.with_context(default_move_id=self.move.id).default_get(["move_id"])
        previews = self.env["dunning.level.preview"].with_user(stranger)
        with self.assertRaises(AccessError):
            previews.onchange(
                {"level_id": self.level_1.id}, ["level_id"], {"company_id": {}, "level_id": {}}
            )

    def test_rule_17_m5_nor_do_records_that_a_form_would_make(self):
        """Values inside of commands to create or update, in defaults and onchange alike."""
        other_tag = self.env["account.move.tag"].create(
            {"name": "Hidden", "company_id": self.other.id}
        )
        programs = self.env["dunning.program"].with_user(self.manager)
        spec = {"level_ids": {"fields": {"tag_id": {"fields": {"display_name": {}}}}}}
        level = {"tag_id": other_tag.id, "name": "x"}
        for command in (
            Command.create(level),
            [0, "virtual_1", level],
            [Command.UPDATE, self.level_1.id, level],
            level,
        ):
            forged = programs.with_context(default_level_ids=[command])
            with self.assertRaises(AccessError, msg=command):
                forged.onchange({}, [], spec)
            with self.assertRaises(AccessError, msg=command):
                forged.default_get(["level_ids"])
            with self.assertRaises(AccessError, msg=command):
                programs.onchange({"level_ids": [command]}, ["level_ids"], spec)

    def test_a_reset_does_what_was_found_and_nothing_else(self):
        reset = self.env["dunning.program.reset"].with_user(self.manager)
        welcome = self.env.ref("auth_signup.set_password_email", raise_if_not_found=False)
        welcome = welcome or self.env["mail.template"].search(
            [("model", "!=", "dunning.reminder")], limit=1
        )
        line = {"kind": "text", "label": "x", "template_id": welcome.id}
        with self.assertRaisesRegex(AccessError, "managed by the system"):
            reset.create({"program_id": self.program.id, "line_ids": [Command.create(line)]})


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02")
class TestKeptOccurrence(RecurrenceCommon):
    """Dates belong to their schedule; people move, skip and close them (recurrence/01)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schedule = cls.create_interaction(cls)
        cls.schedule.action_generate()
        cls.occurrence = cls.schedule.occurrence_ids.sorted("date")[0]

    def test_an_employee_does_not_hang_a_date_on_another_schedule(self):
        other = self.create_interaction(name="Other")
        for values in (
            {"schedule_id": other.id},
            {"rule_date": "2026-03-05"},
            {"number": 7},
            {"state": "done"},
            {"target": "invoice"},
            {"company_id": self.env.ref("base.main_company").id},
            {"user_id": self.env.ref("base.user_admin").id},
            {"is_left_out": True},
        ):
            with self.assertRaises(AccessError, msg=values):
                self.occurrence.write(values)
        with self.assertRaises(AccessError):
            self.schedule.write(
                {"occurrence_ids": [Command.update(self.occurrence.id, {"state": "done"})]}
            )

    def test_the_context_opens_no_door(self):
        closed = self.occurrence
        closed.action_done()
        with self.assertRaisesRegex(UserError, "cannot be moved"):
            closed.with_context(recurrence_engine_write=True).date = "2026-03-09"

    def test_people_move_and_note(self):
        self.occurrence.date = "2026-03-04"
        self.assertTrue(self.occurrence.is_moved)
        self.occurrence.note = "Bring the key"
        self.assertTrue(self.occurrence.is_pinned)

    def test_an_employee_does_not_write_what_the_engine_keeps_on_a_schedule(self):
        for values in (
            {"state": "finished"},
            {"generated_until": "2030-01-01"},
            {"run_date": "2030-01-01"},
            {"catch_up_confirmed": True},
            {"last_date": "2026-03-31"},
            {"next_date": "2026-03-31"},
            {"error": "x"},
        ):
            with self.assertRaises(AccessError, msg=values):
                self.schedule.write(values)

    def test_rule_17_an_interaction_becomes_no_invoice_and_stays_in_its_company(self):
        draft = self.create_interaction(name="Draft")
        with self.assertRaises(AccessError):
            draft.target = "invoice"
        with self.assertRaises(AccessError):
            draft.company_id = self.env.ref("base.main_company")

    def test_who_is_responsible_may_hand_it_on(self):
        colleague = self.new_employee("kept_colleague")
        third = self.new_employee("kept_third")
        schedule = self.create_interaction(user_id=colleague.id)
        schedule.with_user(colleague).user_id = third
        self.assertEqual(schedule.user_id, third)

    def test_an_activity_is_not_hung_on_a_date(self):
        activity = self.partner.sudo().activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.employee.id
        )
        with self.assertRaisesRegex(AccessError, "managed by the system"):
            activity.with_user(self.employee).recurrence_occurrence_id = self.occurrence


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02")
class TestKeptInvoiceDate(RecurrenceInvoiceCommon):
    def test_recurrence_01_an_employee_does_not_have_a_customer_billed(self):
        schedule = self.create_schedule(
            self.partner_a, date_start=date(2026, 3, 10), day=10, invoice_mode="post"
        )
        schedule.action_generate()
        employee = (
            self.env["res.users"]
            .sudo()
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "Emma",
                    "login": "kept_emma",
                    "company_id": self.env.company.id,
                    "company_ids": [Command.set(self.env.company.ids)],
                    "group_ids": [Command.set(self.env.ref("base.group_user").ids)],
                }
            )
        )
        own = self.env["recurrence.schedule"].with_user(employee).create({"name": "Mine"})
        own.action_generate()
        date_of_mine = own.occurrence_ids.sorted("date")[5]
        with self.assertRaises(AccessError):
            date_of_mine.write(
                {"schedule_id": schedule.id, "rule_date": "2026-03-02", "date": "2026-03-02"}
            )
        self.env["recurrence.issuing"]._issue_due(self.env.company, date(2026, 3, 2))
        self.assertFalse(schedule.invoice_ids)
