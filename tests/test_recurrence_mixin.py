import ast
import re
from datetime import date
from pathlib import Path

from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged

from ..models.recurrence.recurrence_rule_sentence_mixin import ERRORS
from ..tools.recurrence.moved import move_rule
from ..tools.recurrence.rule import RecurrenceRule
from .common import RecurrenceCommon

TOOLS = Path(__file__).resolve().parents[1] / "tools" / "recurrence"


def get_text(node):
    """Return the text that a node of source is, or None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@freeze_time("2026-03-02")
@tagged("post_install", "-at_install")
class TestRecurrenceMixin(RecurrenceCommon):
    """The columns of a rule: text, sentence, preview, refusals."""

    def assertRuleDates(self, schedule, expected, **params):
        dates = schedule.get_rule_dates(**params)
        self.assertEqual([str(day) for day in dates], expected)

    def test_r3_daily(self):
        schedule = self.create_interaction(rrule_type="daily", interval=10)
        self.assertRuleDates(schedule, ["2026-03-02", "2026-03-12", "2026-03-22"], limit=3)

    def test_r3_weekly_on_chosen_weekdays(self):
        schedule = self.create_interaction(tue=True, thu=True)
        self.assertRuleDates(schedule, ["2026-03-03", "2026-03-05", "2026-03-10"], limit=3)
        self.assertEqual(schedule.rrule, "FREQ=WEEKLY;BYDAY=TU,TH")

    def test_r3_first_tuesday(self):
        schedule = self.create_interaction(
            rrule_type="monthly", month_by="day", byday="1", weekday="TUE"
        )
        self.assertRuleDates(schedule, ["2026-03-03", "2026-04-07", "2026-05-05"], limit=3)

    def test_day_follows_the_start_while_composing(self):
        with Form(self.env["recurrence.schedule"]) as form:
            form.name = "Report"
            form.rrule_type = "monthly"
            form.date_start = date(2027, 1, 15)
            self.assertEqual(form.day, 15)
            form.date_start = date(2027, 1, 31)
            self.assertEqual(form.day, 31)
        schedule = form.record
        self.assertRuleDates(schedule, ["2027-01-31", "2027-02-28"], limit=2)
        with Form(schedule) as form:
            form.day = -1
            form.date_start = date(2027, 2, 15)
        self.assertRuleDates(schedule, ["2027-02-28", "2027-03-31"], limit=2)

    def test_last_day_moved_to_the_end_of_a_shorter_month_stays_the_last(self):
        rule = RecurrenceRule(date(2026, 1, 31), day=-1)
        move = move_rule
        self.assertEqual(move(rule, date(2026, 1, 31), date(2026, 2, 28)).day, -1)
        self.assertEqual(move(rule, date(2026, 1, 31), date(2026, 2, 27)).day, 27)
        on_31 = RecurrenceRule(date(2026, 1, 31), day=31)
        self.assertEqual(move(on_31, date(2026, 1, 31), date(2026, 2, 28)).day, 28)

    def test_r3_last_day(self):
        schedule = self.create_interaction(rrule_type="monthly", day=-1)
        self.assertRuleDates(
            schedule, ["2026-03-31", "2026-04-30"], date_from="2026-03-15", limit=2
        )

    def test_rule_1_day_31_never_drifts(self):
        schedule = self.create_interaction(rrule_type="monthly", date_start=date(2026, 1, 31))
        self.assertEqual(schedule.day, 31)
        self.assertRuleDates(
            schedule, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"], limit=4
        )
        schedule.month_end = "skip"
        self.assertRuleDates(schedule, ["2026-01-31", "2026-03-31", "2026-05-31"], limit=3)

    def test_r3_yearly_on_february_29(self):
        schedule = self.create_interaction(rrule_type="yearly", date_start=date(2024, 2, 29))
        self.assertRuleDates(
            schedule,
            ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
            limit=5,
        )

    def test_r4_ends(self):
        schedule = self.create_interaction(end_type="count", count=3)
        self.assertRuleDates(schedule, ["2026-03-02", "2026-03-09", "2026-03-16"])
        schedule.write({"end_type": "end_date", "until": date(2026, 3, 9)})
        self.assertRuleDates(schedule, ["2026-03-02", "2026-03-09"])

    def test_r4_duration_is_stored_as_a_date(self):
        schedule = self.create_interaction(
            end_type="end_date", duration_number=1, duration_unit="years"
        )
        self.assertEqual(schedule.until, date(2027, 3, 1))

    def test_r4_duration_in_the_form(self):
        with Form(self.env["recurrence.schedule"]) as form:
            form.name = "Call"
            form.end_type = "end_date"
            form.duration_number = 6
            form.duration_unit = "months"
            self.assertEqual(form.until, date(2026, 9, 1))
            form.until = date(2026, 8, 1)
            self.assertEqual(form.duration_number, 0)
        self.assertEqual(form.record.until, date(2026, 8, 1))

    def test_rrule_sets_the_columns(self):
        schedule = self.create_interaction(rrule="FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;COUNT=5")
        self.assertRecordValues(
            schedule,
            [
                {
                    "rrule_type": "monthly",
                    "interval": 2,
                    "month_by": "day",
                    "byday": "-1",
                    "weekday": "FRI",
                    "end_type": "count",
                    "count": 5,
                }
            ],
        )
        self.assertEqual(schedule.rrule, "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;COUNT=5")

    def test_rrule_refused_with_the_part_named(self):
        schedule = self.create_interaction()
        with self.assertRaisesRegex(ValidationError, "BYHOUR is not supported"):
            schedule.rrule = "FREQ=DAILY;BYHOUR=9"
        with self.assertRaisesRegex(ValidationError, "UNTIL cannot be combined"):
            schedule.rrule = "FREQ=DAILY;COUNT=3;UNTIL=20270101"

    def test_every_refusal_has_its_translatable_sentence(self):
        """Each ``RuleError`` raised in the tools has a sentence, and the figures that it names."""
        raised = {}
        for path in TOOLS.glob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "RuleError":
                    figures = {"part", *(keyword.arg for keyword in call.keywords)}
                    for code in filter(None, map(get_text, ast.walk(call.args[0]))):
                        raised[code] = raised.get(code, figures) & figures
        self.assertEqual(raised.keys(), ERRORS.keys())
        for code, sentence in ERRORS.items():
            named = set(re.findall(r"%\((\w+)\)s", str(sentence)))
            self.assertLessEqual(named, raised[code], code)

    def test_new_one_starts_on_the_day_of_the_company(self):
        with freeze_time("2026-03-02 23:30:00"):
            defaults = self.env["recurrence.schedule"].default_get(["date_start"])
        self.assertEqual(defaults["date_start"], date(2026, 3, 3))

    def test_bad_columns_are_refused_by_their_labels(self):
        for vals, sentence in (
            ({"interval": 0}, "Interval is 0: it must be a whole number from 1"),
            ({"end_type": "count", "count": -1}, "Number of Times is -1"),
            ({"rrule_type": "monthly", "day": 32}, "The day of the month is 32"),
            ({"end_type": "end_date", "until": False}, "needs an end date"),
            ({"end_type": "end_date", "until": date(2026, 1, 1)}, "before it starts on"),
        ):
            with self.subTest(**vals), self.assertRaisesRegex(ValidationError, sentence):
                self.create_interaction(**vals)

    def test_sentence(self):
        for vals, sentence in (
            ({"mon": True, "thu": True}, "Every week on Monday and Thursday. From 03/02/2026, "),
            (
                {"rrule_type": "monthly", "interval": 3, "day": 31},
                "Every 3 months on day 31. In shorter months, on the last day. From ",
            ),
            (
                {"rrule_type": "yearly", "month_by": "day", "byday": "2", "weekday": "SUN"},
                "Every year on the second Sunday of March. From ",
            ),
            (
                {"rrule_type": "daily", "day_shift": "next", "end_type": "count", "count": 9},
                "Every day. A date that is not a working day is moved to the next working day. "
                "From 03/02/2026, 9 times.",
            ),
        ):
            with self.subTest(**vals):
                schedule = self.create_interaction(**vals)
                self.assertTrue(schedule.rule_summary.startswith(sentence), schedule.rule_summary)

    def test_sentence_has_the_dates_of_the_users_language(self):
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        schedule = self.create_interaction(rrule_type="yearly", date_start=date(2026, 7, 14))
        french = schedule.with_context(lang="fr_FR")
        self.assertIn("14 juillet", french.rule_summary)
        self.assertIn("14/07/2026", french.rule_summary)
        self.assertIn("mardi", french.rule_preview)

    def test_preview_is_live_and_flags_each_date(self):
        with Form(self.env["recurrence.schedule"]) as form:
            form.name = "Rent"
            form.rrule_type = "monthly"
            form.day = 31
            form.date_start = date(2026, 3, 31)
            form.day_shift = "previous"
            self.assertEqual(form.rule_preview.count("<tr"), 12)
            # Sunday 31 May goes to Friday; 30 April stands for a day that April lacks
            self.assertIn("instead of Sunday 05/31/2026: weekend", form.rule_preview)
            self.assertIn("shorter month", form.rule_preview)
            form.day_shift = "skip"
            self.assertIn("left out: weekend", form.rule_preview)
            form.end_type = "count"
            form.count = 3
            self.assertEqual(form.rule_preview.count("<tr"), 3)
            self.assertIn("Last date: <strong>05/31/2026", form.rule_preview)
            form.interval = 0
            self.assertIn("must be a whole number", form.rule_summary)
            form.interval = 1

    def test_day_follows_the_start_until_chosen(self):
        schedule = self.create_interaction(rrule_type="monthly", date_start=date(2026, 3, 5))
        with Form(schedule) as form:
            form.date_start = date(2026, 3, 20)
            self.assertEqual((form.day, form.weekday, form.byday), (20, "FRI", "3"))
            form.day = -1
            form.date_start = date(2026, 3, 21)
            self.assertEqual(form.day, -1)

    def test_weekly_without_weekdays_has_that_of_the_start(self):
        with Form(self.env["recurrence.schedule"]) as form:
            form.name = "Call"
            form.date_start = date(2026, 3, 4)
            self.assertIn("Every week on Wednesday.", form.rule_summary)
        self.assertRuleDates(form.record, ["2026-03-04", "2026-03-11"], limit=2)
