"""What people read is exported for translation, translated, and punctuated as its language does."""

import ast
import re
import unittest
from pathlib import Path

import polib

CHECKOUT = Path(__file__).parents[1]
FOLDER = CHECKOUT / "i18n"
ROOMS = ("controllers", "models", "report", "wizard")
# French puts a space before these; a plain one lets them begin a line.
LOOSE = re.compile(r"(?<=\S) [:;!?»](?![\w=])|« ")


def read_code():
    """Yield (file, its syntax tree) of all code that speaks to people."""
    for room in ROOMS:
        for path in (CHECKOUT / room).rglob("*.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def find_terms(tree):
    """Yield the literal texts that are translated where the code runs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            text = node.args[0]
            if name in ("_", "_lt") and isinstance(text, ast.Constant):
                yield text.value


class TestTerms(unittest.TestCase):
    def test_no_term_stands_inside_an_f_string(self):
        """The export reads tokens: what is inside of an f-string it does not see."""
        for path, tree in read_code():
            for node in ast.walk(tree):
                if isinstance(node, ast.JoinedStr):
                    self.assertEqual([*find_terms(node)], [], path.name)

    def test_every_term_of_the_code_is_exported(self):
        exported = {entry.msgid for entry in polib.pofile(str(next(FOLDER.glob("*.pot"))))}
        found = {term for _path, tree in read_code() for term in find_terms(tree)}
        self.assertGreater(len(found), 500)
        self.assertEqual(found - exported, set(), "make terms")

    def test_french_signs_stay_on_the_line_of_their_word(self):
        for entry in polib.pofile(str(FOLDER / "fr.po")):
            self.assertNotRegex(entry.msgstr, LOOSE)

    def test_paragraphs_of_shipped_texts_begin_with_capitals(self):
        count = 0
        for path in FOLDER.glob("*.po"):
            for entry in polib.pofile(str(path)):
                if not any(
                    place.startswith("model:mail.template,body") for place, _n in entry.occurrences
                ):
                    continue
                for text in (entry.msgid, entry.msgstr):
                    for first in re.findall(r"<p[^>]*>\s*(\w)", text):
                        self.assertEqual(first, first.upper(), text)
                        count += 1
        self.assertGreater(count, 200)
