from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import email_normalize, mute_logger

from .common import DunningMailCommon

STEP_LOG = "odoo.addons.account_recurrence_dunning.models.dunning.run.dunning_run_step_mixin"


@tagged("post_install", "-at_install")
class TestDunningRunCheck(DunningMailCommon):
    """Between simulation and execution: what a clerk takes out, what changed, what failed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.partner_b.email = "b@customer.example"
        cls.clerk = cls.create_user("check_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@company.example"

    def simulate(self, day="2026-03-09", **vals):
        run = self.env["dunning.run"].with_user(self.clerk).create({"date": day, **vals})
        run.action_simulate()
        return run

    def dialog(self, lines, customer=False, **vals):
        action = lines.action_omit_customer() if customer else lines.action_omit()
        dialog = self.env[action["res_model"]].with_user(self.clerk).browse(action["res_id"])
        with Form(dialog) as form:
            for name, value in vals.items():
                setattr(form, name, value)
        dialog.action_omit()

    def line_of(self, run, move):
        return run.line_ids.filtered(lambda line: line.move_id == move)

    # === STRIKING === #

    @freeze_time("2026-03-09 12:00:00")
    def test_omit_for_this_run_only_says_who_did_it(self):
        is_omitted = self.create_due_invoice("2026-03-01", 100.0)
        kept = self.create_due_invoice("2026-03-01", 110.0)
        run = self.simulate()
        self.dialog(self.line_of(run, is_omitted))
        line = self.line_of(run, is_omitted)
        self.assertEqual((line.decision, line.reason), ("skip", "removed"))
        self.assertEqual(line.omitted_by_id, self.clerk)
        self.assertEqual(line.reason_text, f"{self.clerk.name} excluded it from this run.")
        self.assertEqual((run.remind_count, run.skip_count), (1, 1))
        run.action_execute()
        self.assertEqual(
            run.reminder_ids.line_ids.filtered(lambda ln: ln.kind == "remind").move_id, kept
        )
        self.assertFalse(run.changed_count)
        self.assertFalse(self.env["dunning.block"].search([("move_id", "=", is_omitted.id)]))
        self.assertEqual(self.line_of(self.simulate(), is_omitted).reason, "contact_gap")

    @freeze_time("2026-03-09 12:00:00")
    def test_omit_stays_when_the_run_is_simulated_again_and_can_be_put_back(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        run = self.simulate()
        self.dialog(self.line_of(run, move))
        run.action_simulate()
        line = self.line_of(run, move)
        self.assertEqual((line.reason, line.omitted_by_id), ("removed", self.clerk))
        line.action_restore()
        line = self.line_of(run, move)
        self.assertEqual((line.decision, line.omitted_by_id.id), ("remind", False))

    @freeze_time("2026-03-09 12:00:00")
    def test_omit_until_a_date_makes_a_block(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        run = self.simulate()
        self.dialog(
            self.line_of(run, move),
            scope="date",
            date_until=date(2026, 3, 20),
            kind="goodwill",
            reason="Asked for time",
        )
        block = self.env["dunning.block"].search([("move_id", "=", move.id)])
        self.assertEqual((block.kind, str(block.date_until)), ("goodwill", "2026-03-20"))
        self.assertEqual((block.user_id, block.reason), (self.clerk, "Asked for time"))
        self.assertEqual(self.line_of(self.simulate("2026-03-20"), move).reason, "goodwill")
        self.assertEqual(self.line_of(self.simulate("2026-03-21"), move).decision, "remind")

    @freeze_time("2026-03-09 12:00:00")
    def test_omit_until_released_of_the_whole_reminder(self):
        first = self.create_due_invoice("2026-03-01", 100.0)
        second = self.create_due_invoice("2026-02-01", 100.0)
        other = self.create_due_invoice("2026-03-01", 100.0, partner=self.partner_b)
        run = self.simulate()
        self.dialog(self.line_of(run, first), customer=True, scope="released", kind="legal")
        blocks = self.env["dunning.block"].search([("move_id", "in", (first | second | other).ids)])
        self.assertEqual(blocks.move_id, first | second)
        self.assertEqual(set(blocks.mapped("date_until")), {False})
        run.action_execute()
        self.assertEqual(run.reminder_ids.partner_id, self.partner_b)

    @freeze_time("2026-03-09 12:00:00")
    def test_omit_refuses_what_makes_no_sense(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        run = self.simulate()
        line = self.line_of(run, move)
        dialog = line.env["dunning.run.omit"].browse(line.action_omit()["res_id"])
        dialog.scope = "date"
        with self.assertRaisesRegex(UserError, "Until when"):
            dialog.action_omit()
        dialog.date_until = "2026-03-01"
        with self.assertRaisesRegex(UserError, "before the run"):
            dialog.action_omit()
        run.action_execute()
        with self.assertRaisesRegex(UserError, "before it is executed"):
            line.action_omit()
        employee = self.create_user("omit_employee")
        with self.assertRaises(AccessError):
            line.with_user(employee).action_omit()

    # === WHAT CHANGED === #

    @freeze_time("2026-03-09 12:00:00")
    def test_rule_6_what_changed_since_the_simulation_is_counted_and_listed(self):
        paid = self.create_due_invoice("2026-03-01", 100.0)
        self.create_due_invoice("2026-03-01", 120.0)
        run = self.simulate()
        self._register_payment(paid)
        new = self.create_due_invoice("2026-03-01", 130.0)
        run.action_execute()
        self.assertEqual(run.changed_count, 2)
        changed = run.line_ids.search(run.action_open_changes()["domain"])
        self.assertEqual(
            {line.move_id: (line.decision, line.reason) for line in changed},
            {paid: ("skip", "paid"), new: ("skip", "not_shown")},
        )
        self.assertEqual((run.remind_count, run.skip_count), (1, 2))

    def test_rule_7_a_decision_stays_readable_when_its_invoice_is_deleted(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        name = move.name
        run = self.simulate()
        move.button_draft()
        due = run.line_ids.move_line_id
        due.with_context(dynamic_unlink=True, check_move_validity=False).unlink()
        self.assertFalse(run.line_ids.move_line_id)
        self.assertEqual(run.line_ids.move_id, move)
        move.with_context(force_delete=True).unlink()
        self.env.invalidate_all()
        spec = {"move_name": {}, "move_id": {"fields": {"display_name": {}}}, "reason_text": {}}
        row = run.web_read({"line_ids": {"fields": spec}})[0]["line_ids"][0]
        self.assertEqual(row["move_name"], name)
        with self.assertRaisesRegex(UserError, "was deleted"):
            run.line_ids.action_open_invoice()
        run.action_simulate()
        self.assertFalse(run.line_ids)

    # === RULE 15 === #

    def break_customer(self, partner):
        """Let the reminders of one customer fail, as broken data would."""
        runs = self.registry["dunning.run"]
        original = runs._prepare_reminder

        def fail(run, group, levels):
            if group["partner"] == partner:
                message = "broken on purpose"
                raise ValueError(message)
            return original(run, group, levels)

        return patch.object(runs, "_prepare_reminder", fail)

    @mute_logger(STEP_LOG)
    def test_rule_15_a_customer_whose_data_fail_stops_nobody(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "email": f"c{n}@customer.example"} for n in range(5)]
        )
        moves = [self.create_due_invoice("2026-03-01", partner=partner) for partner in partners]
        with self.break_customer(partners[2]):
            run = self.execute("2026-03-09")
        self.assertEqual(run.state, "done")
        self.assertEqual(run.reminder_ids.partner_id, partners - partners[2])
        self.assertEqual(set(run.reminder_ids.mapped("state")), {"sent"})
        line = self.line_of(run, moves[2])
        self.assertEqual((line.decision, line.reason), ("skip", "error"))
        self.assertEqual(
            line.reason_text, "The reminder could not be created: ValueError: broken on purpose"
        )
        self.assertEqual(run.error, "Customer 2: ValueError: broken on purpose")
        self.assertEqual((run.remind_count, run.skip_count), (4, 1))
        self.assertEqual(
            run.activity_ids.mapped("summary"),
            ["Customers who could not be reminded: 1 (see the run)"],
        )

    @mute_logger(STEP_LOG)
    def test_rule_15_it_is_tried_again_with_back_off(self):
        move = self.create_due_invoice("2026-03-01")
        tried = []
        with self.break_customer(self.partner_a):
            for number in range(9, 25):
                line = self.line_of(self.execute(f"2026-03-{number:02}"), move)
                if line.reason == "error":
                    tried.append(number)
                else:
                    self.assertEqual(line.reason, "retry_later")
        self.assertEqual(tried, [9, 10, 12, 16, 24])
        self.assertEqual(
            self.line_of(self.simulate("2026-03-25"), move).reason_text,
            "The reminder of 03/24/2026 was stopped by an error and will be retried after "
            "04/08/2026.",
        )
        run = self.execute("2026-04-09")
        self.assertEqual(run.reminder_ids.state, "sent")
        self.assertEqual(self.line_of(self.simulate("2026-04-10"), move).reason, "gap")

    @mute_logger(STEP_LOG)
    def test_rule_15_a_person_who_asks_is_told_the_error(self):
        move = self.create_due_invoice("2026-03-01")
        with self.break_customer(self.partner_a), self.assertRaisesRegex(UserError, "on purpose"):
            self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 9), moves=move)

    # === W2 BY MAIL === #

    def test_w2_the_table_goes_by_mail_customer_by_customer(self):
        move = self.create_due_invoice("2026-03-01", 100.0)
        later = self.create_due_invoice("2026-03-30", 50.0, partner=self.partner_b)
        run = self.simulate()
        run.action_mail_to_me()
        mail = (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", "dunning.run"), ("res_id", "=", run.id)])
        )
        self.assertIn("clerk@company.example", mail.email_to)
        body = mail.body_html
        for text in (
            "partner_a",
            "partner_b",
            move.name,
            later.name,
            "1. First reminder",
            "Level 1 has been due since 03/06/2026.",
            "No reminder is due yet: next step on 03/27/2026.",
            "This is a simulation: nothing has been sent.",
            f"/odoo/dunning-runs/{run.id}",
        ):
            self.assertIn(text, body)
        self.assertFalse(run.reminder_ids)

    def test_w2_the_table_goes_to_the_report_users(self):
        reader = self.create_user("table_reader", "dunning_group_user")
        reader.email = "reader@company.example"
        self.create_due_invoice("2026-03-01", 100.0)
        run = self.simulate(program_ids=[Command.set(self.program.ids)])
        with self.assertRaisesRegex(UserError, "have no report recipients"):
            run.action_mail_to_report_users()
        self.program.report_user_ids = [Command.set(reader.ids)]
        run.action_mail_to_report_users()
        mail = (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", "dunning.run"), ("res_id", "=", run.id)])
        )
        self.assertIn("reader@company.example", mail.email_to)

    def test_w5_who_may_no_longer_see_debtors_gets_nothing(self):
        """Whatever changed since the user was chosen; the run says who was left out."""
        other = self.setup_other_company(name="Elsewhere")["company"]
        self.create_due_invoice("2026-03-01", 100.0)
        portal = self.env.ref("base.group_portal")
        stays = self.create_user("report_stays", "dunning_group_user")
        stays.email = "stays@company.example"

        def leave(user):
            user.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})

        for number, change in enumerate(
            (
                lambda user: user.write({"group_ids": [Command.set(portal.ids)]}),
                leave,
                lambda user: user.write({"active": False}),
            )
        ):
            user = self.create_user(f"report_left_{number}", "dunning_group_user")
            user.email = f"left{number}@company.example"
            self.program.report_user_ids = user | stays
            run = self.simulate(program_ids=[Command.set(self.program.ids)])
            change(user.sudo())
            self.env.flush_all()
            self.env.invalidate_all()
            run.action_mail_to_report_users()
            run.sudo()._send_report()
            mails = (
                self.env["mail.mail"]
                .sudo()
                .search([("model", "=", "dunning.run"), ("res_id", "=", run.id)])
            )
            addresses = {email_normalize(address) for address in mails.mapped("email_to")}
            self.assertEqual(addresses, {"stays@company.example"})
            if user.active:
                said = " ".join(str(body) for body in run.message_ids.mapped("body"))
                self.assertIn(f"Nothing was e-mailed to report_left_{number}", said)
            self.env.cr.execute(
                "DELETE FROM dunning_program_report_rel WHERE res_users_id = %s", [stays.id]
            )
            self.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "Nothing was e-mailed|no report recipients"):
                run.action_mail_to_report_users()
            self.program.sudo().report_user_ids = False

    def test_d15_people_of_a_program_may_enter_its_company(self):
        """Generated: each field of a program that names people."""
        other = self.setup_other_company(name="Elsewhere")["company"]
        stranger = self.create_user("program_stranger", "dunning_group_user", companies=other)
        stranger.email = "stranger@company.example"
        names = [
            name
            for name, field in self.program._fields.items()
            if field.comodel_name == "res.users" and field.store and not field.readonly
        ]
        self.assertEqual(set(names), {"user_id", "sender_user_id", "runner_ids", "report_user_ids"})
        for name in names:
            vals = {name: stranger.id if name.endswith("user_id") else stranger.ids}
            if name == "sender_user_id":
                vals["sender"] = "user"
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "with access to"):
                self.program.write(vals)

    def test_w2_a_run_not_simulated_has_no_table(self):
        run = self.env["dunning.run"].with_user(self.clerk).create({"date": "2026-03-09"})
        with self.assertRaisesRegex(UserError, "Simulate first"):
            run.action_mail_to_me()


@tagged("post_install", "-at_install")
class TestDunningBankFreshness(DunningMailCommon):
    """Old bank data: a machine waits, a person decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"
        cls.schedule = cls.program.schedule_ids
        cls.schedule.write({"sat": True, "sun": True, "hour": 8.0})
        cls.schedule.sudo().write({"date_since": "2026-03-09 12:00:00", "last_run": False})
        cls.program.mode = "automatic"
        cls.move = cls.create_due_invoice("2026-03-01")
        cls.bank = cls.company_data["default_journal_bank"]
        cls.bank.dunning_bank_feed = True
        cls.company.dunning_bank_days = 3

    def run_job(self):
        with self.enter_registry_test_mode(), self.mock_mail_gateway():
            cron = self.env.ref("account_recurrence_dunning.ir_cron_dunning_run")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()
        return self.env["dunning.run"].search([("company_id", "=", self.company.id)])

    def bank_line(self, day):
        return self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "date": day, "amount": 7.0, "payment_ref": "x"}
        )

    @freeze_time("2026-03-10 08:30:00")
    def test_old_bank_data_leave_an_automatic_run_to_check_with_one_activity(self):
        self.bank_line("2026-03-06")
        run = self.run_job()
        self.assertEqual(run.state, "to_check")
        self.assertFalse(run.reminder_ids)
        self.assertEqual(len(run.activity_ids), 1)
        warning = (
            "The latest bank data is from 03/06/2026, older than allowed (days: 3): "
            "customers who have paid since then would be reminded."
        )
        self.assertEqual(run.bank_warning, warning)
        self.assertIn(warning, run.activity_ids.note)
        with freeze_time("2026-03-11 08:30:00"):
            runs = self.run_job()
        self.assertEqual(len(runs), 2)
        self.assertEqual(len(runs.activity_ids), 1)
        self.assertEqual(runs.activity_ids.res_id, (runs - run).id)

    @freeze_time("2026-03-10 08:30:00")
    def test_old_bank_data_a_person_may_execute_anyway(self):
        self.bank_line("2026-03-06")
        run = self.run_job()
        clerk = self.create_user("bank_clerk", "dunning_group_user")
        run.with_user(clerk).action_execute()
        self.assertEqual(run.reminder_ids.state, "queued")
        self.assertFalse(run.bank_warning)

    @freeze_time("2026-03-10 08:30:00")
    def test_fresh_bank_data_let_it_run(self):
        self.bank_line("2026-03-07")
        self.assertEqual(self.run_job().state, "done")

    @freeze_time("2026-03-10 08:30:00")
    def test_a_registered_payment_is_bank_data_too(self):
        self.bank_line("2026-03-01")
        other = self.create_due_invoice("2026-03-20", partner=self.partner_b)
        self._register_payment(other, payment_date="2026-03-08")
        self.assertEqual(self.run_job().state, "done")

    @freeze_time("2026-03-10 08:30:00")
    def test_without_any_bank_data_it_waits_too(self):
        run = self.run_job()
        self.assertEqual(run.state, "to_check")
        self.assertIn("There is no bank data yet", run.bank_warning)

    @freeze_time("2026-03-10 08:30:00")
    def test_no_feed_or_no_limit_switches_it_off(self):
        self.bank.dunning_bank_feed = False
        self.assertEqual(self.run_job().state, "done")
        self.bank.dunning_bank_feed = True
        self.company.dunning_bank_days = 0
        self.assertFalse(self.company._dunning_get_bank_age(date(2026, 3, 10)))

    @freeze_time("2026-03-10 08:30:00")
    def test_w5_the_report_of_an_automatic_run_waits_for_the_outbox(self):
        reader = self.create_user("report_reader", "dunning_group_user")
        reader.email = "reader@company.example"
        self.program.report_user_ids = [Command.set(reader.ids)]
        self.bank.dunning_bank_feed = False
        unreachable = self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.partner_b.email = False
        run = self.run_job()
        # the responsible is told of what was not delivered by another one
        mails = [("model", "=", "dunning.run"), ("res_id", "=", run.id)]
        mails += [("email_to", "ilike", "reader@company.example")]
        self.assertFalse(self.env["mail.mail"].sudo().search(mails))
        with self.mock_mail_gateway():
            self.env["dunning.reminder"]._send_queued(date(2026, 3, 10))
        self.run_job()
        mail = self.env["mail.mail"].sudo().search(mails)
        self.assertEqual(len(mail), 1)
        for text in ("1 Sent", "1 Undeliverable", "1. First reminder", "Level due", "200.00"):
            self.assertIn(text, mail.body_html)
        self.assertTrue(unreachable)
        self.run_job()
        self.assertEqual(self.env["mail.mail"].sudo().search_count(mails), 1)
