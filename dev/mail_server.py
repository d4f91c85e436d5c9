"""A real SMTP server on a free loopback port that keeps every message in a maildir.

``python -m dev.mail_server MAILDIR`` prints its port and runs until its standard input ends, so
that it never outlives the command that started it.
"""

import asyncio
import shutil
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

from .locations import CHECKOUT, STATE

HOST = "127.0.0.1"
MAIL = STATE / "mail"
# A top-level domain that cannot exist (RFC 2606): mail to it is what a wrong address meets.
REFUSED_DOMAIN = ".invalid"


@contextmanager
def mail_server(environment, database, fresh=True):
    """A running server for the mail of ``database``: its ``host``, ``port`` and ``maildir``.

    :param fresh: begin with an empty maildir
    """
    maildir = MAIL / database
    if fresh:
        shutil.rmtree(maildir, ignore_errors=True)
    maildir.parent.mkdir(parents=True, exist_ok=True)
    command = [environment.python, "-m", "dev.mail_server", maildir]
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=CHECKOUT,
        env=environment.process_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        port = int(process.stdout.readline())
        yield SimpleNamespace(host=HOST, port=port, maildir=str(maildir))
    finally:
        process.stdin.close()
        process.wait()


async def serve(maildir):
    """Accept mail until standard input ends."""
    from aiosmtpd.handlers import Mailbox  # of the virtual environment
    from aiosmtpd.smtp import SMTP

    class Handler(Mailbox):
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.rstrip(">").endswith(REFUSED_DOMAIN):
                return "550 5.1.2 No such domain"
            envelope.rcpt_tos.append(address)
            return "250 OK"

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(maildir)), HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
