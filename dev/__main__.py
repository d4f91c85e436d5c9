"""``python3 -m dev COMMAND``: what the Makefile calls."""

import sys

from . import databases
from .console import Failure, say
from .environment import prepare


def prepare_everything():
    """Fetch everything and make the template database that tests and demos start from."""
    environment = prepare(browser=True)
    databases.dependencies_template(environment)


COMMANDS = {"prepare": prepare_everything}


def main(arguments):
    try:
        return COMMANDS[arguments[0]](*arguments[1:])
    except Failure as failure:
        say(f"\n{failure}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
