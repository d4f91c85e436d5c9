import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import skipUnless

import odoo
from odoo.modules import get_modules
from odoo.tests import BaseCase

ROOT = Path(__file__).resolve().parents[1]
ADDON = "odoo/addons/account_recurrence_dunning/"
EXTENSION = "account_recurrence_dunning_extension"
# Run by a Python that sees Odoo and the unpacked wheel, and no addons folder.
FIND_ADDON = """
from odoo.modules.module import get_module_path, initialize_sys_path
initialize_sys_path()
print(get_module_path("account_recurrence_dunning"))
"""


@skipUnless(find_spec("hatchling") and (ROOT / "pyproject.toml").exists(), "no build backend here")
class TestPackaging(BaseCase):
    """A wheel puts the addon where Odoo finds it, whatever the checkout's folder is called."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.site = Path(folder.name) / "site"
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder.name]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        (wheel,) = Path(folder.name).glob("*.whl")
        cls.wheel = wheel.name
        with zipfile.ZipFile(wheel) as archive:
            cls.names = archive.namelist()
            archive.extractall(cls.site)

    def test_version_is_the_manifest_s(self):
        self.assertIn("-19.0.", self.wheel)

    def test_all_of_the_addon_is_in_it(self):
        models = "models/inherited/account_move.py"
        for name in ("__manifest__.py", models, "security/ir.model.access.csv"):
            self.assertIn(ADDON + name, self.names)

    def test_nothing_of_the_developer_s_environment_is_in_it(self):
        folders = {name.removeprefix(ADDON).split("/")[0] for name in self.names}
        self.assertFalse(folders & {"dev", "benchmarks", "docs", ".dev", ".ci", "Makefile"})

    def test_the_extension_of_the_tests_is_found_nowhere(self):
        self.assertFalse([name for name in self.names if "extension/" in name])
        self.assertNotIn(EXTENSION, get_modules())

    def test_odoo_finds_it(self):
        odoo_folder = Path(odoo.__path__[0]).parent
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(odoo_folder), str(self.site)]),
            "HOME": str(self.site),
        }
        found = subprocess.run(
            [sys.executable, "-c", FIND_ADDON],
            env=variables,
            cwd=self.site,
            check=True,
            capture_output=True,
            text=True,
        )
        self.assertEqual(found.stdout.strip(), str(self.site / ADDON.rstrip("/")))
