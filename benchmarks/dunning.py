"""How long it takes to know who is to be reminded."""

from contextlib import contextmanager
from datetime import date

from odoo.fields import Command

from dev import play

from .figure import Figure, in_turns

DUE_LINES = 500
ROUNDS = 5
INVOICED = date(2026, 2, 1)
DUE = date(2026, 3, 1)
DECIDED = date(2026, 4, 1)


def decide_ms(workshop):
    """A simulation of all due lines, beside the lines ``account_credit_control`` generates."""
    env, company = workshop.env, workshop.company
    values = {"invoice_date": INVOICED, "invoice_date_due": DUE, "invoice_payment_term_id": False}
    customers = workshop.customers(DUE_LINES)
    play.issue_invoices(env, [workshop.invoice_values(partner, **values) for partner in customers])
    company.write({"dunning_active": True, "dunning_activation_date": INVOICED})
    policy = _policy(env, company)
    env.cr.commit()

    def simulate(_number):
        with _undone(env):
            run = env["dunning.run"].create({"company_id": company.id, "date": DECIDED})
            run.action_simulate()
            _check(run.remind_count)

    def generate(_number):
        with _undone(env):
            run = env["credit.control.run"].create(
                {"date": DECIDED, "policy_ids": [Command.set(policy.ids)]}
            )
            run.generate_credit_lines()
            _check(len(run.line_ids))

    seconds = in_turns(ROUNDS, simulate, generate)
    ours, peer = (1000 * taken / DUE_LINES for taken in seconds)
    return Figure("decide_ms", ours, "ms", "account_credit_control", peer)


def _policy(env, company):
    """The peer's own policy of three levels, over the company's receivables."""
    policy = env.ref("account_credit_control.credit_control_3_time")
    policy.account_ids = env["account.account"].search([("account_type", "=", "asset_receivable")])
    company.credit_policy_id = policy
    return policy


@contextmanager
def _undone(env):
    """Take back what happens inside, so that every round decides on the same facts."""
    savepoint = env.cr.savepoint()
    yield
    env.flush_all()
    savepoint.close(rollback=True)
    env.invalidate_all()


def _check(count):
    assert count >= DUE_LINES, f"{count} of {DUE_LINES} due lines were to be reminded"
