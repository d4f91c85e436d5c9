import doctest
import unittest
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo.tests import BaseCase

from ..tools.common import table_file
from ..tools.common.table_file import DECIMAL_SIGNS, parse_number, recognise_decimals
from ..tools.recurrence import agreement_file, length_text
from ..tools.recurrence.agreement_file import find_day, find_first
from ..tools.recurrence.length_text import read_length, read_rhythm

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
except ImportError:
    st = None

FILE_CODES = {"empty", "binary", "unreadable", "no_column", "duplicate_column", "too_many"}
HEADING = "Customer;Reference;Product;Description;Quantity;Price;Repeats;Start;Next Invoice;End\n"


class TestAgreementFile(BaseCase):
    """R16: a table of agreements is read as people write it."""

    def read_text(self, text, **kwargs):
        return agreement_file.read(text.encode(), **kwargs)

    def test_examples_in_the_documentation(self):
        for module in (table_file, length_text, agreement_file):
            self.assertEqual(doctest.testmod(module).failed, 0, module.__name__)

    def test_r16_rows_without_customer_or_of_the_same_reference_belong_together(self):
        found = self.read_text(
            HEADING + "Azure;A-1;P1;;1;10,00;monthly;01.01.2026;;\n"
            ";;P2;;2;;;;;\n"
            "Deco;;P3;;;;yearly;01.01.2026;;\n"
            "azure;A-1;P4;;;;;;;\n"
            "Azure;;P5;;;;weekly;01.01.2026;;\n"
        )
        self.assertEqual(
            [[line.product for line in agreement.lines] for agreement in found.agreements],
            [["P1", "P2", "P4"], ["P3"], ["P5"]],
        )
        self.assertFalse([a.problems for a in found.agreements if a.problems])
        self.assertEqual(found.agreements[0].lines[1].quantity, 2)
        self.assertIsNone(found.agreements[0].lines[1].price)

    def test_r16_a_row_without_customer_belongs_to_the_row_above(self):
        found = self.read_text(
            HEADING + "Azure;A-1;P1;;1;10,00;monthly;01.01.2026;;\n"
            "Deco;A-2;P2;;;;yearly;01.01.2026;;\n"
            "Azure;a-1;P3;;;;;;;\n"
            ";;P4;;;;;;;\n"
        )
        self.assertEqual(
            [[line.product for line in agreement.lines] for agreement in found.agreements],
            [["P1", "P3", "P4"], ["P2"]],
        )

    def test_r16_a_row_twice_in_an_agreement_is_told(self):
        row = "Azure;A-1;P1;;1;10,00;monthly;01.01.2026;;\n"
        [agreement] = self.read_text(HEADING + row + row).agreements
        self.assertEqual(agreement.problems, [(3, "twice")])
        # two lines that are alike, meant so
        [agreement] = self.read_text(HEADING + row + ";;P1;;1;10,00;;;;\n" * 2).agreements
        self.assertFalse(agreement.problems)

    def test_r16_terms_without_what_they_count_from(self):
        heading = "Customer;Product;Repeats;Start;Next invoice;Minimum term;Renewal\n"
        found = self.read_text(
            heading + "A;P;monthly;;2027-01-01;24 months;\n"
            "B;P;monthly;2025-01-01;2027-01-01;;12 months\n"
            "C;P;monthly;2025-01-01;2027-01-01;24 months;12 months\n"
        )
        self.assertEqual(
            [agreement.problems for agreement in found.agreements],
            [[(2, "no_start_of_term")], [(3, "no_term")], []],
        )

    def test_r16_percent_is_for_discounts_alone(self):
        found = self.read_text(
            "Customer;Product;Price;Discount;Repeats;Start\n"
            "A;P;10 %;5 %;monthly;2027-01-01\nB;P;10;12,5 %;monthly;2027-01-01\n"
        )
        self.assertEqual(found.agreements[0].problems, [(2, "bad_price")])
        self.assertEqual(found.agreements[1].lines[0].discount, Decimal("12.5"))

    def test_r16_columns_that_say_nothing_are_known(self):
        found = self.read_text("Customer;Net price;Note\nA;5;x\n")
        self.assertEqual(found.file.unused, ["Net price", "Note"])

    def test_r16_a_long_cell_takes_no_time(self):
        for text in ("a" + " " * 5_000 + ",", " " * 5_000 + "3 months", "1" * 5_000):
            read_rhythm(text)
            read_length(text)

    def test_r16_headings_in_other_languages(self):
        for heading in (
            # as the dialog names them in these languages
            "Kunde;Artikel;Preis;Turnus;Beginn;Nächste Rechnung;Mindestlaufzeit;Kündigungsfrist;"
            "Beschreibung;Steuer;Referenz;Menge;Rabatt;Ende;Währung;Verlängerung",
            "Client;Produit;Prix;Périodicité;Début;Prochaine facture;Durée minimale;Préavis;"
            "Description;Taxe;Référence;Quantité;Remise;Fin;Devise;Reconduction",
            "Client;Produs;Preț;Periodicitate;Început;Următoarea factură;Durată minimă;Preaviz;"
            "Descriere;Taxă;Referință;Cantitate;Reducere;Sfârșit;Monedă;Reînnoire",
        ):
            text = f"{heading}\nAzure;P1;10,00;1 m;01.01.2026;01.01.2027;12 m;3 m\n"
            with self.subTest(heading=heading):
                found = self.read_text(text)
                [agreement] = found.agreements
                self.assertFalse(agreement.problems)
                self.assertEqual(set(found.file.columns), set(agreement_file.HEADINGS))
                self.assertFalse(found.file.unused)
                self.assertEqual(agreement.next, date(2027, 1, 1))
                self.assertEqual(
                    (agreement.term, agreement.notice), (("months", 12), ("months", 3))
                )

    def test_r16_words_for_how_often(self):
        for unit, texts in {
            ("months", 1): (
                "Monthly",
                "every month",
                "monatlich",
                "tous les mois",
                "1 luna",
                "lunar",
            ),
            ("months", 3): ("quarterly", "vierteljährlich", "trimestriel", "trimestrial", "3 mois"),
            ("months", 6): ("half-yearly", "halbjährlich", "semestriel", "semestrial", "6M"),
            ("years", 1): ("yearly", "jährlich", "annuel", "anual", "per year", "12 months"),
            ("weeks", 2): ("every 2 weeks", "alle 2 Wochen", "toutes les 2 semaines"),
            ("days", 10): ("10 days", "10 Tage", "10 jours", "10 zile"),
        }.items():
            for text in texts:
                expected = ("months", 12) if text == "12 months" else unit
                self.assertEqual(read_rhythm(text), expected, text)
        for text in ("", "3", "often", "monthly 2", "1.5 months", "-1 month", "1000 months"):
            self.assertIsNone(read_rhythm(text), text)
            self.assertIsNone(read_length(text), text)

    def test_r16_the_first_date_that_was_not_billed_elsewhere(self):
        today = date(2026, 11, 30)
        for start, unit, number, expected in (
            (date(2025, 3, 15), "months", 1, date(2026, 12, 15)),
            (date(2025, 1, 31), "months", 1, date(2026, 11, 30)),
            (date(2024, 6, 15), "years", 1, date(2027, 6, 15)),
            (date(2025, 1, 1), "months", 3, date(2027, 1, 1)),
            (date(2026, 11, 16), "weeks", 2, date(2026, 11, 30)),
            (date(2026, 11, 30), "days", 7, date(2026, 11, 30)),
        ):
            self.assertEqual(find_first(start, unit, number, today), expected)

    def test_r16_numbers_as_they_are_written(self):
        for text, sign, number in (
            ("1.234,50", ",", "1234.50"),
            ("1,234.50", ".", "1234.50"),
            ("-0,5", ",", "-0.5"),
            (".5", ".", "0.5"),
            ("1\u202f234,5", ",", "1234.5"),
            ("12.34.56", ".", None),
            ("1.23", ",", None),
            ("١٢", ".", None),
            ("10" * 20, ".", None),
        ):
            expected = None if number is None else Decimal(number)
            self.assertEqual(parse_number(text, sign), expected, text)
        self.assertEqual(recognise_decimals(["1.234", "12,5"]), (",", False))
        self.assertEqual(recognise_decimals(["1,234"]), (".", True))
        self.assertEqual(recognise_decimals([]), (".", False))


