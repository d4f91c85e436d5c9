"""How long it takes to know who is to be reminded."""

from contextlib import contextmanager
from datetime import date
from pathlib import Path

from odoo.fields import Command

from . import play
from .figure import Figure, in_turns

DUE_LINES = 1000
LINES_EACH = 10
# How many times as many the larger ones have.
SIZES = (10, 100)
ROUNDS = 5
INVOICED = date(2026, 2, 1)
DUE = date(2026, 3, 1)
DECIDED = date(2026, 4, 1)
MEGABYTE = 1024


def decide_ms(workshop):
    """Deciding on each due line; a simulation, which stores each decision too, as a second figure.

    Beside both the lines ``account_credit_control`` generates: it decides while it stores.
    """
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

    sides = _deciding(env, company, DUE_LINES), _simulating(env, company, DUE_LINES), generate
    decided, simulated, peer = (1000 * taken / DUE_LINES for taken in in_turns(ROUNDS, *sides))
    return [
        Figure("decide_ms", decided, "ms", "account_credit_control", peer),
        Figure("simulate_ms", simulated, "ms", "account_credit_control", peer),
    ]


def decide_scaling(workshop):
    """Milliseconds a due line of 10,000 and of 100,000, beside those of 1,000.

    The memory is the most that deciding and storing took with 100,000.
    """
    env, company = workshop.env, workshop.company
    moves = _issue(workshop)
    env.cr.commit()
    few = _measure(env, company, DUE_LINES, ROUNDS)
    extra, copies = {}, Copies(env, moves)
    for times in SIZES:
        copies.make(times - 1)
        count = DUE_LINES * times
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        many = _measure(env, company, count, rounds=2)
        extra[f"peak_mb_{count}"] = _peak()
        extra[f"ratio_{count}"] = round(many[0] / few[0], 3)
    peer = f"the same with {DUE_LINES} due lines"
    return [
        Figure("decide_scaling", many[0], "ms", peer, few[0], extra),
        Figure("simulate_scaling", many[1], "ms", peer, few[1]),
    ]


def _measure(env, company, count, rounds):
    """Milliseconds a due line of deciding, and of deciding and storing."""
    sides = _deciding(env, company, count), _simulating(env, company, count)
    return [1000 * taken / count for taken in in_turns(rounds, *sides)]


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
    # what PostgreSQL does by itself within a minute
    env.flush_all()
    env.cr.execute("ANALYZE")
    return moves


def _deciding(env, company, count):
    """What finds the facts of that many due lines and decides on each."""

    def decide(_number):
        with _undone(env):
            facts = company._dunning_decide(DECIDED)
            _check(sum(fact.decision.remind for fact in facts), count)

    return decide


def _simulating(env, company, count):
    """What decides on that many due lines and stores each decision, taken back each time."""

    def simulate(_number):
        with _undone(env):
            run = env["dunning.run"].create({"company_id": company.id, "date": DECIDED})
            run.action_simulate()
            _check(run.remind_count, count)

    return simulate


class Copies:
    """Copies of posted invoices with their customers, by SQL: posting so many would take hours.

    Ids are shifted by the same step for each copy, so that what belonged together still does.
    """

    def __init__(self, env, moves):
        env.flush_all()
        self._env = env
        self._made = 0
        self._ids = {"res_partner": moves.partner_id.ids, "account_move": moves.ids}
        self._ids["account_move_line"] = moves.line_ids.ids
        self._steps = {table: _max_id(env, table) for table in self._ids}

    def make(self, count):
        """Make so many in all, those made before among them."""
        for table, ids in self._ids.items():
            columns, values = self._columns(table)
            self._env.cr.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
                f" FROM {table}, generate_series(%s, %s) n WHERE id = ANY(%s)",
                [self._made + 1, count, ids],
            )
            self._env.cr.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
            self._env.cr.execute(f"ANALYZE {table}")
        self._made = count
        self._env.cr.commit()
        self._env.invalidate_all()

    def _columns(self, table):
        """The columns of a table, and what stands in each of a copy, as SQL."""
        targets = {
            "id": table,
            "partner_id": "res_partner",
            "commercial_partner_id": "res_partner",
            "partner_shipping_id": "res_partner",
            "move_id": "account_move",
        }
        columns, values = [], []
        for column in _columns(self._env, table):
            columns.append(f'"{column}"')
            target = targets.get(column)
            is_name = (table, column) == ("account_move", "name")
            shifted = f'"{column}" + n * {self._steps[target]}' if target else f'"{column}"'
            values.append("name || '/' || n" if is_name else shifted)
        return columns, values


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
