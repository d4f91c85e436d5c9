"""Reference rates from a file, by Odoo's own import of lists (M1)."""

from datetime import date

from odoo.tests import tagged

from .claim_case import ClaimCommon

HEADINGS = "Series,Half-Year from,Rate (%),Source,Read on\n"
FIELDS = ["series_id", "date_from", "percent", "source", "date_read"]


@tagged("post_install", "-at_install")
class TestRateImport(ClaimCommon):
    """A dunning manager, who is nothing else, imports what a central bank published."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "base_import.import" not in cls.env:
            cls.skipTest(cls, "Odoo's import of lists is not installed")
        cls.manager = cls.create_user("rate_manager", "dunning_group_manager")

    def import_file(self, text, fields=None, user=None):
        """Import a CSV file as the client does: read it, match its columns, then import it.

        :param fields: the fields that somebody chose for the columns; None: those Odoo found
        :return: the rates made, and the errors as pairs of the row and the message, in which row
            1 is the first below the headings and None none in particular
        """
        wizard = self.env["base_import.import"].with_user(user or self.manager)
        wizard = wizard.create(
            {
                "res_model": "dunning.rate",
                "file": text.encode(),
                "file_type": "text/csv",
                "file_name": "rates.csv",
            }
        )
        asked = {"quoting": '"', "separator": "", "has_headers": True, "encoding": "utf-8"}
        preview = wizard.parse_preview({**asked, "date_format": "", "datetime_format": ""})
        headings = preview["headers"]
        matches = preview["matches"] or {}
        self.matched = ["/".join(matches.get(index, ())) for index in range(len(headings))]
        result = wizard.execute_import(fields or self.matched, headings, preview["options"])
        errors = [
            (error["rows"]["from"] + 1 if error.get("rows") else None, error["message"])
            for error in result["messages"]
        ]
        return self.env["dunning.rate"].browse(result.get("ids") or []), errors

    def read_rates(self):
        """Return the rates of the test's series as they are in the database."""
        rates = self.env["dunning.rate"].search([("series_id", "=", self.series.id)])
        return [(str(rate.date_from), rate.percent, rate.state) for rate in rates]

    def refused(self, *rows):
        """Return the errors of a file with these rows; nothing of it arrives, as Odoo has it."""
        before = self.read_rates()
        rates, errors = self.import_file(HEADINGS + "\n".join(rows) + "\n")
        self.assertFalse(rates)
        self.assertEqual(self.read_rates(), before)
        return errors

    def test_m1_rates_of_a_file_arrive_to_be_confirmed(self):
        rates, errors = self.import_file(
            HEADINGS + "Test rate,2026-07-01,1.27,Official journal 123,2026-06-30\n"
            "Test rate,2027-01-01,-0.88,Official journal 456,2026-12-29\n"
        )
        self.assertEqual(errors, [])
        self.assertEqual(self.matched, FIELDS)
        self.assertRecordValues(
            rates,
            [
                {
                    "series_id": self.series.id,
                    "date_from": date(2026, 7, 1),
                    "percent": 1.27,
                    "source": "Official journal 123",
                    "date_read": date(2026, 6, 30),
                    "state": "open",
                    "evidence": "unchecked",
                    "confirmed_user_id": False,
                },
                {
                    "series_id": self.series.id,
                    "date_from": date(2027, 1, 1),
                    "percent": -0.88,
                    "source": "Official journal 456",
                    "date_read": date(2026, 12, 29),
                    "state": "open",
                    "evidence": "unchecked",
                    "confirmed_user_id": False,
                },
            ],
        )

    def test_m1_imported_rates_are_used_once_they_are_confirmed(self):
        move = self.create_due_invoice("2026-06-30", 1000.0)
        rates, _errors = self.import_file(HEADINGS + "Test rate,2026-07-01,1.05,Journal,\n")
        self.assertEqual(self.claim(move, "2026-07-30"), (0.0, 40.0))
        self.assertEqual(
            self.reasons(move, "2026-07-30"),
            ["From 07/01/2026 to 07/30/2026 no rate is known."],
        )
        rates.sudo().action_confirm()
        self.assertEqual(self.claim(move, "2026-07-30"), (9.0, 40.0))

    def test_m1_a_file_does_not_change_what_is_in_use(self):
        rates, errors = self.import_file(HEADINGS + "Test rate,2026-01-01,9.00,Journal,\n")
        self.assertEqual(errors, [])
        self.assertEqual(rates.state, "open")
        self.assertCountEqual(
            self.read_rates(), [("2026-01-01", 1.05, "used"), ("2026-01-01", 9.0, "open")]
        )

    def test_m1_a_file_that_names_the_record_in_use_is_refused(self):
        rate = self.env["dunning.rate"].search([("series_id", "=", self.series.id)])
        rates, errors = self.import_file(f".id,Rate\n{rate.id},7.50\n", [".id", "percent"])
        self.assertFalse(rates)
        self.assertEqual([row for row, _message in errors], [1])
        self.assertIn("What is in use is not edited", errors[0][1])
        self.assertEqual(self.read_rates(), [("2026-01-01", 1.05, "used")])

    def test_m1_the_status_does_not_come_from_a_file(self):
        text = "Series,From,Rate,Status\nTest rate,2026-07-01,1.27,In Use\n"
        rates, errors = self.import_file(text, ["series_id", "date_from", "percent", "state"])
        self.assertFalse(rates)
        message = "“Status” of Reference Rate is managed by the system and cannot be edited."
        self.assertEqual(errors, [(1, message)])

    def test_m1_columns_may_be_matched_by_hand_and_numbers_have_a_comma(self):
        text = "series;valid from;percent;source;read on\nTest rate;2026-07-01;1,27;Amtsblatt;\n"
        rates, errors = self.import_file(text, FIELDS)
        self.assertEqual(errors, [])
        self.assertEqual((rates.percent, rates.source), (1.27, "Amtsblatt"))

    def test_m1_an_unknown_series_is_named_with_its_row(self):
        errors = self.refused("Test rate,2026-07-01,1.0,,", "Nowhere rate,2026-07-01,1.0,,")
        self.assertEqual({row for row, _message in errors}, {2})
        message = "No matching record found for name 'Nowhere rate' in field 'Series'"
        self.assertEqual(errors[0][1], message)

    def test_m1_a_day_within_a_half_year_is_named_with_its_row(self):
        errors = self.refused("Test rate,2026-07-01,1.0,,", "Test rate,2027-02-01,1.0,,")
        message = "Test rate, 02/01/2027: a rate holds from 1 January or from 1 July of a year."
        self.assertIn((2, message), errors)

    def test_m1_a_rate_out_of_range_is_named_with_its_row(self):
        errors = self.refused("Test rate,2026-07-01,1.0,,", "Test rate,2027-01-01,105,,")
        message = "Test rate, 01/01/2027: a reference rate lies between -10 % and 100 % a year."
        self.assertIn((2, message), errors)

    def test_rule_22_an_empty_cell_is_no_rate_of_zero(self):
        errors = self.refused("Test rate,2026-07-01,0,,", "Test rate,2027-01-01,,,")
        message = (
            "Test rate, 01/01/2027: enter the rate, 0 if it is zero. A missing one is not guessed."
        )
        self.assertIn((2, message), errors)
        rates, errors = self.import_file(HEADINGS + "Test rate,2026-07-01,0,,\n")
        self.assertEqual((rates.percent, errors), (0.0, []))

    def test_m1_the_same_half_year_twice_is_named_with_its_row(self):
        errors = self.refused("Test rate,2026-07-01,1.0,,", "Test rate,2026-07-01,1.1,,")
        message = (
            "Test rate, 07/01/2026: this half-year is to be confirmed already. Change or delete "
            "that one."
        )
        self.assertIn((2, message), errors)

    def test_m1_a_file_that_is_read_twice_is_refused_the_second_time(self):
        text = HEADINGS + "Test rate,2026-07-01,1.27,Journal,\n"
        self.assertEqual(self.import_file(text)[1], [])
        rates, errors = self.import_file(text)
        self.assertFalse(rates)
        self.assertEqual([row for row, _message in errors], [1])
        self.assertIn("to be confirmed already", errors[0][1])

    def test_m1_text_in_place_of_a_number_or_a_day_is_named(self):
        [(row, message)] = self.refused("Test rate,2026-07-01,two,,")
        self.assertEqual(
            (row, message), (None, "Column percent contains incorrect values (value: two)")
        )
        [(row, message)] = self.refused("Test rate,2026-07-01,1,,", "Test rate,soon,1,,")
        self.assertIn("Column date_from contains incorrect values. Error in line 2", message)

    def test_rule_19_whoever_only_works_with_dunning_imports_none(self):
        clerk = self.create_user("rate_clerk", "dunning_group_user")
        rates, errors = self.import_file(
            HEADINGS + "Test rate,2026-07-01,1.27,Journal,\n", user=clerk
        )
        self.assertFalse(rates)
        self.assertIn("You are not allowed to create 'Reference Rate'", errors[0][1])
