from datetime import date

from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import RecurrenceCommon


@freeze_time("2026-03-02")
@tagged("post_install", "-at_install")
class TestRecurrenceGenerate(RecurrenceCommon):
    """R5: the occurrences a schedule gets, and the dialog before."""

    def test_r5_generate_up_to_the_horizon(self):
        self.company.sudo().recurrence_horizon_months = 2
        schedule = self.create_interaction()
        action = schedule.action_generate()
        self.assertEqual(action["params"]["message"], "Dates generated: 9")
        self.assertEqual(schedule.state, "running")
        self.assertDates(
            schedule,
            [
                "2026-03-02",
                "2026-03-09",
                "2026-03-16",
                "2026-03-23",
                "2026-03-30",
                "2026-04-06",
                "2026-04-13",
                "2026-04-20",
                "2026-04-27",
            ],
        )
        self.assertEqual(schedule.next_date, date(2026, 3, 2))
        self.assertEqual(schedule.occurrence_ids.mapped("number"), list(range(1, 10)))

    def test_r9_a_date_stands_in_the_calendar_from_generation_on(self):
        schedule = self.create_interaction(end_type="count", count=3)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_recurrence_dunning.recurrence_occurrence_action"
        )
        self.assertEqual(action["views"][0][1], "calendar")
        self.assertFalse(action["domain"])
        rows = self.env[action["res_model"]].search([("schedule_id", "=", schedule.id)])
        self.assertFalse(rows)
        schedule.action_generate()
        view = self.env[action["res_model"]].get_view(action["views"][0][0], "calendar")
        [start] = etree.fromstring(view["arch"]).xpath("/calendar/@date_start")
        rows = rows.search([("schedule_id", "=", schedule.id)], order=start)
        self.assertEqual(
            rows.mapped(start), [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]
        )
        self.assertEqual(rows.mapped("state"), ["planned", "planned", "planned"])
        self.assertFalse(rows.activity_id)

    def test_r6_no_date_is_moved_before_the_beginning(self):
        schedule = self.create_interaction(end_type="count", count=3)
        schedule.action_generate()
        moves = self.env["recurrence.occurrence.move"]
        dialog = moves.create(
            {"occurrence_id": schedule.occurrence_ids[1].id, "date": "2020-01-01"}
        )
        with self.assertRaisesRegex(UserError, "begins on 03/02/2026: choose a day from then on"):
            dialog.action_confirm()
        dialog.date = "2026-03-02"
        dialog.action_confirm()
        self.assertEqual(str(schedule.occurrence_ids[1].date), "2026-03-02")

    def test_rule_2_generating_again_adds_nothing(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        first = schedule.occurrence_ids
        schedule.action_generate()
        self.assertEqual(schedule.occurrence_ids, first)
        self.assertEqual(len(first), 53)

    def test_rule_2_an_earlier_day_does_not_plan_what_is_planned(self):
        schedule = self.create_interaction()
        schedule.action_generate()
        planned = schedule.occurrence_ids
        for day in (date(2026, 2, 20), date(2026, 2, 21), date(2026, 3, 2)):
            schedule._run_due(day)
        self.assertEqual(schedule.occurrence_ids, planned)
        self.assertEqual(schedule.generated_until, date(2027, 3, 2))

    @mute_logger("odoo.sql_db")
    def test_rule_2_database_refuses_a_second_row_for_a_date(self):
        schedule = self.create_interaction(end_type="count", count=1)
        schedule.action_generate()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["recurrence.occurrence"].sudo().create(
                {
                    "schedule_id": schedule.id,
                    "rule_date": date(2026, 3, 2),
                    "date": date(2026, 3, 5),
                }
            )

    def test_rolling_horizon_is_extended_day_by_day(self):
        self.company.sudo().recurrence_horizon_months = 1
        schedule = self.create_interaction()
        schedule.action_generate()
        self.assertEqual(max(schedule.occurrence_ids.mapped("date")), date(2026, 3, 30))
        self.run_day(schedule, "2026-03-05")
        self.assertEqual(max(schedule.occurrence_ids.mapped("date")), date(2026, 3, 30))
        self.run_day(schedule, "2026-03-06")
        self.assertEqual(max(schedule.occurrence_ids.mapped("date")), date(2026, 4, 6))
        self.assertEqual(len(schedule.occurrence_ids), 6)

    def test_at_most_720_ahead_without_a_gap_later(self):
        self.company.sudo().recurrence_horizon_months = 36
        schedule = self.create_interaction(rrule_type="daily")
        schedule.action_generate()
        self.assertEqual(len(schedule.occurrence_ids), 720)
        self.assertEqual(max(schedule.occurrence_ids.mapped("date")), date(2028, 2, 19))
        for occurrence in schedule.occurrence_ids.sorted("date")[:3]:
            occurrence.action_done()
        self.run_day(schedule, "2026-03-05")
        days = sorted(schedule.occurrence_ids.mapped("rule_date"))
        self.assertEqual(len(days), (max(days) - min(days)).days + 1)
        self.assertEqual(max(days), date(2028, 2, 22))

    def test_r5_a_day_on_which_no_more_may_be_planned_leaves_no_hole(self):
        self.company.sudo().recurrence_horizon_months = 36
        schedule = self.create_interaction(rrule_type="daily")
        schedule.action_generate()
        self.run_day(schedule, "2026-03-01")
        self.assertEqual(schedule.generated_until, date(2028, 2, 19))
        self.run_day(schedule, "2026-03-05")
        days = sorted(schedule.occurrence_ids.mapped("rule_date"))
        self.assertEqual((len(days), max(days)), (723, date(2028, 2, 22)))

    def test_r4_ends_after_n(self):
        schedule = self.create_interaction(end_type="count", count=3)
        schedule.action_generate()
        self.assertDates(schedule, ["2026-03-02", "2026-03-09", "2026-03-16"])
        self.assertEqual(schedule.last_date, date(2026, 3, 16))

    def test_r4_count_reaches_over_the_horizon(self):
        self.company.sudo().recurrence_horizon_months = 1
        schedule = self.create_interaction(rrule_type="monthly", end_type="count", count=4)
        schedule.action_generate()
        self.assertDates(schedule, ["2026-03-02", "2026-04-02"])
        self.assertEqual(schedule.last_date, date(2026, 6, 2))
        for day in ("2026-04-02", "2026-05-02", "2026-06-02", "2026-07-02"):
            self.run_day(schedule, day)
        self.assertDates(schedule, ["2026-03-02", "2026-04-02", "2026-05-02", "2026-06-02"])

    def test_r4_ends_on_a_date(self):
        schedule = self.create_interaction(end_type="end_date", until=date(2026, 3, 9))
        schedule.action_generate()
        self.assertDates(schedule, ["2026-03-02", "2026-03-09"])

    def test_shift_keeps_the_rule_date(self):
        schedule = self.create_interaction(
            rrule_type="monthly",
            date_start=date(2026, 3, 31),
            day_shift="previous",
            end_type="count",
            count=3,
        )
        schedule.action_generate()
        self.assertDates(schedule, ["2026-03-31", "2026-04-30", "2026-05-29"])
        self.assertEqual(str(schedule.occurrence_ids[2].rule_date), "2026-05-31")

    def test_periods_follow_each_other(self):
        schedule = self.create_interaction(
            rrule_type="monthly", date_start=date(2026, 1, 31), end_type="count", count=3
        )
        schedule.action_generate()
        self.assertEqual(
            [(str(o.period_start), str(o.period_end)) for o in schedule.occurrence_ids],
            [
                ("2026-01-31", "2026-02-27"),
                ("2026-02-28", "2026-03-30"),
                ("2026-03-31", "2026-04-29"),
            ],
        )

    def test_earlier_start_all(self):
        schedule = self.create_interaction(
            date_start=date(2026, 2, 9), end_type="count", count=5, catch_up="all"
        )
        schedule.action_generate()
        self.assertEqual(set(schedule.occurrence_ids.mapped("state")), {"planned"})

    def test_earlier_start_last_only(self):
        schedule = self.create_interaction(
            date_start=date(2026, 2, 9), end_type="count", count=5, catch_up="last"
        )
        schedule.action_generate()
        self.assertDates(schedule, ["2026-02-09", "2026-02-16"], states=["skipped"])
        self.assertDates(schedule, ["2026-02-23", "2026-03-02", "2026-03-09"], ["planned"])

    def test_earlier_start_skip(self):
        schedule = self.create_interaction(
            date_start=date(2026, 2, 9), end_type="count", count=5, catch_up="skip"
        )
        schedule.action_generate()
        self.assertDates(schedule, ["2026-03-02", "2026-03-09"], states=["planned"])
        self.assertEqual(
            schedule.occurrence_ids[0].skip_reason, "Before the recurrence was started"
        )

    def test_dialog_says_what_will_happen(self):
        schedule = self.create_interaction(date_start=date(2026, 2, 9), end_type="count", count=5)
        action = schedule.action_open_generate()
        dialog = self.env[action["res_model"]].with_context(**action["context"])
        with Form(dialog) as form:
            self.assertEqual(
                form.message,
                "Dates to plan: 5, from 02/09/2026 to 03/09/2026. An activity is created for "
                "each when its day comes.",
            )
            self.assertEqual(
                form.past_message, "Dates in the past: 3. They become due immediately."
            )
            form.catch_up = "skip"
            self.assertEqual(form.past_message, "Dates in the past: 3. They are skipped.")
        self.assertFalse(schedule.occurrence_ids)
        form.record.action_confirm()
        self.assertDates(schedule, ["2026-03-02", "2026-03-09"], states=["planned"])

    def test_rule_without_a_date_is_refused(self):
        schedule = self.create_interaction(
            rrule_type="monthly",
            interval=12,
            date_start=date(2026, 2, 1),
            day=30,
            month_end="skip",
        )
        with self.assertRaisesRegex(UserError, "results in no dates"):
            schedule.action_generate()

    def test_add_a_date_by_hand(self):
        schedule = self.create_interaction(end_type="count", count=2)
        schedule.action_generate()
        action = schedule.action_open_add()
        dialog = self.env[action["res_model"]].with_context(**action["context"])
        dialog.create({"date": date(2026, 3, 5)}).action_confirm()
        self.assertDates(schedule, ["2026-03-02", "2026-03-05", "2026-03-09"])
        self.assertTrue(self.occurrence_on(schedule, "2026-03-05").is_manual)
        with self.assertRaisesRegex(UserError, "03/09/2026 is already one of the dates"):
            schedule._add_date(date(2026, 3, 9))

    def test_date_added_by_hand_is_not_planned_twice(self):
        self.company.sudo().recurrence_horizon_months = 1
        schedule = self.create_interaction()
        schedule.action_generate()
        schedule._add_date(date(2026, 4, 6))
        self.run_day(schedule, "2026-03-20")
        self.assertEqual(len(self.occurrence_on(schedule, "2026-04-06")), 1)
        self.assertEqual(len(self.occurrence_on(schedule, "2026-04-13")), 1)

    def test_batch_asks_the_database_as_often_for_many(self):
        few = [self.create_interaction(name=f"few {n}") for n in range(2)]
        many = [self.create_interaction(name=f"many {n}") for n in range(20)]
        few, many = (self.env["recurrence.schedule"].union(*group) for group in (few, many))
        few.action_generate()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        few.sudo()._generate(date(2026, 3, 20))
        self.env.flush_all()
        for_few = self.env.cr.sql_log_count - before
        many.action_generate()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        many.sudo()._generate(date(2026, 3, 20))
        self.env.flush_all()
        self.assertLessEqual(self.env.cr.sql_log_count - before, for_few + 2)
