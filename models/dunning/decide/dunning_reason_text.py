"""The reasons of dunning as texts that can be translated; ``dunning.reason`` fills them in."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# The sentences of tools.dunning_decision and tools.dunning_hold where they can be translated; a
# test keeps the codes and placeholders of both equal.
SENTENCES = {
    "level_due": _lt("Level %(level)s is due since %(date)s."),
    "repeat_due": _lt("Level %(level)s is to be repeated since %(date)s."),
    "notice_due": _lt("The notice before the due date %(due)s is to be sent since %(date)s."),
    "mailing_due": _lt("A mailing that does not count as a reminder is due since %(date)s."),
    "not_due_yet": _lt("It is not time yet: next step on %(date)s."),
    "gap": _lt(
        "The reminder of %(last_date)s is too recent for level %(level)s (gap in days: %(gap)s): "
        "next step on %(date)s."
    ),
    "contact_gap": _lt(
        "The customer was written to on %(contact_last)s: this waits until %(date)s."
    ),
    "notice_dropped": _lt(
        "The customer was written to on %(contact_last)s: the notice is left out."
    ),
    "ladder_done": _lt("No further level follows in the program."),
    "no_level": _lt("The program has no active level."),
    "level_by_hand": _lt("Level %(last_level)s was set by hand: next step on %(date)s."),
    "not_in_filter": _lt("The filter of the program or of a level leaves it out."),
    "dispute": _lt("The customer disputes it."),
    "promise": _lt("The customer promised to pay."),
    "direct_debit": _lt("It is collected by direct debit."),
    "goodwill": _lt("Reminders are stopped out of goodwill."),
    "legal": _lt("It is with a lawyer or a collection agency."),
    "other": _lt("It is blocked by hand."),
    "never_sent": _lt("The invoice was never sent to the customer."),
    "bounced": _lt("The message with the invoice came back as undeliverable."),
    "undelivered": _lt("The last reminder was not delivered: see Not delivered."),
    "in_progress": _lt("A reminder is prepared or on its way."),
    "customer_never": _lt("This customer is never reminded automatically."),
    "invoice_off": _lt("Automatic reminders are off for this invoice."),
    "before_activation": _lt("The invoice is older than the activation of dunning."),
    "no_program": _lt("No program applies."),
    "other_program": _lt("Another program applies."),
    "program_off": _lt("The program is switched off."),
    "database_copy": _lt("The program holds: this database may be a copy."),
    "database_moved": _lt("The program holds: the address of this database changed."),
    "filter_broken": _lt("A filter of the program cannot be used."),
    "bank_stale": _lt("The bank statements are not up to date."),
    "level_not_chosen": _lt("This run does not send this level."),
    "removed": _lt("It was taken out of the run by hand."),
    "not_shown": _lt("The simulation did not show it as to be reminded."),
    "error": _lt("The reminder could not be made."),
    "retry_later": _lt("An error stopped the last reminder: it is tried again later."),
    "below_minimum": _lt("Less is to be asked for than the minimum."),
    "first_sent": _lt("The invoice was sent after its due date: it is left alone for some days."),
    "no_followup": _lt("The journal item is marked as not to be followed up."),
    "blocked_payment": _lt("The payment of the invoice is blocked."),
    "in_payment": _lt("A payment is in process."),
    "covered_by_credit": _lt("The customer's credits and payments on account cover it."),
    "payment_found": _lt("A payment that may be for it is not matched yet."),
    "paid": _lt("It is paid."),
    "reversed": _lt("The invoice was reversed."),
    "legacy": _lt("The invoice comes from an older accounting application."),
}
# What a person filters and groups by; the sentence carries the details.
REASON_LABELS = {
    "level_due": _lt("Level due"),
    "repeat_due": _lt("Repetition due"),
    "notice_due": _lt("Notice due"),
    "mailing_due": _lt("Mailing due"),
    "not_due_yet": _lt("Not yet time"),
    "gap": _lt("Gap between levels"),
    "contact_gap": _lt("Gap between messages"),
    "notice_dropped": _lt("Notice left out"),
    "ladder_done": _lt("All levels done"),
    "no_level": _lt("No active level"),
    "level_by_hand": _lt("Level by hand"),
    "not_in_filter": _lt("Not in filter"),
    "dispute": _lt("Dispute"),
    "promise": _lt("Promise to pay"),
    "direct_debit": _lt("Direct debit"),
    "goodwill": _lt("Goodwill"),
    "legal": _lt("Lawyer or agency"),
    "other": _lt("Blocked by hand"),
    "never_sent": _lt("Never sent"),
    "bounced": _lt("Invoice bounced"),
    "undelivered": _lt("Not delivered"),
    "in_progress": _lt("In progress"),
    "customer_never": _lt("Customer: never"),
    "invoice_off": _lt("Invoice: off"),
    "before_activation": _lt("Before activation"),
    "no_program": _lt("No program"),
    "other_program": _lt("Other program"),
    "program_off": _lt("Program off"),
    "database_copy": _lt("Database copy"),
    "database_moved": _lt("Database moved"),
    "filter_broken": _lt("Filter broken"),
    "bank_stale": _lt("Bank not up to date"),
    "level_not_chosen": _lt("Level not chosen"),
    "removed": _lt("Taken out"),
    "not_shown": _lt("Not in the simulation"),
    "error": _lt("Error"),
    "retry_later": _lt("Retry after an error"),
    "below_minimum": _lt("Below minimum"),
    "first_sent": _lt("Sent late"),
    "no_followup": _lt("No follow-up"),
    "blocked_payment": _lt("Payment blocked"),
    "in_payment": _lt("Payment in process"),
    "covered_by_credit": _lt("Covered by credit"),
    "payment_found": _lt("Payment found"),
    "paid": _lt("Paid"),
    "reversed": _lt("Reversed"),
    "legacy": _lt("Legacy"),
}
# The same with its figures, for decisions that carry them: by code the figure needed.
DETAILED = {
    "never_sent": ("customer", _lt("The invoice was never sent to %(customer)s.")),
    "bounced": (
        "email",
        _lt("The message of %(held_date)s with the invoice came back from %(email)s."),
    ),
    "undelivered": (
        "held_date",
        _lt("The reminder of %(held_date)s was not delivered: see Not delivered."),
    ),
    "in_progress": ("held_date", _lt("A reminder of %(held_date)s is prepared or on its way.")),
    "customer_never": ("customer", _lt("%(customer)s is never reminded automatically.")),
    "before_activation": (
        "activation",
        _lt("It is dated %(invoice_date)s, before dunning was activated on %(activation)s."),
    ),
    "no_program": ("customer", _lt("No program applies to %(customer)s.")),
    "program_off": ("program", _lt("The program %(program)s is switched off.")),
    "database_copy": (
        "home",
        _lt(
            "The program holds: this database (%(here)s) may be a copy. Dunning was switched on "
            "in %(home)s."
        ),
    ),
    "database_moved": (
        "home",
        _lt(
            "The program holds: this database is now at %(here)s, dunning was switched on at "
            "%(home)s. A manager says in the settings whether it was moved."
        ),
    ),
    "filter_broken": ("filter", _lt("The filter of %(filter)s cannot be used: %(error)s")),
    "not_in_filter": ("filter", _lt("The filter of %(filter)s leaves it out.")),
    "bank_stale": (
        "newest",
        _lt(
            "The newest bank data is of %(newest)s, older than allowed (days: %(days)s): customers "
            "who paid since would be reminded."
        ),
    ),
    "removed": ("user", _lt("%(user)s took it out of this run.")),
    "error": ("error", _lt("The reminder could not be made: %(error)s")),
    "retry_later": (
        "held_date",
        _lt("An error stopped the reminder of %(held_date)s: tried again after %(hold_until)s."),
    ),
    "below_minimum": (
        "minimum",
        _lt("%(amount)s is to be asked for, less than the minimum of %(minimum)s."),
    ),
    "first_sent": (
        "held_date",
        _lt("It was sent on %(held_date)s, after its due date: reminded from %(reminded_from)s."),
    ),
    "direct_debit": ("due", _lt("It is collected by direct debit on %(due)s.")),
    "in_payment": ("amount", _lt("A payment of %(amount)s is in process.")),
    "covered_by_credit": (
        "amount",
        _lt("Credits and payments on account of %(amount)s cover it."),
    ),
    "payment_found": (
        "amount",
        _lt("%(amount)s of a bank payment of %(held_date)s may be for it: match it first."),
    ),
    "ladder_done": (
        "last_level",
        _lt("Level %(last_level)s of %(last_date)s was the last one of the program."),
    ),
    "level_by_hand": (
        "last_date",
        _lt("Level %(last_level)s of %(last_date)s was set by hand: next step on %(date)s."),
    ),
}
# What a block adds to its sentence.
BLOCKED_UNTIL = _lt("Blocked until %(hold_until)s.")
BLOCKED_OPEN = _lt("Blocked until it is released.")
BLOCKED_BECAUSE = _lt("Because: %(because)s")
WARNING = _lt("It will not be delivered: %(warning)s")
# What keeps a message from leaving; a test keeps codes and placeholders equal to those of
# tools.dunning_obstacle.
OBSTACLE_SENTENCES = {
    "no_recipient": _lt("Nobody was found to send it to at %(customer)s."),
    "customer_archived": _lt("%(customer)s is archived, and nobody else was found to send it to."),
    "contact_archived": _lt("%(recipient)s is archived, and nobody else was found to send it to."),
    "no_address": _lt("%(recipient)s has no e-mail address."),
    "bad_address": _lt("%(recipient)s has no valid e-mail address: %(email)s."),
    "blacklisted": _lt("The address %(email)s is on the blacklist."),
    "no_copy_address": _lt(
        "This is a copy of the database, and the program %(program)s names no test address."
    ),
    "no_sender": _lt(
        "%(sender)s may not send reminders: give this user dunning rights and an e-mail address, "
        "or choose another sender in the program."
    ),
    "sender_gone": _lt(
        "The program %(program)s names no user to send it in the name of: choose one."
    ),
    "no_from": _lt("Neither the sender nor the company has an e-mail address to send it from."),
    "server_refused": _lt("The mail server %(server)s cannot be used: %(error)s"),
    "server_from": _lt("The mail server %(server)s does not accept the address %(email)s."),
    "no_server": _lt("There is no outgoing mail server."),
    "no_text": _lt("The level %(rung)s has no message."),
    "text_per_invoice": _lt(
        "The message %(template)s is about one invoice: the program must send one message per "
        "invoice."
    ),
    "text_broken": _lt("The message could not be written: %(error)s"),
    "banner_lost": _lt("The banner of the level %(rung)s cannot be read: upload it again."),
    "no_pdf": _lt("wkhtmltopdf does not work on the server: no PDF can be made."),
    "enclosure_broken": _lt("What it encloses could not be made: %(error)s"),
}
OBSTACLE_LABELS = {
    "no_recipient": _lt("No recipient"),
    "customer_archived": _lt("Customer archived"),
    "contact_archived": _lt("Contact archived"),
    "no_address": _lt("No address"),
    "bad_address": _lt("Address not valid"),
    "blacklisted": _lt("Address blacklisted"),
    "no_copy_address": _lt("No test address"),
    "no_sender": _lt("Sender may not send"),
    "sender_gone": _lt("No sender"),
    "no_from": _lt("No sender's address"),
    "server_refused": _lt("Mail server not usable"),
    "server_from": _lt("Mail server refuses the sender"),
    "no_server": _lt("No mail server"),
    "no_text": _lt("No message"),
    "text_per_invoice": _lt("Message is about one invoice"),
    "text_broken": _lt("Message cannot be written"),
    "banner_lost": _lt("Banner lost"),
    "no_pdf": _lt("No PDF possible"),
    "enclosure_broken": _lt("Enclosure cannot be made"),
}
