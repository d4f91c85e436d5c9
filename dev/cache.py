"""Things fetched once and shared by all checkouts of this user."""

import fcntl
import shutil
from contextlib import contextmanager

from .console import say
from .locations import cache_folder

STAMP = ".complete"


@contextmanager
def locked(path):
    """Hold the lock file ``path``; the kernel lets go of it whatever happens to this process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"    waiting for another run that holds {path.name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached(name, build):
    """The cache folder ``name``, filled by ``build(folder)`` when it is not there as a whole.

    The stamp is written last: a folder without it is what an interrupted run left, and is
    thrown away. It is filled in place because a virtual environment cannot be moved.
    """
    folder = cache_folder() / name
    stamp = folder / STAMP
    if stamp.exists():
        return folder
    with locked(cache_folder() / f"{name}.lock"):
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            build(folder)
            stamp.touch()
    return folder
