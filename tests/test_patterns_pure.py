"""What strangers write is read in a time that grows with its length, not with its square.

Runs in Odoo's test runs and without Odoo: ``python tests/test_patterns_pure.py``.
"""

import importlib
import re
import sys
import unittest
from email.message import Message
from pathlib import Path
from time import process_time

ADDON = Path(__file__).resolve().parents[1]

try:
    from odoo.tests import BaseCase

    PACKAGE = "odoo.addons.account_recurrence_dunning."
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(ADDON))
    PACKAGE = ""

try:
    from hypothesis import given
    from hypothesis import strategies as st
except ImportError:
    given = None

LENGTH = 20_000
# One that goes over the text from each of its characters takes more than a second.
SECONDS = 0.6
SEEDS = (
    "a",
    "@",
    "a@",
    "<",
    "<a@",
    "1",
    "1,",
    "1 ",
    " ",
    "-",
    "_",
    "x\n",
    "<img ",
    "{{",
    "${",
    "h1",
)
SEEDS += (
    "not is_html_empty(",
    " or ''",
    "a.",
    "%",
    "[",
    "From: ",
    "<h1",
    "FR12",
    "#A",
    "\"'",
    "/web",
)
SEEDS += ('<img src="', "<img src='", "<img src", 'href="', "href =", "href='", "<a href")


def tool(name):
    return importlib.import_module(f"{PACKAGE}tools.{name}")


def patterns():
    """Yield (where, pattern) of the patterns that modules keep; in Odoo of all of the addon."""
    for path in sorted((ADDON / "tools").rglob("[!_]*.py")):
        tool(".".join(path.relative_to(ADDON / "tools").with_suffix("").parts))
    for name, module in sorted(sys.modules.items()):
        if name.startswith(PACKAGE or "tools."):
            for variable, value in vars(module).items():
                if isinstance(value, re.Pattern) and ".tests." not in name:
                    yield f"{name}.{variable}", value


class TestPatterns(BaseCase):
    def test_rule_19_no_pattern_takes_long(self):
        found = dict(patterns())
        self.assertGreater(len(found), 12)
        for where, pattern in found.items():
            for seed in SEEDS:
                text = (seed * LENGTH)[:LENGTH]
                started = process_time()
                pattern.search(text)
                pattern.findall(text)
                self.assertLess(process_time() - started, SECONDS, f"{where} on {seed!r}")

    def test_rule_19_headers_of_strangers_are_read_at_once(self):
        auto_reply = tool("dunning.auto_reply")
        for seed in SEEDS:
            message = Message()
            for name in ("From", "Subject", "References", "In-Reply-To", "X-Failed-Recipients"):
                message[name] = (seed.replace("\n", " ") * 10**6)[: 10**6]
            started = process_time()
            auto_reply.find_kind(message)
            auto_reply.find_failed(message)
            auto_reply.find_originals(message)
            self.assertLess(process_time() - started, 2 * SECONDS, repr(seed))


class TestNumbers(BaseCase):
    def test_rule_15_a_letter_that_is_two_when_small_hides_no_number(self):
        finder = tool("dunning.payment").NumberFinder([("INV/2026/00012", 7), ("\u0130/0042", 8)])
        for text in (
            "I\u015eIK \u0130N\u015eAAT INV/2026/00012",
            "\u0130 INV/2026/00012 thanks",
            "inv 2026 00012 \u0130\u0130\u0130",
        ):
            self.assertEqual(finder.find(text), {7}, text)
        self.assertEqual(finder.find("for \u0130-0042"), {8})

    if given:

        @given(st.text(), st.text())
        def test_rule_15_a_number_is_found_whatever_stands_around_it(self, before, after):
            finder = tool("dunning.payment").NumberFinder([("INV/2026/00012", 7)])
            self.assertEqual(finder.find(f"{before} INV/2026/00012 {after}"), {7})


if __name__ == "__main__":
    unittest.main()
