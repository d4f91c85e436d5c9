"""How long it takes until the messages of a run are written."""

from contextlib import contextmanager

from odoo.fields import Command

from . import play
from .dunning import DECIDED, DUE, INVOICED, _policy, _undone
from .figure import Figure, in_turns

DUE_LINES = 1000
CUSTOMERS = 100
ROUNDS = 5


def reminder_ms(workshop):
    """Milliseconds a due line, from nothing to reminders with e-mails ready to leave; no PDF.

    Beside it, on the same due lines of the same customers: the peer's run with its e-mails, and
    the e-mails alone as Odoo's own ``send_mail_batch`` makes them of the same texts.
    """
    env, company = workshop.env, workshop.company
    _make_due_lines(workshop)
    company.write({"dunning_active": True, "dunning_activation_date": INVOICED})
    # no message is made where none can leave; these never do
    env["ir.mail_server"].create({"name": "Benchmark", "smtp_host": "localhost"})
    policy = _policy(env, company)
    policy.level_ids.email_template_id.report_template_ids = False
    env.cr.commit()

    def remind(_number):
        with _undone(env):
            _check(len(_execute(env).mail_id))

    def communicate(_number):
        with _undone(env), _counted_mails(env) as count:
            run = env["credit.control.run"].create(
                {"date": DECIDED, "policy_ids": [Command.set(policy.ids)]}
            )
            run.generate_credit_lines()
            run.line_ids.state = "to_be_sent"
            emailer = env["credit.control.emailer"].create(
                {"line_ids": [Command.set(run.line_ids.ids)]}
            )
            emailer.email_lines()
            _check(count())
        # the peer's e-mails would leave after a commit that never comes
        env.cr.postcommit.clear()

    reminders = _execute(env)
    template = reminders.level_id.mail_template_id
    env.cr.commit()

    def odoo(_number):
        with _undone(env), _counted_mails(env) as count:
            template.send_mail_batch(reminders.ids)
            _check(count())

    reminders.action_cancel()
    seconds = in_turns(ROUNDS, remind, communicate, odoo)
    ours, peer, batch = (1000 * taken / DUE_LINES for taken in seconds)
    return [
        Figure("reminder_ms", ours, "ms", "account_credit_control", peer),
        Figure("reminder_ms", ours, "ms", "odoo send_mail_batch", batch),
    ]


def _make_due_lines(workshop):
    """One tenth as many customers as due lines."""
    values = {"invoice_date": INVOICED, "invoice_date_due": DUE, "invoice_payment_term_id": False}
    play.issue_invoices(
        workshop.env,
        [
            workshop.invoice_values(partner, **values)
            for partner in workshop.customers(CUSTOMERS)
            for _line in range(DUE_LINES // CUSTOMERS)
        ],
    )


def _execute(env):
    return env["dunning.run"]._execute_for(env.company, DECIDED).reminder_ids


@contextmanager
def _counted_mails(env):
    """Yield what tells how many e-mails were made inside."""
    before = env["mail.mail"].search_count([])
    yield lambda: env["mail.mail"].search_count([]) - before


def _check(count):
    assert count == CUSTOMERS, f"{count} e-mails to {CUSTOMERS} customers were made"
