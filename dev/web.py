"""Odoo's web server on a loopback port."""

import os
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import psutil

from .console import DIE_WITH_PARENT, Failure, shown
from .locations import LOGS
from .settings import DEFAULT_PORT

HOST = "127.0.0.1"
START_SECONDS = 120


def choose_port():
    """The port that PORT names, which must be free, or the first free one from Odoo's own on."""
    wanted = os.environ.get("PORT")
    sockets = psutil.net_connections("tcp")
    used = {socket.laddr.port for socket in sockets if socket.status == psutil.CONN_LISTEN}
    if not wanted:
        return next(port for port in range(DEFAULT_PORT, 65536) if port not in used)
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise Failure(f"PORT={wanted} is not a port number.")
    if int(wanted) in used:
        raise Failure(f"Port {wanted} is in use. Name another one: PORT=…")
    return int(wanted)


@contextmanager
def web_server(environment, database, port, cron_threads=0):
    """Odoo serving ``database``; yields its process once it answers."""
    log = LOGS / f"web-{database}.log"
    command = environment.odoo_command(
        "-d",
        database,
        f"--db-filter=^{database}$",
        f"--http-port={port}",
        f"--max-cron-threads={cron_threads}",
        f"--logfile={log}",
    )
    process = subprocess.Popen([*DIE_WITH_PARENT, *command], env=environment.process_environment)
    try:
        _wait_until_it_answers(process, port, log)
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_answers(process, port, log):
    limit = time.monotonic() + START_SECONDS
    address = f"http://{HOST}:{port}/web/health"
    with shown() as bars:
        bars.add_task("Starting Odoo", total=None)
        while process.poll() is None and time.monotonic() < limit:
            try:
                with urllib.request.urlopen(address, timeout=10):
                    if _listens(process, port):
                        return
            except OSError:
                pass
            time.sleep(0.2)
    raise Failure(f"Odoo does not answer on port {port}; see {log}")


def _listens(process, port):
    """Whether it is this process that answers: two servers started at once may want one port."""
    return any(
        socket.pid == process.pid and socket.laddr.port == port
        for socket in psutil.net_connections("tcp")
        if socket.status == psutil.CONN_LISTEN
    )
