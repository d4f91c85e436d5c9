"""Moves for plays on a database: a company with a chart, invoices, payments, a mail server."""

from collections import defaultdict
from datetime import date

from odoo.fields import Command

BATCH = 200
# What is only there to be reminded of keeps no log of its changes.
WITHOUT_TRACKING = {"tracking_disable": True, "mail_create_nolog": True}


def set_up_company(env, name, country="be"):
    """Give the database's own company a name, a country, euros and a chart of accounts."""
    company = env.company
    company.write(
        {
            "name": name,
            "country_id": env.ref(f"base.{country}").id,
            "currency_id": env.ref("base.EUR").id,
            "email": "billing@brightwater.example",
            "phone": "+32 2 555 01 00",
            "street": "Quai aux Briques 12",
            "zip": "1000",
            "city": "Bruxelles",
            "website": "https://www.brightwater.example",
        }
    )
    company.partner_id.lang = "en_US"
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    company.currency_id = env.ref("base.EUR")
    _let_payments_reconcile(env, company)
    return company


def _let_payments_reconcile(env, company):
    """Payments get an entry of their own, so that they are reconciled on the day they come in."""
    account = env["account.account"].create(
        {
            "name": "Outstanding Receipts",
            "code": "101499",
            "account_type": "asset_current",
            "reconcile": True,
            "company_ids": [Command.set(company.ids)],
        }
    )
    journals = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)]
    )
    journals.inbound_payment_method_line_ids.payment_account_id = account


def use_mail_server(env, smtp):
    """Let every mail leave through the play's own server.

    :param smtp: an open server with ``host`` and ``port``
    """
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create(
        {"name": "Play", "smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_encryption": "none"}
    )


def issue_invoices(env, values):
    """Create, post and mark as sent one customer invoice for each dict of values."""
    moves = env["account.move"].with_context(**WITHOUT_TRACKING)
    for start in range(0, len(values), BATCH):
        moves |= moves.create([{"move_type": "out_invoice", **v} for v in values[start:][:BATCH]])
    moves.action_post()
    moves.is_move_sent = True
    # as a play has it, not on the day it is played
    for day, found in moves.grouped("invoice_date").items():
        found.with_context(skip_invoice_sync=True).dunning_sent_date = day
    return moves.with_env(env)


def pay(env, moves, day, amounts=None):
    """Register payments of these invoices, each in full unless ``amounts`` (by id) says less."""
    for move in moves if amounts else ():
        _register(env, move, day, amount=amounts[move.id])
    if not amounts and moves:
        _register(env, moves, day, group_payment=False)


def _register(env, moves, day, **values):
    wizard = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=moves.ids, **WITHOUT_TRACKING
    )
    wizard.create({"payment_date": day, **values})._create_payments()


def by_day(pairs):
    """Group ``(day, thing)`` pairs: a dict of lists by day."""
    days = defaultdict(list)
    for day, thing in pairs:
        days[day].append(thing)
    return days


def days_between(first, last):
    """Every date from ``first`` to ``last``, both included."""
    return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]


def run_dunning(env, company, day):
    """What the crons do on that day: decide and queue, then send what is in the outbox."""
    env["dunning.run"]._execute_for(company, day)
    env["dunning.reminder"]._send_queued(as_of=day)
