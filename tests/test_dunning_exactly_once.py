"""Real processes on a real database and a real SMTP server: killed, at once, refused, cut off.

Everything is committed, so this happens in a copy of the template database of the developer's
tools; without one the tests are skipped.
"""

import email
import socket
import threading
import time
from collections import Counter
from contextlib import closing

from aiosmtpd.controller import Controller

from odoo.sql_db import db_connect
from odoo.tests import tagged

from .process_case import ProcessCase

TIMEOUT = 600
CUSTOMERS = 60

PREPARE = """
from odoo.fields import Command
company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
company.write({"email": "billing@us.example", "dunning_active": True,
               "dunning_activation_date": "2026-01-01", "dunning_contact_gap": 0})
company.dunning_program_id.level_ids.attach_statement = False
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create({"name": "Test", "smtp_host": "127.0.0.1", "smtp_port": %(port)s,
                              "smtp_encryption": "none"})
partners = env["res.partner"].create([
    {"name": f"%(name)s {number}", "email": f"c{number}@%(name)s.example"}
    for number in range(%(customers)s)
])
moves = env["account.move"].create([
    {"move_type": "out_invoice", "partner_id": partner.id, "invoice_date": "2026-02-01",
     "invoice_date_due": "2026-03-01", "invoice_payment_term_id": False,
     "invoice_line_ids": [Command.create({"name": "X", "price_unit": 100.0})]}
    for partner in partners
])
moves.action_post()
moves.is_move_sent = True
env["dunning.run"]._execute_for(company, company._get_job_today(), moves=moves)
env.cr.commit()
print("READY")
"""
SEND = """
import logging
logging.getLogger("odoo.addons.mail.models.mail_mail").setLevel(logging.CRITICAL)
env["dunning.reminder"]._cron_send_outbox()
env.cr.commit()
print("SENT")
"""
QUEUE = """
import logging
logging.getLogger("odoo.addons.mail.models.mail_mail").setLevel(logging.CRITICAL)
env["mail.mail"].process_email_queue()
env.cr.commit()
print("SENT")
"""
CLICK = """
from psycopg2 import OperationalError
reminders = env["dunning.reminder"].search([("partner_id.name", "like", "%(name)s")])
reminders.action_send_now()
env.cr.commit()
print("SENT")
"""
AGAIN = """
reminders = env["dunning.reminder"].search([("partner_id.name", "like", "%(name)s")])
reminders.action_send_again()
env.cr.commit()
print("SENT")
"""
QUEUE_FOR_A_WHILE = """
import logging, time
logging.getLogger("odoo.addons.mail.models.mail_mail").setLevel(logging.CRITICAL)
until = time.monotonic() + 20
while time.monotonic() < until:
    env["mail.mail"].process_email_queue()
    env.cr.commit()
    time.sleep(0.1)
print("SENT")
"""
SHORT_PATIENCE = """
from odoo.addons.base.models import ir_mail_server
ir_mail_server.SMTP_TIMEOUT = 2
"""


class Post:
    """A mail server that can be slow, refuse, or hang up at a chosen moment, for chosen mail.

    ``trouble`` gives for an address what happens to it, if anything: ``refuse``, ``later``
    (refused for now), ``hang_up`` (before the content), ``swallow`` (keeps the message and hangs
    up without an answer), ``sleep`` (keeps it and answers after the client's patience).
    """

    def __init__(self):
        self.kept = []
        self.delay = 0.0
        self.trouble = lambda address: ""
        self.lock = threading.Lock()

    async def handle_RCPT(self, server, session, envelope, address, options):
        trouble = self.trouble(address)
        if trouble == "refuse":
            return "550 5.1.1 No such user"
        if trouble == "later":
            return "451 4.7.1 Too many at once, try again later"
        if trouble == "hang_up":
            server.transport.close()
            return "421 4.3.2 Going down"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        import asyncio

        message = email.message_from_bytes(envelope.content)
        with self.lock:
            self.kept.append((envelope.rcpt_tos[0], message["Message-Id"]))
        trouble = self.trouble(envelope.rcpt_tos[0])
        if trouble == "swallow":
            server.transport.close()
            return "421 4.3.2 Going down"
        await asyncio.sleep(4 if trouble == "sleep" else self.delay)
        return "250 OK"


