"""Why a due line is not to be reminded, as its surroundings say: payments, people, switches.

The collector finds these and hands the code to the ladder as ``DueLine.hold``. The sentences here
name the reason alone; the models give them with their figures, in the reader's language.
"""

HOLD_REASONS = {
    "dispute": "The customer disputes it.",
    "promise": "The customer promised to pay.",
    "direct_debit": "It is collected by direct debit.",
    "goodwill": "Reminders have been stopped as a gesture of goodwill.",
    "legal": "It is with a lawyer or a collection agency.",
    "other": "It has been blocked manually.",
    "reply": "The customer answered a reminder.",
    "never_sent": "The invoice was never sent to the customer.",
    "bounced": "The message with the invoice bounced.",
    "undelivered": "The last reminder was not delivered: see Not Delivered.",
    "in_progress": "A reminder has been prepared or is being sent.",
    "customer_never": "This customer is never reminded automatically.",
    "invoice_off": "Automatic reminders are off for this invoice.",
    "before_activation": "The invoice is dated before dunning was activated.",
    "no_program": "No program applies.",
    "other_program": "Another program applies.",
    "program_off": "The program is switched off.",
    "database_copy": "The program is on hold: this database may be a copy.",
    "database_moved": "The program is on hold: the address of this database changed.",
    "filter_broken": "A filter of the program cannot be used.",
    "bank_stale": "The bank statements are not up to date.",
    "level_not_chosen": "This run does not send this level.",
    "removed": "It was manually excluded from the run.",
    "not_shown": "In the simulation, no reminder was due for it.",
    "error": "The reminder could not be created.",
    "retry_later": "The last reminder was stopped by an error and will be retried later.",
    "below_minimum": "The reminder would be for less than the minimum amount.",
    "first_sent": "The invoice was sent after its due date: no reminder is sent for a few days.",
    "no_followup": "The journal item is marked “No Follow-Up”.",
    "blocked_payment": "The payment of the invoice is blocked.",
    "in_payment": "A payment is in process.",
    "covered_by_credit": "The customer's credits and payments on account cover it.",
    "payment_found": "A payment that may relate to this due line has not been matched yet.",
    "paid": "It is paid.",
    "reversed": "The invoice was reversed.",
    "legacy": "The invoice comes from an older accounting application.",
}
