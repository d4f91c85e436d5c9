"""What every file must fulfil before it is shared: the hooks of .pre-commit-config.yaml."""

import os
import subprocess
import sys

from .console import Failure
from .environment import link_addon
from .locations import CHECKOUT, cache_folder
from .odoo_source import odoo_folder
from .python_env import ensure_npm


def lint():
    """Run every check, even after one has failed."""
    if _run_hooks("pre-commit"):
        raise Failure("'make format' mends what is only form.")


def reformat():
    """Write Python and XML files in the form that ``lint`` asks for."""
    _run_hooks("manual")  # it fails where there was something to mend


def _run_hooks(stage):
    ensure_npm()
    link_addon()
    checkers = odoo_folder() / "odoo" / "addons" / "test_lint" / "tests"
    variables = {"PYTHONPATH": str(checkers), "PRE_COMMIT_HOME": str(cache_folder() / "pre-commit")}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--hook-stage", stage]
    return subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **variables}).returncode