@tagged("post_install", "-at_install")
class TestDunningExactlyOnce(ProcessCase):
    """Rules 2, 14, 15: no message twice, none lost, whatever crashes, hangs up or runs beside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.post = Post()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.port = probe.getsockname()[1]
        server = Controller(cls.post, hostname="127.0.0.1", port=cls.port)
        server.start()
        cls.addClassCleanup(server.stop)

    def setUp(self):
        super().setUp()
        self.post.kept.clear()
        self.post.delay = 0.0
        self.post.trouble = lambda address: ""

    def finish(self, *processes):
        """Wait for processes; fail with what they printed when one went wrong."""
        for process in processes:
            output = process.stdout.read()
            process.wait(TIMEOUT)
            self.assertEqual(process.returncode, 0, output)
            self.assertRegex(output, "READY|SENT")

    def prepare(self, name, customers=CUSTOMERS):
        self.finish(self.start(PREPARE, port=self.port, name=name, customers=customers))

    def states(self, name):
        """Return how many reminders of a set are in each state."""
        rows = self.query(
            """
            SELECT reminder.state, count(*) FROM dunning_reminder reminder
              JOIN res_partner partner ON partner.id = reminder.partner_id
             WHERE partner.name LIKE %(name)s GROUP BY 1
            """,
            name=f"{name} %",
        )
        return dict(rows)

    def levels(self, name):
        """Return how many due lines of a set stand on each level."""
        rows = self.query(
            """
            SELECT line.dunning_level, count(*) FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE account.account_type = 'asset_receivable' AND partner.name LIKE %(name)s
             GROUP BY 1
            """,
            name=f"{name} %",
        )
        return dict(rows)

    def assertNoneTwice(self):
        twice = {key: count for key, count in Counter(self.post.kept).items() if count > 1}
        self.assertFalse(twice, "what arrived more than once")

    def test_1_killed_in_the_middle_and_started_again(self):
        self.prepare("killed")
        self.post.delay = 0.03
        for enough in (10, 30):
            process = self.start(SEND)
            deadline = time.monotonic() + TIMEOUT
            while len(self.post.kept) < enough and process.poll() is None:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.005)
            process.kill()
            process.wait(TIMEOUT)
        self.assertLess(len(self.post.kept), CUSTOMERS, "it was killed in the middle")
        self.post.delay = 0.0
        self.finish(self.start(SEND))
        self.assertNoneTwice()
        states = self.states("killed")
        # what the server was just being given when the process died is for a person to decide
        self.assertLessEqual(states.get("failed", 0), 2)
        self.assertEqual(states["sent"] + states.get("failed", 0), CUSTOMERS)
        self.assertGreaterEqual(len(self.post.kept), states["sent"])
        self.assertEqual(self.levels("killed").get(1), states["sent"])
        reasons = self.query(
            """
            SELECT DISTINCT failure_words FROM dunning_reminder reminder
              JOIN res_partner partner ON partner.id = reminder.partner_id
             WHERE partner.name LIKE %(name)s AND reminder.state = 'failed'
            """,
            name="killed %",
        )
        for (reason,) in reasons:
            self.assertIn("interrupted", reason)

    def test_2_four_workers_on_one_outbox(self):
        self.prepare("workers", customers=120)
        self.finish(*(self.start(script) for script in (SEND, SEND, QUEUE, QUEUE)))
        self.finish(self.start(SEND))
        self.assertNoneTwice()
        self.assertEqual(self.states("workers"), {"sent": 120})
        self.assertEqual(len(self.post.kept), 120)
        self.assertEqual(self.levels("workers"), {1: 120})

    def test_3_two_people_press_send_now_at_once(self):
        self.prepare("clicks", customers=20)
        self.post.delay = 0.02
        self.finish(self.start(CLICK, name="clicks"), self.start(CLICK, name="clicks"))
        self.assertNoneTwice()
        self.assertEqual(self.states("clicks"), {"sent": 20})
        self.assertEqual(len(self.post.kept), 20)

    def test_4_refused_for_half_of_them(self):
        self.prepare("refused", customers=20)
        self.post.trouble = lambda address: "refuse" if _number(address) % 2 else ""
        self.finish(self.start(SEND))
        self.finish(self.start(SEND))
        self.assertNoneTwice()
        self.assertEqual(self.states("refused"), {"sent": 10, "failed": 10})
        self.assertEqual(len(self.post.kept), 10)
        self.assertEqual(self.levels("refused"), {0: 10, 1: 10})

    def test_5_hung_up_before_the_content_for_half_of_them(self):
        self.prepare("cut", customers=20)
        self.post.trouble = lambda address: "hang_up" if _number(address) % 2 else ""
        self.finish(self.start(SEND))
        self.assertNoneTwice()
        self.assertEqual(self.states("cut"), {"sent": 10, "queued": 10})
        self.assertEqual(len(self.post.kept), 10)
        # none had left: they are tried again by themselves
        self.post.trouble = lambda address: ""
        with closing(db_connect(self.database).cursor()) as cr:
            cr.execute("UPDATE dunning_reminder SET try_after = NULL WHERE state = 'queued'")
            cr._cnx.commit()
        self.finish(self.start(SEND))
        self.assertNoneTwice()
        self.assertEqual(self.states("cut"), {"sent": 20})
        self.assertEqual(len(self.post.kept), 20)

    def test_6_hung_up_or_silent_after_the_content_for_half_of_them(self):
        self.prepare("swallowed", customers=8)
        troubles = {1: "swallow", 3: "sleep", 5: "swallow"}
        self.post.trouble = lambda address: troubles.get(_number(address), "")
        self.finish(self.start(SHORT_PATIENCE + SEND))
        self.post.trouble = lambda address: ""
        self.finish(self.start(SEND))
        self.assertNoneTwice()
        self.assertEqual(self.states("swallowed"), {"sent": 5, "failed": 3})
        self.assertEqual(len(self.post.kept), 8, "each arrived once, three of them unanswered")
        self.assertEqual(self.levels("swallowed"), {0: 3, 1: 5})

    def test_7_a_person_repeats_while_odoo_empties_its_queue(self):
        self.prepare("again", customers=20)
        self.finish(self.start(SEND))
        self.assertEqual(len(self.post.kept), 20)
        self.post.delay = 0.02
        queues = [self.start(QUEUE_FOR_A_WHILE) for _number in range(2)]
        self.finish(self.start(AGAIN, name="again"), *queues)
        self.assertNoneTwice()
        self.assertEqual(len(self.post.kept), 40, "each message came twice, as two e-mails")
        self.assertEqual(self.states("again"), {"sent": 20})
        waiting = self.query(
            "SELECT count(*) FROM mail_mail mail JOIN mail_message message"
            " ON message.id = mail.mail_message_id AND message.model = 'dunning.reminder'"
            " JOIN dunning_reminder reminder ON reminder.id = message.res_id"
            " JOIN res_partner partner ON partner.id = reminder.partner_id"
            " WHERE partner.name LIKE 'again %%' AND mail.state <> 'sent'"
        )
        self.assertEqual(waiting, [(0,)])

    def test_8_refused_for_now_by_a_busy_server(self):
        self.prepare("busy", customers=30)
        self.post.trouble = lambda address: "later" if _number(address) % 3 == 0 else ""
        self.finish(self.start(SEND))
        self.assertEqual(self.states("busy"), {"sent": 20, "queued": 10})
        self.post.trouble = lambda address: ""
        with closing(db_connect(self.database).cursor()) as cr:
            cr.execute("UPDATE dunning_reminder SET try_after = NULL WHERE state = 'queued'")
            cr._cnx.commit()
        self.finish(self.start(SEND))
        self.assertNoneTwice()
        self.assertEqual(self.states("busy"), {"sent": 30})


def _number(address):
    return int(address.split("@")[0].strip("c"))
