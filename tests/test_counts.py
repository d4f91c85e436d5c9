import re
from datetime import date
from pathlib import Path

from odoo.tests import freeze_time, tagged

from .common import DunningMailCommon, RecurrenceCommon

HOME = Path(__file__).parent.parent
# A number before the word it counts, in a text or beside a field.
BEFORE_ITS_WORD = re.compile(
    r"%\((?:count|added|removed|found|rows|days|gap|before|after)\)s (?!is|to|at|in|and)[a-z]+"
)
FIELD_BEFORE_ITS_WORD = re.compile(r'<field\s+name="\w*_count"[^>]*/> [a-z]+s\b')
# What cannot be one there, or is never read so.
NEVER_ONE = {
    "models/dunning/message/dunning_reminder_message_mixin.py": "more than a number from one on",
    "models/dunning/message/dunning_company_reply_mixin.py": "a bound that is a constant",
    "models/dunning/message/dunning_program_page.py": "a bound that is a constant",
    "models/dunning/setup/dunning_level.py": "one day has a sentence of its own",
    "models/dunning/status/dunning_company_forewarning_mixin.py": "a bound that is a constant",
    "models/dunning/work/dunning_invoice_charge_mixin.py": "“and 1 more” is right",
    "models/recurrence/recurrence_schedule_fiscal_mixin.py": "“and 1 more” is right",
    "models/recurrence/recurrence_line_terms_mixin.py": "said from two on",
    "models/recurrence/recurrence_schedule_kind_mixin.py": "said from two on",
    "models/recurrence/recurrence_occurrence_billed_lines_mixin.py": "from two on; 1 of 31 days",
    "models/recurrence/recurrence_schedule_proration_mixin.py": "“1 more” is right",
    "models/recurrence/recurrence_schedule_lifecycle_mixin.py": "more than a bound of hundreds",
    "models/recurrence/recurrence_rule_sentence_mixin.py": "once has a sentence of its own",
    "models/recurrence/recurrence_guarded_mixin.py": "“and 1 more” is right",
    "models/inherited/res_company.py": "bounds that are constants",
    "models/common/file_dialog_mixin.py": "a bound that is a constant",
    "wizard/recurrence/recurrence_import.py": "a bound that is a constant",
    "wizard/recurrence/recurrence_schedule_change.py": "a bound that is a constant",
    "wizard/recurrence/recurrence_schedule_customers.py": "a bound that is a constant",
    "wizard/dunning_wizard_views.xml": "shown from two on",
}


@tagged("post_install", "-at_install")
class TestCountsDunning(DunningMailCommon):
    """Texts with a number are right for one and for several, in every language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "a@customer.example"

    def test_no_number_stands_before_the_word_it_counts(self):
        found = set()
        for folder in ("models", "wizard", "views", "report", "data"):
            for path in sorted((HOME / folder).rglob("*")):
                text = path.read_text() if path.suffix in (".py", ".xml") else ""
                if BEFORE_ITS_WORD.search(text) or FIELD_BEFORE_ITS_WORD.search(text):
                    found.add(str(path.relative_to(HOME)))
        self.assertEqual(found - set(NEVER_ONE), set())
        self.assertEqual(set(NEVER_ONE) - found, set(), "excused for nothing")

    def test_d8_the_subject_of_one_and_of_several_invoices(self):
        first = self.create_due_invoice("2026-03-01")
        (reminder,) = self.queue("2026-03-10")
        self.assertEqual(
            reminder.subject, f"Payment reminder: invoice {first.name} ({self.company.name})"
        )
        others = [self.create_due_invoice("2026-03-02", partner=self.partner_b) for _n in range(2)]
        self.partner_b.email = "b@customer.example"
        (reminder,) = self.queue("2026-03-10")
        names = ", ".join(move.name for move in others)
        self.assertEqual(
            reminder.subject, f"Payment reminder: invoices {names} ({self.company.name})"
        )

    def test_d8_no_shipped_subject_speaks_of_one_invoice(self):
        templates = self.env["mail.template"].search([("model", "=", "dunning.reminder")])
        self.assertGreaterEqual(len(templates), 8)
        for template in templates:
            with self.subTest(template.name):
                self.assertNotIn("invoice", template.subject.replace("#REF#", ""))

    def test_w1_one_test_message(self):
        dialog = self.env["dunning.test"].create(
            {
                "move_id": self.create_due_invoice("2026-03-01").id,
                "program_id": self.program.id,
                "level_id": self.level_1.id,
                "email": "me@company.example",
            }
        )
        with self.mock_mail_gateway():
            message = dialog.action_send()["params"]["message"]
        self.assertEqual(message, "Test messages sent to me@company.example: 1")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 10:00:00")
class TestCountsRecurrence(RecurrenceCommon):
    def test_r4_a_rule_for_one_date(self):
        schedule = self.create_interaction(
            end_type="count", count=1, date_start=date(2026, 3, 2), rrule_type="daily"
        )
        self.assertIn("On 03/02/2026, once.", schedule.rule_summary)
        self.assertEqual(schedule.action_generate()["params"]["message"], "Dates generated: 1")
