"""Everything a command needs, put together: programs, links, configuration, database server."""

import os
import re
import shlex
import subprocess
import sys

from . import cluster, debian
from .console import Failure, run_logged
from .locations import ADDONS, CHECKOUT, LOGS, STATE
from .odoo_source import odoo_folder, wkhtmltopdf_folder
from .settings import ADDON

SHELL_FILE = STATE / "env.sh"
LOADING = re.compile(rb"(?:oading module|odules loaded).*?\((\d+)/(\d+)\)")


class Environment:
    """A place where Odoo runs: made by ``prepare()``, used by every command."""

    def __init__(self, odoo, wkhtmltopdf):
        self.odoo_folder = odoo
        self.python = sys.executable
        bin_folder = os.path.dirname(sys.executable)
        self.programs = [str(wkhtmltopdf), bin_folder, str(debian.postgres_bin())]
        self.variables = {
            "PYTHONPATH": str(odoo),
            # nothing comes from a configuration file of the user's own
            "ODOO_RC": os.devnull,
            "ODOO_ADDONS_PATH": str(ADDONS),
            "ODOO_DATA_DIR": str(STATE / "data"),
            "ODOO_HTTP_INTERFACE": "127.0.0.1",
            "ODOO_MAX_CRON_THREADS": "0",
            "ODOO_SCREENSHOTS": str(STATE / "screenshots"),
            **cluster.connection(),
        }

    def add_addons(self, folder):
        """Let Odoo see more addons, in this run alone."""
        self.variables["ODOO_ADDONS_PATH"] = f"{ADDONS},{folder}"

    @property
    def process_environment(self):
        path = os.pathsep.join([*self.programs, os.environ.get("PATH", os.defpath)])
        return {**os.environ, **self.variables, "PATH": path}

    def odoo_command(self, *arguments):
        return [self.python, "-P", "-m", "odoo", *map(str, arguments)]

    def run_odoo(self, label, *arguments, script=""):
        """Run Odoo to its end, showing how many modules it has loaded; return its log.

        :param script: Python lines for its shell
        """
        log = LOGS / f"odoo-{label.replace(' ', '-').lower()}.log"
        command, variables = self.odoo_command(*arguments), self.process_environment
        run_logged(command, label, log, _modules_loaded, script, env=variables)
        return log

    def odoo_shell(self, database, script):
        """Run Python lines with ``env`` on ``database``; a failure if they raise."""
        command = self.odoo_command("shell", "-d", database, "--no-http", "--log-level=warn")
        if self.run(command, input=script, text=True, check=False).returncode:
            raise Failure("It stopped with the error above.")

    def run(self, command, **options):
        """Run a program with this environment's variables; raise if it fails."""
        options = {"check": True, "env": self.process_environment, **options}
        return subprocess.run([str(part) for part in command], **options)

    def query(self, database, sql):
        """The rows that ``sql`` gives in ``database``, as lines of text."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]
        return self.run(command, capture_output=True, text=True).stdout.splitlines()


def prepare(browser=False):
    """Fetch what is missing, start the database server, and return the environment.

    :param browser: also make sure of a browser, which only tests and screenshots need
    """
    packages = debian.BASE_PACKAGES | (debian.BROWSER_PACKAGES if browser else {})
    debian.ensure_installed(packages)
    environment = Environment(odoo_folder(), wkhtmltopdf_folder())
    link_addon()
    _write_shell_file(environment)
    cluster.start()
    return environment


def link_addon():
    """Let Odoo see the checkout under the addon's technical name, whatever its folder is called."""
    ADDONS.mkdir(parents=True, exist_ok=True)
    link = ADDONS / ADDON
    if not link.is_symlink() or link.readlink() != CHECKOUT:
        link.unlink(missing_ok=True)
        link.symlink_to(CHECKOUT)


def _write_shell_file(environment):
    """What a developer sources to have psql, odoo and python as the commands here have them."""
    lines = [f"export {name}={shlex.quote(text)}" for name, text in environment.variables.items()]
    programs = shlex.quote(os.pathsep.join(environment.programs))
    lines.append(f"export PATH={programs}:$PATH")
    command = shlex.join(environment.odoo_command())
    lines.append(f'odoo() {{ {command} "$@"; }}')
    SHELL_FILE.write_text("\n".join(lines) + "\n")


def _modules_loaded(log):
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20000))
        found = LOADING.findall(file.read())
    return tuple(map(int, found[-1])) if found else ()
