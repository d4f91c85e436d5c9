"""``python3 -m dev COMMAND``: what the Makefile calls."""

import signal
import sys
from importlib import import_module

from .python_env import enter

# What a command's function is called and where it stands, and what "help" says of it.
COMMANDS = {
    "bench": ("bench.bench", "measure beside other addons, one JSON object a line; BENCH=name"),
    "clean": ("cluster.clean", "remove databases, logs and mail of this checkout; the cache stays"),
    "demo": ("demo.demo", "play a demonstration and serve it; PORT=number SERVE=0 to only play"),
    "format": ("linting.reformat", "bring Python and XML files into the form that lint asks for"),
    "fuzz": ("fuzz.fuzz", "play N= random histories against models of the rules; SEED="),
    "help": ("", "this list; ODOO_SOURCE=folder uses an Odoo 19 that is already there"),
    "lint": ("linting.lint", "check form and rules of all files"),
    "prepare": ("databases.prepare_all", "only fetch what the other targets need"),
    "replay": (
        "demo.replay",
        "play FILE=receivables.csv; LEVELS= GAP= CONTACT_GAP= DISPUTES=block",
    ),
    "serve": ("demo.serve", "serve the demonstration again; PORT=number DB=name"),
    "shell": ("databases.shell", "Python with env: make -s shell < script.py; DB=name"),
    "stop": ("cluster.stop", "stop the database server; the next target starts it again"),
    "terms": ("translations.translations", "export the terms to translate into i18n/"),
    "test-host": (
        "benchmarks.host_tests.host_tests",
        'run Odoo\'s own tests without and with the addon, and compare; ARGS="-k name" CALLS=1',
    ),
    "test-upgrade": ("benchmarks.upgrade.upgrade", "upgrade an earlier version's demonstration"),
    "torture": ("benchmarks.torture.torture", "kill servers, count what is double or lost; COUNT="),
    "test": ("testing.test", 'run the tests; ARGS="-k name"'),
}


def main():
    place, _text = COMMANDS.get(sys.argv[1] if len(sys.argv) > 1 else "help", ("", ""))
    if not place:
        for name, (_place, text) in sorted(COMMANDS.items()):
            print(f"  make {name:9} {text}")
        return 0
    enter()
    # A job that is ended from outside cleans up as one that is interrupted at the keyboard.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = import_module("dev.console")
    module, _dot, function = place.rpartition(".")
    try:
        return getattr(import_module(module if "." in module else f"dev.{module}"), function)()
    except console.Failure as failure:
        console.say(f"\n{failure}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
