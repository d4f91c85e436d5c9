"""Processes that issue a backlog as the job does: many invoices beside few, two beside one."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from statistics import median

from .figure import Figure

INVOICES = 1000
ROUNDS = 2
SMALL, LARGE = 100, 10_000
SMALL_ROUNDS = 10
# Seconds of the large backlog between two small ones: the machine's pace changes meanwhile.
PART = 20
# What a worker issues and takes back first, a whole batch: no start of a process is measured.
WARM = 100
# A worker says where it is, and waits at its gate until it is let go on. It counts its own time.
WORK = """
import datetime, resource, time
schedules, gate = env["recurrence.schedule"].browse({ids!r}), open({gate!r})
cron, commit, seconds = type(env["ir.cron"]), env["ir.cron"]._commit_progress, 0

def issue(schedules):
    schedules._run_backlog(env.company, {day!r}, schedules.ids, schedules=schedules)

def wait(word):
    global started
    print(word, flush=True)
    gate.readline()
    started = time.perf_counter()

def progress(self, processed=0, **options):
    global seconds
    left = commit(processed, **options)
    taken = time.perf_counter() - started
    if taken > {part!r}:
        seconds += taken
        wait("paused")
    return left

cron._commit_progress = lambda self, processed=0, **options: float("inf")
issue(schedules[:{warm!r}])
env.cr.rollback()
env.invalidate_all(flush=False)
cron._commit_progress = progress
wait("ready")
issue(schedules)
seconds += time.perf_counter() - started
print("done", seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
"""


def issue_two_workers(workshop):
    """Invoices a second of a backlog that two processes issue at once, beside one."""
    schedules = workshop.schedules(INVOICES, "post")
    _issue_together(workshop, schedules, month=0, workers=1)
    alone, together = [], []
    for month in range(1, 2 * ROUNDS, 2):
        alone.append(_issue_together(workshop, schedules, month, workers=1))
        together.append(_issue_together(workshop, schedules, month + 1, workers=2))
    value, peer_value = (INVOICES / median(seconds) for seconds in (together, alone))
    peer = "the same job in one process"
    return Figure("issue_two_workers", value, "invoices/s", peer, peer_value)


def issue_scaling(workshop):
    """Milliseconds an invoice of a large backlog, and the memory of its process, beside a small.

    All are in their first month, so that none has months before it to catch up with.
    """
    small = [workshop.schedules(SMALL, "post") for _round in range(SMALL_ROUNDS)]
    large = workshop.schedules(LARGE, "post")
    few = []
    with Worker(workshop, large, warm=WARM, part=PART) as worker:
        while not worker.is_done:
            if small:
                few.append(_issue_small(workshop, small.pop()))
            worker.go_on()
            worker.wait()
    _check(workshop, large)
    few += [_issue_small(workshop, schedules) for schedules in small]
    peer = f"the same job with {SMALL} invoices"
    few_seconds, few_memory = (median(values) for values in zip(*few, strict=True))
    many = 1000 * worker.seconds / LARGE
    extra = {"small_rounds": sorted(round(1000 * taken / SMALL, 1) for taken, _memory in few)}
    return [
        Figure("issue_scaling", many, "ms", peer, 1000 * few_seconds / SMALL, extra),
        Figure("issue_memory", worker.memory, "MB", peer, few_memory),
    ]


def _issue_small(workshop, schedules):
    """Let one process issue them; return its seconds and its most memory (MB)."""
    with Worker(workshop, schedules, warm=WARM) as worker:
        worker.go_on()
        worker.wait()
    _check(workshop, schedules)
    return worker.seconds, worker.memory


def _issue_together(workshop, schedules, month, workers):
    """Let that many processes issue the month at once; return the seconds until all are done."""
    with ExitStack() as stack:
        workers = [
            stack.enter_context(Worker(workshop, schedules, month)) for _worker in range(workers)
        ]
        started = time.perf_counter()
        for worker in workers:
            worker.go_on()
        for worker in workers:
            worker.wait()
        seconds = time.perf_counter() - started
    _check(workshop, schedules, month)
    return seconds


def _check(workshop, schedules, month=0):
    """Make sure that all were issued."""
    env = workshop.env
    env.cr.commit()  # what other processes did is seen
    env.invalidate_all()
    day = workshop.month(month)
    moves = [("recurrence_schedule_id", "in", schedules.ids), ("invoice_date", "=", day)]
    issued = env["account.move"].search_count(moves)
    assert issued == len(schedules), f"{issued} invoices of {len(schedules)} were issued"


class Worker:
    """A process that issues a month of schedules as the job does, each time it is let go on.

    :param warm: how many it issues and takes back before it is ready
    :param part: after so many seconds it pauses and waits to be let go on
    """

    def __init__(self, workshop, schedules, month=0, warm=0, part=86_400):
        self.is_done = False
        self.seconds = self.memory = None
        gate, self._gate = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "odoo", "shell", "-d", workshop.env.cr.dbname]
            + ["--no-http", "--log-level=error"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[gate],
            text=True,
        )
        os.close(gate)
        day = workshop.month(month)
        lines = WORK.format(gate=gate, day=day, ids=schedules.ids, warm=warm, part=part)
        self._process.stdin.write(lines)
        self._process.stdin.close()
        self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        """Let it go home; one that hangs, because another failed, is sent."""
        os.close(self._gate)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def go_on(self):
        os.write(self._gate, b"\n")

    def wait(self):
        """Wait until it is ready, pauses or is done."""
        said = self._process.stdout.readline().split()
        assert said and said[0] in ("ready", "paused", "done"), f"a worker said {said}"
        if said[0] == "done":
            self.is_done = True
            self.seconds, self.memory = float(said[1]), int(said[2])
