from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningCommon

DAY = date(2026, 3, 10)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningProgramRule(DunningCommon):
    """K8: the first rule that fits chooses the program of customers without one of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_user("rule_manager", "dunning_group_manager")
        cls.strict = cls.program.copy({"name": "Strict"})
        cls.gentle = cls.program.copy({"name": "Gentle"})
        cls.belgium = cls.env.ref("base.be")
        cls.vip = cls.env["res.partner.category"].create({"name": "VIP"})
        (cls.partner_a | cls.partner_b).country_id = cls.env.ref("base.fr")
        cls.move = cls.create_due_invoice("2026-03-01")

    def make_rule(self, program=None, use=True, **values):
        rule = self.env["dunning.program.rule"].with_user(self.manager)
        rule = rule.create({"name": "Rule", "program_id": (program or self.strict).id, **values})
        if use:
            self.use(rule)
        return rule

    def use(self, rule):
        """Put a rule into use by its dialog; return the dialog."""
        action = rule.action_use()
        dialog = self.env["dunning.rule.use"].with_user(self.manager).browse(action["res_id"])
        dialog.action_apply()
        return dialog

    def followed(self, partner=None):
        """The program that the engine finds, which is also what screens show."""
        partner = partner or self.partner_a
        self.env.flush_all()
        self.env.invalidate_all()
        [fact] = self.company._dunning_decide(DAY, partners=partner)
        shown = partner.with_company(self.company).dunning_effective_program_id
        self.assertEqual(fact.program_id, shown.id or None)
        move = self.env["account.move"].browse(fact.move_id)
        self.assertEqual(move._dunning_get_program(), shown)
        return shown

    def test_k8_country_tag_filter_and_amount(self):
        self.assertEqual(self.followed(), self.program)
        for values, caught, missed in (
            ({"country_ids": self.belgium.ids}, {"country_id": self.belgium.id}, {}),
            ({"category_ids": self.vip.ids}, {"category_id": self.vip.ids}, {"category_id": False}),
            ({"filter_domain": "[('ref', '=', 'X1')]"}, {"ref": "X1"}, {"ref": False}),
        ):
            with self.subTest(values):
                rule = self.make_rule(**values)
                self.assertEqual(self.followed(), self.program)
                self.partner_a.write(caught)
                self.assertEqual(self.followed(), self.strict)
                self.partner_a.write(missed or {"country_id": False})
                rule._switch()
                self.assertEqual(self.followed(), self.program)

    def test_k8_open_amount(self):
        self.company._dunning_refresh_status(DAY)
        self.make_rule(amount_from=150.0)
        self.assertEqual(self.followed(), self.program)
        self.create_due_invoice("2026-03-01", amount=60.0)
        self.company._dunning_refresh_status(DAY)
        facts = self.company._dunning_decide(DAY, partners=self.partner_a)
        self.assertEqual({fact.program_id for fact in facts}, {self.strict.id})
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self.make_rule(use=False, amount_from=-1.0)

    def test_k8_the_first_one_counts_and_the_own_program_goes_before(self):
        self.make_rule(self.gentle, sequence=2)
        self.make_rule(self.strict, sequence=1, country_ids=self.belgium.ids)
        self.assertEqual(self.followed(), self.gentle)
        self.partner_a.country_id = self.belgium
        self.assertEqual(self.followed(), self.strict)
        self.partner_a.write({"dunning_policy": "own", "dunning_program_id": self.program.id})
        self.assertEqual(self.followed(), self.program)

    def test_k8_the_screen_counts_and_the_dialog_names_who_moves(self):
        rule = self.make_rule(use=False, country_ids=self.env.ref("base.fr").ids)
        self.env["res.partner"].search([]).write({"customer_rank": 0})
        (self.partner_a | self.partner_b).write({"customer_rank": 1})
        self.assertEqual(rule.customer_count, 0)
        dialog = self.use(rule)
        self.assertEqual(dialog.moved_count, 2)
        self.assertIn(f"{self.program.name} → Strict: 2 (partner_a, partner_b)", dialog.effect)
        rule.invalidate_recordset()
        self.assertEqual(rule.customer_count, 2)
        found = self.env["res.partner"].search(rule.action_open_customers()["domain"])
        self.assertEqual(found, self.partner_a | self.partner_b)

    def test_k8_looking_at_the_effect_changes_nothing(self):
        rule = self.make_rule(use=False)
        rule.action_use()
        self.assertEqual(rule.state, "draft")
        self.assertEqual(self.followed(), self.program)

    def test_k8_what_is_in_use_is_changed_by_a_copy(self):
        rule = self.make_rule()
        with self.assertRaisesRegex(UserError, "in use"):
            rule.program_id = self.gentle
        with self.assertRaisesRegex(UserError, "stop using it first"):
            rule.unlink()
        action = rule.action_change()
        copy = rule.browse(action["res_id"])
        copy.program_id = self.gentle
        self.assertEqual(self.followed(), self.strict)
        self.use(copy)
        self.assertEqual(rule.state, "retired")
        self.assertEqual(self.followed(), self.gentle)

    def test_k8_a_filter_names_only_what_its_writer_may_read(self):
        with self.assertRaises(ValidationError):
            self.make_rule(filter_domain="[('user_ids.password', '=', 'x')]")
        with self.assertRaises(ValidationError):
            self.make_rule(filter_domain="[('nothing_such', '=', 'x')]")

    def test_k8_a_filter_that_broke_gives_nobody_a_wrong_program(self):
        rule = self.make_rule(filter_domain="[('dunning_policy', '=', 'general')]")
        self.assertEqual(self.followed(), self.program)
        self.manager.sudo().group_ids = self.env.ref("base.group_user")
        self.assertFalse(self.followed())
        self.assertTrue(rule.sudo().problem)

    def test_k8_a_tag_that_is_archived_leaves_no_rule_for_everybody(self):
        rule = self.make_rule(category_ids=self.vip.ids)
        self.vip.active = False
        self.assertEqual(self.followed(), self.program)
        self.assertEqual(rule.category_ids, self.vip)
        self.partner_a.category_id = self.vip
        self.assertEqual(self.followed(), self.strict)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.vip.unlink()

    def test_k8_other_companies_have_rules_of_their_own(self):
        other = self.setup_other_company(name="Other")["company"]
        rule = self.make_rule()
        self.assertFalse(self.env["dunning.program.rule"]._get_used(other))
        with self.assertRaises(UserError):
            rule.copy({"program_id": other.dunning_program_id.id})

    def test_k8_no_query_per_customer(self):
        self.make_rule(country_ids=self.belgium.ids)
        self.make_rule(filter_domain="[('ref', '=', 'X1')]")
        partners = self.env["res.partner"].create(
            [{"name": f"C {n}", "country_id": self.belgium.id} for n in range(1000)]
        )
        self.env.flush_all()

        def measure(found):
            self.env.invalidate_all()
            queries = self.env.cr.sql_log_count
            programs = found.with_company(self.company).mapped("dunning_effective_program_id")
            self.assertEqual(programs, self.strict)
            return self.env.cr.sql_log_count - queries

        for_one = measure(partners[0])
        self.assertLessEqual(measure(partners), for_one + 2)
