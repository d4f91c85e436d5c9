"""Measurements beside other addons, which are fetched and installed for this alone."""

import hashlib
import os
import shutil

from benchmarks import BENCHMARKS

from . import databases
from .cache import cached
from .console import Failure, step
from .environment import prepare
from .inside import lines_for
from .locations import STATE
from .python_env import uv
from .settings import PEER_REQUIREMENTS

PEER_ADDONS = STATE / "peer_addons"


def bench():
    """Run the benchmarks, or the one that BENCH names, each on a database with the peers in it."""
    names = [os.environ["BENCH"]] if os.environ.get("BENCH") else list(BENCHMARKS)
    if not set(names) <= set(BENCHMARKS):
        raise Failure(f"There is no benchmark '{names[0]}'. There are: {', '.join(BENCHMARKS)}.")
    environment = prepare()
    environment.add_addons(_link_peers())
    peers = sorted(link.name for link in PEER_ADDONS.iterdir())
    template = databases.template_with(environment, "bench", peers, *PEER_REQUIREMENTS)
    for name in names:
        step(name)
        with databases.temporary_copy(environment, template, "bench") as database:
            environment.odoo_shell(database, lines_for("benchmarks.main", name=name))


def _link_peers():
    """The folder that shows the fetched addons to Odoo."""
    key = hashlib.sha256(repr(PEER_REQUIREMENTS).encode()).hexdigest()[:8]
    addons = cached(f"peers-{key}", _fetch) / "odoo" / "addons"
    shutil.rmtree(PEER_ADDONS, ignore_errors=True)
    PEER_ADDONS.mkdir()
    for addon in addons.iterdir():
        (PEER_ADDONS / addon.name).symlink_to(addon)
    return PEER_ADDONS


def _fetch(folder):
    step("Fetching the addons to measure beside")
    # They require a package "odoo", which no index has.
    uv("install", "--no-deps", "--target", folder, *PEER_REQUIREMENTS)
