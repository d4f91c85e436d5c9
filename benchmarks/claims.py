"""How long interest and fixed sums take, and whether that stays in proportion to the due lines."""

import resource
from datetime import date

from . import play
from .dunning import DUE, INVOICED, Copies
from .figure import Figure, in_turns

CUSTOMERS, LINES_EACH = 200, 5
TIMES = 100  # 20,000 customers with 100,000 due lines
LIMIT, MEGABYTES = 3000.0, 200
AS_OF = date(2026, 11, 29)  # over three half-years from the due date on


def claims_ms(workshop):
    """Milliseconds for the claims on 100,000 due lines, beside the limit.

    ``per_line`` is what one of them takes, as a share of what one of 1,000 takes; ``megabytes``
    is by how much the process grew.
    """
    env, company = workshop.env, workshop.company
    values = {"invoice_date": INVOICED, "invoice_date_due": DUE, "invoice_payment_term_id": False}
    customers = workshop.customers(CUSTOMERS)
    customers.write({"is_company": True, "country_id": env.ref("base.fr").id})
    moves = play.issue_invoices(
        env,
        [
            workshop.invoice_values(partner, **values)
            for partner in customers
            for _number in range(LINES_EACH)
        ],
    )
    Copies(env, moves).make(TIMES - 1)
    lines = env["account.move.line"].search(
        [("company_id", "=", company.id), ("account_type", "=", "asset_receivable")]
    )
    count = CUSTOMERS * LINES_EACH
    assert len(lines) == count * TIMES, f"{len(lines)} due lines"

    def compute(found):
        env.invalidate_all()
        claims = found._dunning_compute_claims(company, AS_OF)
        assert len(claims) == len(found) and all(line.claim.interest for line in claims.values())

    compute(lines[:count])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    few, many = in_turns(3, lambda _number: compute(lines[:count]), lambda _number: compute(lines))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    extra = {"per_line": round(many / TIMES / few, 2), "megabytes": grown, "most": MEGABYTES}
    return Figure("claims_ms", 1000 * many, "ms", "limit", LIMIT, extra)
