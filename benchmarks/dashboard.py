"""How long the overview of the receivables takes, with many open items and some history."""

from . import play
from .dunning import DECIDED, DUE, INVOICED, Copies
from .figure import Figure, in_turns

CUSTOMERS = 200
LINES_EACH = 6  # one of them paid
TIMES = 100  # 20,000 customers with 100,000 open items
ROUNDS = 5
LIMIT = 1000.0  # what a person does not feel as waiting
# Due dates over four months; one item of six is paid, each got the first level.
SPREAD = """
    UPDATE account_move_line SET date_maturity = date_maturity - 60 + id %% 120 WHERE id = ANY(%s)
"""
PAY = """
    WITH paid AS (
        UPDATE account_move_line
           SET reconciled = TRUE, amount_residual = 0, amount_residual_currency = 0
         WHERE id = ANY(%(lines)s) AND id %% 6 = 0
     RETURNING id, date_maturity, balance, company_id
    )
    INSERT INTO account_partial_reconcile (debit_move_id, credit_move_id, amount, max_date,
                                           debit_amount_currency, credit_amount_currency,
                                           company_id)
         SELECT id, id, balance, date_maturity + id %% 20, balance, balance, company_id FROM paid
"""
REMIND = """
    INSERT INTO dunning_reminder_line (reminder_id, company_id, partner_id, kind, move_line_id,
                                       move_id, currency_id, level_id, amount_residual, state,
                                       effective_date, cycle, repeat)
         SELECT %(reminder)s, company_id, partner_id, 'remind', id, move_id, currency_id, %(level)s,
                balance, 'sent', %(day)s::date - id %% 60, 0, 0
           FROM account_move_line
          WHERE id = ANY(%(lines)s)
"""


def dashboard_ms(workshop):
    """Milliseconds until the figures of the overview are there, of today and of an earlier day."""
    env, company = workshop.env, workshop.company
    count = _make(workshop)

    def look(as_of):
        def show(_number):
            env.invalidate_all()
            assert company.get_dunning_figures(as_of)["debtors"], "nothing is overdue"

        return show

    today, earlier = in_turns(ROUNDS, look(None), look(DECIDED))
    extra = {"items": count, "earlier_day_ms": round(1000 * earlier, 1)}
    return Figure("dashboard_ms", 1000 * today, "ms", "limit", LIMIT, extra)


def _make(workshop):
    """Make the items; return how many are open."""
    env, company = workshop.env, workshop.company
    values = {"invoice_date": INVOICED, "invoice_date_due": DUE, "invoice_payment_term_id": False}
    moves = play.issue_invoices(
        env,
        [
            workshop.invoice_values(partner, **values)
            for partner in workshop.customers(CUSTOMERS)
            for _number in range(LINES_EACH)
        ],
    )
    company.write({"dunning_active": True, "dunning_activation_date": INVOICED})
    Copies(env, moves).make(TIMES - 1)
    level = company.dunning_program_id.level_ids[1]
    reminder = (
        env["dunning.reminder"]
        .sudo()
        .create(
            {
                "company_id": company.id,
                "partner_id": moves[0].partner_id.id,
                "program_id": company.dunning_program_id.id,
                "level_id": level.id,
                "date": DECIDED,
                "sent_date": DECIDED,
                "state": "sent",
            }
        )
    )
    env.flush_all()
    lines = env["account.move.line"].search(
        [("account_type", "=", "asset_receivable"), ("company_id", "=", company.id)]
    )
    values = {"lines": lines.ids, "reminder": reminder.id, "level": level.id, "day": DECIDED}
    env.cr.execute(SPREAD, [lines.ids])
    env.cr.execute(PAY, values)
    env.cr.execute(REMIND, values)
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.invalidate_all()
    return env["account.move.line"].search_count(
        [("id", "in", lines.ids), ("reconciled", "=", False)]
    )
