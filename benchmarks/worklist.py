"""How long the clerk waits: for the worklist, for the next page, for many days ahead."""

from datetime import timedelta

from . import play
from .dunning import DECIDED, DUE, INVOICED, Copies
from .figure import Figure, in_turns

CUSTOMERS = 200
LINES_EACH = 5
TIMES = 100  # 20,000 customers with 100,000 open lines
ROUNDS = 5
PAGE = 80
FORECAST_TIMES = 10  # 2,000 customers with 10,000 open lines
FORECAST_DAYS, FORECAST_LIMIT = 30, 20.0
# What a person does not feel as waiting, for the first screen and for the next one.
OPEN_LIMIT, PAGE_LIMIT = 1000.0, 300.0
COLUMNS = (
    "partner_id",
    "todo_text",
    "overdue_amount",
    "days_late",
    "level",
    "next_date",
    "promise_date",
    "last_contact_date",
    "user_id",
)


def worklist_ms(workshop):
    """Milliseconds until the worklist's first page is there, and another one, beside the limits.

    The seconds are those of bringing all cases up to date, as once a day.
    """
    env, company = workshop.env, workshop.company
    values = {"invoice_date": INVOICED, "invoice_date_due": DUE, "invoice_payment_term_id": False}
    customers = workshop.customers(CUSTOMERS)
    moves = play.issue_invoices(
        env,
        [
            workshop.invoice_values(partner, **values)
            for partner in customers
            for _number in range(LINES_EACH)
        ],
    )
    company.write({"dunning_active": True, "dunning_activation_date": INVOICED})
    Copies(env, moves).make(TIMES - 1)
    [refreshed] = in_turns(1, lambda _number: company._dunning_refresh_status(DECIDED))
    env.cr.commit()
    env.cr.execute("ANALYZE")
    cases = env["dunning.case"]
    count = cases.search_count([("days_late", ">", 0)])
    assert count == CUSTOMERS * TIMES, f"{count} customers are in the worklist"
    read = {name: {} for name in COLUMNS}
    read |= {name: {"fields": {"display_name": {}}} for name in ("partner_id", "user_id")}

    def look(offset):
        env.invalidate_all()
        domain = [("days_late", ">", 0)]
        found = cases.web_search_read(domain, read, offset=offset, limit=PAGE, count_limit=10001)
        assert len(found["records"]) == PAGE, f"{len(found['records'])} rows on a page"

    def open_it(_number):
        cases.action_open_worklist()
        look(0)

    opened, turned = in_turns(ROUNDS, open_it, lambda number: look(PAGE * (number + 1)))
    extra = {"refresh_s": round(refreshed, 1), "customers": count}
    return [
        Figure("worklist_ms", 1000 * opened, "ms", "limit", OPEN_LIMIT, extra),
        Figure("worklist_page_ms", 1000 * turned, "ms", "limit", PAGE_LIMIT),
    ]


def forecast_s(workshop):
    """Seconds of a forecast of 30 days over 10,000 open lines, beside the limit."""
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
    moves.is_move_sent = True
    company.write({"dunning_active": True, "dunning_activation_date": INVOICED})
    Copies(env, moves).make(FORECAST_TIMES - 1)
    env.cr.commit()
    env.cr.execute("ANALYZE")
    today = company._get_job_today()
    forecast = env["dunning.forecast"].create(
        {"company_id": company.id, "date_until": today + timedelta(days=FORECAST_DAYS - 1)}
    )

    def look_ahead(_number):
        while not forecast.action_continue()["done"]:
            pass

    [seconds] = in_turns(1, look_ahead)
    count = len(forecast.line_ids)
    assert count >= CUSTOMERS * FORECAST_TIMES, f"{count} messages were forecast"
    return Figure("forecast_s", seconds, "s", "limit", FORECAST_LIMIT, {"messages": count})
