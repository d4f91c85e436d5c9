"""What every file must fulfil before it is shared."""

import os
import re
import subprocess
from pathlib import Path

from .console import Failure, say, step
from .environment import link_addon, prepare_python
from .locations import ADDONS, CHECKOUT, EXTENSIONS
from .odoo_source import odoo_folder
from .settings import ADDON, EXTENSION
from .xml_format import XmlError, formatted

RULES = CHECKOUT / ".pylintrc"
# What Odoo's addon test_lint looks for in Python files, as it stands in its test_pylint.py.
ODOO_CHECKERS = (
    "pylint.extensions.bad_builtin",
    "_odoo_checker_sql_injection",
    "_odoo_checker_gettext",
    "_odoo_checker_unlink_override",
)
ODOO_MESSAGES = (
    "used-before-assignment",
    "undefined-variable",
    "eval-used",
    "unreachable",
    "function-redefined",
    "sql-injection",
    "missing-gettext",
    "gettext-variable",
    "gettext-placeholders",
    "gettext-repr",
    "raise-unlink-override",
)
# Addresses of package registries: a script must take them from the machine's configuration.
REGISTRY = re.compile(r"https?://[a-z0-9.-]*(?:debian|pypi|pythonhosted|npmjs)[a-z0-9.-]*", re.I)


def lint():
    """Run every check, even after one has failed; return 1 if any did."""
    python = prepare_python()
    link_addon()
    checks = {
        "ruff check": lambda: _run(python, "ruff", "check", "."),
        "ruff format": lambda: _run(python, "ruff", "format", "--check", "."),
        "pylint-odoo": lambda: _run(python, "pylint", f"--rcfile={RULES}", ADDON, folder=ADDONS),
        "pylint-odoo of the extension": lambda: _run(
            python, "pylint", f"--rcfile={RULES}", EXTENSION, folder=EXTENSIONS
        ),
        "Odoo's own checks": lambda: _run_odoo_checks(python),
        "XML format": _check_xml,
        "tests": _check_tests_are_imported,
        "addresses and paths": _check_addresses,
    }
    failed = []
    for name, check in checks.items():
        step(name)
        if not check():
            failed.append(name)
    if failed:
        raise Failure(f"Failed: {', '.join(failed)}. 'make format' mends what is only form.")
    say("All files are in order.")


def reformat():
    """Write Python and XML files in the form that ``lint`` asks for."""
    python = prepare_python()
    _run(python, "ruff", "check", "--fix", "--quiet", ".")
    _run(python, "ruff", "format", ".")
    for path, text in _misformed_xml():
        say(f"    {path.relative_to(CHECKOUT)}")
        path.write_text(text)


def _run(python, module, *arguments, folder=CHECKOUT, **variables):
    command = [str(python), "-m", module, *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode == 0


def _run_odoo_checks(python):
    """Run what Odoo's addon test_lint has pylint look for; what needs a database is a test."""
    checkers = odoo_folder() / "odoo" / "addons" / "test_lint" / "tests"
    if not checkers.exists():
        say("    this Odoo has no addon test_lint: skipped")
        return True
    # what a comment says to pylint-odoo is unknown here
    disabled = "--disable=all,useless-option-value,unknown-option-value"
    options = [f"--rcfile={os.devnull}", disabled, f"--enable={','.join(ODOO_MESSAGES)}"]
    options += [f"--load-plugins={','.join(ODOO_CHECKERS)}", "--bad-functions=input", "--score=no"]
    return _run(python, "pylint", *options, ADDON, folder=ADDONS, PYTHONPATH=str(checkers))


def _files(*patterns):
    """The checkout's files as git sees them: known ones, and new ones it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns]
    listing = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    paths = (CHECKOUT / name for name in sorted(set(listing.stdout.split("\0"))) if name)
    return [path for path in paths if path.is_file()]


def _misformed_xml():
    for path in _files("*.xml"):
        text = path.read_text()
        try:
            wanted = formatted(text)
        except XmlError as error:
            raise Failure(f"{path.relative_to(CHECKOUT)}: {error}") from error
        if wanted != text:
            yield path, wanted


def _check_xml():
    misformed = [path for path, _text in _misformed_xml()]
    for path in misformed:
        say(f"    {path.relative_to(CHECKOUT)} is not in the one form")
    return not misformed


def _check_tests_are_imported():
    """Pytest finds a test file by itself; Odoo's own runner needs it in ``tests/__init__.py``."""
    missing = []
    for tests in (CHECKOUT / "tests", EXTENSIONS / EXTENSION / "tests"):
        imported = (tests / "__init__.py").read_text()
        names = sorted(path.stem for path in tests.glob("test_*.py"))
        missing += [
            f"{(tests / '__init__.py').relative_to(CHECKOUT)} does not import {name}"
            for name in names
            if not re.search(rf"\b{name}\b", imported)
        ]
    for text in missing:
        say(f"    {text}")
    return not missing


def _check_addresses():
    """No registry's address and no path of this machine in any file."""
    here = [str(folder) + "/" for folder in (CHECKOUT, Path.home()) if len(folder.parts) > 1]
    patterns = [REGISTRY, *(re.compile(rf"(?<![\w.]){re.escape(path)}") for path in here)]
    found = False
    for path in _files():
        text = path.read_bytes().decode(errors="ignore")
        for match in (match for pattern in patterns for match in pattern.finditer(text)):
            line = text.count("\n", 0, match.start()) + 1
            say(f"    {path.relative_to(CHECKOUT)}:{line}: {match.group()}")
            found = True
    return not found
