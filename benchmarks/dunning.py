"""How long it takes to know who is to be reminded."""

from contextlib import contextmanager
from datetime import date
from pathlib import Path

from odoo.fields import Command

from dev import play

from .figure import Figure, in_turns

DUE_LINES = 1000
LINES_EACH = 10
# The large one: so many copies of the small one beside it.
COPIES = 99
ROUNDS = 5
INVOICED = date(2026, 2, 1)
DUE = date(2026, 3, 1)
DECIDED = date(2026, 4, 1)
MEGABYTE = 1024


def decide_ms(workshop):
    """A simulation of all due lines, beside the lines ``account_credit_control`` generates."""
    env, company = workshop.env, workshop.company
    _issue(workshop)
    policy = _policy(env, company)
    env.cr.commit()

    def generate(_number):
        with _undone(env):
            run = env["credit.control.run"].create(
                {"date": DECIDED, "policy_ids": [Command.set(policy.ids)]}
            )
            run.generate_credit_lines()
            _check(len(run.line_ids))

    seconds = in_turns(ROUNDS, _simulating(env, company, DUE_LINES), generate)
    ours, peer = (1000 * taken / DUE_LINES for taken in seconds)
    return Figure("decide_ms", ours, "ms", "account_credit_control", peer)


def decide_scaling(workshop):
    """Milliseconds a due line of 100,000, beside those of 1,000, and the memory it takes."""
    env, company = workshop.env, workshop.company
    moves = _issue(workshop)
    env.cr.commit()
    few = in_turns(ROUNDS, _simulating(env, company, DUE_LINES))[0] / DUE_LINES
    _multiply(env, moves)
    count = DUE_LINES * (COPIES + 1)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    many = in_turns(2, _simulating(env, company, count))[0] / count
    name = f"the same with {DUE_LINES} due lines"
    extra = {"due_lines": count, "peak_mb": _peak()}
    return Figure("decide_scaling", 1000 * many, "ms", name, 1000 * few, extra)


def _issue(workshop):
    """Invoices of one tenth as many customers, all due for their first reminder."""
    env, company = workshop.env, workshop.company
    values = {"invoice_date": INVOICED, "invoice_date_due": DUE, "invoice_payment_term_id": False}
    customers = workshop.customers(DUE_LINES // LINES_EACH)
    moves = play.issue_invoices(
        env,
        [
            workshop.invoice_values(partner, **values)
            for partner in customers
            for _number in range(LINES_EACH)
        ],
    )
    company.write({"dunning_active": True, "dunning_activation_date": INVOICED})
    return moves


def _simulating(env, company, count):
    """What decides on that many due lines and stores each decision, taken back each time."""

    def simulate(_number):
        with _undone(env):
            run = env["dunning.run"].create({"company_id": company.id, "date": DECIDED})
            run.action_simulate()
            _check(run.remind_count, count)

    return simulate


def _multiply(env, moves):
    """Copy posted invoices with their customers by SQL: posting so many would take hours.

    Ids are shifted by the same step for each copy, so that what belonged together still does.
    """
    env.flush_all()
    tables = {"res_partner": moves.partner_id.ids, "account_move": moves.ids}
    tables["account_move_line"] = moves.line_ids.ids
    steps = {table: _max_id(env, table) for table in tables}
    targets = {
        "id": None,
        "partner_id": "res_partner",
        "commercial_partner_id": "res_partner",
        "partner_shipping_id": "res_partner",
        "move_id": "account_move",
    }
    for table, ids in tables.items():
        columns, values = [], []
        for column in _columns(env, table):
            columns.append(f'"{column}"')
            target = table if column == "id" else targets.get(column)
            is_name = (table, column) == ("account_move", "name")
            shifted = f'"{column}" + n * {steps[target]}' if target else f'"{column}"'
            values.append("name || '/' || n" if is_name else shifted)
        env.cr.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
            f" FROM {table}, generate_series(1, {COPIES}) n WHERE id = ANY(%s)",
            [ids],
        )
        env.cr.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()
    env.invalidate_all()


def _max_id(env, table):
    env.cr.execute(f"SELECT max(id) FROM {table}")
    return env.cr.fetchone()[0]


def _columns(env, table):
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    return [name for (name,) in env.cr.fetchall()]


def _peak():
    """The most memory this process had resident, in megabytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // MEGABYTE


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


def _check(count, expected=DUE_LINES):
    assert count >= expected, f"{count} of {expected} due lines were to be reminded"
