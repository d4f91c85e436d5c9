import csv
import doctest
import io
import unittest
from datetime import date

from odoo.tests import BaseCase

from ..tools.common import table_file
from ..tools.common.value_bounds import YEARS
from ..tools.dunning import csv as dunning_csv

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
except ImportError:
    st = None

FILE_CODES = {
    "empty",
    "binary",
    "unreadable",
    "no_column",
    "duplicate_column",
    "too_many",
}
ROW_CODES = {
    "",
    "no_number",
    "bad_number",
    "bad_level",
    "bad_date",
    "bad_tag",
    "nothing",
    "duplicate",
}


class TestDunningCsv(BaseCase):
    """How files of other software are read: a table of contents and what comes out."""

    def read_text(self, text, encoding="utf-8", **kwargs):
        return dunning_csv.read(text.encode(encoding), **kwargs)

    def rows(self, text, **kwargs):
        return [
            (row.line, row.number, row.level, row.date, row.tags, row.problem)
            for row in self.read_text(text, **kwargs).rows
        ]

    def test_doctests(self):
        self.assertEqual(doctest.testmod(dunning_csv).failed, 0)

    def test_separators(self):
        for separator in ";,\t|":
            text = separator.join(("Invoice", "Level")) + "\n" + separator.join(("A/1", "2"))
            table = self.read_text(text)
            self.assertEqual(table.separator, separator)
            self.assertEqual((table.rows[0].number, table.rows[0].level), ("A/1", 2))

    def test_date_formats(self):
        for text, expected in (
            ("2026-03-13", "%Y-%m-%d"),
            ("13.03.2026", "%d.%m.%Y"),
            ("13/03/2026", "%d/%m/%Y"),
            ("03/13/2026", "%m/%d/%Y"),
            ("13-03-2026", "%d-%m-%Y"),
            ("20260313", "%Y%m%d"),
            ("13.03.26", "%d.%m.%y"),
        ):
            table = self.read_text(f"Invoice;Date\nA/1;{text}")
            self.assertEqual(table.date_format, expected)
            self.assertEqual(table.rows[0].date, date(2026, 3, 13), text)
            self.assertFalse(table.is_date_doubtful, text)

    def test_doubtful_dates_are_told_and_can_be_chosen(self):
        text = "Invoice;Date\nA/1;03/04/2026\nA/2;05/06/2026"
        table = self.read_text(text)
        self.assertTrue(table.is_date_doubtful)
        self.assertEqual(table.rows[0].date, date(2026, 4, 3))
        table = self.read_text(text, date_format="%m/%d/%Y")
        self.assertEqual(table.rows[0].date, date(2026, 3, 4))

    def test_a_time_behind_the_date_is_left_out(self):
        self.assertEqual(
            self.rows("Invoice;Date\nA/1;2026-03-13 08:00:00")[0][3], date(2026, 3, 13)
        )

    def test_headings_in_three_languages_and_any_order(self):
        for text in (
            "Last reminder;Tags;Invoice number;Level\n13.03.2026;Hot, Old;A/1;2",
            "Date de relance;Étiquettes;N° de facture;Niveau\n13.03.2026;Hot, Old;A/1;2",
            "Mahndatum;Schlagworte;Rechnungs-Nr.;Mahnstufe\n13.03.2026;Hot, Old;A/1;2",
        ):
            self.assertEqual(
                self.rows(text), [(2, "A/1", 2, date(2026, 3, 13), ["Hot", "Old"], "")]
            )

    def test_without_heading_in_the_given_order(self):
        self.assertEqual(
            self.rows("A/1;2;2026-03-13;Hot\nA/2;1"),
            [
                (1, "A/1", 2, date(2026, 3, 13), ["Hot"], ""),
                (2, "A/2", 1, None, [], ""),
            ],
        )

    def test_without_heading_the_longest_line_says_how_many_columns_there_are(self):
        self.assertEqual(
            self.rows("INV/6;1\nINV/7;2;13.03.2026"),
            [
                (1, "INV/6", 1, None, [], ""),
                (2, "INV/7", 2, date(2026, 3, 13), [], ""),
            ],
        )

    def test_a_first_line_for_excel_is_left_out(self):
        for first in ("sep=;\n", "SEP=;\r\n", '"sep=;"\n', "sep=;;;\n", "sep=,\n"):
            self.assertEqual(
                self.rows(f"{first}Invoice;Level;Date\nA/1;2;13.03.2026\nA/2;1;"),
                [
                    (3, "A/1", 2, date(2026, 3, 13), [], ""),
                    (4, "A/2", 1, None, [], ""),
                ],
                first,
            )

    def test_problems_keep_their_line_number(self):
        text = (
            "Invoice;Level;Date\nA/1;1;2026-03-13\n\n;1;\nA/2;two;\n"
            '"A\n3";-1;\nA/4;;soon\nA/5;;\nA/1;2;'
        )
        self.assertEqual(
            [(row[0], row[5]) for row in self.rows(text)],
            [
                (2, ""),
                (4, "no_number"),
                (5, "bad_level"),
                (6, "bad_level"),
                (8, "bad_date"),
                (9, "nothing"),
                (10, "duplicate"),
            ],
        )

    def test_all_problems_of_a_line_are_kept(self):
        text = "Invoice;Level;Date\n;x;soon\nA/1;1;\nA/1;2;soon\n;x;"
        rows = self.read_text(text, date_format="%Y-%m-%d").rows
        self.assertEqual(
            [row.problems for row in rows],
            [
                ["no_number", "bad_level", "bad_date"],
                [],
                ["bad_date", "duplicate"],
                ["no_number", "bad_level"],
            ],
        )

    def test_encodings(self):
        text = "Invoice;Tags\nÀ/1;Fällig"
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
            row = self.read_text(text, encoding).rows[0]
            self.assertEqual((row.number, row.tags), ("À/1", ["Fällig"]), encoding)

    def test_what_is_no_list_is_refused(self):
        for text, code in (("", "empty"), ("\n \n", "empty"), ("Level;Date\n1;2", "no_column")):
            with self.assertRaisesRegex(ValueError, code):
                self.read_text(text)

    def test_whole_numbers_as_spreadsheets_write_them(self):
        self.assertEqual(self.rows("Invoice;Level\nA/1;2.0\nA/2;2,00\nA/3;1.5")[0][2], 2)
        self.assertEqual(
            [row[5] for row in self.rows("Invoice;Level\nA/1;2.0\nA/2;2,00\nA/3;1.5")],
            ["", "", "bad_level"],
        )

    def test_b16_what_is_no_csv_file_is_refused_with_a_code(self):
        for data, code in (
            (b"", "empty"),
            (b"\xef\xbb\xbf", "empty"),
            (b"Invoice;Level\n", "empty"),
            (b"\x00\x01", "binary"),
            ("A/1;2\n".encode("utf-16-le"), "binary"),
            (b"PK\x03\x04\x14\x00\x06\x00", "binary"),
            (b'Invoice;Level\n"A/1;2' + b"x" * 200_000, "unreadable"),
            (b"Level;Date\n2;2026-03-01\n", "no_column"),
            (b"Invoice;Level;Stufe\nA/1;2;3\n", "duplicate_column"),
            (b"A/1;2\n" * (table_file.MAX_ROWS + 1), "too_many"),
        ):
            with self.subTest(data=data[:30]), self.assertRaisesRegex(ValueError, f"^{code}$"):
                dunning_csv.read(data)

    def test_lines_that_no_invoice_can_have(self):
        rows = self.rows(
            "Invoice;Level;Date;Tags\n"
            f"{'9' * 300};1;;\n"
            f"A/1;{10**30};;\n"
            "A/2;-1;;\n"
            "A/3;1;9999-12-31;\n"
            "A/4;1;0001-01-01;\n"
            f"A/5;1;;{'t' * 300}\n"
        )
        problems = ["bad_number", "bad_level", "bad_level", "bad_date", "bad_date", "bad_tag"]
        self.assertEqual([row[-1] for row in rows], problems)

    def test_a_line_break_inside_quotes_belongs_to_its_cell(self):
        rows = self.rows('Invoice;Level;Tags\nA/1;1;"one\ntwo"\nA/2;2;\n')
        self.assertEqual([row[0] for row in rows], [2, 4])
        self.assertEqual(rows[0][4], ["one\ntwo"])


