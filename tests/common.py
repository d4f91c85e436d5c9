"""Helpers for the tests of this addon and of addons that extend it."""

import logging
from contextlib import contextmanager
from datetime import date, timedelta
from unittest import SkipTest

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.mail.tests.common import MailCommon

_logger = logging.getLogger(__name__)

# How often a browser is started before its tour is given up.
BROWSER_STARTS = 3


class TourCase(HttpCase):
    """Base of the tests in a browser."""

    def browser_js(self, *args, **kwargs):
        """Start the browser again where a busy machine needs longer than Odoo waits for it.

        Odoo would skip the test. Without any browser it is skipped all the same.
        """
        for start in range(1, BROWSER_STARTS):
            try:
                return super().browser_js(*args, **kwargs)
            except SkipTest as reason:
                _logger.info("Browser start %s of %s: %s", start, BROWSER_STARTS, reason)
        return super().browser_js(*args, **kwargs)


class RecurrenceInvoiceCommon(AccountTestInvoicingCommon):
    """Base of the tests of recurring invoices.

    Runs as a user of Invoicing in a company of its own; ``create_schedule`` gives a schedule
    with its template (one line of 100.00 and 15 % tax, unless told otherwise).
    """

    @classmethod
    def create_schedule(cls, partner, *, template=None, line=None, **vals):
        """Create an invoice schedule, by default monthly on the 1st from 2026-01-01 on.

        :param template: values of the template over the defaults
        :param line: values of its only line over the defaults
        :param vals: values of the schedule over the defaults
        """
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "is_recurrence_template": True,
                "partner_id": partner.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Support",
                            "price_unit": 100.0,
                            "tax_ids": [Command.set(cls.tax_sale_a.ids)],
                            **(line or {}),
                        }
                    )
                ],
                **(template or {}),
            }
        )
        return cls.env["recurrence.schedule"].create(
            {
                "name": f"Support of {partner.name}",
                "target": "invoice",
                "template_move_id": move.id,
                "rrule_type": "monthly",
                "month_by": "date",
                "day": 1,
                "date_start": date(2026, 1, 1),
                "end_type": "forever",
                **vals,
            }
        )

    @classmethod
    def create_occurrence(cls, schedule, rule_date, **vals):
        """Create one date of a schedule, without its rule."""
        return (
            cls.env["recurrence.occurrence"]
            .sudo()
            .create(
                {
                    "schedule_id": schedule.id,
                    "rule_date": rule_date,
                    "date": rule_date,
                    "number": 1,
                    **vals,
                }
            )
            .with_env(cls.env)
        )


