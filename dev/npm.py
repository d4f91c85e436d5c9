"""Files of npm packages that Odoo or the tests need; none of them is part of the addon."""

import shutil

from . import settings
from .cache import cached
from .console import run_logged
from .locations import LOGS
from .python_env import ensure_npm


def unpack(package, work):
    """Download a package by its name and version; return the folder of its files in ``work``."""
    ensure_npm()
    command = ["npm", "pack", "--silent", package]
    run_logged(command, f"Downloading {package}", LOGS / "npm.log", cwd=work)
    (archive,) = work.glob("*.tgz")
    shutil.unpack_archive(archive, work)
    return work / "package"


def axe_script():
    """Return the script that tells what of a page keeps people out."""
    name = settings.AXE_PACKAGE.replace("@", "-")
    return cached(name, lambda folder: unpack(settings.AXE_PACKAGE, folder)) / "package/axe.min.js"
