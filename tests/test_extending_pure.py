"""docs/extending.md shows the code of an addon that is tested: nothing in it can go stale."""

import ast
import re
from pathlib import Path
from textwrap import dedent
from unittest import TestCase, skipUnless

ADDON = Path(__file__).parents[1]
PAGE = ADDON / "docs" / "extending.md"
EXTENSION = ADDON / "dev" / "extension" / "account_recurrence_dunning_extension"
BLOCK = re.compile(r"^```(python|xml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOOK = re.compile(r"`(_[a-z_]+)`")
DOORS = (
    "A channel",
    "A hold with its reason",
    "A kind of block",
    "A filter of decisions",
    "A document",
    "A placeholder",
    "A line with an amount",
    "A column of due lines",
    "A grouping of messages",
    "An invoice mode",
    "A kind of recurrence",
)


@skipUnless(PAGE.exists() and EXTENSION.exists(), "only in the repository")
class TestExtending(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = PAGE.read_text(encoding="utf-8")
        paths = [path for end in ("py", "xml") for path in EXTENSION.rglob(f"*.{end}")]
        cls.files = [cls.get_lines(path.read_text(encoding="utf-8")) for path in paths]

    @staticmethod
    def get_lines(text):
        """Return the lines that say something: the formatter sets empty ones as it likes."""
        return [line for line in text.splitlines() if line.strip()]

    def is_in_extension(self, block):
        """Whether the lines stand together in a file, at whatever indentation."""
        lines = self.get_lines(block)
        size = len(lines)
        return any(
            dedent("\n".join(found[start : start + size])).splitlines() == lines
            for found in self.files
            for start in range(len(found) - size + 1)
        )

    def test_all_code_is_the_extension_s(self):
        blocks = [text for _language, text in BLOCK.findall(self.page)]
        self.assertGreater(len(blocks), 15)
        for block in blocks:
            with self.subTest(block.split("\n", 1)[0]):
                self.assertTrue(self.is_in_extension(block), block)

    def test_the_comparison_sees_a_difference(self):
        block = BLOCK.findall(self.page)[0][1]
        self.assertFalse(self.is_in_extension(block.replace("fax", "telex")))

    def test_every_door_has_a_section_with_code(self):
        sections = dict(
            part.split("\n", 1) for part in re.split(r"^## ", self.page, flags=re.MULTILINE)[1:]
        )
        for door in DOORS:
            with self.subTest(door):
                self.assertTrue(BLOCK.search(sections[door]))
        self.assertEqual([*sections][: len(DOORS)], [*DOORS])

    def test_every_method_named_is_there(self):
        source = "\n".join(p.read_text(encoding="utf-8") for p in (ADDON / "models").rglob("*.py"))
        for name in set(HOOK.findall(self.page)) - {"_inherit"}:
            with self.subTest(name):
                self.assertIn(f"def {name}(", source)

    def test_no_list_of_kinds_is_imported_by_value(self):
        """What another addon adds to a selection would be missing in the copy."""
        for room in ("models", "wizard"):
            for path in (ADDON / room).rglob("*.py"):
                nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
                imported = {
                    alias.asname or alias.name
                    for node in nodes
                    if isinstance(node, ast.ImportFrom) and node.level
                    for alias in node.names
                }
                used = {
                    node.args[0].id
                    for node in nodes
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "fields.Selection"
                    if node.args and isinstance(node.args[0], ast.Name)
                }
                with self.subTest(path.name):
                    # states are the engine's: nobody adds one
                    self.assertEqual(imported & used - {"STATES"}, set())
