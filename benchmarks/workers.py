"""Two processes that share a backlog, beside one that has it to itself."""

import subprocess
import sys
import time
from contextlib import ExitStack

from .figure import Figure

INVOICES = 300
# Workers load the registry first; the lock with this key holds them until all have.
GATE = 4711
WORK = """
import datetime
print("ready", flush=True)
env.cr.execute("SELECT pg_advisory_lock_shared({gate})")
env.cr.rollback()
env["recurrence.invoicing"]._issue_due(env.company, {day!r}, commit=True)
print("done", flush=True)
"""


def issue_two_workers(workshop):
    """Milliseconds an invoice of a backlog that two processes issue at once, beside one."""
    schedules = workshop.schedules(INVOICES, "post")
    _issue(workshop, schedules, month=0, workers=1)
    alone = _issue(workshop, schedules, month=1, workers=1)
    together = _issue(workshop, schedules, month=2, workers=2)
    value, peer_value = (1000 * seconds / INVOICES for seconds in (together, alone))
    return Figure("issue_two_workers", value, "ms", "the same job in one process", peer_value)


def _issue(workshop, schedules, month, workers):
    """Let that many processes issue the month at once; return the seconds until all are done."""
    env, day = workshop.env, workshop.month(month)
    schedules._process_due(day)
    env.cr.execute("SELECT pg_advisory_lock(%s)", [GATE])
    env.cr.commit()
    lines = WORK.format(gate=GATE, day=day)
    with ExitStack() as stack:
        processes = [_start(stack, env.cr.dbname, lines) for _worker in range(workers)]
        _await(processes, "ready")
        started = time.perf_counter()
        env.cr.execute("SELECT pg_advisory_unlock(%s)", [GATE])
        env.cr.commit()
        _await(processes, "done")
        seconds = time.perf_counter() - started
    env.invalidate_all()
    moves = [("recurrence_schedule_id", "in", schedules.ids), ("invoice_date", "=", day)]
    issued = env["account.move"].search_count(moves)
    assert issued == len(schedules), f"{issued} invoices of {len(schedules)} were issued"
    return seconds


def _start(stack, database, lines):
    command = [sys.executable, "-P", "-m", "odoo", "shell", "-d", database]
    process = subprocess.Popen(
        [*command, "--no-http", "--log-level=error"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.callback(_end, process)
    process.stdin.write(lines)
    process.stdin.close()
    return process


def _end(process):
    """Let it go home; one that hangs, because another failed, is sent."""
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()


def _await(processes, word):
    for process in processes:
        line = process.stdout.readline().strip()
        assert line == word, f"a worker said {line!r} instead of {word!r}"
