"""Issue 15, section 5: the first day, from nothing to reminders that go out by themselves."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningFirstDay(DunningMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.email = "customer@example.com"
        cls.manager = cls.create_user(
            "first_manager", "dunning_group_manager,account.group_account_invoice"
        )
        cls.manager.email = "manager@example.com"
        cls.admin = cls.create_user("first_admin", "dunning_group_manager,base.group_system")
        cls.clerk = cls.create_user("first_clerk", "dunning_group_user")

    def done(self, user=None):
        company = self.company.with_user(user or self.manager)
        steps = company.get_dunning_figures()["start"]
        return {step["name"]: step["done"] for step in steps}

    def start(self, name, user=None):
        return self.company.with_user(user or self.manager).action_dunning_start(name)

    def test_the_steps_tick_themselves_off(self):
        self.company.dunning_active = False
        self.assertEqual(
            self.done(),
            dict.fromkeys(
                (
                    "switch_on",
                    "since",
                    "program",
                    "texts",
                    "sender",
                    "test",
                    "simulate",
                    "automatic",
                ),
                False,
            ),
        )
        self.company.dunning_active = True
        ticked = {"switch_on", "since", "program", "texts", "sender"}
        self.assertEqual({name for name, done in self.done().items() if done}, ticked)
        move = self.create_due_invoice("2026-03-01")
        dialog = (
            self.env["dunning.test"].with_user(self.manager).browse(self.start("test")["res_id"])
        )
        self.assertEqual(dialog.move_id, move)
        dialog.level_id = self.level_1
        with self.mock_mail_gateway():
            dialog.action_send()
        self.assertTrue(self.done()["test"])
        run = self.env["dunning.run"].browse(self.start("simulate")["res_id"])
        self.assertEqual((run.state, run.remind_count), ("simulated", 1))
        self.assertTrue(self.done()["simulate"])
        self.program.mode = "automatic"
        self.env["dunning.program.schedule"].create({"program_id": self.program.id})
        self.assertEqual(self.done(), {}, "all is done: nothing is left to show")

    def test_closing_is_remembered_for_the_company(self):
        other = self.setup_other_company(name="Other")["company"]
        self.assertTrue(self.done())
        self.company.with_user(self.manager).action_dunning_close_start()
        self.assertFalse(self.done())
        self.assertFalse(self.done(self.admin))
        self.assertFalse(other.dunning_start_closed)

    def test_clerks_do_not_see_it_and_may_not_close_it(self):
        self.assertEqual(self.done(self.clerk), {})
        for method, args in (
            ("action_dunning_close_start", ()),
            ("action_dunning_start", ("test",)),
        ):
            with self.assertRaises(AccessError):
                getattr(self.company.with_user(self.clerk), method)(*args)

    def test_each_step_opens_its_place(self):
        self.assertEqual(self.start("switch_on", self.admin)["res_model"], "res.config.settings")
        self.assertEqual(self.start("since", self.admin)["res_model"], "res.config.settings")
        for name in ("program", "sender", "automatic"):
            action = self.start(name)
            self.assertEqual(
                (action["res_model"], action["res_id"]), ("dunning.program", self.program.id)
            )
        self.assertEqual(self.start("texts")["res_model"], "dunning.level.preview")
        refusals = {
            "switch_on": "ask one to switch on",
            "test": "there is none yet",
            "nonsense": "no such step",
        }
        for name, sentence in refusals.items():
            with self.assertRaisesRegex(UserError, sentence):
                self.start(name)

    def test_without_address_everything_says_what_to_do(self):
        self.company.email = False
        self.env["ir.config_parameter"].sudo().set_param("mail.default.from", "")
        self.company.alias_domain_id = False
        sentence = (
            "Neither the sender nor the company has an e-mail address to send it from: enter one "
            "on the company."
        )
        with self.mock_sending():
            self.assertEqual(self.program.sender_problem, sentence)
            settings = self.env["res.config.settings"].create({})
            self.assertEqual(settings.dunning_sender_problem, sentence)
            self.assertFalse(self.done()["sender"])
            self.create_due_invoice("2026-03-01")
            run = self.env["dunning.run"].create({"date": "2026-03-10"})
            run.action_simulate()
            self.assertEqual(run.line_ids.warning, "no_from")
            self.assertIn(sentence, run.line_ids.reason_text)
            self.assertEqual(run.outlook_obstacles, 1)
        self.company.email = "us@example.com"
        self.program.invalidate_recordset()
        self.assertFalse(self.program.sender_problem)

    def mock_sending(self):
        """Let Odoo think that it sends, as outside of tests."""
        servers = type(self.env["ir.mail_server"])
        self.patch(servers, "_disable_send", lambda self: False)
        self.patch(servers, "_get_default_from_address", lambda self: None)
        return self.mock_mail_gateway()

    # === OLD DEBTS === #

    def test_rule_10_an_unsent_old_invoice_is_sent_and_included_where_it_is_skipped(self):
        never = self.create_due_invoice("2026-03-01", sent=False)
        old = self.create_due_invoice("2026-01-01", 50.0, partner=self.partner_b)
        self.assertEqual(str(old.invoice_date), "2025-12-02")
        run = self.env["dunning.run"].with_user(self.manager).create({"date": "2026-03-10"})
        run.action_simulate()
        lines = {line.move_id: line for line in run.line_ids}
        self.assertEqual(lines[never].reason, "never_sent")
        self.assertEqual(lines[old].reason, "before_activation")
        self.assertEqual(
            lines[never].action_send_invoice()["res_model"], "account.move.send.wizard"
        )
        action = lines[old].action_include()
        self.assertEqual(
            action["params"]["message"], f"Reminded automatically from now on: {old.name}"
        )
        self.assertTrue(old.dunning_include)
        line = run.line_ids.filtered(lambda found: found.move_id == old)
        self.assertEqual((line.decision, run.remind_count), ("remind", 1))

    def test_rule_10_the_case_has_the_buttons_too(self):
        never = self.create_due_invoice("2026-03-01", sent=False)
        old = self.create_due_invoice("2026-01-01", 50.0)
        self.company._dunning_refresh_status(self.company._get_job_today())
        case = self.env["dunning.case"].search([("partner_id", "=", self.partner_a.id)])
        items = {
            item["move_id"]: item for item in case.with_user(self.clerk).get_case_page()["items"]
        }
        self.assertEqual(items[never.id]["remedy"], "action_dunning_send")
        self.assertEqual(items[never.id]["remedy_label"], "Send it now")
        self.assertEqual(items[old.id]["remedy"], "action_dunning_include")
        self.assertEqual(items[old.id]["remedy_label"], "Include it")
        self.assertEqual(
            (never.dunning_reason, old.dunning_reason), ("never_sent", "before_activation")
        )

    def test_switching_on_takes_one_tick(self):
        self.company.write({"dunning_active": False, "dunning_activation_date": False})
        with Form(self.env["res.config.settings"]) as form:
            form.dunning_active = True
        form.record.execute()
        self.assertTrue(self.done()["since"])
