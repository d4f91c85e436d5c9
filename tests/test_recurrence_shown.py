import random
from datetime import date, timedelta

from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from ..models.recurrence.recurrence_occurrence_invoice_mixin import OPEN_STATES
from ..tools.recurrence.plan import Row, reconcile, upcoming
from ..tools.recurrence.rule import WEEKEND_ONLY, RecurrenceRule
from .common import RecurrenceCommon, RecurrenceInvoiceCommon

ADDON = "account_recurrence_dunning"
TODAY = date(2026, 3, 2)
DRAWS = 40


def draw_rule(rand):
    """Return the columns of a random rule; which it has dates before and after today."""
    vals = {
        "rrule_type": rand.choice(["daily", "weekly", "weekly", "monthly", "yearly"]),
        "interval": rand.choice([1, 1, 1, 2, 3]),
        "date_start": TODAY + timedelta(days=rand.randint(-60, 60)),
        "mon": rand.random() < 0.3,
        "thu": rand.random() < 0.3,
        "day": rand.choice([1, 15, 31, -1]),
        "day_shift": rand.choice(["none", "none", "previous", "next", "skip"]),
        "end_type": rand.choice(["forever", "count", "end_date"]),
        "count": rand.randint(1, 30),
        "until": TODAY + timedelta(days=rand.randint(61, 300)),
    }
    return vals


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestNextDates(RecurrenceCommon):
    """Next Dates shows what is planned plus what the rule adds: what happens, nothing else."""

    def shown(self, schedule):
        items = schedule._get_preview_dates(schedule._get_rule())
        return [(item.rule_date, item.date) for item in items]

    def planned(self, schedule):
        """Return the next dates there are, in the form of ``shown``."""
        found = schedule.occurrence_ids.filtered(
            lambda o: (
                o.date >= TODAY and (o.state in OPEN_STATES or (o.is_left_out and not o.is_pinned))
            )
        )
        rows = [(o.rule_date, None if o.is_left_out else o.date) for o in found]
        return sorted(rows, key=lambda row: (row[1] or row[0], row[0]))

    def assertShown(self, shown, schedule):
        """Compare as far as both the table and the horizon reach."""
        planned = self.planned(schedule)
        shown = sorted(shown, key=lambda row: (row[1] or row[0], row[0]))
        if len(shown) > len(planned):
            self.assertGreater(shown[len(planned)][0], schedule.generated_until)
        reach = min(len(planned), len(shown))
        self.assertEqual(shown[:reach], planned[:reach])
        self.assertGreaterEqual(len(shown), min(len(planned), 12))

    def change_by_hand(self, schedule, rand):
        """Move, skip, plan again and do some of the dates; add one."""
        for occurrence in rand.sample(
            list(schedule.occurrence_ids), min(5, len(schedule.occurrence_ids))
        ):
            action = rand.choice(["move", "skip", "again", "done", "note"])
            if action == "move" and occurrence.state == "planned":
                occurrence.date = TODAY + timedelta(days=rand.randint(0, 90))
            elif action == "note":
                occurrence.note = "Bring the keys"
            elif action == "done" and occurrence.state == "planned":
                occurrence.action_done()
            elif occurrence.state == "planned":
                occurrence.action_skip("no")
                if action == "again":
                    occurrence.action_plan_again()
        day = TODAY + timedelta(days=rand.randint(0, 90))
        if day not in schedule.occurrence_ids.mapped("rule_date"):
            schedule._add_date(day)

    def test_property_next_dates_are_what_generate_and_regenerate_plan(self):
        for seed in range(DRAWS):
            rand = random.Random(seed)
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                schedule = self.create_interaction(**draw_rule(rand))
                shown = self.shown(schedule)
                schedule.action_generate()
                self.assertShown(shown, schedule)
                self.assertShown(self.shown(schedule), schedule)
                self.change_by_hand(schedule, rand)
                self.assertShown(self.shown(schedule), schedule)
                schedule.write(draw_rule(rand))
                shown = self.shown(schedule)
                schedule.action_regenerate()
                self.assertShown(shown, schedule)
                self.assertShown(self.shown(schedule), schedule)
                savepoint.rollback()

    def test_added_date_in_a_pause_is_shown_and_done_after_it(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        schedule.action_pause(date(2026, 3, 18))
        schedule._add_date(date(2026, 3, 5))
        shown = [str(day) for _rule_date, day in self.shown(schedule)]
        self.assertEqual(shown[:3], ["2026-03-05", "2026-03-23", "2026-03-30"])
        self.assertEqual(str(schedule.next_date), "2026-03-02")
        self.run_day(schedule, "2026-03-18")
        self.assertDates(schedule, ["2026-03-05"], states=["todo"])

    def test_pause_without_an_end_says_that_dates_wait(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        self.assertNotIn("Paused", schedule.rule_preview)
        schedule.action_pause()
        self.assertIn("Paused: these dates are on hold", schedule.rule_preview)

    def test_moved_date_stands_where_it_was_moved_to(self):
        schedule = self.create_interaction(end_type="count", count=2)
        schedule.action_generate()
        schedule.occurrence_ids[1].date = date(2026, 3, 11)
        preview = schedule.rule_preview
        self.assertIn("03/11/2026", preview)
        self.assertIn("instead of Monday 03/09/2026: moved by hand", preview)
        # so long a badge does not leave a narrow sheet
        self.assertIn("badge rounded-pill me-1 text-wrap", preview)
        self.assertIn("Last date: <strong>03/11/2026", preview)

    def test_skipped_and_added_dates(self):
        schedule = self.create_interaction(end_type="count", count=3)
        schedule.action_generate()
        schedule.occurrence_ids[1].action_skip("no")
        schedule._add_date(date(2026, 3, 5))
        days = [str(day) for _rule_date, day in self.shown(schedule)]
        self.assertEqual(days, ["2026-03-02", "2026-03-05", "2026-03-16"])

    def test_pause_and_end_are_shown(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        schedule.action_pause(date(2026, 3, 17))
        self.assertEqual(self.shown(schedule)[0][1], date(2026, 3, 23))
        schedule.action_resume()
        self.assertEqual(self.shown(schedule)[0][1], date(2026, 3, 2))
        schedule.action_finish()
        self.assertFalse(self.shown(schedule))
        self.assertIn("No dates remain", schedule.rule_preview)

    def test_form_shows_what_a_changed_rule_would_plan(self):
        schedule = self.create_interaction(end_type="count", count=3)
        schedule.action_generate()
        schedule.occurrence_ids[0].action_done()
        edited = self.env["recurrence.schedule"].new({"tue": True}, origin=schedule)
        days = [str(day) for _rule_date, day in self.shown(edited)]
        self.assertEqual(days, ["2026-03-03", "2026-03-10"])


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestStaleInteraction(RecurrenceCommon):
    """A changed rule that nobody regenerated: nothing beyond either end, and a question."""

    def start(self, **vals):
        schedule = self.create_interaction(rrule_type="daily", **vals)
        schedule.action_generate()
        return schedule

    def run_days(self, schedule, *days):
        for day in days:
            self.run_day(schedule, day)

    def test_nothing_beyond_a_shortened_end(self):
        schedule = self.start()
        schedule.write({"end_type": "end_date", "until": date(2026, 3, 4)})
        self.assertIn("until 03/04/2026", schedule.rule_summary.replace("to 03", "until 03"))
        self.run_days(schedule, "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05")
        self.assertDates(schedule, ["2026-03-02", "2026-03-03", "2026-03-04"], states=["todo"])
        [question] = schedule.activity_ids
        self.assertEqual(question.summary, "Rule changed: regenerate the dates")
        schedule.action_regenerate()
        self.run_day(schedule, "2026-03-06")
        self.assertFalse(schedule.activity_ids)
        self.assertEqual(len(schedule.occurrence_ids), 3)

    def test_nothing_beyond_a_lowered_count(self):
        schedule = self.start(end_type="count", count=10)
        schedule.count = 2
        self.run_days(schedule, "2026-03-02", "2026-03-06")
        self.assertDates(schedule, ["2026-03-02", "2026-03-03"], states=["todo"])

    def test_nothing_before_a_later_start(self):
        schedule = self.start()
        schedule.date_start = date(2026, 3, 4)
        self.run_days(schedule, "2026-03-02", "2026-03-03", "2026-03-04")
        self.assertDates(schedule, ["2026-03-04"], states=["todo"])

    def test_nothing_beyond_the_old_end(self):
        schedule = self.start(end_type="end_date", until=date(2026, 3, 3))
        schedule.end_type = "forever"
        self.run_days(schedule, "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05")
        self.assertEqual(len(schedule.occurrence_ids), 2)
        self.assertEqual((schedule.state, len(schedule.activity_ids)), ("running", 1))
        schedule.action_regenerate()
        with freeze_time("2026-03-05 10:00:00"):
            self.assertGreater(len(schedule.occurrence_ids), 300)

    def test_person_decides_on_a_date_beyond(self):
        schedule = self.start()
        schedule.write({"end_type": "end_date", "until": date(2026, 3, 2)})
        added = schedule._add_date(date(2026, 2, 27))
        moved = schedule.occurrence_ids.filtered(lambda o: str(o.date) == "2026-03-09")
        moved.date = date(2026, 3, 4)
        self.run_day(schedule, "2026-03-04")
        self.assertEqual((added + moved).mapped("state"), ["todo", "todo"])

    def test_put_back_the_question_is_gone(self):
        schedule = self.start()
        schedule.interval = 2
        self.run_day(schedule, "2026-03-02")
        self.assertEqual(len(schedule.activity_ids), 1)
        self.run_day(schedule, "2026-03-03")
        self.assertEqual(len(schedule.activity_ids), 1)
        schedule.interval = 1
        self.run_day(schedule, "2026-03-04")
        self.assertFalse(schedule.activity_ids)
        self.assertDates(schedule, ["2026-03-02", "2026-03-03", "2026-03-04"], states=["todo"])


@freeze_time("2026-03-02 10:00:00")
@tagged("post_install", "-at_install")
class TestStaleInvoice(RecurrenceInvoiceCommon):
    """The same for invoices: shown "to 03/15", billed to 03/15."""

    def test_a_shortened_rule_bills_nothing_beyond(self):
        self.env.company.sudo().recurrence_dunning_tz = "UTC"
        schedule = self.create_schedule(
            self.partner_a, rrule_type="weekly", date_start=TODAY, invoice_mode="post"
        )
        schedule.action_generate()
        schedule.write({"end_type": "end_date", "until": date(2026, 3, 15)})
        for week in range(4):
            schedule.sudo()._run_due(TODAY + timedelta(weeks=week))
        dates = schedule.invoice_ids.sorted("invoice_date").mapped("invoice_date")
        self.assertEqual([str(day) for day in dates], ["2026-03-02", "2026-03-09"])
        self.assertEqual(
            schedule.activity_ids.mapped("summary"), ["Rule changed: regenerate the dates"]
        )
        # the job of the whole company neither
        self.env["recurrence.issuing"]._issue_due(self.env.company, date(2026, 4, 6))
        self.env.invalidate_all()
        self.assertEqual(schedule.invoice_count, 2)


@tagged("post_install", "-at_install")
class TestUpcoming(RecurrenceCommon):
    """The first dates are those of the whole plan, found without computing it."""

    def test_covered_dates_are_looked_beyond(self):
        rule = RecurrenceRule(date(2026, 3, 1), rrule_type="daily")
        year = Row(
            1,
            date(2026, 3, 1),
            1,
            fixed=True,
            covers=True,
            period_start=date(2026, 3, 1),
            period_end=date(2026, 6, 30),
        )
        plan = upcoming(rule, WEEKEND_ONLY, [year], date(2026, 3, 2), 3)
        self.assertEqual(
            [str(new.item.rule_date) for new in plan.added][:3],
            ["2026-07-01", "2026-07-02", "2026-07-03"],
        )

    def test_like_the_whole_plan(self):
        for seed in range(200):
            rand = random.Random(seed)
            rule = RecurrenceRule(
                TODAY + timedelta(days=rand.randint(-50, 50)),
                rrule_type=rand.choice(["daily", "weekly", "monthly"]),
                interval=rand.randint(1, 3),
                end_type=rand.choice(["forever", "count"]),
                count=rand.randint(1, 20),
            )
            days = rand.sample(range(-30, 60), 8)
            rows = []
            for number, offset in enumerate(sorted(days), 1):
                day = TODAY + timedelta(days=offset)
                last = day + timedelta(days=rand.randint(0, 20))
                fixed, covers = rand.random() < 0.5, rand.random() < 0.5
                row = Row(number, day, number, fixed, covers, period_start=day, period_end=last)
                rows.append(row)
            horizon = TODAY + timedelta(days=2000)
            whole = reconcile(rule, WEEKEND_ONLY, rows, TODAY, horizon)
            short = upcoming(rule, WEEKEND_ONLY, rows, TODAY, 5)
            self.assertEqual(self.first(short), self.first(whole), f"seed {seed}")

    def first(self, plan):
        news = [*plan.added, *(new for _row, new in plan.kept)]
        return sorted((new.item.rule_date, new.number) for new in news)[:5]


@tagged("post_install", "-at_install")
class TestRecurrenceCalendarOpens(RecurrenceCommon):
    """The calendar opens on one's own dates, and on everybody's for whom has none."""

    def filters(self):
        action = self.env.ref(f"{ADDON}.recurrence_occurrence_action_calendar").sudo()
        action = action.with_user(self.env.user).run()
        self.assertEqual(action["res_model"], "recurrence.occurrence")
        context = action["context"]
        return set(context if isinstance(context, dict) else safe_eval(context))

    def test_own_if_there_are_else_all(self):
        self.assertEqual(self.filters(), {"search_default_open"})
        schedule = self.create_interaction()
        schedule.action_generate()
        self.assertEqual(self.filters(), {"search_default_open", "search_default_mine"})
        schedule.occurrence_ids.action_skip()
        self.assertEqual(self.filters(), {"search_default_open"})
