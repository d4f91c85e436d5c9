import email
import socket
from email import policy
from unittest.mock import patch

from aiosmtpd.controller import Controller

from .common import DunningCommon


def get_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TalkingMailbox:
    """An SMTP handler that keeps messages and answers as it is told.

    ``answers`` gives for a step (MAIL, RCPT, DATA) a function of the address that returns the
    answer, or nothing: then it is taken.
    """

    def __init__(self):
        self.messages = []
        self.answers = {}

    def answer(self, step, address):
        return self.answers.get(step, lambda address: "")(address) or "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = self.answer("MAIL", address)
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answer("RCPT", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        answer = self.answer("DATA", envelope.rcpt_tos[0])
        if answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=policy.default)
            self.messages.append((envelope.rcpt_tos, message))
        return answer


class DunningSmtpCase(DunningCommon):
    """Base of tests in which messages leave through a real SMTP server, ``mailbox``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"name": "Brightwater", "email": "billing@brightwater.example"})
        cls.partner_a.write({"name": "Acme", "email": "a@customer.example", "lang": "en_US"})
        cls.partner_b.write({"name": "Bolt", "email": "b@customer.example", "lang": "en_US"})
        cls.mailbox = TalkingMailbox()
        port = get_free_port()
        server = Controller(cls.mailbox, hostname="127.0.0.1", port=port)
        server.start()
        cls.addClassCleanup(server.stop)
        servers = cls.env["ir.mail_server"].sudo()
        servers.search([]).active = False
        cls.server = servers.create(
            {
                "name": "Local",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
            }
        )

    def setUp(self):
        super().setUp()
        self.mailbox.messages.clear()
        self.mailbox.answers.clear()
        # Odoo sends nothing while it tests, unless told otherwise.
        sending = patch.object(
            self.registry["ir.mail_server"], "_disable_send", classmethod(lambda cls: False)
        )
        sending.start()
        self.addCleanup(sending.stop)
