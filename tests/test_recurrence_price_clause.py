from datetime import date

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .test_recurrence_billed_line import JANUARY
from .test_recurrence_price_rise import PriceRiseCase


@freeze_time("2026-01-05 10:00:00")
@tagged("post_install", "-at_install")
class TestRecurrencePriceClause(PriceRiseCase):
    """R11: prices that rise each year, by a percentage or with an index."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clauses = cls.env["recurrence.price.clause"]
        cls.yearly = clauses.create({"name": "3 % a year", "percent": 3})
        cls.index = cls.env["recurrence.price.index"].create({"name": "Consumer prices"})
        cls.by_index = clauses.create(
            {"name": "Consumer prices", "method": "index", "index_id": cls.index.id}
        )

    def add_value(self, month, value):
        self.env["recurrence.price.index.value"].create(
            {"index_id": self.index.id, "month": month, "value": value}
        )

    def propose(self, day):
        schedules = self.env["recurrence.schedule"].sudo()
        return schedules._propose_clauses(self.company, day)

    def test_r11_first_anniversary_to_come(self):
        self.hosting.price_clause_id = self.yearly
        self.assertEqual(self.hosting.price_clause_date, date(2027, 1, 1))
        self.assertEqual(self.hosting.price_base_month, JANUARY)
        self.hosting.price_clause_id = False
        self.assertFalse(self.hosting.price_clause_date)
        old = self.create_for(
            self.partner_a, self.line("Support", 10.0), date_start=date(2019, 3, 31)
        )
        old.price_clause_id = self.yearly
        self.assertEqual(old.price_clause_date, date(2026, 3, 31))

    def test_r11_proposed_once_and_in_time(self):
        """30 days of notice and 14 to look at it before 1 January 2027: 18 November 2026."""
        (self.hosting + self.small).price_clause_id = self.yearly
        with freeze_time("2026-11-18 10:00:00"):
            self.assertFalse(self.propose(date(2026, 11, 17)))
            rise = self.propose(date(2026, 11, 18))
            self.assertEqual(rise.schedule_ids, self.hosting + self.small)
            self.assertEqual((rise.date, rise.state), (date(2027, 1, 1), "draft"))
            self.assertEqual(rise.name, "3 % a year from 01/01/2027")
            self.assertEqual(rise.line_ids.sorted("id").mapped("price"), [103.0, 51.40])
            self.assertEqual(rise.activity_ids.user_id, self.clerk)
            self.assertEqual(rise.activity_ids.summary, "Look at the new prices")
            self.assertFalse(self.propose(date(2026, 11, 18)))
        self.assertEqual(self.hosting.price_clause_date, date(2028, 1, 1))

    def test_r11_index_is_counted_from_the_last_rise(self):
        """117.0 to 119.34 are 2 %, to 121.7268 another 2 %."""
        self.hosting.price_clause_id = self.by_index
        self.add_value("2026-01-15", 117.0)
        self.add_value("2026-10-01", 119.34)
        with freeze_time("2026-11-18 10:00:00"):
            rise = self.propose(date(2026, 11, 18)).with_user(self.clerk)
            self.assertEqual((rise.base_month, rise.current_month), (JANUARY, date(2026, 10, 1)))
            self.assertPrices(rise, ("Hosting", 100.0, 102.0, date(2027, 1, 1), False))
            rise.action_apply()
        self.assertEqual(self.hosting.price_base_month, date(2026, 10, 1))
        self.add_value("2027-10-01", 121.7268)
        with freeze_time("2027-11-18 10:00:00"):
            again = self.propose(date(2027, 11, 18))
            line = again.line_ids.filtered(lambda found: not found.reason)
            self.assertEqual((line.former_price, line.price), (102.0, 104.04))
        rise.action_withdraw()
        self.assertEqual(self.hosting.price_base_month, JANUARY)

    def test_r11_below_the_threshold_the_index_goes_on_being_counted(self):
        """117.0 to 119.34 are 2 %: nothing of 5 %; to 122.85, a year later, 5 %."""
        self.by_index.threshold = 5
        self.hosting.price_clause_id = self.by_index
        self.add_value("2026-01-01", 117.0)
        self.add_value("2026-10-01", 119.34)
        with freeze_time("2026-11-18 10:00:00"):
            rise = self.propose(date(2026, 11, 18))
            self.assertEqual(rise.line_ids.reason, "below_threshold")
            self.assertEqual(rise.state, "kept")
            self.assertFalse(rise.notice_ids)
            self.assertFalse(rise.activity_ids)
            with self.assertRaisesRegex(UserError, "It is closed"):
                rise.with_user(self.clerk).action_propose()
        self.assertEqual(self.hosting.price_base_month, JANUARY)
        self.add_value("2027-10-01", 122.85)
        with freeze_time("2027-11-18 10:00:00"):
            self.assertEqual(self.propose(date(2027, 11, 18)).line_ids.price, 105.0)

    def test_r11_month_that_prices_stand_for_stays(self):
        """Without a clause for a while, and after a rise by hand: nothing is counted twice."""
        self.hosting.price_clause_id = self.by_index
        self.add_value("2026-01-01", 117.0)
        self.add_value("2026-10-01", 119.34)
        with freeze_time("2026-11-18 10:00:00"):
            rise = self.create_rise(
                self.hosting,
                method="index",
                index_id=self.index.id,
                base_month=JANUARY,
                current_month="2026-10-01",
            )
            rise.action_apply()
        self.assertEqual(self.hosting.price_base_month, date(2026, 10, 1))
        self.hosting.price_clause_id = False
        self.hosting.price_clause_id = self.by_index
        self.assertEqual(self.hosting.price_base_month, date(2026, 10, 1))

    def test_r11_by_percent_the_month_moves_too(self):
        """Raised from 1 March 2026 on: an index that is agreed later counts from there."""
        rise = self.create_rise(self.hosting, date=date(2026, 3, 1))
        rise.action_apply()
        self.assertEqual(self.hosting.price_base_month, date(2026, 3, 1))
        rise.action_withdraw()
        self.assertFalse(self.hosting.price_base_month)

    def test_r11_day_that_a_person_entered_is_counted_from(self):
        self.hosting.price_clause_id = self.yearly
        self.hosting.price_clause_date = date(2026, 3, 31)
        self.propose(date(2026, 2, 20))
        self.assertEqual(self.hosting.price_clause_date, date(2027, 3, 31))

    def test_r11_anniversary_of_the_last_day_of_february(self):
        leap = self.create_for(
            self.partner_a, self.line("Support", 10.0), date_start=date(2024, 2, 29)
        )
        leap.price_clause_id = self.yearly
        self.assertEqual(leap.price_clause_date, date(2026, 2, 28))
        self.assertEqual(leap._get_following(date(2027, 2, 28), date(2027, 2, 28)).day, 29)

    def test_r11_clause_without_a_day(self):
        self.hosting.price_clause_id = self.yearly
        with self.assertRaisesRegex(ValidationError, "on which day the prices of"):
            self.hosting.price_clause_date = False

    def test_r11_one_message_whatever_month_prices_stand_for(self):
        (self.hosting + self.small).price_clause_id = self.yearly
        self.small.price_base_month = date(2020, 1, 1)
        with freeze_time("2026-11-18 10:00:00"):
            self.assertEqual(len(self.propose(date(2026, 11, 18))), 1)

    def test_r11_draft_that_waits_is_not_worked_out_again(self):
        self.hosting.price_clause_id = self.yearly
        with freeze_time("2026-11-18 10:00:00"):
            self.propose(date(2026, 11, 18))
        with freeze_time("2027-11-18 10:00:00"):
            self.assertFalse(self.propose(date(2027, 11, 18)))

    def test_r11_value_that_is_published_later_is_waited_for(self):
        self.hosting.price_clause_id = self.by_index
        self.add_value("2026-01-01", 117.0)
        with freeze_time("2026-11-18 10:00:00"):
            self.assertFalse(self.propose(date(2026, 11, 18)))
            self.assertIn("Support of partner_a: The index has no later", self.by_index.error)
            self.assertEqual(self.hosting.price_clause_date, date(2027, 1, 1))
            self.add_value("2026-10-01", 119.34)
            self.assertEqual(self.propose(date(2026, 11, 20)).line_ids.price, 102.0)
        self.assertFalse(self.by_index.error)

    def test_r11_one_that_begins_later_stops_no_other(self):
        """Prices of December are in force with one of them: the index knows October."""
        (self.hosting + self.small).price_clause_id = self.by_index
        self.small.price_base_month = date(2026, 12, 1)
        self.add_value("2026-01-01", 117.0)
        self.add_value("2026-10-01", 119.34)
        with freeze_time("2026-11-18 10:00:00"):
            rise = self.propose(date(2026, 11, 18))
        self.assertEqual(rise.schedule_ids, self.hosting)
        self.assertIn("Support of partner_b: ", self.by_index.error)

    def test_r11_percent_asks_for_no_value(self):
        self.yearly.index_id = self.index
        self.hosting.price_clause_id = self.yearly
        with freeze_time("2026-11-18 10:00:00"):
            self.assertEqual(self.propose(date(2026, 11, 18)).line_ids.price, 103.0)

    def test_r11_start_that_is_corrected_rises_nothing_twice(self):
        """Raised for 1 January 2027; the start is corrected to 15 January 2026."""
        self.hosting.price_clause_id = self.yearly
        with freeze_time("2026-11-18 10:00:00"):
            self.propose(date(2026, 11, 18)).with_user(self.clerk).action_apply()
        with freeze_time("2026-12-10 10:00:00"):
            self.hosting.date_start = date(2026, 1, 15)
            self.assertEqual(self.hosting.price_clause_date, date(2028, 1, 15))
            self.hosting.price_clause_id = False
            self.hosting.price_clause_id = self.yearly
            self.assertEqual(self.hosting.price_clause_date, date(2028, 1, 15))

    def test_r11_month_follows_the_start_until_prices_were_raised(self):
        self.hosting.price_clause_id = self.by_index
        self.hosting.date_start = date(2026, 7, 1)
        self.assertEqual(self.hosting.price_base_month, date(2026, 7, 1))
        self.create_rise(self.hosting, date=date(2026, 8, 1)).action_apply()
        self.hosting.date_start = date(2026, 5, 1)
        self.assertEqual(self.hosting.price_base_month, date(2026, 8, 1))

    def test_r11_rise_of_some_products_moves_no_month(self):
        self.hosting.price_clause_id = self.by_index
        self.hosting.template_move_id.invoice_line_ids.product_id = self.product_a
        self.hosting.template_move_id.invoice_line_ids.price_unit = 100.0
        rise = self.create_rise(self.hosting, product_ids=[Command.set(self.product_a.ids)])
        rise.action_apply()
        self.assertEqual(self.hosting.price_base_month, JANUARY)
        rise.action_withdraw()
        self.assertEqual(self.hosting.price_base_month, JANUARY)

    def test_r11_nobody_who_is_responsible_bills(self):
        self.hosting.price_clause_id = self.yearly
        self.clerk.sudo().group_ids -= self.env.ref("account.group_account_invoice")
        with freeze_time("2026-11-18 10:00:00"):
            self.assertFalse(self.propose(date(2026, 11, 18)))
        self.assertIn("Nobody who is responsible", self.yearly.error)

    def test_r11_looked_at_once_it_is_applied(self):
        self.hosting.price_clause_id = self.yearly
        with freeze_time("2026-11-18 10:00:00"):
            rise = self.propose(date(2026, 11, 18)).with_user(self.clerk)
            rise.action_apply()
        self.assertFalse(rise.activity_ids)

    def test_r11_clause_of_another_company(self):
        self.hosting.price_clause_id = self.yearly
        other = self.setup_other_company(name="Other")["company"]
        with self.assertRaisesRegex(ValidationError, "Recurrences of another company"):
            self.yearly.sudo().company_id = other

    def test_r11_missing_value_is_not_guessed(self):
        self.hosting.price_clause_id = self.by_index
        self.add_value("2026-10-01", 119.34)
        with freeze_time("2026-11-18 10:00:00"):
            self.assertFalse(self.propose(date(2026, 11, 18)))
        self.assertIn("no value for the month that it is counted from", self.by_index.error)
        rise = self.create_rise(
            self.hosting,
            method="index",
            index_id=self.index.id,
            base_month=JANUARY,
            current_month="2026-10-01",
        )
        self.assertEqual(rise.line_ids.reason, "no_value")

    def test_r11_clause_that_fails_stops_no_other(self):
        self.hosting.price_clause_id = self.by_index
        self.small.price_clause_id = self.yearly
        self.add_value("2026-01-01", 117.0)
        self.add_value("2026-10-01", 119.34)
        self.env.cr.execute(
            "UPDATE recurrence_price_clause SET share = 0 WHERE id = %s", [self.by_index.id]
        )
        self.by_index.invalidate_recordset()
        with freeze_time("2026-11-18 10:00:00"):
            rise = self.propose(date(2026, 11, 18))
        self.assertEqual(rise.schedule_ids, self.small)
        self.assertIn("share that is passed on", self.by_index.error)

    def test_r11_terms_that_make_no_sense(self):
        clauses = self.env["recurrence.price.clause"]
        for vals in (
            {"method": "index"},
            {"percent": -100},
            {"share": 0},
            {"share": 101},
            {"threshold": -1},
            {"cap": -1},
            {"rounding": -0.05},
            {"rounding": 0.00001},
            {"method": "amount", "currency_id": False},
            {"months": 0},
            {"notice_days": -1},
        ):
            with self.subTest(**vals), self.assertRaises(ValidationError):
                clauses.create({"name": "x", **vals})

    def test_r11_values_are_imported_from_a_file(self):
        content = "Index,Month,Value\nConsumer prices,2026-01-31,117\n"
        content += "Consumer prices,2026-02-01,118.2"
        importing = self.env["base_import.import"].create(
            {
                "res_model": "recurrence.price.index.value",
                "file": content.encode(),
                "file_name": "index.csv",
                "file_type": "text/csv",
            }
        )
        options = {
            "quoting": '"',
            "separator": ",",
            "has_headers": True,
            "date_format": "%Y-%m-%d",
            "float_decimal_separator": ".",
            "float_thousand_separator": "",
        }
        columns = ["Index", "Month", "Value"]
        result = importing.execute_import(["index_id", "month", "value"], columns, options)
        self.assertFalse([message for message in result["messages"] if message["type"] == "error"])
        self.assertEqual(
            [(value.month, value.value) for value in self.index.value_ids.sorted("month")],
            [(JANUARY, 117.0), (date(2026, 2, 1), 118.2)],
        )
        self.assertEqual(self.index.last_value, 118.2)
        # the whole series once more, with what was corrected
        again = importing.copy({"file": content.replace("118.2", "118.3").encode()})
        result = again.execute_import(["index_id", "month", "value"], columns, options)
        self.assertFalse([message for message in result["messages"] if message["type"] == "error"])
        self.assertEqual(self.index.value_ids.sorted("month").mapped("value"), [117.0, 118.3])

    def test_r11_one_value_a_month(self):
        self.add_value("2026-01-01", 117.0)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.add_value("2026-01-31", 118.0)
        with self.assertRaisesRegex(ValidationError, "above zero"):
            self.add_value("2026-02-01", 0)
