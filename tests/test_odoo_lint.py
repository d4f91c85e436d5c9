"""Odoo's own checks of its code, where its source has them, on what is installed here."""

from importlib.util import find_spec

if find_spec("odoo.addons.test_lint"):
    from odoo.addons.test_lint.tests.test_index import TestIndex
    from odoo.addons.test_lint.tests.test_naming import TestNaming
    from odoo.addons.test_lint.tests.test_override_signatures import TestLintOverrideSignatures

    __all__ = ["TestIndex", "TestLintOverrideSignatures", "TestNaming"]
