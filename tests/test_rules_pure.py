"""The rules that code, tests and documents cite, each with the tests that show it."""

import ast
import re
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
DOCUMENT = CHECKOUT / "docs" / "rules.md"
HEADING = re.compile(r"^### (?:Rule (?P<rule>\d+)|(?P<row>[A-Z]\d+))\. ", re.MULTILINE)
NAMED = re.compile(r"`((?:peers/)?test_\w+\.py)::(\w+)`")
# How entries are cited: "rule 9", "rules 7 to 12", "rules 2, 14, 15", "D12", and in names of tests.
RULES = re.compile(r"\brules?[\s#*]+(\d+(?:(?:,| and| or| to|–)[\s#*]*\d+)*)\b", re.IGNORECASE)
ROWS = re.compile(r"(?<![\w#])([RDWCKM]\d{1,2})\b")
NUMBERS_IN_NAMES = re.compile(r"(?:\b|_|\bTest)[Rr]ule_?(\d+)")
ROWS_IN_NAMES = re.compile(r"\btest_([rdw]\d+)_(?:([rdw]\d+)_)?")
KINDS_OF_FILES = {".py", ".xml", ".md", ".js", ".sql", ".csv"}
NOT_READ = {"i18n", "build", "dist", "node_modules"}


def cited(text):
    """Return the entries that a text cites: numbers of rules, and rows as they are written."""
    found = {int(number) for number in NUMBERS_IN_NAMES.findall(text)}
    found |= set(ROWS.findall(text))
    for rows in ROWS_IN_NAMES.findall(text):
        found |= {row.upper() for row in rows if row}
    for listed in RULES.findall(text):
        for first, last in re.findall(r"(\d+)(?:(?: to|–)[\s#*]*(\d+))?", listed):
            found |= set(range(int(first), int(last or first) + 1))
    return found


def sources():
    """Yield the files of the addon, its development and its documents in which rules are cited."""
    for entry in sorted(CHECKOUT.iterdir()):
        if entry.name.startswith(".") or entry.name in NOT_READ:
            continue
        for path in sorted(entry.rglob("*")) if entry.is_dir() else [entry]:
            if path.suffix in KINDS_OF_FILES and path.name != Path(__file__).name:
                yield path


@unittest.skipUnless(DOCUMENT.exists(), "an installed addon comes without its documents")
class TestRules(unittest.TestCase):
    """docs/rules.md holds every rule cited anywhere, and names the tests of each."""

    def setUp(self):
        super().setUp()
        text = DOCUMENT.read_text(encoding="utf-8")
        headings = list(HEADING.finditer(text))
        ends = [heading.start() for heading in headings[1:]] + [len(text)]
        self.entries = [
            (
                int(heading["rule"]) if heading["rule"] else heading["row"],
                text[heading.end() : end],
            )
            for heading, end in zip(headings, ends, strict=True)
        ]

    def test_the_numbering_has_no_gap(self):
        self.assertEqual(
            DOCUMENT.read_text(encoding="utf-8").count("\n### "), len(self.entries), "a heading"
        )
        lists = {}
        for entry, _text in self.entries:
            letter, number = ("", entry) if isinstance(entry, int) else (entry[0], int(entry[1:]))
            lists.setdefault(letter, []).append(number)
        for letter, numbers in lists.items():
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), letter or "rules")
        self.assertLessEqual({"R", "D", "W", ""}, lists.keys())

    def test_every_rule_cited_is_there(self):
        there = {entry for entry, _text in self.entries}
        missing, seen = {}, set()
        for path in sources():
            found = cited(path.read_text(encoding="utf-8"))
            seen |= found if path != DOCUMENT else set()
            if found - there:
                missing[str(path.relative_to(CHECKOUT))] = found - there
        self.assertFalse(missing)
        self.assertGreater(len(seen), 40, "citations are found at all")

    def test_every_rule_names_a_test(self):
        for entry, text in self.entries:
            told, _tests, named = text.partition("\nTests: ")
            self.assertTrue(told.strip(), entry)
            self.assertTrue(NAMED.search(named), entry)
            left = re.sub(r"^## .*", "", NAMED.sub("", named), flags=re.MULTILINE)
            self.assertFalse(left.strip(" ,\n"), f"{entry}: only tests, as `file.py::name`")

    def test_every_test_named_exists(self):
        there = {}
        tests = CHECKOUT / "tests"
        for path in (*tests.glob("test_*.py"), *tests.glob("peers/test_*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            there[str(path.relative_to(tests))] = {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ClassDef | ast.FunctionDef)
                and node.name.lower().startswith("test")
            }
        for entry, text in self.entries:
            for name, test in NAMED.findall(text):
                self.assertIn(test, there.get(name, ()), f"{entry}: {name}")

    def test_each_way_to_cite_is_understood(self):
        for text, expected in (
            ("(rule 9)", {9}),
            ("Rules 2, 14, 15: no message twice", {2, 14, 15}),
            ("rules 7 to\n12, D4, D14)", {7, 8, 9, 10, 11, 12, "D4", "D14"}),
            ("a comment on rule\n    # 21", {21}),
            ("R6 and rule 3: moved", {"R6", 3}),
            ("(D3, rule 12)", {"D3", 12}),
            ("def test_rule_19_h1_no_default(self)", {19}),
            ("class TestRule23Source", {23}),
            ("def test_d9_d2_customer", {"D9", "D2"}),
            ("test_d12_reason", {"D12"}),
            ("(W1: Test)", {"W1"}),
            ("rules say so, 3 of them; #D12D12 and 2D3", set()),
        ):
            self.assertEqual(cited(text), expected, text)