@unittest.skipIf(st is None, "hypothesis is not installed")
class TestDunningCsvFuzzed(BaseCase):
    """Whatever bytes a file holds: its lines, or a code that stands for a sentence."""

    def check(self, data):
        try:
            table = dunning_csv.read(data)
        except ValueError as error:
            self.assertIn(str(error), FILE_CODES)
            return None
        for row in table.rows:
            self.assertIn(row.problem, ROW_CODES)
            if not row.problem:
                self.assertTrue(0 < len(row.number) <= dunning_csv.MAX_NUMBER)
                self.assertTrue(row.level is None or 0 <= row.level <= dunning_csv.MAX_LEVEL)
                self.assertTrue(row.date is None or row.date.year in YEARS)
        return table

    def test_any_bytes(self):
        @settings(max_examples=300, deadline=None, database=None, derandomize=True)
        @given(st.binary(max_size=400))
        def try_one(data):
            self.check(data)

        try_one()

    def test_any_table(self):
        cell = st.one_of(
            st.sampled_from(["Invoice", "Level", "Date", "Tags", "A/1", "2", "2026-03-01", ""]),
            st.integers(-(10**30), 10**30).map(str),
            st.text(max_size=12),
        )

        @settings(
            max_examples=300,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            st.lists(st.lists(cell, min_size=1, max_size=5), max_size=6),
            st.sampled_from(table_file.SEPARATORS),
            st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
        )
        def try_one(rows, separator, encoding):
            text = io.StringIO()
            csv.writer(text, delimiter=separator).writerows(rows)
            self.check(text.getvalue().encode(encoding, errors="replace"))

        try_one()
