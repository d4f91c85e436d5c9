"""Whose records: companies never mix, private interactions are private (rules 17, 19)."""

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon, RecurrenceCommon

ADDON = "account_recurrence_dunning"
# Labels and published facts, which all companies share.
SHARED = (
    "dunning.rate",
    "dunning.rate.series",
    "recurrence.notice.reason",
    "recurrence.price.index",
    "recurrence.price.index.value",
    "recurrence.tag",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestCompanyRules(DunningMailCommon):
    def test_rule_17_every_own_model_with_a_company_has_a_rule(self):
        for name, model in self.registry.items():
            if model._original_module != ADDON or model._abstract or model._transient:
                continue
            if "company_id" not in model._fields:
                self.assertIn(name, SHARED)
                continue
            rules = self.env["ir.rule"].sudo().search([("model_id.model", "=", name)])
            for_all = rules.filtered(
                lambda rule: not rule.groups and "company_ids" in rule.domain_force
            )
            self.assertTrue(for_all, f"{name} needs a rule on its company for everybody")
            self.assertTrue(for_all.perm_read and for_all.perm_write and for_all.perm_create)

    def test_rule_19_a_dialog_is_seen_by_whoever_opened_it(self):
        for name, model in self.registry.items():
            if model._original_module != ADDON or not model._transient:
                continue
            rules = self.env["ir.rule"].sudo().search([("model_id.model", "=", name)])
            domains = rules.filtered(lambda rule: not rule.groups).mapped("domain_force")
            own = "[('create_uid', '=', user.id)]"
            self.assertIn(own, domains, f"add {name} to security/dialog_security.xml")

    def test_rule_17_handovers_of_another_company_are_not_seen(self):
        other = self.setup_other_company(name="Other")["company"]
        manager = self.create_user("rules_manager", "dunning_group_manager")
        stranger = self.create_user("rules_stranger", "dunning_group_manager", companies=other)
        self.partner_a.email = "customer@example.com"
        self.create_due_invoice("2026-03-01")
        reminder = self.queue("2026-03-10")
        handover = (
            self.env["dunning.mail.handover"]
            .sudo()
            .create(
                {
                    "mail_id": reminder.sudo().mail_id.id,
                    "state": "left",
                    "date": "2026-03-10 10:00:00",
                }
            )
        )
        handovers = self.env["dunning.mail.handover"]
        self.assertIn(handover, handovers.with_user(manager).search([]))
        self.assertEqual(handover.with_user(manager).company_id, self.company)
        self.assertFalse(handovers.with_user(stranger).search([]))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            handover.with_user(stranger).read(["state"])


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02")
class TestPrivateInteractions(RecurrenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schedule = cls.create_interaction(cls)
        cls.schedule.action_generate()

    def see(self, user):
        """Return whether a user sees the schedule, and all its dates."""
        company = {"allowed_company_ids": user.company_ids.ids}
        schedule = self.schedule.with_user(user).with_context(**company)
        dates = self.schedule.occurrence_ids.with_user(user).with_context(**company)
        seen = bool(schedule.search([("id", "=", schedule.id)]))
        seen_dates = dates.search_count([("id", "in", dates.ids)])
        self.assertEqual(seen_dates, len(dates) if seen else 0)
        return seen

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_biller_neither_sees_nor_deletes_them(self):
        for number, groups in enumerate(
            ("account.group_account_invoice", "account.group_account_readonly")
        ):
            user = self.new_employee(f"rules_biller_{number}", f"base.group_user,{groups}")
            self.assertFalse(self.see(user))
            for operation in (
                lambda found: found.read(["name"]),
                lambda found: found.unlink(),
                lambda found: found.write({"name": "x"}),
            ):
                with self.assertRaises(AccessError):
                    operation(self.schedule.with_user(user))

    def test_the_administrator_sees_all(self):
        self.assertTrue(self.see(self.new_employee("rules_admin", "base.group_system")))

    def test_without_the_sales_app_a_colleague_sees_nothing(self):
        self.assertFalse(self.see(self.new_employee("rules_colleague")))

    def test_a_sales_manager_sees_those_of_the_own_team(self):
        if "crm.team" not in self.env:
            self.skipTest("the sales app is not installed")
        manager = self.new_employee("rules_sales", "sales_team.group_sale_manager")
        self.assertFalse(self.see(manager))
        self.env["crm.team"].sudo().create(
            {"name": "Team", "user_id": manager.id, "member_ids": self.employee.ids}
        )
        self.env.invalidate_all()
        self.assertTrue(self.see(manager))
