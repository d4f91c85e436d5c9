"""Measurements beside other addons, which are fetched and installed for this alone."""

import hashlib
import os

from . import databases
from .cache import cached
from .console import step
from .environment import prepare
from .inside import lines_for
from .locations import STATE
from .python_env import pip, virtual_environment
from .settings import PEER_REQUIREMENTS

PEER_ADDONS = STATE / "peer_addons"


def bench():
    """Run the benchmarks, or the one that BENCH names, on a database with the peers in it."""
    environment = prepare()
    environment.add_addons(_link_peers())
    peers = sorted(link.name for link in PEER_ADDONS.iterdir())
    template = databases.template_with(environment, "bench", peers, *PEER_REQUIREMENTS)
    with databases.temporary_copy(environment, template, "bench") as database:
        lines = lines_for("benchmarks.main", only=os.environ.get("BENCH", ""))
        environment.odoo_shell(database, lines)


def _link_peers():
    """The folder that shows the fetched addons to Odoo."""
    key = hashlib.sha256(repr(PEER_REQUIREMENTS).encode()).hexdigest()[:8]
    addons = cached(f"peers-{key}", _fetch) / "odoo" / "addons"
    PEER_ADDONS.mkdir(exist_ok=True)
    for link in PEER_ADDONS.iterdir():
        link.unlink()
    for addon in addons.iterdir():
        (PEER_ADDONS / addon.name).symlink_to(addon)
    return PEER_ADDONS


def _fetch(folder):
    step("Fetching the addons to measure beside")
    # They require a package "odoo", which no index has.
    options = ["install", "--no-deps", "--target", folder, *PEER_REQUIREMENTS]
    pip(virtual_environment(), *options, label="Downloading peers")
