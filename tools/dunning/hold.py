"""Why a due line is not to be reminded, as its surroundings say: payments, people, switches.

The collector finds these and hands the code to the ladder as ``DueLine.hold``. The sentences here
name the reason alone; the models give them with their figures, in the reader's language.
"""

HOLD_REASONS = {
    "dispute": "The customer disputes it.",
    "promise": "The customer promised to pay.",
    "direct_debit": "It is collected by direct debit.",
    "goodwill": "Reminders are stopped out of goodwill.",
    "legal": "It is with a lawyer or a collection agency.",
    "other": "It is blocked by hand.",
    "reply": "The customer answered a reminder.",
    "never_sent": "The invoice was never sent to the customer.",
    "bounced": "The message with the invoice came back as undeliverable.",
    "undelivered": "The last reminder was not delivered: see Not delivered.",
    "in_progress": "A reminder is prepared or on its way.",
    "customer_never": "This customer is never reminded automatically.",
    "invoice_off": "Automatic reminders are off for this invoice.",
    "before_activation": "The invoice is older than the activation of dunning.",
    "no_program": "No program applies.",
    "other_program": "Another program applies.",
    "program_off": "The program is switched off.",
    "database_copy": "The program holds: this database may be a copy.",
    "database_moved": "The program holds: the address of this database changed.",
    "filter_broken": "A filter of the program cannot be used.",
    "bank_stale": "The bank statements are not up to date.",
    "level_not_chosen": "This run does not send this level.",
    "removed": "It was taken out of the run by hand.",
    "not_shown": "The simulation did not show it as to be reminded.",
    "error": "The reminder could not be made.",
    "retry_later": "An error stopped the last reminder: it is tried again later.",
    "below_minimum": "Less is to be asked for than the minimum.",
    "first_sent": "The invoice was sent after its due date: it is left alone for some days.",
    "no_followup": "The journal item is marked as not to be followed up.",
    "blocked_payment": "The payment of the invoice is blocked.",
    "in_payment": "A payment is in process.",
    "covered_by_credit": "The customer's credits and payments on account cover it.",
    "payment_found": "A payment that may be for it is not matched yet.",
    "paid": "It is paid.",
    "reversed": "The invoice was reversed.",
    "legacy": "The invoice comes from an older accounting application.",
}
