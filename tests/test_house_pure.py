"""The layout of the addon, measured from its source: docs/architecture.md says what it means."""

import ast
import re
from itertools import pairwise
from pathlib import Path
from unittest import TestCase

ADDON = Path(__file__).parents[1]
MODELS = ADDON / "models"
# In the order in which the data flows; the models of Odoo are extended last.
ROOMS = (
    "common",
    "recurrence",
    "dunning/setup",
    "dunning/decide",
    "dunning/run",
    "dunning/message",
    "dunning/status",
    "dunning/work",
    "dunning/figures",
    "inherited",
)
MOST_SERVICES = 10
MOST_REFERENCES = 15  # through env, per 1,000 lines of models/
LARGEST_CIRCLE = 13  # files; Odoo's own account has that many
LONGEST_FILE = 400
LONGEST_METHOD = 40
ENGINE = "dunning.engine"
# What mixins are named after that one record alone inherits, where it is not the record's name.
OF_ODOO = {
    "account.move": ["invoice", "template"],
    "account.move.line": ["line"],
    "mail.mail": ["mail"],
    "recurrence.schedule": ["schedule", "rule"],
    "res.company": ["company"],
    "res.partner": ["partner"],
    "res.users": ["user"],
}
ENV = re.compile(r'env\["([a-z_.]+)"\]')
# "- `file` → `model`: why" in docs/architecture.md
NAMED_ARROW = re.compile(r"^- `([^`]+)` → `([^`]+)`: \S", re.MULTILINE)


def read_models():
    """Return ``{path: (text, [what each model class is])}`` of the files of ``models/``."""
    found = {}
    for path in sorted(MODELS.rglob("*.py")):
        if path.name != "__init__.py":
            text = path.read_text(encoding="utf-8")
            found[path] = (text, [*map(_describe, filter(_is_model, ast.parse(text).body))])
    return found


def _is_model(node):
    return isinstance(node, ast.ClassDef) and any("models." in ast.unparse(b) for b in node.bases)


