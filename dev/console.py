"""What the person at the keyboard reads. All of it on stderr: stdout belongs to the results."""

import subprocess
import sys
import time

BAR_WIDTH = 30
LINE_EVERY_SECONDS = 15
# A command whose starter was killed must not go on writing where the next run begins anew.
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM", "--")


class Failure(Exception):
    """A step that could not be done; the text says what was missing and what to do."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def step(text):
    say(f"==> {text}")


class Progress:
    """A bar on a terminal; elsewhere a line now and then, so that logs stay readable."""

    def __init__(self, label):
        self.label = label
        self.started = time.monotonic()
        self.is_terminal = sys.stderr.isatty()
        self.last_line = self.started

    def show(self, done=0, total=0):
        seconds = time.monotonic() - self.started
        text = f"    {self.label} {self._bar(done, total)} {seconds:.0f} s"
        if self.is_terminal:
            print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self.last_line >= LINE_EVERY_SECONDS:
            self.last_line = time.monotonic()
            say(text)

    def close(self):
        seconds = time.monotonic() - self.started
        start, end = ("\r", "\033[K\n") if self.is_terminal else ("", "\n")
        line = f"{start}    {self.label}: {seconds:.0f} s{end}"
        print(line, end="", file=sys.stderr, flush=True)

    @staticmethod
    def _bar(done, total):
        if not total:
            return "…"
        filled = min(BAR_WIDTH, BAR_WIDTH * done // total)
        return f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done}/{total}"


def progress(items, label):
    """Go through ``items``, showing how many are done."""
    shown = Progress(label)
    for done, item in enumerate(items):
        shown.show(done, len(items))
        yield item
    shown.close()


def run_logged(command, label, log, measure=None, script="", **options):
    """Run a long command: its output in the file ``log``, its progress on the screen.

    :param measure: optional, called with the log's path; returns ``(done, total)``
    :param script: what the command reads from its standard input
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    progress = Progress(label)
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
        try:
            while process.poll() is None:
                progress.show(*(measure(log) if measure else ()))
                time.sleep(0.2)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    progress.close()
    if process.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise Failure(f"{tail}\n{label}: failed ({process.returncode}); all of it is in {log}")
