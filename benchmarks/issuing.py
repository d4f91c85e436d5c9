"""How long it takes until a recurring invoice is there."""

from .figure import Figure, in_turns

INVOICES = 1000
ROUNDS = 2


def issue_posted_ms(workshop):
    """The job that issues and posts, beside Odoo's own create and post in one batch."""
    schedules = workshop.schedules(INVOICES, "post")
    customers = workshop.customers(INVOICES)
    moves = workshop.env["account.move"]

    def odoo(number):
        day = workshop.month(number)
        values = [workshop.invoice_values(c, invoice_date=day) for c in customers]
        moves.create(values).action_post()
        workshop.env.cr.commit()

    ours, peer = in_turns(ROUNDS, _issuing(workshop, schedules), odoo)
    return _per_invoice("issue_posted_ms", ours, "odoo batched create and post", peer)


def issue_draft_ms(workshop):
    """The job that makes drafts, beside the job of ``contract``, which does the same."""
    schedules = workshop.schedules(INVOICES, "draft")
    workshop.contracts(INVOICES)

    def contract(number):
        workshop.env["contract.contract"]._cron_recurring_create(workshop.month(number))
        workshop.env.cr.commit()

    ours, peer = in_turns(ROUNDS, _issuing(workshop, schedules), contract)
    return _per_invoice("issue_draft_ms", ours, "contract", peer)


def _issuing(workshop, schedules):
    """What the job does on one day, counted so that nothing is skipped."""
    env, company = workshop.env, workshop.company
    moves = env["account.move"]
    of_schedules = [("recurrence_schedule_id", "in", schedules.ids)]

    def run(number):
        before, day = moves.search_count(of_schedules), workshop.month(number)
        schedules._run_backlog(company, day, schedules.ids)
        env.cr.commit()
        issued = moves.search_count(of_schedules) - before
        assert issued == len(schedules), f"{issued} invoices of {len(schedules)} were issued"

    return run


def _per_invoice(name, seconds, peer, peer_seconds):
    value, peer_value = (1000 * taken / INVOICES for taken in (seconds, peer_seconds))
    return Figure(name, value, "ms", peer, peer_value)
