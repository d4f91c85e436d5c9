from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import DunningMailCommon

ADDON = "account_recurrence_dunning"


@tagged("post_install", "-at_install")
class TestDunningDecisionList(DunningMailCommon):
    """The list and the pivot of decisions, the list of runs."""

    def read_action(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"{ADDON}.dunning_run_line_action")
        return safe_eval(action["context"])

    def test_w2_decisions_open_with_the_reason_in_sight(self):
        self.assertFalse([key for key in self.read_action() if key.startswith("search_default")])

    def test_w2_levels_of_two_programs_are_told_apart_in_the_order_of_the_ladder(self):
        patient = self.program.copy({"name": "Patient", "sequence": self.program.sequence + 1})
        self.program.name = "Standard"
        self.create_due_invoice("2026-03-01")
        self.partner_b.with_company(self.company).write(
            {"dunning_policy": "own", "dunning_program_id": patient.id}
        )
        self.create_due_invoice("2026-03-01", partner=self.partner_b)
        self.create_due_invoice("2026-03-30", partner=self.partner_b)
        run = self.execute("2026-03-10")
        groups = run.line_ids.with_context(**self.read_action()).formatted_read_group(
            [("run_id", "=", run.id)], ["level_id"], ["__count"]
        )
        self.assertEqual(
            [group["level_id"][1] for group in groups],
            ["Standard: 1. First reminder", "Patient: Polite notice", "Patient: 1. First reminder"],
        )
        self.assertEqual(self.level_1.display_name, "1. First reminder")

    def test_w2_a_run_of_all_programs_says_so(self):
        run = self.env["dunning.run"].create({"date": "2026-03-10"})
        self.assertEqual(run.program_text, "All programs")
        run.program_ids = self.program
        self.assertEqual(run.program_text, self.program.name)

    def test_w1_a_message_names_its_language(self):
        self.create_due_invoice("2026-03-01")
        reminder = self.execute("2026-03-10").reminder_ids
        field = reminder.fields_get(["lang"])["lang"]
        self.assertEqual(dict(field["selection"])[reminder.lang], "English (US)")
