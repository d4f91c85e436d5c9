from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DunningCommon

MODELS = (
    "dunning.program",
    "dunning.program.schedule",
    "dunning.statement.schedule",
    "dunning.level",
    "dunning.block",
    "dunning.escalation",
    "dunning.run",
    "dunning.run.line",
    "dunning.reminder",
    "dunning.reminder.line",
)
WIZARDS = (
    "dunning.batch",
    "dunning.batch.line",
    "dunning.change",
    "dunning.change.line",
    "dunning.forecast",
    "dunning.forecast.day",
    "dunning.forecast.line",
    "dunning.import",
    "dunning.import.line",
    "dunning.level.preview",
    "dunning.program.copy",
    "dunning.program.new",
    "dunning.program.reset",
    "dunning.program.reset.line",
    "dunning.program.run",
    "dunning.remind",
    "dunning.remind.line",
    "dunning.reminder.act",
    "dunning.statement.dialog",
    "dunning.test",
)
MENUS = (
    "menu_dunning_reminders",
    "menu_dunning_undelivered",
    "menu_dunning_escalation",
    "menu_dunning_import",
    "menu_dunning_runs",
    "menu_dunning_programs",
    "menu_dunning_statement_schedules",
    "menu_dunning_blocks",
    "menu_account_dunning_reminders",
    "menu_account_dunning_runs",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningAccess(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.create_user("access_employee")
        cls.billing = cls.create_user("access_billing", "account.group_account_invoice")
        cls.user = cls.create_user("access_user", "dunning_group_user")
        cls.manager = cls.create_user("access_manager", "dunning_group_manager")
        cls.move = cls.create_due_invoice("2026-03-01")
        cls.env["dunning.run"]._execute_for(cls.company, date(2026, 3, 10), moves=cls.move)

    def get_view(self, model, user, view_type="form", view=None):
        view_id = view and self.env.ref(view).id
        found = self.env[model].with_user(user).get_view(view_id, view_type)
        return etree.fromstring(found["arch"])

    def get_menus(self, user):
        visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
        ids = {name: self.env.ref(f"account_recurrence_dunning.{name}").id for name in MENUS}
        return {name for name, menu_id in ids.items() if menu_id in visible}

    def test_plain_employee_and_biller_get_nothing(self):
        for user in (self.employee, self.billing):
            for model in (*MODELS, *WIZARDS):
                with self.assertRaises(AccessError, msg=f"{model} for {user.login}"):
                    self.env[model].with_user(user).search([])
                with self.assertRaises(AccessError, msg=f"{model} for {user.login}"):
                    self.env[model].with_user(user).create({})
            self.assertEqual(self.get_menus(user), set())

    def test_no_page_no_button_no_filter_without_the_right(self):
        for user, expected in ((self.billing, 0), (self.user, 1), (self.manager, 1)):
            form = self.get_view("account.move", user)
            self.assertEqual(len(form.xpath("//page[@name='dunning']")), expected)
            self.assertEqual(len(form.xpath("//button[@name='action_dunning_remind']")), expected)
            search = self.get_view(
                "account.move", user, "search", "account.view_account_invoice_filter"
            )
            self.assertEqual(len(search.xpath("//filter[@name='dunning_blocked']")), expected)
        for user, expected in ((self.employee, 0), (self.billing, 0), (self.user, 1)):
            form = self.get_view("res.partner", user, "form", "base.view_partner_form")
            self.assertEqual(len(form.xpath("//page[@name='dunning']")), expected)
            buttons = form.xpath("//button[@name='action_view_dunning_reminders']")
            self.assertEqual(len(buttons), expected)

    def test_manager_alone_customises(self):
        for user, expected in ((self.user, 0), (self.manager, 1)):
            form = self.get_view("res.partner", user, "form", "base.view_partner_form")
            buttons = form.xpath("//button[@name='action_dunning_customise']")
            self.assertEqual(len(buttons), expected)
        with self.assertRaises(AccessError):
            self.partner_a.with_user(self.user).action_dunning_customise()

    def test_menus_follow_the_groups(self):
        self.assertEqual(
            self.get_menus(self.user),
            set(MENUS)
            - {
                "menu_dunning_programs",
                "menu_dunning_import",
                "menu_dunning_statement_schedules",
            },
        )
        self.assertEqual(self.get_menus(self.manager), set(MENUS))

    def test_user_reads_but_does_not_set_programs(self):
        program = self.program.with_user(self.user)
        self.assertEqual(program.name, "Standard program")
        self.assertTrue(program.level_ids.mapped("name"))
        for records in (program, program.level_ids, program.schedule_ids):
            self.assertFalse(records.has_access("write"))
            self.assertFalse(records.has_access("unlink"))
            with self.assertRaises(AccessError):
                records.browse().create({})
        with self.assertRaises(AccessError):
            program.action_open_reset()
        with self.assertRaises(AccessError):
            program.action_make_default()

    def test_manager_sets_programs(self):
        program = self.program.with_user(self.manager)
        program.write({"mode": "automatic"})
        program.level_ids[0].days = -5
        program.copy().unlink()

    def test_user_blocks_but_does_not_delete_blocks(self):
        block = (
            self.env["dunning.block"]
            .with_user(self.user)
            .create({"move_id": self.move.id, "kind": "other"})
        )
        block.action_lift()
        with self.assertRaises(AccessError):
            block.unlink()
        block.with_user(self.manager).unlink()

    def test_engine_records_are_not_written_by_hand(self):
        reminder = self.env["dunning.reminder"].search([("partner_id", "=", self.partner_a.id)])
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                reminder.with_user(user).write({"state": "cancelled"})
            with self.assertRaises(AccessError):
                reminder.line_ids.with_user(user).write({"level_number": 3})

    def test_rule_17_nothing_of_another_company(self):
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.create_user("access_stranger", "dunning_group_manager", companies=other)
        self.env["dunning.block"].create({"move_id": self.move.id, "kind": "other"})
        for model in MODELS:
            records = self.env[model].with_user(stranger).search([])
            self.assertFalse(records.filtered(lambda r: r.sudo().company_id == self.company), model)
        with self.assertRaises(AccessError):
            self.program.with_user(stranger).read(["name"])

    def test_plain_employee_still_edits_contacts(self):
        """The values of dunning do not get into the way of who may not see them."""
        self.employee.group_ids += self.env.ref("base.group_partner_manager")
        self.partner_a.write({"dunning_policy": "own", "dunning_program_id": self.program.id})
        contacts = self.env["res.partner"].with_user(self.employee)
        contact = contacts.create({"name": "Ann", "parent_id": self.partner_a.id})
        contact.name = "Anne"
        self.partner_a.with_user(self.employee).name = "Renamed"
        self.assertEqual(contact.sudo().dunning_policy, "own")
        with self.assertRaises(AccessError):
            contact.read(["dunning_policy"])

    def test_biller_posts_and_pays_where_dunning_is_on(self):
        move = self._create_invoice_one_line(
            price_unit=10.0, tax_ids=[], partner_id=self.partner_a, invoice_date="2026-02-01"
        )
        move.with_user(self.billing).action_post()
        self.assertEqual(move.state, "posted")
        self._register_payment(move.with_user(self.billing))
        self.assertTrue(move.currency_id.is_zero(move.amount_residual))

    def test_tags_are_managed_by_billers(self):
        tag = self.env["account.move.tag"].with_user(self.billing).create({"name": "Hot"})
        self.move.with_user(self.billing).tag_ids = tag
        self.assertEqual(self.move.tag_ids, tag)
