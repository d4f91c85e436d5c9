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


class Archive:
    """One suite of the machine's Debian mirror, read without touching the machine's apt."""

    def __init__(self, suite, folder):
        self.suite = suite
        self.folder = folder / f"apt-{suite}"

    def unpack(self, packages, prefix):
        """Download ``packages`` and unpack their files under ``prefix``; install nothing."""
        self._update()
        downloads = self.folder / "debs"
        downloads.mkdir(exist_ok=True)
        label = f"Downloading {len(packages)} packages of {self.suite}"
        log = LOGS / f"apt-{self.suite}.log"
        run_logged([*self._apt(), "download", *packages], label, log, cwd=downloads)
        for archive in sorted(downloads.glob("*.deb")):
            log = LOGS / f"unpack-{archive.name}.log"
            run_logged(["dpkg-deb", "-x", archive, prefix], f"Unpacking {archive.name}", log)
        shutil.rmtree(self.folder)

    def _update(self):
        for part in ("lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        lines = ["Types: deb", f"URIs: {mirror()}", f"Suites: {self.suite}", "Components: main"]
        if KEYRING.exists():
            lines.append(f"Signed-By: {KEYRING}")
        (self.folder / "debian.sources").write_text("\n".join(lines) + "\n")
        log = LOGS / f"apt-{self.suite}-update.log"
        run_logged([*self._apt(), "update"], f"Reading the package list of {self.suite}", log)

    def _apt(self):
        options = {
            "Dir::Etc::sourcelist": self.folder / "debian.sources",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::Cache": self.folder / "cache",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root",
        }
        return ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
