import doctest
from datetime import date

from odoo.tests import BaseCase

from ..tools.common import sql_array


class TestArrayLiteral(BaseCase):
    """Arrays as literals: what stands in them, and what is refused."""

    def test_nothing(self):
        self.assertEqual(sql_array.array_literal([]), "{}")

    def test_zero_is_no_null(self):
        self.assertEqual(sql_array.array_literal([0, False, None]), "{0,NULL,NULL}")

    def test_days(self):
        self.assertEqual(sql_array.array_literal([date(2026, 3, 1)]), "{2026-03-01}")

    def test_a_text_that_is_no_code_is_refused(self):
        for text in ("a,b", "", "}", 'say "x"', "two words"):
            with self.subTest(text), self.assertRaises(ValueError):
                sql_array.array_literal([text])

    def test_doctests(self):
        self.assertEqual(doctest.testmod(sql_array).failed, 0)
