from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningKit(DunningCommon):
    """Where programs come from and what they must fulfil (D3, D12, D13, D15)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_user("kit_manager", "dunning_group_manager")
        cls.clerk = cls.create_user("kit_clerk", "dunning_group_user")

    def new_from(self, kit, **vals):
        dialog = (
            self.env["dunning.program.new"].with_user(self.manager).create({"kit": kit, **vals})
        )
        return self.env["dunning.program"].browse(dialog.action_create()["res_id"])

    # === READY-MADE === #

    def test_d3_ready_made_programs(self):
        friendly = self.new_from("friendly")
        self.assertEqual(friendly.name, "Friendly program")
        self.assertEqual(friendly.mode, "manual")
        self.assertEqual(len(friendly.schedule_ids), 1)
        self.assertRecordValues(
            friendly.level_ids.sorted("days"),
            [
                {"name": "Gentle reminder", "days": 7, "gap": 0, "channel": "email"},
                {"name": "Second gentle reminder", "days": 21, "gap": 10, "channel": "email"},
                {"name": "Serious reminder", "days": 45, "gap": 14, "channel": "email"},
            ],
        )
        strict = self.new_from("strict", name="Resellers")
        self.assertEqual(strict.name, "Resellers")
        self.assertEqual(strict.level_ids.sorted("days").mapped("days"), [1, 8, 15])
        self.assertEqual(
            strict.level_ids.sorted("days").mapped("channel"), ["email", "email", "email_letter"]
        )
        self.assertEqual(self.new_from("standard").level_ids.mapped("days"), [-3, 5, 15, 30])

    def test_d3_every_ready_made_level_has_its_own_message(self):
        for kit in ("standard", "friendly", "strict"):
            levels = self.new_from(kit).level_ids
            self.assertEqual(len(levels.mail_template_id), len(levels), kit)

    def test_d3_reset_goes_back_to_what_the_program_was_made_from(self):
        program = self.new_from("friendly")
        first = program.level_ids.sorted("days")[0]
        first.days = 9
        action = program.with_user(self.manager).action_open_reset()
        resets = self.env["dunning.program.reset"].with_user(self.manager)
        reset = resets.browse(action["res_id"])
        self.assertEqual(
            reset.line_ids.mapped("label"),
            ["“Gentle reminder”: 9 days after due date → 7 days after due date"],
        )
        reset.action_apply()
        self.assertEqual(first.days, 7)

    def test_only_managers_make_programs(self):
        with self.assertRaises(AccessError):
            self.env["dunning.program.new"].with_user(self.clerk).create({"kit": "strict"})

    # === COPY TO A COMPANY === #

    def test_rule_17_copy_to_another_company(self):
        other = self.setup_other_company(name="Other")["company"]
        self.manager.company_ids |= other
        tag = self.env["account.move.tag"].create({"name": "Hot", "company_id": self.company.id})
        shared = self.env["account.move.tag"].create({"name": "Shared"})
        self.level_1.tag_id = tag
        self.level_2.write({"tag_id": shared.id, "title": "Second"})
        self.program.write(
            {
                "mode": "automatic",
                "sender": "user",
                "sender_user_id": self.clerk.id,
                "runner_ids": [Command.set(self.clerk.ids)],
            }
        )
        self.program.schedule_ids._mark_run("2026-03-09 08:00:00")
        program = self.program.with_user(self.manager)
        dialog = self.env["dunning.program.copy"].browse(program.action_open_copy()["res_id"])
        self.assertEqual(dialog.company_id, other)
        dialog.with_user(self.manager).action_copy()
        copy = self.env["dunning.program"].search(
            [("company_id", "=", other.id), ("id", "!=", other.dunning_program_id.id)]
        )
        self.assertRecordValues(
            copy,
            [
                {
                    "name": "Standard program",
                    "mode": "manual",
                    "sender": "company",
                    "user_id": self.manager.id,
                    "last_run": False,
                    "runner_ids": [],
                }
            ],
        )
        levels = copy.level_ids.sorted("days")
        self.assertEqual(levels.company_id, other)
        self.assertEqual(levels.mapped("days"), [-3, 5, 15, 30])
        self.assertFalse(levels[1].tag_id, "a tag of the first company stays there")
        self.assertEqual(levels[2].tag_id, shared)
        self.assertEqual(levels[2].title, "Second")
        self.assertEqual(len(copy.schedule_ids), 1)

    def test_copy_needs_another_company(self):
        with self.assertRaisesRegex(UserError, "no access to any other company"):
            self.program.with_user(self.manager).action_open_copy()
        other = self.setup_other_company(name="Other")["company"]
        dialogs = self.env["dunning.program.copy"].with_user(self.manager)
        with self.assertRaisesRegex(AccessError, "Companies"):
            dialogs.create({"program_id": self.program.id, "company_id": other.id})

    # === WHAT A PROGRAM MUST FULFIL === #

    def test_a_default_program_keeps_an_active_level(self):
        with self.assertRaisesRegex(ValidationError, "company's default program and needs"):
            self.program.level_ids.active = False
        with self.assertRaisesRegex(ValidationError, "needs an active level"):
            self.program.level_ids.unlink()
        with self.assertRaisesRegex(ValidationError, "needs an active level"):
            self.program.level_ids = [Command.clear()]
        self.program.level_ids = [
            Command.clear(),
            Command.create({"name": "Only one", "days": 10}),
        ]
        self.assertEqual(self.program.level_ids.mapped("name"), ["Only one"])

    def test_an_automatic_program_keeps_an_active_level(self):
        program = self.program.copy()
        program.level_ids.active = False
        with self.assertRaisesRegex(ValidationError, "is automatic and needs an active level"):
            program.mode = "automatic"
        with self.assertRaisesRegex(ValidationError, "default program and needs"):
            self.company.dunning_program_id = program
        program.active = False
        with self.assertRaisesRegex(UserError, "has no active level"):
            program.active = True
        program.level_ids[0].active = True
        program.write({"active": True, "mode": "automatic"})

    def test_a_used_program_is_archived_not_deleted(self):
        program = self.program.copy({"name": "Used"})
        move = self.create_due_invoice("2026-03-01", dunning_program_id=program.id)
        self.env["dunning.run"]._execute_for(self.company, move.invoice_date_due, moves=move)
        self.env["dunning.run"]._execute_for(
            self.company, self.company._get_job_today(), moves=move
        )
        with self.assertRaisesRegex(UserError, "created with Used: archive used programs instead"):
            program.unlink()
        with self.assertRaisesRegex(UserError, "company's default program"):
            self.program.unlink()
        program.active = False
        self.program.copy().unlink()

    def test_d12_a_filter_that_does_not_work_is_refused(self):
        for text in ("[('no_such_field', '=', 1)]", "[(", "nonsense", "[('amount_total', '=')]"):
            with self.assertRaisesRegex(ValidationError, "does not work"):
                self.program.filter_domain = text
            with self.assertRaisesRegex(ValidationError, "First reminder.* does not work"):
                self.level_1.filter_domain = text
        for text in ("[]", False, "[('amount_total', '>', 50), ('partner_id.country_id', '=', 1)]"):
            self.program.filter_domain = text
            self.level_1.filter_domain = text

    def test_the_minimum_of_a_level_is_not_negative(self):
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self.level_1.min_amount = -1
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self.company.dunning_min_amount = -1
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self.company.dunning_send_delay = -5

    def test_d13_a_mail_server_that_does_not_send_for_the_sender_is_refused(self):
        self.company.email = "dunning@us.example.com"
        servers = self.env["ir.mail_server"].sudo()
        ours = servers.create(
            {"name": "Ours", "smtp_host": "a.example.com", "from_filter": "us.example.com"}
        )
        theirs = servers.create(
            {"name": "Theirs", "smtp_host": "b.example.com", "from_filter": "them.example.com"}
        )
        program = self.program.with_user(self.manager)
        program.mail_server_id = ours.id
        with self.assertRaisesRegex(
            ValidationError, "sent from dunning@us.example.com.*Theirs.*them.example.com"
        ):
            program.mail_server_id = theirs.id
        self.clerk.email = "clerk@them.example.com"
        program.mail_server_id = ours.id
        with self.assertRaisesRegex(ValidationError, "clerk@them.example.com"):
            program.write({"sender": "user", "sender_user_id": self.clerk.id})
        program.write(
            {"sender": "user", "sender_user_id": self.clerk.id, "mail_server_id": theirs.id}
        )

    def test_d13_a_personal_server_serves_its_owner_alone(self):
        server = (
            self.env["ir.mail_server"]
            .sudo()
            .create(
                {
                    "name": "Mine",
                    "smtp_host": "a.example.com",
                    "smtp_user": "kit_clerk@example.com",
                    "from_filter": "kit_clerk@example.com",
                    "owner_user_id": self.clerk.id,
                }
            )
        )
        self.clerk.email = "kit_clerk@example.com"
        with self.assertRaisesRegex(ValidationError, "the personal server of"):
            self.program.mail_server_id = server
        self.program.write(
            {
                "sender": "user",
                "sender_user_id": self.clerk.id,
                "mail_server_id": server.id,
            }
        )

    # === RUN NOW === #

    def open_run(self, user, **vals):
        action = self.program.with_user(user).action_open_run()
        dialog = self.env["dunning.program.run"].with_user(user).browse(action["res_id"])
        dialog.write(vals)
        return dialog

    def test_d15_run_now_for_all_and_for_chosen_levels(self):
        first = self.create_due_invoice("2026-03-01")
        second = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        second._dunning_apply({"level": 1})
        second.invoice_date_due = "2026-02-01"
        self.env.flush_all()
        dialog = self.open_run(self.clerk, level_ids=[Command.set(self.level_1.ids)])
        run = self.env["dunning.run"].browse(dialog.action_run()["params"]["next"]["res_id"])
        self.assertEqual(run.state, "done")
        self.assertEqual(run.reminder_ids.line_ids.move_id, first)
        simulated = self.env["dunning.run"].browse(
            self.open_run(self.clerk).action_simulate()["res_id"]
        )
        self.assertEqual(simulated.state, "simulated")
        self.assertEqual(simulated.remind_line_ids.move_id, second)

    def last_run(self):
        self.program.invalidate_recordset(["last_run"])
        return self.program.last_run

    def test_d15_the_last_run_is_whoever_started_it(self):
        self.program.schedule_ids.sudo().last_run = False
        move = self.create_due_invoice("2026-03-01")
        self.assertFalse(self.last_run())
        self.program.action_simulate()
        self.assertFalse(self.last_run(), "a simulation is none")
        with freeze_time("2026-03-10 09:15:00"):
            self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10), moves=move)
        self.assertFalse(self.last_run(), "nor is a reminder of chosen invoices")
        with freeze_time("2026-03-10 10:30:00"):
            self.open_run(self.clerk).action_run()
        self.assertEqual(str(self.last_run()), "2026-03-10 10:30:00")
        self.program.schedule_ids.sudo().last_run = "2026-03-11 08:00:00"
        self.assertEqual(str(self.last_run()), "2026-03-11 08:00:00")
        with freeze_time("2026-03-12 11:45:00"):
            self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 12))
        self.assertEqual(str(self.last_run()), "2026-03-12 11:45:00", "a run of all programs")

    def test_d15_only_who_is_named_runs_it_now(self):
        self.create_due_invoice("2026-03-01")
        self.program.runner_ids = self.manager
        with self.assertRaisesRegex(UserError, "Only kit_manager.* may run"):
            self.program.with_user(self.clerk).action_open_run()
        run = self.env["dunning.run"].with_user(self.clerk).create({})
        run.action_simulate()
        with self.assertRaisesRegex(UserError, "Only kit_manager.* may run"):
            run.action_execute()
        run.with_user(self.manager).action_execute()
        self.assertEqual(run.state, "done")

    def test_d15_a_runner_who_left_opens_it_to_nobody(self):
        self.create_due_invoice("2026-03-01")
        self.program.runner_ids = self.create_user("kit_left", "dunning_group_user")
        self.program.runner_ids.sudo().active = False
        self.env.invalidate_all()
        for user in (self.clerk, self.manager):
            with self.assertRaisesRegex(UserError, "Only kit_left.* may run"):
                self.program.with_user(user).action_open_run()
            with self.assertRaisesRegex(UserError, "Only kit_left.* may run"):
                self.env["dunning.run"].with_user(user).create({}).action_execute()

    def test_d15_remind_now_is_no_run_of_a_program(self):
        move = self.create_due_invoice("2026-03-01")
        move.partner_id.email = "customer@customer.example"
        self.program.runner_ids = self.manager
        action = move.with_user(self.clerk).action_dunning_remind()
        self.env["dunning.remind"].with_user(self.clerk).browse(action["res_id"]).action_remind()
        self.assertEqual(move.dunning_reminder_line_ids.reminder_id.line_ids.move_id, move)

    def test_d12_the_form_offers_the_filter(self):
        with Form(self.program.with_user(self.manager)) as form:
            form.filter_domain = "[('amount_total', '>', 100)]"
        self.assertEqual(self.program.filter_domain, "[('amount_total', '>', 100)]")
