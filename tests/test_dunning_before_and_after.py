"""Issue 15, section 5: every act says how many and how much before, and what happened after."""

from ast import literal_eval

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common import DunningMailCommon

ADDON = "account_recurrence_dunning"
# What a dialog that acts on many records tells of them before.
NUMBERS = {
    "dunning.batch": "count",
    "dunning.program.run": "outlook_messages",
    "dunning.run": "outlook_messages",
    "dunning.statement.dialog": "customer_count",
    "dunning.remind": "message_count",
    "dunning.import": "matched_count",
    "dunning.reminder.act": "count",
}
# Buttons that act on a run's messages: the number stands on the button itself.
ON_THE_BUTTON = {"action_recall": "queued_count"}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningBeforeAndAfter(DunningMailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.partner_a.write({"name": "Acme", "email": "customer@example.com"})
        cls.partner_b.write({"name": "Bolt", "email": False})
        cls.clerk = cls.create_user("told_clerk", "dunning_group_user")
        cls.clerk.email = "clerk@example.com"
        cls.move = cls.create_due_invoice("2026-03-01", 100.0)

    def simulate(self, day="2026-03-10"):
        run = self.env["dunning.run"].with_user(self.clerk).create({"date": day})
        run.action_simulate()
        return run

    def message(self, action):
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]["message"]

    # === RUN NOW, EXECUTE === #

    def test_run_now_says_before_what_would_go(self):
        self.create_due_invoice("2026-02-01", 50.0)
        self.create_due_invoice("2026-03-01", 30.0, partner=self.partner_b)
        action = self.program.with_user(self.clerk).action_open_run()
        dialog = self.env["dunning.program.run"].with_user(self.clerk).browse(action["res_id"])
        self.assertEqual(dialog.outlook_messages, 2)
        self.assertEqual(dialog.outlook_channels, "E-mail: 2")
        self.assertEqual(dialog.outlook_customers, 2)
        self.assertEqual(dialog.outlook_amounts, "$\xa0180.00")
        self.assertEqual(dialog.outlook_obstacles, 1)
        with Form(dialog) as form:
            form.level_ids.add(self.level_3)
            self.assertEqual(form.outlook_messages, 0)
            self.assertFalse(form.outlook_amounts)
            form.level_ids.clear()
            self.assertEqual(form.outlook_messages, 2)
        self.assertFalse(self.env["dunning.reminder"].search_count([]))

    def test_what_can_not_be_delivered_at_all_is_not_offered_to_be_sent(self):
        self.create_due_invoice("2026-03-01", 30.0, partner=self.partner_b)
        run = self.simulate()
        self.assertEqual((run.outlook_messages, run.outlook_sendable), (2, 1))
        self.assertEqual(run.outlook_reasons, "No address: 1")
        self.partner_a.email = False
        run.invalidate_recordset()
        self.assertEqual((run.outlook_messages, run.outlook_sendable), (2, 0))
        self.assertEqual(run.outlook_reasons, "No address: 2")
        for view, button in (
            ("dunning_run_view_form_execute", "action_execute_now"),
            ("dunning_program_run_view_form", "action_run"),
        ):
            arch = etree.fromstring(self.env.ref(f"{ADDON}.{view}").arch)
            [found] = arch.xpath(f"//button[@name='{button}']")
            self.assertEqual(found.get("invisible"), "not outlook_sendable")

    def test_what_can_not_be_delivered_is_not_announced_to_go(self):
        self.create_due_invoice("2026-03-01", 30.0, partner=self.partner_b)
        run = self.simulate()
        action = self.program.with_user(self.clerk).action_open_run()
        dialog = self.env["dunning.program.run"].with_user(self.clerk).browse(action["res_id"])
        for record, view in (
            (run, "dunning_run_view_form_execute"),
            (dialog, "dunning_program_run_view_form"),
        ):
            for email in ("customer@example.com", False):
                self.partner_a.email = email
                record.invalidate_recordset()
                with self.subTest(view, email=email):
                    self.assertEqual(record.outlook_sendable, int(bool(email)))
                    for name in ("outlook_messages", "outlook_channels", "outlook_amounts"):
                        self.assertEqual(self.is_shown(record, view, name), bool(email), name)

    def is_shown(self, record, view, field):
        """Whether a field stands on the form of a record, with all that is around it."""
        form = Form(record, view=f"{ADDON}.{view}")
        [node] = form._view["tree"].xpath(f"//field[@name='{field}']")
        hidden = [part.get("invisible") or "0" for part in (node, *node.iterancestors())]
        text = " or ".join(f"({part})" for part in hidden)
        names = {name: form[name] for name in form._view["fields"] if name in text}
        return not safe_eval(text, names)

    def test_run_now_tells_after_and_opens_the_run(self):
        action = self.program.with_user(self.clerk).action_open_run()
        dialog = self.env["dunning.program.run"].with_user(self.clerk).browse(action["res_id"])
        result = dialog.action_run()
        self.assertEqual(
            self.message(result), "Messages prepared: 1 (E-mail: 1), for $\xa0100.00. %s"
        )
        run = self.env["dunning.run"].browse(result["params"]["next"]["res_id"])
        self.assertEqual(run.state, "done")
        self.assertEqual(
            result["params"]["links"],
            [
                {
                    "label": "View the reminders",
                    "url": f"/odoo/dunning-runs/{run.id}/dunning-run-reminders",
                }
            ],
        )

    def test_execute_says_what_goes_less_what_was_paid_since(self):
        other = self.create_due_invoice("2026-03-01", 40.0, partner=self.partner_b)
        run = self.simulate()
        self.level_1.channel = "letter"
        self._register_payment(other)
        run.invalidate_recordset()
        action = run.action_open_execute()
        self.assertEqual((action["res_id"], action["target"]), (run.id, "new"))
        self.assertEqual((run.outlook_messages, run.outlook_customers), (1, 1))
        self.assertEqual(run.outlook_channels, "Letter: 1")
        self.assertEqual(run.outlook_amounts, "$\xa0100.00")
        self.assertEqual((run.state, run.remind_count), ("simulated", 2), "nothing was written")
        self.assertFalse(run.line_ids.filtered("is_changed"))
        result = run.action_execute_now()
        self.assertEqual(
            self.message(result), "Messages prepared: 1 (Letter: 1), for $\xa0100.00. %s"
        )
        self.assertEqual((run.state, run.outlook_messages), ("done", 0))
        with self.assertRaisesRegex(UserError, "already been executed"):
            run.action_open_execute()

    def test_execute_tells_what_was_not_delivered_and_that_nothing_was_left(self):
        self.partner_a.email = False
        result = self.simulate().action_execute_now()
        self.assertEqual(
            self.message(result),
            "Messages prepared: 1 (E-mail: 1), for $\xa0100.00. Not delivered: 1. %s",
        )
        self.assertEqual(result["params"]["type"], "warning")
        other = self.create_due_invoice("2026-03-01", 40.0, partner=self.partner_b)
        run = self.simulate()
        self._register_payment(other)
        self.assertEqual(
            self.message(run.action_execute_now()),
            "Nothing was left to remind: no message was prepared.",
        )

    def offered(self, record, view, button):
        """Whether a button is offered on the form of a record."""
        form = Form(record, view=f"{ADDON}.{view}")
        [node] = form._view["tree"].xpath(f"//button[@name='{button}']")
        hidden = node.get("invisible")
        names = {name: form[name] for name in form._view["fields"] if name in hidden}
        return not safe_eval(hidden, names)

    def test_without_an_address_the_table_is_not_offered(self):
        self.clerk.email = False
        run = self.simulate()
        self.assertFalse(run.my_address)
        self.assertFalse(self.offered(run, "dunning_run_view_form", "action_mail_to_me"))
        self.program.report_user_ids = self.clerk
        run.program_ids = self.program
        self.assertEqual(run.report_addresses, "")
        self.assertFalse(self.offered(run, "dunning_run_view_form", "action_mail_to_report_users"))
        self.clerk.email = "clerk@example.com"
        run.invalidate_recordset()
        self.assertTrue(self.offered(run, "dunning_run_view_form", "action_mail_to_me"))

    def test_a_simulation_without_result_says_why_and_offers_the_next_day(self):
        self.move.button_draft()
        self.create_due_invoice("2026-03-08", 40.0)
        blocked = self.create_due_invoice("2026-02-01", 40.0)
        self.env["dunning.block"].create({"move_id": blocked.id, "kind": "dispute"})
        run = self.simulate()
        self.assertEqual(run.nothing_due_text, "Dispute: 1, No reminder due yet: 1")
        self.assertEqual(str(run.next_due_date), "2026-03-13")
        run.action_simulate_next()
        self.assertEqual((str(run.date), run.remind_count), ("2026-03-13", 1))
        self.assertFalse(run.nothing_due_text)
        self.assertEqual(self.env["dunning.run"].search_count([]), 1, "it is the same run")
        with self.assertRaisesRegex(UserError, "No due line has a day"):
            run.action_simulate_next()

    def test_the_table_says_where_it_goes_and_that_it_went(self):
        run = self.simulate()
        self.assertEqual(run.my_address, "clerk@example.com")
        with self.mock_mail_gateway():
            result = run.action_mail_to_me()
        self.assertIn("The table was sent to", self.message(result))
        self.assertIn("clerk@example.com", self.message(result))
        self.assertEqual(len(self._mails), 1)
        refusal = {"state": "exception", "failure_reason": "Mailbox full"}
        self.patch(type(self.env["mail.mail"]), "send", lambda mails: mails.write(refusal))
        result = run.action_mail_to_me()
        self.assertRegex(self.message(result), "The table was not sent to .*: Mailbox full")
        self.assertEqual(result["params"]["type"], "warning")

    def test_what_will_not_be_delivered_is_read_first(self):
        self.create_due_invoice("2026-03-01", 30.0, partner=self.partner_b)
        run = self.simulate()
        self.assertEqual(run.warning_text, "No address: 1")
        line = run.line_ids.filtered("warning")
        self.assertTrue(line.reason_text.startswith("It will not be delivered: Bolt"))
        arch = etree.fromstring(self.env.ref(f"{ADDON}.dunning_run_view_form").arch)
        first = arch.xpath("//div[@role='alert'][.//field]")[0]
        self.assertEqual(first.find(".//field").get("name"), "warning_text")
        for view in ("dunning_run_view_form", "dunning_run_line_view_list"):
            arch = etree.fromstring(self.env.ref(f"{ADDON}.{view}").arch)
            names = [node.get("name") for node in arch.xpath("(//list)[1]/field")]
            self.assertEqual(names[1:3], ["partner_id", "warning"])

    def test_simulations_do_not_stand_among_the_real_runs(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{ADDON}.dunning_run_action")
        self.assertEqual(action["context"], "{'search_default_real': 1}")
        simulated, executed = self.simulate(), self.simulate()
        executed.action_execute()
        arch = etree.fromstring(self.env.ref(f"{ADDON}.dunning_run_view_search").arch)
        domain = arch.find(".//filter[@name='real']").get("domain")
        found = self.env["dunning.run"].search(literal_eval(domain))
        self.assertEqual(found & (simulated | executed), executed)

    def test_levels_of_two_programs_differ_in_pivots_and_follow_the_ladder(self):
        second = self.program.copy({"name": "Second"})
        levels = (self.program | second).level_ids.with_context(dunning_level_program=True)
        names = levels.sorted().mapped("display_name")
        self.assertEqual(len(set(names)), 8)
        self.assertEqual(
            [name.split(": ")[1] for name in names[4:]],
            [
                "Polite notice",
                "1. First reminder",
                "2. Second reminder",
                "3. Final reminder",
            ],
        )

    def test_recalling_says_how_many(self):
        self.company.dunning_send_delay = 30
        run = self.simulate()
        run.action_execute()
        self.assertEqual(run.queued_count, 1)
        self.assertEqual(self.message(run.action_recall()), "Reminders recalled: 1")

    # === CHANGING THE LADDER === #

    def test_the_ladder_names_an_effect_only_once_something_changed(self):
        action = self.program.action_open_change()
        self.assertEqual(action["name"], "Change the levels")
        change = self.env["dunning.change"].browse(action["res_id"])
        self.assertFalse(change.is_changed)
        change.line_ids.filtered(lambda line: line.level_id == self.level_1).days = 8
        action = change.action_show()
        self.assertEqual(action["name"], "Effect of these changes")
        self.assertTrue(change.is_changed)
        view = etree.fromstring(self.env.ref(f"{ADDON}.dunning_change_view_form").arch)
        (alert,) = view.xpath("//field[@name='total_before']/ancestor::div[1]")
        self.assertEqual(alert.get("invisible"), "not is_changed")

    # === SAMPLES OF NOTICES === #

    def test_the_sample_of_a_notice_is_an_invoice_that_is_not_due_yet(self):
        coming = self.create_due_invoice("2026-03-20", 40.0)
        action = self.notice.action_open_preview()
        preview = self.env["dunning.level.preview"].browse(action["res_id"])
        self.assertEqual(preview.move_id, coming)
        self.assertIn("03/20/2026", preview.body)
        action = self.level_1.action_open_preview()
        preview = self.env["dunning.level.preview"].browse(action["res_id"])
        self.assertEqual(preview.move_id, self.move)

    def test_without_one_the_notice_is_shown_to_a_sample_customer(self):
        action = self.notice.action_open_preview()
        preview = self.env["dunning.level.preview"].browse(action["res_id"])
        self.assertEqual(preview.about, "sample")
        self.assertFalse(preview.problem)

    def test_the_test_of_a_notice_speaks_of_the_day_before_the_due_date(self):
        action = self.move.action_dunning_test()
        dialog = self.env["dunning.test"].browse(action["res_id"])
        dialog.write({"level_id": self.notice.id, "email": "me@example.com"})
        with self.mock_mail_gateway():
            dialog.action_send()
        reminder = self.env["dunning.reminder"].search([("is_test", "=", True)], limit=1)
        self.assertEqual(str(reminder.date), "2026-02-26")
        self.assertEqual(reminder.line_ids.days_late, -3)


@tagged("post_install", "-at_install")
class TestDunningNumbers(DunningMailCommon):
    """Generated from the views: no act on many records asks without a number."""

    def own_views(self):
        data = self.env["ir.model.data"].sudo()
        ids = data.search([("module", "=", ADDON), ("model", "=", "ir.ui.view")]).mapped("res_id")
        for view in self.env["ir.ui.view"].browse(ids):
            if view.type in ("form", "list", "kanban") and view.model.startswith("dunning."):
                yield view, etree.fromstring(view.arch)

    def test_no_button_for_many_records_asks_without_a_number(self):
        checked = 0
        for view, arch in self.own_views():
            transient = self.env[view.model]._transient
            above_list = arch.xpath("//list/header/button")
            run = arch.xpath("//button") if view.model == "dunning.run" or transient else []
            for button in (*above_list, *run):
                checked += 1
                with self.subTest(view=view.name, button=button.get("name")):
                    number = ON_THE_BUTTON.get(button.get("name"))
                    shown = number and button.xpath(f".//field[@name='{number}']")
                    self.assertTrue(not button.get("confirm") or shown)
        self.assertGreater(checked, 60)

    def test_dialogs_about_many_records_show_their_number(self):
        for model, name in NUMBERS.items():
            with self.subTest(dialog=model):
                shown = [
                    view.name
                    for view, arch in self.own_views()
                    if view.model == model
                    and arch.xpath(f"//field[@name='{name}'][not(@invisible)]")
                ]
                self.assertTrue(shown)

    @freeze_time("2026-03-10 10:00:00")
    def test_what_happened_to_ticked_reminders_is_told_with_a_number(self):
        self.partner_a.email = "customer@example.com"
        self.partner_b.email = "other@example.com"
        self.create_due_invoice("2026-03-01")
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        reminders = self.queue("2026-03-10")
        told = {
            "action_send_now": "Being sent: 2",
            # they have left already
            "action_mark_sent": "Marked as sent: 0",
            "action_cancel": "Cancelled or withdrawn: 2",
        }
        for method, message in told.items():
            with self.subTest(button=method), self.mock_mail_gateway():
                action = getattr(reminders, method)()
                self.assertEqual(action["params"]["message"], message)
