"""What the person at the keyboard reads. All of it on stderr: stdout belongs to the results."""

import subprocess
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

# A command whose starter was killed must not go on writing where the next run begins anew.
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM", "--")
console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)


class Failure(Exception):
    """A step that could not be done; the text says what was missing and what to do."""


def say(text):
    console.print(text)


def step(text):
    say(f"==> {text}")


def shown(counted=False):
    """Bars on a terminal; elsewhere each one's line when it is done, so that logs stay readable."""
    columns = [TextColumn("    {task.description}", markup=False), BarColumn(30)]
    columns += [MofNCompleteColumn()] if counted else []
    return Progress(*columns, TimeElapsedColumn(), console=console)


def progress(items, label):
    """Go through ``items``, showing how many are done."""
    with shown(counted=True) as bars:
        yield from bars.track(items, description=label)


def wait_for(processes, label, measure=None):
    """Show that processes go on until all have ended, and end them where this is interrupted.

    :param measure: optional, returns ``(done, total)``
    """
    with shown(counted=measure) as bars:
        task = bars.add_task(label, total=None)
        try:
            while any(process.poll() is None for process in processes):
                done, total = (measure and measure()) or (0, None)
                bars.update(task, completed=done, total=total)
                time.sleep(0.2)
        except BaseException:
            for process in processes:
                process.terminate()
                process.wait()
            raise


def run_logged(command, label, log, measure=None, script="", **options):
    """Run a long command: its output in the file ``log``, its progress on the screen.

    :param measure: optional, called with the log's path; returns ``(done, total)``
    :param script: what the command reads from its standard input
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*DIE_WITH_PARENT, *(str(part) for part in command)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            **options,
        )
        with process.stdin:
            process.stdin.write(script.encode())
        wait_for([process], label, measure and (lambda: measure(log)))
    if process.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise Failure(f"{tail}\n{label}: failed ({process.returncode}); all of it is in {log}")
