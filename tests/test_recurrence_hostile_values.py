from datetime import date
from time import monotonic

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..tools.common.value_bounds import YEARS
from .common import RecurrenceCommon
from .hostile_values import HostileValues

# Columns of a rule with values from all over what a form, a file or a script may give.
RULE = {
    "date_start": st.dates() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    "rrule_type": st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    "interval": st.integers() | st.integers(1, 5) | st.sampled_from([2**31 - 1, 2**31]),
    "mon": st.booleans(),
    "sun": st.booleans(),
    "month_by": st.sampled_from(["date", "day"]),
    "day": st.integers(-2, 32) | st.integers(),
    "byday": st.sampled_from(["1", "4", "-1", False]),
    "weekday": st.sampled_from(["MON", "SUN", False]),
    "end_type": st.sampled_from(["count", "end_date", "forever"]),
    "count": st.integers() | st.integers(1, 50) | st.sampled_from([10**6, 10**7, 2**31 - 1]),
    "until": st.dates() | st.dates(date(2026, 1, 1), date(2031, 1, 1)) | st.just(False),
    "duration_number": st.integers() | st.integers(0, 24) | st.just(2**31 - 1),
    "duration_unit": st.sampled_from(["days", "weeks", "months", "years"]),
    "month_end": st.sampled_from(["clamp", "skip"]),
    "day_shift": st.sampled_from(["none", "previous", "next", "skip"]),
}
TEXTS = (
    "\x00",
    "FREQ=DAILY;COUNT=" + "9" * 5000,
    "FREQ=DAILY;INTERVAL=" + "9" * 5000,
    "FREQ=DAILY;INTERVAL=-1",
    "FREQ=DAILY;UNTIL=99991231",
    "FREQ=DAILY;UNTIL=00010101",
    "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 10000),
    "DTSTART:00010101\nFREQ=DAILY",
    "DTSTART:99991231T235959Z\nFREQ=DAILY",
    "DTSTART;TZID=../../etc/passwd:20260101T000000\nFREQ=DAILY",
    "RRULE:" * 1000,
    "FREQ=" + "x" * 100000,
    "☃",
)


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceHostileValues(HostileValues, RecurrenceCommon):
    """Every number, text and date takes any value or refuses it in a sentence, quickly."""

    def records(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        occurrence = schedule.occurrence_ids[1]
        return [
            self.create_interaction(name="Draft"),
            schedule,
            occurrence,
            self.env["recurrence.tag"].create({"name": "Hostile"}),
            self.env["recurrence.occurrence.close"].create({"occurrence_id": occurrence.id}),
            self.env["recurrence.occurrence.move"].create(
                {"occurrence_id": occurrence.id, "date": "2026-03-10"}
            ),
            self.env["recurrence.occurrence.skip"].create({"occurrence_ids": occurrence.ids}),
            self.env["recurrence.schedule.add"].create(
                {"schedule_id": schedule.id, "date": "2026-03-10"}
            ),
            self.env["recurrence.schedule.generate"].create({"schedule_ids": schedule.ids}),
            self.env["recurrence.schedule.regenerate"].create({"schedule_id": schedule.id}),
            self.env["recurrence.schedule.stop"].create(
                {"schedule_ids": schedule.ids, "mode": "pause"}
            ),
        ]

    def use(self, record):
        """Do with a record what a person does next."""
        actions = {
            "recurrence.schedule": self.use_schedule,
            "recurrence.occurrence": lambda found: self.use_schedule(found.schedule_id),
        }
        action = actions.get(record._name)
        if action:
            action(record)
        elif hasattr(record, "action_confirm"):
            record.action_confirm()

    def use_schedule(self, schedule):
        schedule.mapped("rule_preview")
        schedule.get_rule_dates(limit=5)
        if schedule.state == "draft":
            schedule.action_generate()
        else:
            schedule.action_regenerate()
        schedule.sudo()._run_due(date(2026, 3, 2))

    def test_written_values(self):
        for record in self.records():
            self.assert_writes_survive(record, read=self.use)

    def test_created_values(self):
        self.assert_creates_survive(
            self.env["recurrence.schedule"],
            {"name": "Hostile", "company_id": self.company.id},
            read=self.use,
        )

    def test_values_of_the_company(self):
        self.employee.sudo().group_ids += self.env.ref("base.group_system")
        schedule = self.create_interaction()
        schedule.action_generate()
        company = self.company.with_env(self.env)
        for name, value in self.hostile_fields(company):
            if name.startswith(("recurrence_", "job_")):
                with self.subTest(field=name, value=repr(value)[:40]):
                    self.survive(
                        lambda n=name, v=value: company.write({n: v}),
                        company,
                        lambda _company: self.use_schedule(schedule),
                    )

    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
    )
    @given(st.fixed_dictionaries({}, optional=RULE))
    @mute_logger("odoo.sql_db")
    def test_any_rule(self, vals):
        start = monotonic()
        sentence = self.survive(
            lambda: self.create_interaction(**vals), self.env["recurrence.schedule"], self.use
        )
        self.assertLess(monotonic() - start, 10, (vals, sentence))

    @settings(
        max_examples=100,
        deadline=None,
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
    )
    @given(st.fixed_dictionaries({}, optional=RULE))
    def test_any_rule_in_the_form(self, vals):
        """While it is typed a rule may make no sense: the form then says so."""
        spec = {name: {} for name in ("rule_summary", "rule_preview", "until", "day", *RULE)}
        try:
            self.env["recurrence.schedule"].onchange(
                {"name": "Typed", "date_start": "2026-03-02", **vals}, list(vals), spec
            )
        except UserError as refusal:
            self.assertTrue(str(refusal))

    def test_rule_as_text(self):
        schedule = self.create_interaction()
        for text in TEXTS:
            with self.subTest(text[:40]):
                self.survive(lambda t=text: schedule.write({"rrule": t}), schedule, self.use)
                self.survive(lambda t=text: self.create_interaction(rrule=t), schedule, self.use)

    def test_arguments_of_rule_dates(self):
        schedule = self.create_interaction()
        for limit in (-1, "5", 1.5, 10**9, [], float("nan")):
            with self.subTest(limit=limit), self.assertRaisesRegex(ValidationError, "whole number"):
                schedule.get_rule_dates(limit=limit)
        for first in ("tomorrow", "\x00", 5, "2026-13-45"):
            with (
                self.subTest(first=first),
                self.assertRaisesRegex(ValidationError, "cannot be read"),
            ):
                schedule.get_rule_dates(date_from=first, limit=1)
        self.assertEqual(schedule.get_rule_dates(date_from="9999-12-31", limit=1), [])
        self.assertEqual(schedule.get_rule_dates(limit=0), [])

    def test_a_million_times(self):
        start = monotonic()
        schedule = self.create_interaction(rrule_type="daily", end_type="count", count=10**6)
        self.assertIn("03/02/2026", schedule.rule_preview)
        schedule.action_generate()
        self.assertEqual(len(schedule.occurrence_ids), 366)
        self.assertLess(monotonic() - start, 10)
        self.assertEqual(len(schedule.get_rule_dates()), 10_000)

    def test_last_year_there_is(self):
        last = date(YEARS[-1], 12, 31)
        schedule = self.create_interaction(
            rrule_type="yearly", end_type="end_date", until=last, day_shift="next"
        )
        self.assertIn("2037", schedule.rule_preview)
        schedule.action_generate()
        with self.assertRaisesRegex(ValidationError, "enter a date between the years 1900 and"):
            self.create_interaction(end_type="end_date", until=date(9999, 12, 31))
        far = self.create_interaction(rrule_type="yearly", interval=999, date_start=last)
        self.assertIn("2200", far.rule_preview)

    def test_a_start_long_ago_is_refused_when_it_is_started(self):
        schedule = self.create_interaction(rrule_type="daily", date_start=date(1926, 3, 2))
        with self.assertRaisesRegex(UserError, "more than 7200 dates before today"):
            schedule.action_generate()

    def test_durations(self):
        for number, unit in ((2**31 - 1, "years"), (200, "years"), (-1, "days"), (10**9, "days")):
            with self.subTest(number=number, unit=unit):
                with self.assertRaisesRegex(
                    ValidationError, "The duration must be greater than zero"
                ):
                    self.create_interaction(
                        end_type="end_date",
                        duration_number=number,
                        duration_unit=unit,
                        until=date(2027, 1, 1),
                    )
