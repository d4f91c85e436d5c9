"""The virtual environment with what Odoo and its tests need, made once per set of versions."""

import hashlib
import os
import platform
import sys

from .cache import cached
from .console import Failure, run_logged, step
from .locations import LOGS, REQUIREMENTS

OLDEST_PYTHON = (3, 10)


def virtual_environment():
    """The folder of the virtual environment for the pinned requirements."""
    if sys.version_info < OLDEST_PYTHON:
        raise Failure(f"Odoo 19 needs Python 3.10 or newer; this is {platform.python_version()}.")
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    return cached(f"venv-{key}", _make)


def pip(folder, *arguments, label):
    """Run the pip of the environment ``folder``."""
    name = label.replace(" ", "-").lower()
    command = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", *arguments]
    # Odoo on the path would have pip weigh its requirements too.
    variables = {key: text for key, text in os.environ.items() if key != "PYTHONPATH"}
    run_logged(command, label, LOGS / f"pip-{name}.log", env=variables)


def _make(folder):
    step("Making the Python environment")
    make_empty(folder)
    pip(folder, "install", "-r", REQUIREMENTS, label="Installing Python packages")
    pip(folder, "check", label="Checking Python packages")


def make_empty(folder):
    """A virtual environment with nothing in it but pip."""
    log = LOGS / "venv.log"
    run_logged([sys.executable, "-m", "venv", folder], "Creating a virtual environment", log)
