"""A real SMTP server on a free loopback port that keeps every message in a maildir."""

import asyncio
import shutil
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

from aiosmtpd.smtp import SMTP

from .locations import STATE

HOST = "127.0.0.1"
MAIL = STATE / "mail"
# A top-level domain that cannot exist (RFC 2606): mail to it is what a wrong address meets.
REFUSED_DOMAIN = ".invalid"


@contextmanager
def mail_server(database, fresh=True, delay=0.0):
    """A running server for the mail of ``database``: its ``host``, ``port`` and ``maildir``.

    :param fresh: begin with an empty maildir
    :param delay: seconds it takes over each message, half of them before it is kept
    """
    folder = MAIL / database
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    maildir = Maildir(folder, delay)
    loop = asyncio.new_event_loop()
    listening = loop.create_server(lambda: SMTP(maildir, loop=loop), HOST, 0)
    server = loop.run_until_complete(listening)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        port = server.sockets[0].getsockname()[1]
        yield SimpleNamespace(host=HOST, port=port, maildir=str(folder))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


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