@unittest.skipIf(st is None, "hypothesis is not installed")
class TestAgreementFileProperties(BaseCase):
    """What holds for every file, start and number."""

    def check(self, strategy, check, examples=500):
        settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )(given(strategy)(check))()

    def test_r16_a_file_is_read_or_refused_with_a_code(self):
        names = (
            "Customer Reference Product Description Quantity Price Repeats Start Next End".split()
        )
        cell = st.one_of(
            st.sampled_from([*names, "monthly", "3 months", "01.02.2027", "1,5", "A", ""]),
            st.text(max_size=8),
        )

        def check(rows):
            text = "\n".join(";".join(row) for row in rows)
            try:
                found = agreement_file.read(text.encode("utf-8", errors="replace"))
            except ValueError as error:
                self.assertIn(str(error), FILE_CODES)
                return
            # every row stands in one agreement, and what has no problem can be made
            numbers = [line.line for a in found.agreements for line in a.lines]
            self.assertEqual(sorted(numbers), [number for number, _cells in found.file.lines])
            for agreement in found.agreements:
                if not agreement.problems:
                    columns = agreement_file.get_columns(agreement, date(2026, 11, 30))
                    self.assertTrue(columns["date_start"] and columns["interval"] > 0)

        rows = st.lists(st.lists(cell, min_size=1, max_size=9), max_size=6)
        headed = rows.map(lambda found: [names, *found])
        self.check(st.one_of(rows, headed), check)

    def test_r16_first_date_is_the_first_of_its_rhythm(self):
        days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
        units = st.sampled_from(["days", "weeks", "months", "years"])

        def check(case):
            start, unit, number, today = case
            first = find_first(start, unit, number, today)
            self.assertGreaterEqual(first, max(start, today))
            steps = range(40_000)
            found = next(
                day
                for step in steps
                if (day := start + relativedelta(**{unit: step * number})) >= today
            )
            self.assertEqual(first, found)

        self.check(st.tuples(days, units, st.integers(1, 40), days), check, examples=200)

    def test_r16_a_month_repeats_on_the_day_of_its_start(self):
        def check(case):
            start, months = case
            first = start + relativedelta(months=months)
            self.assertEqual(find_day(start, first), start.day)

        days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
        self.check(st.tuples(days, st.integers(0, 60)), check)

    def test_r16_a_number_is_read_as_it_was_written(self):
        def check(case):
            number, sign = case
            shown = f"{number:,.2f}"
            if sign == ",":
                shown = shown.translate(str.maketrans(",.", ".,"))
            self.assertEqual(parse_number(shown, sign), number)

        numbers = st.decimals(-(10**9), 10**9, places=2)
        self.check(st.tuples(numbers, st.sampled_from(DECIMAL_SIGNS)), check)
