"""Measurements beside other addons, which are fetched and installed for this alone."""

import hashlib
import os

from benchmarks import BENCHMARKS

from . import databases
from .cache import cached
from .console import Failure, step
from .environment import prepare
from .inside import lines_for
from .python_env import uv
from .settings import PEER_REQUIREMENTS


def bench():
    """Run the benchmarks, or the one that BENCH names, each on a database with the peers in it."""
    names = [os.environ["BENCH"]] if os.environ.get("BENCH") else list(BENCHMARKS)
    if not set(names) <= set(BENCHMARKS):
        raise Failure(f"There is no benchmark '{names[0]}'. There are: {', '.join(BENCHMARKS)}.")
    environment = prepare()
    key = hashlib.sha256(repr(PEER_REQUIREMENTS).encode()).hexdigest()[:8]
    addons = cached(f"peers-{key}", _fetch) / "odoo" / "addons"
    environment.add_addons(addons)
    peers = sorted(folder.name for folder in addons.iterdir())
    template = databases.template_with(environment, "bench", peers, *PEER_REQUIREMENTS)
    for name in names:
        step(name)
        with databases.temporary_copy(environment, template, "bench") as database:
            environment.odoo_shell(database, lines_for("benchmarks.main", name=name))


def _fetch(folder):
    step("Fetching the addons to measure beside")
    # They require a package "odoo", which no index has.
    uv("install", "--no-deps", "--target", folder, *PEER_REQUIREMENTS)