def _describe(node):
    """Return name, parents, whether it is abstract, has fields, and who its methods work on."""
    values = {
        target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    parents = ast.literal_eval(values["_inherit"]) if "_inherit" in values else []
    parents = [parents] if isinstance(parents, str) else parents
    name = ast.literal_eval(values["_name"]) if "_name" in values else parents[0]
    methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    return {
        "name": name,
        "parents": [parent for parent in parents if parent != name],
        "is_new": name not in parents,
        "is_abstract": "AbstractModel" in ast.unparse(node.bases[0]),
        "has_fields": any(ast.unparse(v).startswith("fields.") for v in values.values()),
        "methods": methods,
        "on_no_record": sum(
            any("api.model" in ast.unparse(d) for d in method.decorator_list) for method in methods
        ),
    }


def find_services(models):
    """Return the abstract models without a field that only hold functions."""
    every = [model for _text, found in models.values() for model in found]
    mixins = {parent for model in every for parent in model["parents"]}
    return {
        model["name"]
        for model in every
        if model["is_new"] and model["is_abstract"] and not model["has_fields"]
        if model["name"] not in mixins
        # a service is handed what it works on
        and model["on_no_record"] * 10 >= len(model["methods"]) * 7 > 0
    }


def find_references(models):
    """Yield (file, model of the addon it asks for through ``env``, file of that model)."""
    homes = {m["name"]: path for path, (_t, found) in models.items() for m in found if m["is_new"]}
    for path, (text, _found) in models.items():
        for name in ENV.findall(text):
            if name in homes:
                yield path, name, homes[name]


def find_largest_circle(edges):
    """Return the largest set of files each of which leads to each other one."""
    after = {}
    for start, end in edges:
        after.setdefault(start, set()).add(end)

    def reach(start):
        seen, waiting = set(), [start]
        while waiting:
            for found in after.get(waiting.pop(), ()):
                if found not in seen:
                    seen.add(found)
                    waiting.append(found)
        return seen

    reached = {start: reach(start) for start in after}
    circles = [
        {end for end in ends if start in reached.get(end, ())} for start, ends in reached.items()
    ]
    return max(circles, key=len, default=set())


def get_prefixes(record):
    """Return how the name of a mixin begins that this record alone inherits."""
    words = OF_ODOO.get(record) or [record.split(".", 1)[1]]
    return tuple(f"{half}.{word}." for half in ("recurrence", "dunning") for word in words)


def get_room(path):
    return path.relative_to(MODELS).parent.as_posix()


class TestHouse(TestCase):
    """Verbs stand on their records, in rooms in the order of the data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = read_models()

    def test_the_measure_sees_what_is_there(self):
        self.assertGreater(len(self.models), 100)
        self.assertIn("dunning.engine", find_services(self.models))
        circle = find_largest_circle([(1, 2), (2, 3), (3, 1), (3, 4)])
        self.assertEqual(circle, {1, 2, 3})

    def test_few_services(self):
        services = find_services(self.models)
        self.assertLessEqual(len(services), MOST_SERVICES, sorted(services))

    def test_every_service_says_why_it_is_one(self):
        services = find_services(self.models)
        for path, (text, found) in self.models.items():
            if any(model["is_new"] and model["name"] in services for model in found):
                with self.subTest(path.name):
                    self.assertIn("A service", text)

    def test_the_engine_has_one_door(self):
        asking = {path.name for path, name, _home in find_references(self.models) if name == ENGINE}
        asking |= {
            path.name
            for path in (ADDON / "wizard").rglob("*.py")
            if f'"{ENGINE}"' in path.read_text(encoding="utf-8")
        }
        self.assertEqual(asking, {"dunning_company_engine_mixin.py"})

    def test_a_mixin_of_one_record_is_named_after_it(self):
        every = [model for _text, found in self.models.values() for model in found]
        for path, (_text, found) in self.models.items():
            for name in (m["name"] for m in found if m["is_new"] and m["name"].endswith(".mixin")):
                records = {model["name"] for model in every if name in model["parents"]}
                with self.subTest(name):
                    if get_room(path) != "common":
                        self.assertEqual(path.stem, name.replace(".", "_"))
                    if len(records) == 1 and not next(iter(records)).endswith(".mixin"):
                        self.assertTrue(name.startswith(get_prefixes(records.pop())), name)

    def test_few_references_through_env(self):
        lines = sum(text.count("\n") for text, _found in self.models.values())
        count = len(list(find_references(self.models)))
        self.assertLessEqual(1000 * count / lines, MOST_REFERENCES)

    def test_no_large_circle(self):
        edges = [(a, b) for a, _name, b in find_references(self.models) if a != b]
        self.assertLessEqual(len(find_largest_circle(edges)), LARGEST_CIRCLE)

    def test_every_file_stands_in_a_room(self):
        self.assertEqual({get_room(path) for path in self.models}, set(ROOMS))

    def test_files_and_methods_are_short(self):
        for path, (text, found) in self.models.items():
            with self.subTest(path.name):
                self.assertLessEqual(text.count("\n"), LONGEST_FILE)
                for model in found:
                    for method in model["methods"]:
                        length = method.end_lineno - method.lineno + 1
                        self.assertLessEqual(length, LONGEST_METHOD, method.name)

    def test_rooms_import_from_earlier_ones_alone(self):
        for path, (text, _found) in self.models.items():
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and node.level:
                    target = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
                    target = target.with_suffix(".py")
                    if target in self.models:
                        with self.subTest(f"{path.name} imports {target.name}"):
                            self.assertLessEqual(self.get_place(target), self.get_place(path))

    def test_what_runs_back_is_named_with_its_reason(self):
        back = {
            (path.relative_to(ADDON).as_posix(), name)
            for path, name, home in find_references(self.models)
            if self.get_place(home) > self.get_place(path)
        }
        text = (ADDON / "docs" / "architecture.md").read_text(encoding="utf-8")
        self.assertEqual(back, set(NAMED_ARROW.findall(text)))

    def test_the_halves_do_not_know_each_other(self):
        halves = ("recurrence", "dunning")
        for path, name, _home in find_references(self.models):
            half = get_room(path).split("/")[0]
            other = name.split(".")[0]
            if half in halves and other in halves:
                with self.subTest(path.name):
                    self.assertEqual(half, other)

    def get_place(self, path):
        return ROOMS.index(get_room(path))

    def test_the_rooms_are_loaded_in_their_order(self):
        loaded = [
            room
            for room in ROOMS
            if (MODELS / room / "__init__.py").exists() and room.count("/") == 0
        ]
        text = (MODELS / "__init__.py").read_text(encoding="utf-8")
        places = [text.index(f"import {room}") for room in loaded]
        self.assertTrue(all(a < b for a, b in pairwise(places)))
