"""Random histories of customers and schedules against models (issue 16, section 5).

``make fuzz N=10000`` plays more of them; a failing one is named by its seed.
"""

import smtplib
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from .common import DunningMailCommon, RecurrenceInvoiceCommon
from .fuzz import customer, schedule
from .fuzz.history import check
from .fuzz.real_customer import Database
from .fuzz.real_schedule import Planning

HISTORIES = 300
# Every so many-th is played on the database too.
SHARE = 20


class FuzzCase:
    """Plays histories and fails with the first that goes wrong."""

    def play(self, kind, seeds, tries=100):
        for seed in seeds:
            self.assertFalse(check(kind, seed, tries))


class Hasty(customer.Engine):
    """An engine that forgets when the customer was written to."""

    def facts(self, *arguments):
        facts = super().facts(*arguments)
        facts.contact_last = None
        return facts


class Careless(customer.Engine):
    """An engine that does not notice what comes back."""

    def happen(self, name, *arguments):
        return name == "bounce" or super().happen(name, *arguments)


class Eager(schedule.Planner):
    """A planner that leaves out what a person planned again."""

    def plan_again(self, row):
        super().plan_again(row)
        row.pinned = False
        return True


class Drifting(schedule.Planner):
    """A planner that goes on from the last date instead of the anchor."""

    def engine_rule(self):
        rule = super().engine_rule()
        return rule if self.until is None else replace(rule, date_start=self.until + timedelta(1))


class TestFuzzModels(FuzzCase, BaseCase):
    def test_300_histories_of_customers(self):
        self.play(customer.CUSTOMER, range(HISTORIES))

    def test_300_histories_of_schedules(self):
        self.play(schedule.SCHEDULE, range(HISTORIES))

    def test_a_wrong_engine_is_found(self):
        """A model that never fails would prove nothing."""
        for player in (Hasty, Careless):
            kind = customer.CUSTOMER._replace(
                play=lambda *history, p=player: customer.play(*history, p)
            )
            self.assertTrue(any(check(kind, seed, 20) for seed in range(50)), player)
        for player in (Eager, Drifting):
            kind = schedule.SCHEDULE._replace(
                play=lambda *history, p=player: schedule.play(*history, p)
            )
            self.assertTrue(any(check(kind, seed, 20) for seed in range(50)), player)


@tagged("post_install", "-at_install")
class TestFuzzCustomers(FuzzCase, DunningMailCommon):
    @contextmanager
    def mail(self):
        """Odoo's mock of a mail server, which refuses whom a real one would refuse."""
        servers = type(self.env["ir.mail_server"])

        def check_recipients(message):
            if ".invalid" in message["To"]:
                raise smtplib.SMTPRecipientsRefused({message["To"]: (550, b"No such domain")})

        with self.mock_mail_gateway():
            send = servers.send_email

            def refuse(model, message, *arguments, **options):
                check_recipients(message)
                return send(model, message, *arguments, **options)

            with patch.object(servers, "send_email", refuse):
                yield

    @mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server")
    def test_histories_of_customers_on_the_database(self):
        database = Database(self.env, self.mail)
        self.play(database.kind, range(0, HISTORIES, SHARE), tries=20)


@tagged("post_install", "-at_install")
class TestFuzzSchedules(FuzzCase, RecurrenceInvoiceCommon):
    def test_histories_of_schedules_on_the_database(self):
        for kind in Planning(self.env).kinds:
            with self.subTest(kind.name):
                self.play(kind, range(0, HISTORIES, SHARE), tries=20)
