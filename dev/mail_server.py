"""A real SMTP server on a free loopback port that keeps every message in a maildir.

``python -m dev.mail_server MAILDIR DELAY`` prints its port and runs until its standard input
ends, so that it never outlives the command that started it.
"""

import asyncio
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from .locations import CHECKOUT, STATE

HOST = "127.0.0.1"
MAIL = STATE / "mail"
# A top-level domain that cannot exist (RFC 2606): mail to it is what a wrong address meets.
REFUSED_DOMAIN = ".invalid"


@contextmanager
def mail_server(environment, database, fresh=True, delay=0.0):
    """A running server for the mail of ``database``: its ``host``, ``port`` and ``maildir``.

    :param fresh: begin with an empty maildir
    :param delay: seconds it takes over each message, half of them before it is kept
    """
    maildir = MAIL / database
    if fresh:
        shutil.rmtree(maildir, ignore_errors=True)
    maildir.parent.mkdir(parents=True, exist_ok=True)
    command = [environment.python, "-m", "dev.mail_server", maildir, delay]
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=CHECKOUT,
        env=environment.process_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the command that closes it in the end
    )
    try:
        port = int(process.stdout.readline())
        yield SimpleNamespace(host=HOST, port=port, maildir=str(maildir))
    finally:
        process.stdin.close()
        process.wait()


class Maildir:
    """What the server does with a message: refuse or keep it.

    Written as it came, without waiting for the disk: a play is made again, not recovered.
    """

    def __init__(self, folder, delay):
        self.folder, self.delay = folder, delay
        self.count = 0
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.rstrip(">").endswith(REFUSED_DOMAIN):
            return "550 5.1.2 No such domain"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.delay / 2)
        self.count += 1
        name = f"{time.time_ns()}.{self.count}.{HOST}"
        head = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n"
        partial = self.folder / "tmp" / name
        partial.write_bytes(head.encode() + envelope.content)
        partial.rename(self.folder / "new" / name)
        await asyncio.sleep(self.delay / 2)
        return "250 OK"


async def serve(folder, delay):
    """Accept mail until standard input ends."""
    from aiosmtpd.smtp import SMTP  # of the virtual environment

    loop = asyncio.get_running_loop()
    maildir = Maildir(folder, delay)
    server = await loop.create_server(lambda: SMTP(maildir), HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2])))
