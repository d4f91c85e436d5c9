"""The tests: pytest-odoo on copies of the template databases."""

import os
import shlex
import subprocess
from xml.etree import ElementTree

from . import databases
from .console import step
from .environment import prepare
from .locations import ADDONS, CHECKOUT, EXTENSIONS, LOGS
from .npm import axe_script
from .peers import peers_template
from .settings import ADDON, AXE_VARIABLE, EXTENSION

WORKERS = 2
# Tests beside other people's addons.
PEER_TESTS = "tests/peers"
# What is tested when ARGS names no file: the tests, and the examples in the pure Python code.
DEFAULT_PATHS = ("tests", "tools", f"dev/extension/{EXTENSION}/tests", PEER_TESTS)
# pytest's exit code where nothing was chosen
NO_TESTS = 5


def test():
    """Run the tests, then those of the extension and of peers on databases that have them too.

    ARGS is passed on to pytest; where it names files, only where they belong. Returns the first
    exit code of pytest's that is a failure.
    """
    environment = prepare(browser=True)
    arguments = shlex.split(os.environ.get("ARGS", ""))
    if not any(map(_is_path, arguments)):
        arguments += DEFAULT_PATHS
    for record in LOGS.glob("tests-*.xml"):
        record.unlink()
    codes = []
    runs = {"addon": _run_tests, "extension": _run_extension_tests, "peers": _run_peer_tests}
    for family, run in runs.items():
        chosen = [text for text in arguments if _find_family(text) in (family, "")]
        if any(map(_is_path, chosen)):
            codes.append(run(environment, chosen))
    if len(codes) > 1:
        _print_total()
    failed = [code for code in codes if code not in (0, NO_TESTS)]
    return failed[0] if failed else min(codes)


def _run_tests(environment, arguments):
    template = databases.addon_template(environment)
    options = ["--doctest-modules", f"--ignore={ADDONS / ADDON / PEER_TESTS}"]
    if not _chooses_workers(arguments):
        options += ["-n", str(WORKERS), "--dist", "loadscope"]
    # pytest must import them below the addon's name
    options += [ADDONS / ADDON / text if _is_path(text) else text for text in arguments]
    return _run_pytest(environment, template, "test", ADDONS, options)


def _run_extension_tests(environment, arguments):
    environment.add_addons(EXTENSIONS)
    template = databases.extension_template(environment)
    options = [CHECKOUT / text if _is_path(text) else text for text in arguments]
    return _run_pytest(environment, template, "extension", EXTENSIONS, options)


def _run_peer_tests(environment, arguments):
    template = peers_template(environment)
    options = [ADDONS / ADDON / text if _is_path(text) else text for text in arguments]
    return _run_pytest(environment, template, "peers", ADDONS, options)


def _run_pytest(environment, template, purpose, folder, options):
    """Run pytest in a folder of addons, on a copy of the template; return its exit code."""
    record = LOGS / f"tests-{purpose}.xml"
    with databases.temporary_copy(environment, template, purpose) as database:
        step(f"Running the tests of {folder.name}")
        command = [environment.python, "-m", "pytest", f"--rootdir={folder}", "--odoo-http"]
        command += [f"--confcutdir={folder}", f"--odoo-database={database}", "-rs"]
        command += ["-p", "no:cacheprovider", f"--junit-xml={record}", *options]
        arguments = list(map(str, command))
        variables = {**environment.process_environment, AXE_VARIABLE: str(axe_script())}
        return subprocess.run(arguments, env=variables, cwd=folder, check=False).returncode


def _print_total():
    """Print what became of all tests, of all databases, in one line."""
    results = {}
    for record in LOGS.glob("tests-*.xml"):
        for case in ElementTree.parse(record).getroot().iter("testcase"):
            # of a test that has parts, the worst one counts
            key = (record.name, case.get("classname"), case.get("name"))
            results.setdefault(key, set()).update(part.tag for part in case)
    failed = sum(bool(tags & {"failure", "error"}) for tags in results.values())
    skipped = sum("skipped" in tags for tags in results.values())
    passed = len(results) - failed - skipped
    print(f"{passed} passed, {failed} failed, {skipped} skipped in all", flush=True)


def _is_path(argument):
    """Whether an argument names a file of the checkout, maybe with a test in it."""
    path = argument.partition("::")[0]
    return not argument.startswith("-") and bool(path) and (CHECKOUT / path).exists()


def _find_family(argument):
    """Which database the tests of a path need; empty for what is no path."""
    if not _is_path(argument):
        return ""
    path = CHECKOUT / argument.partition("::")[0]
    folders = {path, *path.parents}
    if EXTENSIONS in folders:
        return "extension"
    return "peers" if CHECKOUT / PEER_TESTS in folders else "addon"


def _chooses_workers(arguments):
    """Debuggers and single workers need the tests in pytest's own process."""
    return any(text.startswith(("-n", "--pdb", "--trace")) for text in arguments)
