import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import skipUnless

import odoo.release
from odoo.modules import get_module_path, get_modules
from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools.misc import file_path

ROOT = Path(__file__).resolve().parents[1]
ADDON = "odoo/addons/account_recurrence_dunning/"
EXTENSION = "account_recurrence_dunning_extension"
PICTURES = ["static/description/invoice_dunning.png", "static/description/run.png"]
BUILDERS = ("hatchling", "hatch_fancy_pypi_readme", "pip")
# Run by a Python that sees Odoo and the installed wheel, and no addons folder.
FIND_ADDONS = """
from odoo.modules.module import get_module_path, initialize_sys_path
initialize_sys_path()
for name in ("base", "account", "account_recurrence_dunning"):
    print(get_module_path(name))
"""


def run(*command, cwd=ROOT, env=None):
    options = {"cwd": cwd, "env": env, "capture_output": True, "text": True}
    return subprocess.run(command, check=True, **options).stdout


def build(kind, checkout, folder):
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder, cwd=checkout)
    (result,) = Path(folder).glob({"wheel": "*.whl", "sdist": "*.tar.gz"}[kind])
    return result


@skipUnless(
    all(map(find_spec, BUILDERS)) and (ROOT / "pyproject.toml").exists(), "no build backend here"
)
class TestPackaging(BaseCase):
    """A wheel puts the addon where Odoo finds it, whatever the checkout's folder is called."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.wheel = build("wheel", ROOT, cls.folder / "wheel")
        with zipfile.ZipFile(cls.wheel) as archive:
            cls.names = archive.namelist()
            (metadata,) = (name for name in cls.names if name.endswith("dist-info/METADATA"))
            cls.metadata = email.message_from_bytes(archive.read(metadata))

    def test_version_is_the_manifest_s(self):
        self.assertIn("-19.0.", self.wheel.name)

    def test_all_of_the_addon_is_in_it(self):
        models = "models/inherited/account_move.py"
        for name in ("__manifest__.py", models, "security/ir.model.access.csv", *PICTURES):
            self.assertIn(ADDON + name, self.names)

    def test_nothing_of_the_developer_s_environment_is_in_it(self):
        folders = {name.removeprefix(ADDON).split("/")[0] for name in self.names}
        self.assertFalse(folders & {"dev", "benchmarks", "docs", ".dev", ".ci", "Makefile"})

    def test_built_from_the_source_package_it_is_the_same(self):
        folder = self.folder / "from source package"
        shutil.unpack_archive(build("sdist", ROOT, folder), folder)
        (source,) = (path for path in folder.iterdir() if path.is_dir())
        with zipfile.ZipFile(build("wheel", source, folder)) as archive:
            self.assertEqual(set(archive.namelist()), set(self.names))

    def test_the_extension_of_the_tests_is_found_nowhere(self):
        self.assertFalse([name for name in self.names if "extension/" in name])
        self.assertNotIn(EXTENSION, get_modules())

    def test_it_requires_nothing_that_pip_would_put_beside_odoo(self):
        requirements = self.metadata.get_all("Requires-Dist")
        self.assertEqual(requirements, ["python-dateutil", "holidays; extra == 'holidays'"])

    def test_no_link_of_the_package_s_page_leads_nowhere(self):
        page = self.metadata.get_payload()
        self.assertIn("\n# Recurrences & Dunning for Odoo 19\n", f"\n{page}")
        self.assertEqual(re.findall(r"\]\((?!https?:|#)", page), [])
        self.assertEqual(page.count("*Picture, on the page of the app in Odoo: "), len(PICTURES))

    def test_odoo_from_source_finds_it(self):
        place, site = self._install()
        own_addons, other_addons = place / "odoo/addons", place / "addons"
        self._lay_out(place / "odoo", own_addons, other_addons)
        (place / "odoo-bin").write_text(FIND_ADDONS)
        self._assert_found(site, own_addons, other_addons, place / "odoo-bin")

    def test_odoo_from_debian_finds_it(self):
        place, site = self._install()
        addons = place / "dist-packages/odoo/addons"
        self._lay_out(addons.parent, addons, addons)
        # --system-site-packages puts it there: after the environment's own packages
        (site / "system.pth").write_text(f"{place / 'dist-packages'}\n")
        self._assert_found(site, addons, addons, "-c", FIND_ADDONS)

    def test_odoo_from_pip_finds_it(self):
        _place, site = self._install()
        addons = site / "odoo/addons"
        self._lay_out(addons.parent, addons, addons)
        self._assert_found(site, addons, addons, "-c", FIND_ADDONS)

    def _install(self):
        """A new environment into which pip installed the wheel, and the folder of its packages."""
        place = self.folder / self._testMethodName
        venv.create(place / "venv", symlinks=True)
        pip = [sys.executable, "-m", "pip", "--isolated", "--python", place / "venv"]
        run(*pip, "install", "--no-index", "--no-deps", "--no-compile", self.wheel)
        (site,) = place.glob("venv/lib/python*/site-packages")
        # what Odoo itself needs
        (site / "needed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
        return place, site

    def _lay_out(self, framework, own_addons, other_addons):
        """Put the Odoo that runs this test there: its framework, ``base`` and ``account``."""
        ignored = shutil.ignore_patterns("addons", "__pycache__")
        running = Path(odoo.release.__file__).parent
        shutil.copytree(running, framework, ignore=ignored, dirs_exist_ok=True)
        for name, addons in (("base", own_addons), ("account", other_addons)):
            addons.mkdir(parents=True, exist_ok=True)
            (addons / name).symlink_to(get_module_path(name))

    def _assert_found(self, site, own_addons, other_addons, *script):
        """Odoo sees its own addons and the wheel's, though nobody names a folder of addons."""
        place = self.folder / self._testMethodName
        variables = {"PATH": os.environ["PATH"], "HOME": str(place)}
        found = run(place / "venv/bin/python", *script, cwd=place, env=variables).splitlines()
        expected = [own_addons / "base", other_addons / "account", site / ADDON.rstrip("/")]
        self.assertEqual(found, list(map(str, expected)))


@tagged("post_install", "-at_install")
class TestAppPage(TransactionCase):
    """Odoo's own page about the app shows the pictures of the README."""

    def test_pictures_are_shown(self):
        module = self.env.ref("base.module_account_recurrence_dunning")
        shown = re.findall(r'<img[^>]* src="/([^"]+)"', module.description_html)
        self.assertEqual(shown, [f"account_recurrence_dunning/{name}" for name in PICTURES])
        for picture in shown:
            self.assertTrue(file_path(picture))
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"!\[[^]]+\]\(([^)]+)\)", readme), PICTURES)
