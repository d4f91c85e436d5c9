"""Other people's addons, fetched for tests and measurements beside them."""

import hashlib

from . import databases
from .cache import cached
from .console import step
from .python_env import uv
from .settings import PEER_REQUIREMENTS


def peers_template(environment):
    """A database with this addon and the peers beside it."""
    key = hashlib.sha256(repr(PEER_REQUIREMENTS).encode()).hexdigest()[:8]
    addons = cached(f"peers-{key}", _fetch) / "odoo" / "addons"
    environment.add_addons(addons)
    peers = sorted(folder.name for folder in addons.iterdir())
    return databases.template_with(environment, "peers", peers, *PEER_REQUIREMENTS)


def _fetch(folder):
    step("Fetching the addons to test and measure beside")
    # They require a package "odoo", which no index has.
    uv("install", "--no-deps", "--target", folder, *PEER_REQUIREMENTS)
