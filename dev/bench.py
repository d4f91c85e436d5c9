"""Measurements beside other addons, which are fetched and installed for this alone."""

import os

from benchmarks import BENCHMARKS

from . import databases
from .console import Failure, step
from .environment import prepare
from .inside import lines_for
from .peers import peers_template


def bench():
    """Run the benchmarks, or the one that BENCH names, each on a database with the peers in it."""
    names = [os.environ["BENCH"]] if os.environ.get("BENCH") else list(BENCHMARKS)
    if not set(names) <= set(BENCHMARKS):
        raise Failure(f"There is no benchmark '{names[0]}'. There are: {', '.join(BENCHMARKS)}.")
    environment = prepare()
    template = peers_template(environment)
    for name in names:
        step(name)
        with databases.temporary_copy(environment, template, "bench") as database:
            environment.odoo_shell(database, lines_for("benchmarks.main", name=name))
