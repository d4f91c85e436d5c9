"""How long it takes until letters are on paper."""

from . import play
from .dunning import DECIDED, DUE, INVOICED
from .figure import Figure, in_turns

LETTERS = 40
ITEMS = 5
ROUNDS = 2


def letters_ms(workshop):
    """Milliseconds a letter, rendered to PDF: all in one batch beside one by one."""
    env, company = workshop.env, workshop.company
    values = {"invoice_date": INVOICED, "invoice_date_due": DUE, "invoice_payment_term_id": False}
    play.issue_invoices(
        env,
        [
            workshop.invoice_values(partner, **values)
            for partner in workshop.customers(LETTERS)
            for _item in range(ITEMS)
        ],
    )
    company.write({"dunning_active": True, "dunning_activation_date": INVOICED})
    company.dunning_program_id.level_ids.channel = "letter"
    reminders = env["dunning.run"]._execute_for(company, DECIDED).reminder_ids
    env.cr.commit()

    def in_one_batch(_number):
        _check(reminders._render_letters())

    def one_by_one(_number):
        made = {}
        for reminder in reminders:
            made |= reminder._render_letters()
        _check(made)

    batch, alone = (1000 * taken / LETTERS for taken in in_turns(ROUNDS, in_one_batch, one_by_one))
    return Figure("letters_ms", batch, "ms", "one by one", alone)


def _check(pdfs):
    assert len(pdfs) == LETTERS, f"{len(pdfs)} letters to {LETTERS} customers were made"
    assert all(pdf.startswith(b"%PDF") for pdf in pdfs.values())