class DunningCommon(AccountTestInvoicingCommon):
    """Base of the tests of dunning.

    The company is of its own, in UTC, with its default program (notice at -3 days, levels at 5, 15
    and 30), dunning on since 2026-01-01 and no grace after a late sending. Tests of rights make
    users with ``create_user``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.write(
            {
                "recurrence_dunning_tz": "UTC",
                "dunning_active": True,
                "dunning_activation_date": "2026-01-01",
                # invoices of tests are marked as sent when they are made, whatever their dates
                "dunning_grace_days": 0,
            }
        )
        (cls.partner_a | cls.partner_b).write({"street": "1 Main Street", "city": "Springfield"})
        cls.program = cls.company.dunning_program_id
        cls.notice, cls.level_1, cls.level_2, cls.level_3 = cls.program.level_ids.sorted("days")

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "account_recurrence_dunning.dunning_group_manager"
        )

    @classmethod
    def create_user(cls, login, groups="", companies=None):
        """Create a user of the company with these groups only.

        :param str groups: XML ids, comma separated; ``dunning_group_…`` may stand without module
        :param companies: the companies allowed, the first one current; None: the test's
        """
        names = ["base.group_user"]
        for name in filter(None, groups.split(",")):
            names.append(name if "." in name else f"account_recurrence_dunning.{name}")
        companies = companies or cls.company
        return new_test_user(
            cls.env,
            login=login,
            groups=",".join(names),
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    @classmethod
    def create_due_invoice(cls, due="2026-03-01", amount=100.0, partner=None, sent=True, **vals):
        """Create a posted customer invoice without tax.

        :param str due: its due date, ISO; dated 30 days earlier unless ``invoice_date`` is given
        :param float amount: its total, in the invoice's currency
        :param bool sent: whether the customer got it
        """
        due = fields.Date.to_date(due)
        move = cls._create_invoice_one_line(
            price_unit=amount,
            tax_ids=[],
            partner_id=(partner or cls.partner_a),
            **{"invoice_date": due - timedelta(days=30), "invoice_date_due": due, **vals},
        )
        move.invoice_payment_term_id = False
        move.invoice_date_due = due
        move.action_post()
        move.is_move_sent = sent
        return move

    @classmethod
    def create_refund(cls, amount, day="2026-03-02", **vals):
        """Create a posted credit note without tax for the first customer, on a day in ISO text."""
        return cls._create_invoice_one_line(
            price_unit=amount,
            tax_ids=[],
            **{
                "partner_id": cls.partner_a,
                "move_type": "out_refund",
                "invoice_date": day,
                "post": True,
                **vals,
            },
        )

    @classmethod
    def create_entry(cls, journal_type, lines, no_followup=None):
        """Post an entry with receivable lines due on 2026-02-01 against revenue.

        :param journal_type: misc, bank, …
        :param lines: (partner, debit) of each
        :param no_followup: what Odoo's field says; None: what the journal gives
        """
        journal = cls.company_data[f"default_journal_{journal_type}"]
        total = sum(debit for _partner, debit in lines)
        values = [
            {
                "account_id": cls.company_data["default_account_receivable"].id,
                "partner_id": partner.id,
                "debit": max(debit, 0.0),
                "credit": max(-debit, 0.0),
                "date_maturity": "2026-02-01",
            }
            for partner, debit in lines
        ]
        values.append(
            {
                "account_id": cls.company_data["default_account_revenue"].id,
                "debit": max(-total, 0.0),
                "credit": max(total, 0.0),
            }
        )
        move = cls.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": "2026-02-01",
                "line_ids": [Command.create(vals) for vals in values],
            }
        )
        move.action_post()
        if no_followup is not None:
            move.line_ids.filtered("partner_id").no_followup = no_followup
        return move

    @classmethod
    def create_payment_on_its_way(cls, move, amount):
        """Create a payment of an invoice that has no entry yet, as where no bank account waits.

        :param amount: in the company's currency
        """
        payment = cls.env["account.payment"].create(
            {
                "amount": amount,
                "payment_type": "inbound",
                "partner_id": move.partner_id.id,
                "date": "2026-03-09",
                "invoice_ids": [Command.set(move.ids)],
            }
        )
        payment.outstanding_account_id = False
        payment.action_post()
        return payment


class RecurrenceCommon(TransactionCase):
    """Base of the tests of schedules and interactions: a company of its own, in Brussels.

    Runs as a plain employee on Monday 2 March 2026. Weekends count as free days, public holidays
    do not unless a test says so.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create(
            {
                "name": "Weekly & Sons",
                "country_id": cls.env.ref("base.be").id,
                "recurrence_dunning_tz": "Europe/Brussels",
                "recurrence_public_holidays": False,
            }
        )
        cls.employee = cls.new_employee("rec_employee")
        cls.partner = cls.env["res.partner"].create({"name": "Azure Interior"})
        cls.env = cls.env(user=cls.employee, context={"allowed_company_ids": cls.company.ids})

    @classmethod
    def new_employee(cls, login, groups="base.group_user", **vals):
        """Create a user of the company with the lowest rights."""
        return new_test_user(
            cls.env(su=True),
            login,
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="Europe/Brussels",
            **vals,
        )

    def create_interaction(self, **vals):
        """Create a weekly Monday schedule from 2 March 2026 on, in draft."""
        return self.env["recurrence.schedule"].create(
            {
                "name": "Check the stock",
                "company_id": self.company.id,
                "date_start": date(2026, 3, 2),
                "rrule_type": "weekly",
                **vals,
            }
        )

    def run_day(self, schedule, day):
        """Do the work of one day, as the job does it."""
        schedule.sudo()._run_due(fields.Date.to_date(day))

    def assertDates(self, schedule, expected, states=None):
        """Compare the dates of a schedule, in their order, with ISO texts.

        :param states: only occurrences in these states
        """
        occurrences = schedule.occurrence_ids.sorted("date")
        if states:
            occurrences = occurrences.filtered(lambda o: o.state in states)
        self.assertEqual([str(day) for day in occurrences.mapped("date")], expected)

    def occurrence_on(self, schedule, day):
        """Return the occurrence of a schedule on a day given as ISO text."""
        return schedule.occurrence_ids.filtered(lambda o: str(o.date) == day)


class DunningMailCommon(DunningCommon, MailCommon):
    """Base of the tests of reminders: mail leaves into Odoo's mock of a mail server.

    Cursors that the code opens of its own, as to note handovers, see what the test sees.
    """

    def setUp(self):
        super().setUp()
        if not type(self)._registry_patched:
            self.registry_enter_test_mode()

    @contextmanager
    def enter_registry_test_mode(self):
        """Run what is inside as a job runs, with nothing pending or cached of the test."""
        self.env.flush_all()
        yield
        self.env.invalidate_all()

    def execute(self, day, **kwargs):
        """Run dunning for a day given as ISO text, send what it queued, return the run."""
        day = fields.Date.to_date(day)
        with self.mock_mail_gateway():
            run = self.env["dunning.run"]._execute_for(self.company, day, **kwargs)
            self.env["dunning.reminder"]._send_queued(day)
        return run

    def queue(self, day, **kwargs):
        """Run dunning for a day given as ISO text; return its reminders, none of them sent."""
        day = fields.Date.to_date(day)
        return self.env["dunning.run"]._execute_for(self.company, day, **kwargs).reminder_ids

    def send(self, reminders, day, **gateway):
        """Send queued reminders on a day given as ISO text."""
        with self.mock_mail_gateway(**gateway):
            reminders._send_queued(fields.Date.to_date(day))

    def reminded(self, reminder):
        """Return the numbers of the invoices a message reminds of."""
        lines = reminder.line_ids.filtered(lambda ln: ln.kind == "remind" and not ln.drop_reason)
        return lines.mapped("move_name")

    def decisions(self, run):
        """Return ``{invoice number: (decision, reason, level name)}`` of a run."""
        return {
            line.move_name: (line.decision, line.reason, line.level_id.name or "")
            for line in run.line_ids
        }
