from datetime import date

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .common import DunningCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningPolicy(DunningCommon):
    def read_sql(self, moves, company=None):
        """Return ``{move id: (program id, exclusion)}`` as the engine's query sees it."""
        policy = self.env["account.move"]
        company = company or self.company
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT move.id, %s, %s FROM account_move move
                     JOIN res_partner partner ON partner.id = move.commercial_partner_id
                    WHERE move.id = ANY(%s)""",
                policy._dunning_get_sql_program(company),
                policy._dunning_get_sql_exclusion(company),
                moves.ids,
            )
        )
        return {move_id: (program_id, exclusion) for move_id, program_id, exclusion in rows}

    def assert_policy(self, move, program, exclusion):
        found = (move._dunning_get_program(), move._dunning_get_exclusion())
        self.assertEqual(found, (program, exclusion))
        self.assertEqual(self.read_sql(move)[move.id], (program.id or None, exclusion))

    def test_d2_every_combination_alike_in_sql_and_on_screen(self):
        """Invoice before customer before company, for all choices, scopes and dates."""
        own = self.program.copy({"name": "Own"})
        special = self.program.copy({"name": "Special"})
        old = self.create_due_invoice("2026-01-15", invoice_date="2025-12-31")
        new = self.create_due_invoice("2026-01-31", invoice_date="2026-01-01")
        expected_general = {("all", old): "before_activation", ("all", new): None}
        expected_policy = {"general": None, "own": None, "never": "customer_never"}
        expected_choice = {"remind": None, "never": "invoice_off"}
        checked = 0
        for scope in ("all", "chosen"):
            self.company.dunning_scope = scope
            for policy in (False, "general", "own", "never"):
                self.partner_a.write({"dunning_policy": policy, "dunning_program_id": own.id})
                for choice in (False, "remind", "never"):
                    for move in (old, new):
                        move.write({"dunning_choice": choice, "dunning_program_id": False})
                        exclusion = expected_general.get((scope, move), "invoice_off")
                        exclusion = expected_policy.get(policy, exclusion)
                        exclusion = expected_choice.get(choice, exclusion)
                        program = own if policy == "own" else self.program
                        self.assert_policy(move, program, exclusion)
                        self.assertEqual(move.dunning_include, not exclusion)
                        self.assertEqual(move.dunning_effective_program_id, program)
                        move.dunning_program_id = special
                        self.assert_policy(move, special, exclusion)
                        checked += 1
        self.assertEqual(checked, 48)

    def test_d2_switch_on_the_invoice(self):
        move = self.create_due_invoice("2026-03-01")
        self.assertTrue(move.dunning_include)
        move.dunning_include = False
        self.assertEqual(move.dunning_choice, "never")
        move.dunning_include = True
        self.assertFalse(move.dunning_choice, "the company reminds it anyway")
        self.partner_a.dunning_policy = "never"
        self.assertFalse(move.dunning_include)
        move.dunning_include = True
        self.assertEqual(move.dunning_choice, "remind")

    def test_d2_switch_on_a_draft_in_the_form(self):
        move = self._create_invoice_one_line(price_unit=10.0, partner_id=self.partner_a)
        with Form(move) as form:
            self.assertTrue(form.dunning_include)
            form.dunning_include = False
        self.assertEqual((move.state, move.dunning_choice), ("draft", "never"))

    def test_d2_the_next_step_follows_the_switch(self):
        move = self.create_due_invoice("2026-03-01")
        self.assertEqual(move.dunning_next_date, date(2026, 3, 10))
        self.assertEqual(move.dunning_explanation, "Level 1 has been due since 03/06/2026.")
        move.dunning_include = False
        self.assertFalse(move.dunning_next_date)
        self.assertEqual(move.dunning_explanation, "Automatic reminders are off for this invoice.")

    def test_d2_the_explanation_tells_each_instalment_apart(self):
        move = self.create_due_invoice("2026-03-09")
        self.assertIn("03/14/2026", move.dunning_explanation)
        self.company.dunning_active = False
        move.invalidate_recordset(["dunning_explanation"])
        self.assertIn("switched off", move.dunning_explanation)

    def test_bill_is_never_included(self):
        bill = self._create_invoice_one_line(
            price_unit=10.0, move_type="in_invoice", partner_id=self.partner_a
        )
        self.assertFalse(bill.dunning_include)
        self.assertFalse(bill.dunning_effective_program_id)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningPartner(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other")["company"]
        cls.env.user.company_ids |= cls.other

    def in_other(self, partner):
        return partner.with_company(self.other)

    def test_rule_17_values_are_kept_per_company(self):
        self.partner_a.dunning_policy = "never"
        self.in_other(self.partner_a).dunning_policy = "general"
        self.assertEqual(self.partner_a.dunning_policy, "never")
        self.assertEqual(self.in_other(self.partner_a).dunning_policy, "general")
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        self.assertEqual(contact.dunning_policy, "never")
        self.assertEqual(self.in_other(contact).dunning_policy, "general")

    def test_rule_17_contacts_follow_later_changes(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        bob = self.env["res.partner"].create({"name": "Bob", "parent_id": self.partner_a.id})
        self.partner_a.write({"dunning_policy": "general", "dunning_contact_id": bob.id})
        self.in_other(self.partner_a).dunning_policy = "never"
        self.assertEqual(contact.dunning_contact_id, bob)
        self.assertEqual(contact.dunning_policy, "general")
        self.assertEqual(self.in_other(contact).dunning_policy, "never")
        self.assertFalse(self.in_other(contact).dunning_contact_id)

    def test_rule_17_each_company_its_own_program(self):
        ours = self.program.copy()
        theirs = self.other.dunning_program_id
        self.partner_a.write({"dunning_policy": "own", "dunning_program_id": ours.id})
        self.assertEqual(self.partner_a.dunning_effective_program_id, ours)
        self.assertEqual(self.in_other(self.partner_a).dunning_effective_program_id, theirs)
        with self.assertRaisesRegex(ValidationError, "belongs to"):
            self.partner_a.dunning_program_id = theirs

    def test_d9_customise_copies_assigns_and_opens(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        action = contact.action_dunning_customise()
        program = self.env["dunning.program"].browse(action["res_id"])
        self.assertNotEqual(program, self.program)
        self.assertEqual(program.partner_id, self.partner_a)
        self.assertEqual(program.name, "Program of partner_a")
        self.assertEqual(program.level_ids.mapped("days"), [-3, 5, 15, 30])
        self.assertEqual(self.partner_a.dunning_policy, "own")
        self.assertEqual(self.partner_a.dunning_program_id, program)
        self.assertFalse(self.in_other(self.partner_a).dunning_policy)
        move = self.create_due_invoice("2026-03-01")
        self.assertEqual(move.dunning_effective_program_id, program)
        again = self.partner_a.action_dunning_customise()
        self.assertEqual(again["res_id"], program.id, "it is opened, not copied once more")
        self.assertEqual(program.partner_count, 1)

    def test_d7_contact_created_in_place_belongs_to_the_customer(self):
        with Form(self.partner_a) as form:
            view = form._view["tree"].xpath("//field[@name='dunning_contact_id']")[0]
            self.assertIn("'default_parent_id': id", view.get("context"))

    def test_the_smart_button_counts_and_opens_the_reminders(self):
        move = self.create_due_invoice("2026-03-01")
        self.assertEqual(self.partner_a.dunning_reminder_count, 0)
        self.env["dunning.run"]._execute_for(self.company, date(2026, 3, 10), moves=move)
        self.partner_a.invalidate_recordset(["dunning_reminder_count"])
        self.assertEqual(self.partner_a.dunning_reminder_count, 1)
        action = self.partner_a.action_view_dunning_reminders()
        found = self.env["dunning.reminder"].search(action["domain"])
        self.assertEqual(found.line_ids.move_id, move)

    def test_policy_moves_the_next_reminder_of_open_invoices(self):
        move = self.create_due_invoice("2026-03-01")
        self.assertEqual(move.dunning_next_date, date(2026, 3, 10))
        self.partner_a.dunning_policy = "never"
        self.assertFalse(move.dunning_next_date)
        self.partner_a.dunning_policy = False
        self.assertEqual(move.dunning_next_date, date(2026, 3, 10))
