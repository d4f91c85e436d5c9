"""The demonstration company, the replay of a file of receivables, and the way to look at them."""

import os
from contextlib import suppress
from pathlib import Path

from . import databases
from .console import Failure, say, step
from .environment import prepare
from .inside import lines_for
from .mail_server import mail_server
from .settings import DEMO_DATABASE, REPLAY_DATABASE
from .web import HOST, choose_port, web_server

REPLAY_VARIABLES = ("LEVELS", "GAP", "CONTACT_GAP", "DISPUTES")
BASE_URL = """
for name in ("web.base.url", "report.url"):
    env["ir.config_parameter"].set_param(name, {url!r})
env.cr.commit()
"""


def demo():
    """Make the demonstration database, play its quarter, and serve it."""
    port = choose_port()
    environment = prepare()
    _make_database(environment, DEMO_DATABASE)
    # what customers pay with on their page, and the QR code of a transfer
    databases.install(environment, DEMO_DATABASE, "payment_demo", "account_qr_code_sepa")
    with mail_server(DEMO_DATABASE) as smtp:
        _play(environment, DEMO_DATABASE, port, lines_for("dev.demo_scenario", smtp))
        say(f"\nMessages: {smtp.maildir}\nLogs: .dev/log\nDatabase: {DEMO_DATABASE} (make shell)")
        if os.environ.get("SERVE", "1") != "0":
            _serve_until_interrupted(environment, DEMO_DATABASE, port)
        else:
            say("Odoo: make serve, then log in as admin, password admin (the manager),")
            say("      or as clara, password demo (a clerk, whose customers have something to do)")


def serve():
    """Serve the demonstration database, or the one that DB names, as it is."""
    port = choose_port()
    environment = prepare()
    database = os.environ.get("DB") or DEMO_DATABASE
    databases.require(environment, database)
    with mail_server(database, fresh=False) as smtp:
        sql = f"UPDATE ir_mail_server SET smtp_port = {smtp.port} WHERE smtp_host = '{smtp.host}'"
        environment.query(database, sql)
        _serve_until_interrupted(environment, database, port)


def replay():
    """Play every day of a file of receivables; the last line on stdout is the result as JSON."""
    name = os.environ.get("FILE", "")
    if not Path(name).is_file():
        raise Failure(f"There is no file '{name}'. Name one: make replay FILE=receivables.csv")
    options = {name: os.environ.get(name, "") for name in REPLAY_VARIABLES}
    environment = prepare()
    _make_database(environment, REPLAY_DATABASE)
    with mail_server(REPLAY_DATABASE) as smtp:
        path = str(Path(name).resolve())
        step(f"Playing {name}")
        lines = lines_for("benchmarks.replay", smtp, path=path, options=options)
        environment.odoo_shell(REPLAY_DATABASE, lines)


def _make_database(environment, name):
    template = databases.addon_template(environment)
    step(f"Making the database {name}")
    databases.copy(environment, template, name)


def _play(environment, database, port, lines):
    """Run a play while Odoo answers, because printed pages fetch their styles from it."""
    _set_address(environment, database, port)
    with web_server(environment, database, port):
        step("Playing the demonstration")
        environment.odoo_shell(database, lines)


def _serve_until_interrupted(environment, database, port):
    _set_address(environment, database, port)
    with web_server(environment, database, port, cron_threads=1) as process:
        say(f"\nOdoo: http://{HOST}:{port}   login: admin   password: admin   end: Ctrl-C")
        with suppress(KeyboardInterrupt):
            process.wait()


def _set_address(environment, database, port):
    environment.odoo_shell(database, BASE_URL.format(url=f"http://{HOST}:{port}"))
