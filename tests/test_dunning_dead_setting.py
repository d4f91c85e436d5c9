import re
from pathlib import Path

from odoo import models
from odoo.fields import NO_ACCESS
from odoo.tests import TransactionCase, tagged

ADDON = Path(__file__).parents[1]
# where what a setting does can be read; the forms that offer it do not count
CODE = [
    *ADDON.glob("models/**/*.py"),
    *ADDON.glob("tools/**/*.py"),
    *ADDON.glob("wizard/**/*.py"),
    *ADDON.glob("report/*.xml"),
]
# these speak for themselves: a person reads them on the screen
FOR_READERS = {"dunning.program": {"note"}}


@tagged("post_install", "-at_install")
class TestDunningDeadSetting(TransactionCase):
    """Everything a screen offers works or is not offered: each setting is read by something."""

    def setUp(self):
        super().setUp()
        self.code = "\n".join(path.read_text() for path in CODE)

    def settings(self, model, prefix=""):
        """Return the fields of a model that a person sets."""
        return [
            field
            for name, field in self.env[model]._fields.items()
            if name.startswith(prefix)
            and field.store
            and not field.compute
            and not field.related
            and not field.readonly
            and name not in models.MAGIC_COLUMNS
            and field._module == "account_recurrence_dunning"
            and field.groups != NO_ACCESS
            and name not in FOR_READERS.get(model, ())
        ]

    def is_read(self, name):
        """Whether code or a report reads a field: by attribute, or by name in a domain or list."""
        quoted = rf"[\"'(.,\s]{name}[\"',.)\s=]"
        reads = re.findall(rf"\.{name}\b(?!\s*=[^=])|{quoted}", self.code)
        defined = re.findall(rf"^\s+{name} = fields\.", self.code, re.MULTILINE)
        return len(reads) > len(defined)

    def test_every_setting_of_dunning_is_read(self):
        for model, prefix in (
            ("dunning.level", ""),
            ("dunning.program", ""),
            ("dunning.program.schedule", ""),
            ("dunning.statement.schedule", ""),
            ("res.company", "dunning_"),
            ("res.company", "recurrence_"),
        ):
            for field in self.settings(model, prefix):
                with self.subTest(model=model, field=field.name):
                    self.assertTrue(self.is_read(field.name), "nothing reads it")
