"""Debian packages: the few that are installed by name, and files taken out of others."""

import os
import shutil
import subprocess
from pathlib import Path

from .cache import locked
from .console import Failure, run_logged, step
from .locations import LOGS, cache_folder

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
POSTGRES_FOLDERS = "/usr/lib/postgresql"
# The names under which apt's sources may name Debian's main archive.
DEBIAN_SUITES = {"bookworm", "oldstable", "trixie", "stable", "forky", "testing", "sid", "unstable"}


def postgres_bin():
    """The folder of the newest PostgreSQL's server programs, or None."""
    found = Path(POSTGRES_FOLDERS).glob("*/bin/initdb")
    newest = max(found, key=lambda program: int(program.parts[-3]), default=None)
    program = newest or shutil.which("initdb")
    return program and Path(program).resolve().parent


def _is_any(pattern):
    return any(Path("/usr").glob(pattern))


# How to see that a package's content is there, whoever put it there.
BASE_PACKAGES = {
    "postgresql": postgres_bin,
    "poppler-utils": lambda: shutil.which("pdftotext"),
    "fonts-liberation": lambda: _is_any("share/fonts/truetype/*/*.ttf"),
    "libfontconfig1": lambda: _is_any("lib/*/libfontconfig.so.1"),
    "libxrender1": lambda: _is_any("lib/*/libXrender.so.1"),
    "libxext6": lambda: _is_any("lib/*/libXext.so.6"),
    "libmagic1": lambda: _is_any("lib/*/libmagic.so.1"),
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_PACKAGES = {"chromium": lambda: any(map(shutil.which, BROWSERS))}


def ensure_installed(packages):
    """Install what is missing of ``packages``, or say which command does so."""
    missing = [name for name, is_there in packages.items() if not is_there()]
    if not missing:
        return
    names = " ".join(missing)
    install = f"apt-get install -y --no-install-recommends {names}"
    command = f"apt-get update && {install}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure(f"Missing Debian packages: {names}. As root, run:\n    {command}")
    step(f"Installing Debian packages: {names}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    log = LOGS / "apt-install.log"
    with locked(cache_folder() / "apt.lock"):
        run_logged(["sh", "-c", command], "apt-get install", log, env=environment)
    still = [name for name in missing if not packages[name]()]
    if still:
        raise Failure(f"Installed, but not found: {' '.join(still)}. See {log}")


def mirror():
    """The address of the Debian mirror that this machine's own apt configuration names."""
    fields = "$(RELEASE)|$(COMPONENT)|$(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(
            "Odoo is taken from Debian's archive, and apt does not answer here. "
            "Name an Odoo 19 that is already there: ODOO_SOURCE=DIR."
        ) from error
    for line in listing.splitlines():
        release, component, uri = line.split("|")
        if release in DEBIAN_SUITES and component == "main":
            return uri
    raise Failure(
        "No Debian mirror is configured in apt's sources. Add one, or name an Odoo 19 that is "
        "already there: ODOO_SOURCE=DIR."
    )


def unpack(packages, suite, prefix, work):
    """Download packages of the machine's Debian mirror and unpack their files under ``prefix``.

    Nothing is installed, and the machine's own apt is not touched.

    :param suite: of which Debian they are taken
    :param work: a folder for what is needed meanwhile
    """
    folder = work / f"apt-{suite}"
    for part in ("lists/partial", "cache/archives/partial", "debs"):
        (folder / part).mkdir(parents=True)
    lines = ["Types: deb", f"URIs: {mirror()}", f"Suites: {suite}", "Components: main"]
    if KEYRING.exists():
        lines.append(f"Signed-By: {KEYRING}")
    (folder / "debian.sources").write_text("\n".join(lines) + "\n")
    options = {
        "Dir::Etc::sourcelist": folder / "debian.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    label = f"Reading the package list of {suite}"
    run_logged([*apt, "update"], label, LOGS / f"apt-{suite}-update.log")
    label = f"Downloading {len(packages)} packages of {suite}"
    log = LOGS / f"apt-{suite}.log"
    run_logged([*apt, "download", *packages], label, log, cwd=folder / "debs")
    for archive in sorted(folder.glob("debs/*.deb")):
        log = LOGS / f"unpack-{archive.name}.log"
        run_logged(["dpkg-deb", "-x", archive, prefix], f"Unpacking {archive.name}", log)
    shutil.rmtree(folder)
