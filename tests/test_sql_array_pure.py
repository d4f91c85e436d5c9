"""Arrays as literals, without a database.

Runs in Odoo's test runs and without Odoo: ``python tests/test_sql_array_pure.py``.
"""

import doctest
import importlib.util
import unittest
from datetime import date
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools import sql_array
except ImportError:
    BaseCase = unittest.TestCase
    path = Path(__file__).resolve().parent.parent / "tools" / "sql_array.py"
    spec = importlib.util.spec_from_file_location("sql_array", path)
    sql_array = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sql_array)


class TestArrayLiteral(BaseCase):
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


if __name__ == "__main__":
    unittest.main()
