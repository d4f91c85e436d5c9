"""Things fetched once and shared by all checkouts of this user."""

import shutil

from filelock import FileLock

from .locations import cache_folder


def locked(path):
    """Hold the lock file ``path``; the kernel lets go of it whatever happens to this process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)


def cached(name, build):
    """The cache folder ``name``, filled by ``build(folder)`` when it is not there as a whole.

    The stamp is written last: a folder without it is what an interrupted run left, and is
    thrown away.
    """
    folder = cache_folder() / name
    stamp = folder / ".complete"
    if stamp.exists():
        return folder
    with locked(cache_folder() / f"{name}.lock"):
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            build(folder)
            stamp.touch()
    return folder
