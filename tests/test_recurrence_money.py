from datetime import date

from lxml import etree

from odoo.tests import freeze_time, tagged

from ..tools.recurrence.rule import RecurrenceRule
from ..tools.recurrence.value import dates_per_month
from .common import RecurrenceCommon, RecurrenceInvoiceCommon

ADDON = "account_recurrence_dunning"


@tagged("post_install", "-at_install")
class TestRecurrenceMoney(RecurrenceInvoiceCommon):
    """What a recurring invoice comes to, each time and in a month."""

    def value_of(self, amount=120.0, **rule):
        schedule = self.create_schedule(self.partner_a, line={"price_unit": amount}, **rule)
        return schedule.amount_untaxed, schedule.monthly_value

    def test_value_of_a_month(self):
        cases = (
            ({"rrule_type": "monthly"}, 120.0),
            ({"rrule_type": "monthly", "interval": 3}, 40.0),
            ({"rrule_type": "yearly"}, 10.0),
            ({"rrule_type": "yearly", "interval": 2}, 5.0),
            ({"rrule_type": "weekly", "mon": True}, 520.0),
            ({"rrule_type": "weekly", "interval": 2, "mon": True, "thu": True}, 520.0),
            ({"rrule_type": "weekly", "interval": 4}, 130.0),
            ({"rrule_type": "daily"}, 3650.0),
        )
        for rule, value in cases:
            with self.subTest(rule):
                self.assertEqual(self.value_of(**rule), (120.0, value))

    def test_value_follows_template_and_rule(self):
        schedule = self.create_schedule(self.partner_a)
        self.assertEqual(schedule.monthly_value, 100.0)
        schedule.template_move_id.invoice_line_ids.price_unit = 60.0
        self.env.invalidate_all()  # as the next page that is opened
        self.assertEqual(schedule.monthly_value, 60.0)
        schedule.interval = 6
        self.assertEqual(schedule.monthly_value, 10.0)

    def test_value_is_in_the_currency_of_the_template(self):
        euro = self.setup_other_currency("EUR")
        schedule = self.create_schedule(self.partner_a, template={"currency_id": euro.id})
        self.assertEqual((schedule.currency_id, schedule.monthly_value), (euro, 100.0))

    def test_a_date_shows_what_its_invoice_comes_to(self):
        schedule = self.create_schedule(self.partner_a)
        occurrence = self.create_occurrence(schedule, "2026-01-01")
        self.assertEqual(occurrence.amount_total, 115.0)

    def test_ends_do_not_change_the_value(self):
        rule = RecurrenceRule(date(2026, 1, 1), end_type="count", count=2, interval=12)
        self.assertEqual(float(dates_per_month(rule)) * 12, 1.0)

    def test_list_shows_amounts_and_adds_up_months_only(self):
        arch = etree.fromstring(
            self.env.ref(f"{ADDON}.recurrence_schedule_view_list_invoice").sudo().arch
        )
        shown = {node.get("name"): node.get("sum") for node in arch.iter("field")}
        self.assertEqual(shown["monthly_value"], "Per Month")
        self.assertIsNone(shown["amount_untaxed"])


@freeze_time("2026-03-10 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrenceNextWhen(RecurrenceCommon):
    """The kanban of recurrences is in columns by when the next date is."""

    def setUp(self):
        super().setUp()
        days = {
            "late": "2026-03-09",
            "today": "2026-03-10",
            "soon": "2026-03-16",
            "later": "2026-03-17",
        }
        self.made = {}
        for when, day in days.items():
            schedule = self.create_interaction(date_start=day, end_type="count", count=1)
            schedule.action_generate()
            self.made[when] = schedule
        self.made[False] = self.create_interaction(date_start="2026-03-10")
        self.ids = [schedule.id for schedule in self.made.values()]

    def test_next_date_is_late_today_soon_or_later(self):
        for when, schedule in self.made.items():
            self.assertEqual(schedule.next_when, when)

    def test_filters_find_what_is_shown(self):
        schedules = self.env["recurrence.schedule"]
        for when, schedule in self.made.items():
            found = schedules.search([("id", "in", self.ids), ("next_when", "=", when)])
            self.assertEqual(found, schedule, when)
        found = schedules.search([("id", "in", self.ids), ("next_when", "!=", "late")])
        self.assertEqual(set(found.ids), set(self.ids) - {self.made["late"].id})

    def test_columns_of_the_kanban_in_order(self):
        arch = etree.fromstring(
            self.env.ref(f"{ADDON}.recurrence_schedule_view_kanban").sudo().arch
        )
        self.assertEqual(arch.get("default_group_by"), "next_when")
        read = (
            self.env["recurrence.schedule"]
            .with_context(read_group_expand=True)
            .web_read_group([("id", "in", self.made["today"].ids)], ["next_when"], [])
        )
        columns = [(group["next_when"], group["__count"]) for group in read["groups"]]
        self.assertEqual(columns, [("late", 0), ("today", 1), ("soon", 0), ("later", 0)])
