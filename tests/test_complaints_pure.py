"""What users of such software complained about, each with the tests that stand against it."""

import re
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
DOCUMENT = CHECKOUT / "docs" / "complaints.md"


@unittest.skipUnless(DOCUMENT.exists(), "an installed addon comes without its documents")
class TestComplaints(unittest.TestCase):
    """docs/complaints.md promises tests: they must be there."""

    def setUp(self):
        super().setUp()
        text = DOCUMENT.read_text(encoding="utf-8")
        self.rows = [line for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
        self.named = set(re.findall(r"`(test_\w+)`", text))

    def test_every_test_named_exists(self):
        code = "\n".join(path.read_text(encoding="utf-8") for path in CHECKOUT.glob("tests/*.py"))
        there = set(re.findall(r"def (test_\w+)\(", code))
        self.assertFalse(self.named - there)
        self.assertGreater(len(self.named), 60)

    def test_all_forty_have_an_answer(self):
        numbers = [int(row.split("|")[1]) for row in self.rows]
        self.assertEqual(numbers, list(range(1, 41)))
        for row in self.rows:
            self.assertIn("`test_", row.split("|")[4])
