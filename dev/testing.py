"""The tests: pytest-odoo on a copy of the template database."""

import os
import shlex
import subprocess

from . import databases
from .console import step
from .environment import prepare
from .locations import ADDONS, CHECKOUT
from .settings import ADDON

WORKERS = 2
# What is tested when ARGS names no file: the tests, and the examples in the pure Python code.
DEFAULT_PATHS = ("tests", "tools")


def test():
    """Run the tests; ARGS is passed on to pytest. Returns pytest's exit code."""
    environment = prepare(browser=True)
    template = databases.addon_template(environment)
    with databases.temporary_copy(environment, template, "test") as database:
        step("Running the tests")
        command = [environment.python, "-m", "pytest", *_options(database)]
        arguments = list(map(str, command))
        variables = environment.process_environment
        return subprocess.run(arguments, env=variables, cwd=ADDONS, check=False).returncode


def _options(database):
    arguments = [_below_link(text) for text in shlex.split(os.environ.get("ARGS", ""))]
    options = [f"--rootdir={ADDONS}", f"--odoo-database={database}", "--odoo-http"]
    options += ["--doctest-modules", "-rs", "-p", "no:cacheprovider"]
    if not _chooses_workers(arguments):
        options += ["-n", str(WORKERS), "--dist", "loadscope"]
    if not any(argument.startswith(str(ADDONS)) for argument in arguments):
        arguments += [str(ADDONS / ADDON / name) for name in DEFAULT_PATHS]
    return [*options, *arguments]


def _below_link(argument):
    """A path of the checkout as Odoo sees it: pytest must import it below the addon's name."""
    path, separator, test_name = argument.partition("::")
    if argument.startswith("-") or not path or not (CHECKOUT / path).exists():
        return argument
    return f"{ADDONS / ADDON / path}{separator}{test_name}"


def _chooses_workers(arguments):
    """Debuggers and single workers need the tests in pytest's own process."""
    return any(text.startswith(("-n", "--pdb", "--trace")) for text in arguments)
