"""Where things are: the cache all checkouts share, and the folder of this checkout."""

import hashlib
import os
from pathlib import Path

from .settings import ADDON

CHECKOUT = Path(__file__).resolve().parent.parent
STATE = CHECKOUT / ".dev"
ADDONS = STATE / "addons"
LOGS = STATE / "log"
EXTENSIONS = CHECKOUT / "dev" / "extension"
REQUIREMENTS = CHECKOUT / "dev" / "requirements.txt"

# A socket's path may have 107 characters, of which PostgreSQL's file name takes the last 14.
SOCKET_FOLDER_LIMIT = 107 - len("/.s.PGSQL.5432")


def cache_folder():
    """The user's cache folder for this project, as the XDG specification finds it."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / ADDON


def socket_folder():
    """A folder of this checkout alone whose path is short enough for a socket."""
    key = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    candidates = [cache_folder() / "run" / key]
    if os.environ.get("XDG_RUNTIME_DIR"):
        candidates.append(Path(os.environ["XDG_RUNTIME_DIR"]) / f"{ADDON}-{key}")
    candidates.append(Path("/tmp") / f"{ADDON}-{os.getuid()}-{key}")
    return next(path for path in candidates if len(str(path)) <= SOCKET_FOLDER_LIMIT)
