"""No key of this addon in the context has any effect that a client could want."""

import ast
import doctest
import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..tools.common import sealed

ROOT = Path(__file__).parent.parent
FOLDERS = ("models", "wizard", "controllers", "report", "tools")

# Keys that are read as they come, and why they harm nobody.
HARMLESS = {
    "with_recurrence_templates": (
        "finds the templates too, which the same user finds by naming the field in the domain"
    ),
    "recurrence_archive_anyway": (
        "who may archive or delete the record may do so anyway, as the dialog offers"
    ),
    "recurrence_renewed_from": "refuses to renew what has been renewed since it was shown",
    "dunning_level_program": "writes the program, which who reads it may read, before a level",
    "dunning_statement_lines": "leaves items out of a statement that its reader may make whole",
    "dunning_printed": "leaves the links out of the list of invoices, as on paper",
    # Odoo's own
    "ir_cron_progress_id": "commits batch by batch, as a job does; nothing else is decided by it",
    "default_move_type": "says which ordinary form opens, and which defaults fit its kind",
    "default_is_recurrence_template": "the form of a template; every template is checked",
    "default_": "refuses links to what the user may not read",
    "default_parent_id": "checked like a value, see _prepare_dunning_contact",
    "active_model": "the records of a dialog, which checks the rights on them",
    "active_ids": "the records of a dialog, which checks the rights on them",
    "active_id": "the records of a dialog, which checks the rights on them",
    "active_domain": "searched with the rights of the user",
    "import_file": "changes the value of a month that is there, which its writer may do anyway",
    "include_business_fields": "asked only where this addon itself reverses an invoice",
    "move_reverse_cancel": "asked only where this addon itself reverses an invoice",
    "tz": "how times are shown",
    "MODULE_UNINSTALL_FLAG": "asks nothing; Odoo itself skips its own questions by it",
}
# Compared with an object that no client has.
OBJECTS = {"dunning_received", "recurrence_engine", "recurrence_loaded"}


def read_sources():
    """Yield (path, tree) of each module of the addon but that which unseals."""
    paths = [*ROOT.glob("*.py"), *(f for name in FOLDERS for f in (ROOT / name).rglob("*.py"))]
    for path in paths:
        if path.name != "sealed.py":
            yield path, ast.parse(path.read_text())


def is_context(node):
    """Whether an expression is a context: ``self.env.context``, ``context`` …"""
    name = getattr(node, "attr", getattr(node, "id", ""))
    return name in ("context", "_context")


def get_key(node):
    """Return a key as a text; of one made of parts the first; None: whatever a variable holds.

    A constant stands for itself by its name.
    """
    if isinstance(node, ast.Name) and node.id.isupper():
        return node.id
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return getattr(node, "value", None)


def find_reads(tree):
    """Yield the keys that are read from a context as they come; None: not a literal."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("get", "pop", "setdefault") and is_context(node.func.value):
                yield get_key(node.args[0])
        elif isinstance(node, ast.Subscript) and is_context(node.value):
            if isinstance(node.ctx, ast.Load):
                yield get_key(node.slice)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            if is_context(node.comparators[0]):
                yield get_key(node.left)


def find_unsealed(tree):
    """Yield the keys that are taken from a context by ``unseal``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "unseal":
            yield node.args[1].value


def find_given(tree):
    """Yield (key, value) of what is put into a context, or into a dict or call like one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((word.arg, word.value) for word in node.keywords if word.arg)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                yield getattr(key, "value", None), value


@tagged("post_install", "-at_install")
class TestAccessContext(BaseCase):
    def test_rule_19_each_key_read_is_harmless_or_sealed(self):
        read = {}
        for path, tree in read_sources():
            for key in find_reads(tree):
                read.setdefault(key, path.name)
        unknown = {key: name for key, name in read.items() if key not in {*HARMLESS, *OBJECTS}}
        self.assertFalse(unknown, "read it by unseal(), or say in HARMLESS why it harms nobody")
        self.assertFalse({*HARMLESS, *OBJECTS} - set(read), "not read any more")

    def test_rule_19_what_is_unsealed_is_sealed_where_it_is_given(self):
        keys = {key for _path, tree in read_sources() for key in find_unsealed(tree)}
        self.assertGreater(len(keys), 6)
        given = set()
        for path, tree in read_sources():
            for key, value in find_given(tree):
                if key in keys:
                    given.add(key)
                    name = getattr(value, "id", getattr(getattr(value, "func", None), "id", ""))
                    self.assertIn(name, ("ON", "Sealed"), f"{path.name}: {key}")
        self.assertEqual(given, keys)

    def test_rule_19_no_view_or_report_gives_a_sealed_key(self):
        keys = {key for _path, tree in read_sources() for key in find_unsealed(tree)}
        for path in ROOT.rglob("*.xml"):
            if ".dev" not in path.parts:
                found = keys & set(re.findall(r"\w+", path.read_text()))
                self.assertFalse(found, path.name)

    def test_doctests(self):
        self.assertEqual(doctest.testmod(sealed).failed, 0)

    def test_the_scan_finds_each_way_to_read(self):
        source = "\n".join(
            (
                "self.env.context.get('a')",
                "self._context['b']",
                "'c' in env.context",
                "records.env.context.get(key)",
                "self.env.context[key] = 1",
            )
        )
        self.assertEqual(sorted(map(str, find_reads(ast.parse(source)))), ["None", "a", "b", "c"])
