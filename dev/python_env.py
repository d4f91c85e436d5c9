"""The virtual environment with what Odoo, its tests and the commands of this package need.

It is made before anything can be imported from it, so here is nothing but Python's own library.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys

from .locations import REQUIREMENTS, cache_folder
from .settings import NPM_REQUIREMENT, UV_REQUIREMENT

OLDEST_PYTHON = (3, 11)
MISSING_VENV = "apt-get update -q && apt-get install -yq --no-install-recommends python3-venv"
# uv reads none of pip's settings, and a machine may have its packages from elsewhere.
UV_VARIABLES = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}


def enter():
    """Go on in the environment of the pinned requirements; make it when it is not there."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"What this needs runs on Python 3.11 or newer; this is {platform.python_version()}."
        )
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache_folder() / f"venv-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    if folder.samefile(sys.prefix):
        os.environ["PATH"] = os.pathsep.join([str(folder / "bin"), os.environ.get("PATH", "")])
        return
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # written last: without it the folder is what an interrupted run left
        stamp = folder / ".complete"
        if not stamp.exists():
            try:
                _make(folder)
            except subprocess.CalledProcessError as error:
                sys.exit(f"\nThe Python environment could not be made: {error}")
            stamp.touch()
    python = str(folder / "bin" / "python")
    os.execv(python, [python, *sys.orig_argv[1:]])


def uv(*arguments, python=sys.executable):
    """Run uv's pip for the environment of ``python``, with the index that pip has here."""
    config = [python, "-m", "pip", "config", "list"]
    listing = subprocess.run(config, check=True, stdout=subprocess.PIPE, text=True).stdout
    settings = dict(line.split("=", 1) for line in listing.splitlines())
    # Odoo on the path would count as a package
    variables = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    variables.setdefault("UV_HTTP_TIMEOUT", "180")
    for name, variable in UV_VARIABLES.items():
        value = settings.get(f":env:.{name}", settings.get(f"global.{name}"))
        if value:
            variables.setdefault(variable, value.strip("'\""))
    command = [python, "-m", "uv", "pip", *map(str, arguments), "--python", python]
    subprocess.run(command, check=True, env=variables)


def ensure_npm():
    """Let ``npm`` be found: the machine's own, else the one that comes as a Python package."""
    if not shutil.which("npm"):
        uv("install", "-q", NPM_REQUIREMENT)


def _make(folder):
    print("==> Making the Python environment", file=sys.stderr, flush=True)
    if not importlib.util.find_spec("ensurepip"):
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            sys.exit(f"Missing Debian package: python3-venv. As root, run:\n    {MISSING_VENV}")
        subprocess.run(["sh", "-c", MISSING_VENV], check=True, stdout=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run([*pip, UV_REQUIREMENT], check=True)
    uv("install", "-q", "--require-hashes", "-r", REQUIREMENTS, python=python)
    uv("check", "-q", python=python)
