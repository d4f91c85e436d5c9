import doctest
from contextlib import suppress
from datetime import date, datetime, timedelta
from time import monotonic

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools.common import filter_domain
from ..tools.common.filter_domain import FilterError, read_filter

TODAY, NOW = date(2026, 3, 2), datetime(2026, 3, 2, 9, 30)


def read(text):
    return read_filter(text, TODAY, NOW, {"uid": 7}, lambda local: local - timedelta(hours=1))


class TestFilterDomain(BaseCase):
    """What a saved filter may compute: what Odoo's screens write, and nothing that has no bound."""

    def test_doctests(self):
        self.assertEqual(doctest.testmod(filter_domain).failed, 0)

    def test_what_odoo_writes(self):
        day = "('d', '=', %s)"
        for text, expected in (
            ("context_today().strftime('%Y-%m-%d')", "2026-03-02"),
            ("(context_today() - datetime.timedelta(7)).strftime('%Y-%m-01')", "2026-02-01"),
            ("(context_today() + relativedelta(months=-1, day=1)).strftime('%Y')", "2026"),
            ("context_today() + relativedelta(weekday=0)", TODAY),
            (
                "datetime.datetime.combine(context_today(), datetime.time(0, 0, 0)).to_utc()",
                datetime(2026, 3, 1, 23),
            ),
            ("datetime.datetime.now().strftime('%H:%M')", "09:30"),
            ("time.strftime('%Y-01-01')", "2026-01-01"),
            ("today", "2026-03-02"),
            ("now", "2026-03-02 09:30:00"),
            ("uid", 7),
            ("context_today().month - 2 or 12", 1),
            ("True if context_today().year > 2025 else False", True),
            ("[1, 2] + [3]", [1, 2, 3]),
        ):
            with self.subTest(text):
                self.assertEqual(read(f"[{day % text}]"), [("d", "=", expected)])

    def test_what_is_refused(self):
        for text in (
            "[('id', '=', 9**9**8)]",
            "[('id', '=', 'a' * 1000000000)]",
            "[1] * 1000000000",
            "['%1000000000d' % 1]",
            "[context_today().strftime('%1000000000d')]",
            "[1 << 1000000000]",
            "[9223372036854775807 * 2]",
            "[1e308 * 10]",
            "[relativedelta(years=9223372036854775806) + context_today()]",
            "[datetime.timedelta(days=999999999) * 999999999]",
            "[x for x in (1,)]",
            "[(lambda: 1)()]",
            "[f'{1:>1000000000}']",
            "[context_today.__globals__]",
            "[''.__class__]",
            "[datetime.date.__call__]",
            "[context_today().__class__]",
            "[__import__('os')]",
            "[time.sleep(1)]",
            "[ref('base.main_company')]",
            "[" * 100000,
            "-" * 100000 + "1",
            "not " * 100000 + "1",
            "['\x00']",
            "{}",
            "1",
            "[" + "1," * 600000 + "]",
        ):
            with self.subTest(text[:60]), self.assertRaises(FilterError):
                start = monotonic()
                read(text)
                self.assertLess(monotonic() - start, 5)

    @settings(max_examples=300, deadline=2000)
    @given(
        st.lists(
            st.sampled_from(
                "[ ] ( ) , . + - * / % ** 'a' 9 9999999999 uid today now context_today "
                "datetime date time timedelta relativedelta strftime days= years= == in not and or "
                "if else combine to_utc replace".split()
            ),
            max_size=25,
        )
    )
    def test_any_words(self, words):
        with suppress(FilterError):
            self.assertIsInstance(read("[" + " ".join(words) + "]"), list)
