"""Which private methods of Odoo the addon calls, overrides or imports, found in its source."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

from odoo.api import Environment
from odoo.fields import Field, Selection
from odoo.models import BaseModel
from odoo.sql_db import Cursor

from odoo.addons.account_payment.controllers.payment import PaymentPortal

ADDON = Path(__file__).parents[1]
OWN = "odoo.addons.account_recurrence_dunning"
ROOMS = ("models", "wizard", "controllers", "report")
# What is no model and has private methods that the addon may call; the first one that has it.
CLASSES = {
    found.__name__: found
    for found in (BaseModel, Environment, Field, Selection, Cursor, PaymentPortal)
}
PRIVATE = re.compile(r"_[a-z]\w*")
# Methods of other people's addons that are called where these are installed; checked beside them.
PEERS = {
    "contract.contract": {"_prepare_invoice": "(self, date_invoice, journal=None)"},
    "contract.line": {
        "_can_be_invoiced": "(self, date_ref)",
        "_prepare_invoice_line": "(self)",
    },
}
# Private by their spelling alone: what Python gives every named tuple.
PUBLIC = {"_replace", "_asdict", "_make"}
ENV = re.compile(r"\benv\[['\"]([a-z_.]+)['\"]\]")


def get_signature(registry, home, name):
    """Return the signature of what Odoo has under a name, as text; None: it has it not.

    :param home: the name of a model, of one of ``CLASSES``, or of a module
    """
    if home.startswith("odoo."):
        found = getattr(import_module(home), name, None)
    else:
        found = find_method(CLASSES.get(home) or registry.models.get(home), name)
    if found is None:
        return None
    if not callable(getattr(found, "__func__", found)):
        return type(found).__name__
    signature = inspect.signature(getattr(found, "__func__", found))
    # how a type is written depends on the version of Python
    plain = [part.replace(annotation=part.empty) for part in signature.parameters.values()]
    return str(inspect.Signature(plain))


def find_method(home, name):
    """Return the method of a class as it is without the addon; None: there is none."""
    for part in home.__mro__ if home else ():
        value = vars(part).get(name)
        if not part.__module__.startswith(OWN) and inspect.isroutine(value):
            return value
    return None


def find_origin(registry, model, method):
    """Return which class or model of Odoo a model has a method from first, or None."""
    for name, found in CLASSES.items():
        if found is BaseModel and hasattr(found, method):
            return name
    origins = [
        part._name or part._inherit
        for part in registry.models[model].__mro__
        if method in vars(part) and not part.__module__.startswith(OWN)
    ]
    return origins[-1] if origins else None


def find_definers(registry, method):
    """Return the names of Odoo's classes and models that define a method first."""
    for name, found in CLASSES.items():
        if hasattr(found, method):
            return {name}
    models = [name for name, model in registry.models.items() if hasattr(model, method)]
    return {find_origin(registry, name, method) for name in models} - {None}


def find_overridden(registry):
    """Return ``{(class or model, method)}`` of Odoo's private methods that the addon overrides."""
    return {
        (origin, method)
        for name, model in registry.models.items()
        for part in model.__mro__
        if part.__module__.startswith(OWN)
        for method, value in vars(part).items()
        if PRIVATE.fullmatch(method) and inspect.isroutine(value)
        if (origin := find_origin(registry, name, method))
    }


class Source:
    """The private names in the addon's source: defined, called, called on a model, imported."""

    def __init__(self):
        self.defined, self.called, self.on_models, self.imported = set(), set(), set(), set()
        rooms = (path for room in ROOMS for path in (ADDON / room).rglob("*.py"))
        for path in (ADDON / "hooks.py", *rooms):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                self.take(node)

    def take(self, node):
        if isinstance(node, ast.FunctionDef):
            self.defined.add(node.name)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("odoo."):
            names = [alias.name for alias in node.names if PRIVATE.fullmatch(alias.name)]
            self.imported |= {(node.module, name) for name in names}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if PRIVATE.fullmatch(node.func.attr):
                self.called.add(node.func.attr)
                self.on_models |= self.find_models(node.func)

    def find_models(self, function):
        """Return the model a method is called on where ``env["…"]`` says so in the same breath."""
        receiver = function.value
        while isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
            receiver = receiver.func.value  # .sudo(), .with_company(…)
        found = ENV.search(ast.unparse(receiver)) if isinstance(receiver, ast.Subscript) else None
        return {(found[1], function.attr)} if found else set()
