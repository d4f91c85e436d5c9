from datetime import date
from unittest import TestCase

from ..tools.dunning.answer_form import (
    AnswerForm,
    clean,
    find_file_type,
    get_instalments,
    name_file,
)


class TestAnswerForm(TestCase):
    """C5: what a stranger typed is bounded before anything reads it."""

    def take(self, method, value, *args):
        form = AnswerForm({"x": [value]})
        return getattr(form, method)("x", *args), form.errors.get("x", ("",))[0]

    def test_c5_days(self):
        first, last = date(2026, 3, 10), date(2026, 3, 20)
        for text, error in (
            ("2026-03-10", ""),
            ("2026-03-20", ""),
            ("2026-03-21", "day"),
            ("2026-02-30", "day"),
            ("20260315", "day"),
            ("15 March", "day"),
            ("٢٠٢٦-٠٣-١٥", "day"),
            ("", "missing"),
        ):
            self.assertEqual(self.take("day", text, first, last)[1], error, text)

    def test_c5_amounts(self):
        self.assertEqual(self.take("amount", "12,50", 100)[0], 12.5)
        # as the page writes amounts in German, English and French
        for text in ("1.234,50", "1,234.50", "1\u202f234,50", "1234.5"):
            self.assertEqual(self.take("amount", text, 2000)[0], 1234.5, text)
        self.assertEqual(self.take("amount", "1.000", 2000)[0], 1000.0)
        self.assertEqual(self.take("amount", "1,000", 2000)[0], 1000.0)
        self.assertEqual(self.take("amount", "", 100), (None, ""))
        for text in ("0", "-1", "100.01", "NaN", "inf", "1e500", "1.2.3", "1_0 0"):
            self.assertEqual(self.take("amount", text, 100), (None, "amount"), text)

    def test_c5_whole_numbers(self):
        self.assertEqual(self.take("whole", "12", 2, 12), (12, ""))
        for text in ("13", "1", "", "2.5", "٣", "9" * 5000):
            self.assertEqual(self.take("whole", text, 2, 12)[1], "number", text[:9])

    def test_c5_texts(self):
        self.assertEqual(self.take("text", " a\r\nb\x00 ", 2000), ("a\nb", ""))
        self.assertEqual(self.take("text", "a\r\nb", 120), ("a b", ""))
        self.assertEqual(self.take("text", "x" * 2001)[1], "long")
        self.assertEqual(clean("\u202eab\ud800"), "ab")

    def test_c5_only_what_is_offered_is_chosen(self):
        form = AnswerForm({"x": ["1", "7", "1 OR 1=1", "1"]})
        self.assertEqual(form.chosen("x", {1: "a", 2: "b"}), ["a"])
        self.assertEqual(AnswerForm({"x": ["7"]}).chosen("x", {1: "a"}), [])

    def test_c5_files(self):
        self.assertEqual(find_file_type(b"\x89PNG\r\n\x1a\n...")[0], "png")
        self.assertEqual(find_file_type(b" %PDF-"), ("", ""))
        self.assertEqual(name_file("C:\\x\\y.pdf.exe", "pdf"), "y.pdf.pdf")
        self.assertEqual(name_file("x" * 300, "pdf"), "x" * 80 + ".pdf")

    def test_c5_instalments_add_up(self):
        for count in range(2, 13):
            found = get_instalments(date(2026, 1, 31), count, "month", 1000.01, 0.01)
            self.assertEqual(round(sum(amount for _day, amount in found), 2), 1000.01)
            self.assertEqual(len({day for day, _amount in found}), count)
