"""A PostgreSQL cluster of this checkout's own, reached through a socket only."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress

import psutil

from .cache import locked
from .console import Failure, run_logged, step
from .debian import postgres_bin
from .locations import LOGS, STATE, socket_folder
from .settings import DATABASE_ROLE

DATA = STATE / "postgresql"
PID_FILE = DATA / "postmaster.pid"
LOCK = STATE / "cluster.lock"
LAUNCHES = 3
# Tests and demo data can be made again, so nothing here waits for the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",  # the databases lie in memory
    "max_connections": "100",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "log_min_messages": "warning",
}


def connection():
    """The environment that leads psql, createdb and Odoo to this cluster."""
    return {
        "PGHOST": str(socket_folder()),
        "PGPORT": "5432",
        "PGUSER": DATABASE_ROLE,
    }


def start():
    """Make the cluster if there is none, and start its server if it does not run."""
    STATE.mkdir(exist_ok=True)
    with locked(LOCK):
        if _server(PID_FILE):
            return
        socket_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        _stop_orphan()
        _make()
        _remove_dead_pid_file()
        _launch()


def stop(mode="fast"):
    """Stop the server, if it runs. Its data stay.

    :param mode: as ``pg_ctl`` has it; "immediate" is a crash
    """
    if not PID_FILE.exists():
        return
    with locked(LOCK):
        _remove_dead_pid_file()
        if PID_FILE.exists():
            command = [_program("pg_ctl"), "-D", str(DATA), "-m", mode, "-w", "stop"]
            subprocess.run(_as_owner(command), check=True, stdout=subprocess.DEVNULL, cwd="/")


def clean():
    """Remove everything this checkout made. What all checkouts share stays."""
    stop()
    shutil.rmtree(socket_folder(), ignore_errors=True)
    shutil.rmtree(STATE, ignore_errors=True)


def _program(name):
    folder = postgres_bin()
    if not folder:
        raise Failure("PostgreSQL's server programs are not installed.")
    return str(folder / name)


def _owner():
    """The user the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _as_owner(command):
    """Prefix ``command`` so that it does not run as root.

    The checkout may lie below a folder that only root may enter, so the server keeps root's
    right to pass permission checks and nothing else of root's.
    """
    owner = _owner()
    if owner is None:
        return command
    user = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    passing = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return ["setpriv", *user, *passing, "--", *command]


def _make():
    if (DATA / "PG_VERSION").exists():
        _check_version()
        return
    step("Making a private PostgreSQL cluster")
    partial = DATA.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(DATA, ignore_errors=True)
    partial.mkdir(mode=0o700)
    owner = _owner()
    if owner:
        os.chown(partial, owner.pw_uid, owner.pw_gid)
    options = ["-U", DATABASE_ROLE, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    command = [_program("initdb"), "-D", str(partial), *options]
    run_logged(_as_owner(command), "initdb", LOGS / "initdb.log", cwd="/")
    partial.rename(DATA)


def _check_version():
    made_with = (DATA / "PG_VERSION").read_text().strip()
    answer = subprocess.run(
        [_program("postgres"), "-V"], capture_output=True, text=True, check=True
    )
    if f" {made_with}." not in answer.stdout and f" {made_with} " not in answer.stdout:
        raise Failure(
            f"The databases here were made with PostgreSQL {made_with}, installed is "
            f"{answer.stdout.strip()}. 'make clean' removes them so that they are made again."
        )


def _stop_orphan():
    """End a server whose data somebody deleted under it: it holds the socket for a minute more."""
    server = _server(socket_folder() / ".s.PGSQL.5432.lock")
    if server and not PID_FILE.exists():
        server.send_signal(signal.SIGINT)
        with suppress(psutil.TimeoutExpired):
            server.wait(10)


def _remove_dead_pid_file():
    """Remove the process id a server left that was killed, or that ran before a reboot."""
    if not _server(PID_FILE):
        PID_FILE.unlink(missing_ok=True)


def _server(file):
    """The living PostgreSQL whose process id stands in ``file``; a killed one may linger."""
    with suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(int(file.read_text().split("\n", 1)[0]))
        if process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def _launch():
    folder = socket_folder()
    owner = _owner()
    LOGS.mkdir(exist_ok=True)
    log = LOGS / "postgresql.log"
    log.touch()
    if owner:
        os.chown(log, owner.pw_uid, owner.pw_gid)
    settings = {**OPTIONS, "unix_socket_directories": str(folder)}
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    (DATA / "postgresql.auto.conf").write_text("\n".join(lines) + "\n")
    command = [_program("pg_ctl"), "-D", str(DATA), "-l", str(log), "-w", "-t", "60", "start"]
    for _attempt in range(LAUNCHES):
        answer = subprocess.run(
            _as_owner(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            start_new_session=True,
        )
        if not answer.returncode:
            return
        # The children of a server that was killed need a moment to notice it.
        time.sleep(1)
    raise Failure(f"PostgreSQL did not start; see {log}\n{answer.stdout}{answer.stderr}")
