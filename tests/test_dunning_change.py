from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningMailCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestDunningChange(DunningMailCommon):
    """The effect of a change is shown before it is made; lines keep their place (rule 12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "us@example.com"
        cls.company.dunning_contact_gap = 0
        (cls.partner_a | cls.partner_b).email = "customer@example.com"
        cls.manager = cls.create_user("change_manager", "dunning_group_manager")
        cls.clerk = cls.create_user("change_clerk", "dunning_group_user,base.group_partner_manager")
        # reminded once on 2026-03-06, the second level would come on 2026-03-16
        cls.first = cls.create_due_invoice("2026-03-01")
        cls.other = cls.create_due_invoice("2026-03-08", partner=cls.partner_b)

    def setUp(self):
        super().setUp()
        self.execute("2026-03-06")

    def open_change(self):
        action = self.program.with_user(self.manager).action_open_change()
        return self.env["dunning.change"].with_user(self.manager).browse(action["res_id"])

    def effect(self, change):
        return {
            line.name: (line.standing, line.before, line.after)
            for line in change.line_ids.filtered("active")
        }

    def test_rule_12_the_dialog_counts_before_anything_changes(self):
        change = self.open_change()
        self.assertEqual(change.day, date(2026, 3, 11))
        self.assertEqual(
            self.effect(change),
            {
                "Polite notice": (0, 0, 0),
                "First reminder": (1, 0, 0),
                "Second reminder": (0, 0, 0),
                "Final reminder": (0, 0, 0),
            },
        )
        self.assertEqual(change.standing_0, 1)
        second = change.line_ids.filtered(lambda line: line.level_id == self.level_2)
        second.write({"days": 9, "gap": 5})
        change.action_show()
        self.assertEqual(self.effect(change)["Second reminder"], (0, 0, 1))
        self.assertEqual((change.total_before, change.total_after), (0, 1))
        self.assertEqual(self.level_2.days, 15, "showing the effect changes nothing")
        change.action_apply()
        self.assertEqual((self.level_2.days, self.level_2.gap), (9, 5))
        run = self.execute("2026-03-11")
        self.assertEqual(
            self.decisions(run)[self.first.name], ("remind", "level_due", "Second reminder")
        )

    def test_rule_12_due_lines_of_other_programs_are_not_counted(self):
        """Also where a minimum has the engine look at all that a customer owes."""
        self.company.write({"dunning_min_amount": 1.0, "dunning_grace_days": 0})
        patient = self.program.copy({"name": "Patient"})
        move = self.create_due_invoice("2026-03-01", dunning_program_id=patient.id)
        self.execute("2026-03-06")
        self.assertEqual((move.dunning_level, self.first.dunning_level), (1, 1))
        change = self.open_change()
        self.assertEqual(self.effect(change)["First reminder"], (1, 0, 0))
        self.assertEqual(change.standing_0, 1)

    def test_rule_12_a_level_that_counts_no_more_shows_its_effect_first(self):
        change = self.open_change()
        self.assertTrue(all(change.line_ids.mapped("counts")))
        second = change.line_ids.filtered(lambda line: line.level_id == self.level_2)
        second.write({"days": 9, "gap": 1, "counts": False})
        change.action_show()
        self.assertEqual(self.effect(change)["Second reminder"], (0, 0, 1))
        self.assertTrue(self.level_2.counts, "showing the effect changes nothing")
        change.action_apply()
        self.assertEqual(self.level_2.counts, False)
        run = self.execute("2026-03-11")
        self.assertEqual(self.decisions(run)[self.first.name][:2], ("remind", "mailing_due"))
        self.assertEqual(self.first.dunning_level, 1)

    def test_rule_12_a_level_in_between_and_an_archived_one(self):
        change = self.open_change()
        change.line_ids.filtered(lambda line: line.level_id == self.level_1).active = False
        change.line_ids = [Command.create({"name": "Between", "days": 3, "gap": 3})]
        change.action_show()
        self.assertEqual(self.effect(change)["Between"], (0, 0, 1))
        self.assertNotIn("Between", self.program.level_ids.mapped("name"))
        change.action_apply()
        self.assertFalse(self.level_1.active)
        between = self.program.level_ids.filtered(lambda level: level.name == "Between")
        self.assertEqual((between.days, between.gap, between.number), (3, 3, 1))
        # the one never reminded gets it, the one that got level 1 goes on behind it
        run = self.execute("2026-03-11")
        self.assertEqual(
            self.decisions(run),
            {
                self.first.name: ("skip", "not_due_yet", "Second reminder"),
                self.other.name: ("remind", "level_due", "Between"),
            },
        )

    def test_rule_12_days_that_change_the_order_are_numbered_anew_and_told(self):
        change = self.open_change()
        view = "account_recurrence_dunning.dunning_change_view_form"
        with Form(change, view=view) as form:
            self.assertFalse(form.order_warning)
            with form.line_ids.edit(3) as line:
                self.assertEqual((line.name, line.number), ("Final reminder", 3))
                line.days = 2
            self.assertEqual(
                form.order_warning, "“Final reminder” comes before “First reminder” now."
            )
            numbers = []
            for index in range(4):
                with form.line_ids.edit(index) as line:
                    numbers.append(line.number)
            self.assertEqual(numbers, [0, 2, 3, 1])
        change.action_show()
        self.assertEqual(
            {line.name: line.number for line in change.line_ids},
            {"Polite notice": 0, "First reminder": 2, "Second reminder": 3, "Final reminder": 1},
        )
        self.assertEqual(self.effect(change)["First reminder"], (1, 0, 0), "counted as it is now")
        self.assertEqual(self.level_3.number, 3, "showing the effect changes nothing")
        numbers = {line.level_id: line.number for line in change.line_ids}
        change.action_apply()
        self.assertEqual({level: level.number for level in numbers}, numbers)

    def test_rule_12_a_level_in_between_moves_the_numbers_and_not_the_order(self):
        change = self.open_change()
        change.line_ids = [Command.create({"name": "Between", "days": 7})]
        change.action_show()
        self.assertEqual(change.line_ids.mapped("number"), [0, 1, 3, 4, 2])
        self.assertFalse(change.order_warning)
        change.line_ids[1].active = False
        change.line_ids[1].days = 90
        change.action_show()
        self.assertEqual(change.line_ids.mapped("number"), [0, 1, 2, 3, 1], "it keeps the old one")
        self.assertFalse(change.order_warning, "what is archived comes before nothing")

    def test_d3_another_default_program_shows_its_effect_first(self):
        quick = self.program.copy({"name": "Quick"})
        quick.level_ids.filtered(lambda level: level.days == 5).days = 2
        action = quick.with_user(self.manager).action_make_default()
        change = self.env["dunning.change"].with_user(self.manager).browse(action["res_id"])
        self.assertEqual((change.total_before, change.total_after), (0, 1))
        self.assertEqual(self.company.dunning_program_id, self.program)
        change.action_apply()
        self.assertEqual(self.company.dunning_program_id, quick)

    def test_d9_another_program_for_a_customer_shows_its_effect_first(self):
        quick = self.program.copy({"name": "Quick"})
        quick.level_ids.filtered(lambda level: level.days == 5).days = 2
        action = self.partner_b.with_user(self.clerk).action_dunning_change_program()
        change = self.env["dunning.change"].with_user(self.clerk).browse(action["res_id"])
        self.assertEqual(change.program_id, self.program)
        change.program_id = quick
        change.action_show()
        self.assertEqual((change.total_before, change.total_after), (0, 1))
        self.assertFalse(self.partner_b.dunning_policy)
        change.action_apply()
        self.assertEqual(self.partner_b.dunning_policy, "own")
        self.assertEqual(self.partner_b.dunning_program_id, quick)
        self.assertFalse(self.partner_a.dunning_policy)

    def test_only_managers_change_ladders(self):
        program = self.program.with_user(self.clerk)
        for method in ("action_open_change", "action_make_default"):
            with self.assertRaises(AccessError, msg=method):
                getattr(program, method)()
