"""Processes that issue a backlog as the job does: many invoices beside few, two beside one."""

import subprocess
import sys
import time
from contextlib import ExitStack
from statistics import median

from .figure import Figure

INVOICES = 1000
ROUNDS = 2
SMALL, LARGE = 100, 10_000
# A small backlog is soon done, so it is timed more often.
SMALL_ROUNDS = 6
# What a worker issues and takes back first, a whole batch: no start of a process is measured.
WARM = 100
# Workers load the registry first; the lock with this key holds them until all have.
GATE = 4711
WORK = """
import datetime, resource
from odoo.tools import split_every
schedules = env["recurrence.schedule"].browse({ids!r})
warm = schedules[:{warm!r}]
issue = env["recurrence.invoicing"]._issue_due
if warm:
    warm._run_batch(env.company.id, warm.ids, {day!r})
    issue(env.company, {day!r}, commit=False, schedules=warm)
    env.cr.rollback()
    env.invalidate_all(flush=False)
print("ready", flush=True)
env.cr.execute("SELECT pg_advisory_lock_shared({gate})")
env.cr.rollback()
for batch in split_every(100, schedules.ids, list):
    schedules._run_batch(env.company.id, batch, {day!r})
    env.cr.commit()
issue(env.company, {day!r}, commit=True, schedules=schedules)
print("done", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
"""


def issue_two_workers(workshop):
    """Invoices a second of a backlog that two processes issue at once, beside one."""
    schedules = workshop.schedules(INVOICES, "post")
    _issue(workshop, schedules, month=0)
    alone, together = [], []
    for month in range(1, 2 * ROUNDS, 2):
        alone.append(_issue(workshop, schedules, month)[0])
        together.append(_issue(workshop, schedules, month + 1, workers=2)[0])
    value, peer_value = (INVOICES / median(seconds) for seconds in (together, alone))
    peer = "the same job in one process"
    return Figure("issue_two_workers", value, "invoices/s", peer, peer_value)


def issue_scaling(workshop):
    """Milliseconds an invoice of a large backlog, and the memory of its process, beside a small."""
    # all in their first month: none has months before it to catch up with
    small = [workshop.schedules(SMALL, "post") for _round in range(SMALL_ROUNDS)]
    large = workshop.schedules(LARGE, "post")
    # half before and half after the large one, since the machine's pace changes
    half = SMALL_ROUNDS // 2
    few = [_issue(workshop, schedules, month=0, warm=WARM) for schedules in small[:half]]
    many = _issue(workshop, large, month=0, warm=WARM)
    few += [_issue(workshop, schedules, month=0, warm=WARM) for schedules in small[half:]]
    peer = f"the same job with {SMALL} invoices"
    few_seconds, few_memory = (median(values) for values in zip(*few, strict=True))
    return [
        Figure("issue_scaling", 1000 * many[0] / LARGE, "ms", peer, 1000 * few_seconds / SMALL),
        Figure("issue_memory", many[1], "MB", peer, few_memory),
    ]


def _issue(workshop, schedules, month, workers=1, warm=0):
    """Let that many processes issue the month at once.

    :param warm: how many each issues and takes back before the clock starts
    :return: seconds until all are done, and the most memory (MB) one of them held
    """
    env, day = workshop.env, workshop.month(month)
    env.cr.execute("SELECT pg_advisory_lock(%s)", [GATE])
    env.cr.commit()
    lines = WORK.format(gate=GATE, day=day, ids=schedules.ids, warm=warm)
    with ExitStack() as stack:
        processes = [_start(stack, env.cr.dbname, lines) for _worker in range(workers)]
        _await(processes, "ready")
        started = time.perf_counter()
        env.cr.execute("SELECT pg_advisory_unlock(%s)", [GATE])
        env.cr.commit()
        memory = _await(processes, "done")
        seconds = time.perf_counter() - started
    env.invalidate_all()
    moves = [("recurrence_schedule_id", "in", schedules.ids), ("invoice_date", "=", day)]
    issued = env["account.move"].search_count(moves)
    assert issued == len(schedules), f"{issued} invoices of {len(schedules)} were issued"
    return seconds, max(map(int, memory), default=0)


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
    """Wait until each process says the word; return what they say after it."""
    said = []
    for process in processes:
        line = process.stdout.readline().strip()
        assert line.startswith(word), f"a worker said {line!r} instead of {word!r}"
        said += line.split()[1:]
    return said
