"""``python3 -m dev COMMAND``: what the Makefile calls."""

import os
import shutil
import signal
import sys

from . import (
    bench,
    cluster,
    databases,
    demo,
    fuzz,
    host_tests,
    linting,
    testing,
    torture,
    translations,
)
from .console import Failure, say
from .environment import prepare
from .locations import STATE
from .settings import DEMO_DATABASE


def prepare_everything():
    """Fetch what is missing and make the template database that every other command needs."""
    databases.dependencies_template(prepare(browser=True))


def shell():
    """Odoo's shell: it runs what is piped into it, or talks to the person at the keyboard."""
    environment = prepare()
    database = os.environ.get("DB", DEMO_DATABASE)
    databases.require(environment, database)
    options = ["shell", "-d", database, "--no-http", "--log-level=warn"]
    return environment.run(environment.odoo_command(*options), check=False).returncode


def clean():
    """Remove everything this checkout made. What all checkouts share stays."""
    cluster.remove()
    shutil.rmtree(STATE, ignore_errors=True)


def print_help():
    for name, (_command, text) in sorted(COMMANDS.items()):
        print(f"  make {name:9} {text}")


COMMANDS = {
    "bench": (bench.bench, "measure beside other addons, one JSON object a line; BENCH=name"),
    "clean": (clean, "remove databases, logs and mail of this checkout; the cache stays"),
    "demo": (demo.demo, "play a demonstration and serve it; PORT=number SERVE=0 to only play"),
    "format": (linting.reformat, "bring Python and XML files into the form that lint asks for"),
    "fuzz": (fuzz.fuzz, "play N= random histories against models of the rules; SEED="),
    "help": (print_help, "this list; ODOO_SOURCE=folder uses an Odoo 19 that is already there"),
    "lint": (linting.lint, "check form and rules of all files"),
    "prepare": (prepare_everything, "only fetch what the other targets need"),
    "replay": (demo.replay, "play FILE=receivables.csv; LEVELS= GAP= CONTACT_GAP= DISPUTES=block"),
    "serve": (demo.serve, "serve the demonstration again; PORT=number DB=name"),
    "shell": (shell, "Python with env: make -s shell < script.py; DB=name"),
    "stop": (cluster.stop, "stop the database server; the next target starts it again"),
    "terms": (translations.translations, "export the terms to translate into i18n/"),
    "test-host": (
        host_tests.host_tests,
        'run Odoo\'s own tests without and with the addon, and compare; ARGS="-k name"',
    ),
    "torture": (torture.torture, "kill servers at work and count what is double or lost; COUNT="),
    "test": (testing.test, 'run the tests; ARGS="-k name"'),
}


def main():
    # A job that is ended from outside cleans up as one that is interrupted at the keyboard.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    name = sys.argv[1] if len(sys.argv) > 1 else "help"
    command, _text = COMMANDS.get(name, COMMANDS["help"])
    try:
        return command()
    except Failure as failure:
        say(f"\n{failure}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
