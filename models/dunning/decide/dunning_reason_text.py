"""The reasons of dunning in one table; ``dunning.reason`` makes the reader's sentences of it."""

from typing import NamedTuple

from odoo.tools.translate import LazyGettext, LazyTranslate

_lt = LazyTranslate(__name__)


class Reason(NamedTuple):
    """Why a due line is reminded or not, or why a message does not leave.

    A sentence names figures as ``%(amount)s``; ``dunning.reason._get_figures`` says how each is
    written.
    """

    label: LazyGettext  # what a person filters and groups by
    sentence: LazyGettext
    figure: str = ""  # where it is known, the detailed sentence is told
    detailed: LazyGettext | None = None


# A test keeps the codes and sentences equal to those of tools.dunning.decision and
# tools.dunning.hold.
REASONS = {
    "level_due": Reason(
        _lt("Level due"),
        _lt("Level %(level)s has been due since %(date)s."),
        "ahead",
        _lt("Level %(level)s goes before its day (%(ahead)s), as somebody asked for it."),
    ),
    "repeat_due": Reason(
        _lt("Repetition due"), _lt("A repetition of level %(level)s has been due since %(date)s.")
    ),
    "notice_due": Reason(
        _lt("Notice due"),
        _lt("The notice before the due date %(due)s has been due for sending since %(date)s."),
    ),
    "mailing_due": Reason(
        _lt("Mailing due"),
        _lt("A mailing that does not count as a reminder has been due since %(date)s."),
    ),
    "not_due_yet": Reason(
        _lt("No reminder due yet"), _lt("No reminder is due yet: next step on %(date)s.")
    ),
    "gap": Reason(
        _lt("Gap between levels"),
        _lt(
            "The reminder of %(last_date)s is too recent for level %(level)s (gap in days: "
            "%(gap)s): next step on %(date)s."
        ),
    ),
    "contact_gap": Reason(
        _lt("Gap between messages"),
        _lt("The customer was contacted on %(contact_last)s: this item waits until %(date)s."),
    ),
    "notice_dropped": Reason(
        _lt("Notice left out"),
        _lt("The customer was contacted on %(contact_last)s: the notice is left out."),
    ),
    "ladder_done": Reason(
        _lt("All levels done"),
        _lt("The program has no further level."),
        "last_level",
        _lt("Level %(last_level)s of %(last_date)s was the last level of the program."),
    ),
    "no_level": Reason(_lt("No active level"), _lt("The program has no active level.")),
    "level_by_hand": Reason(
        _lt("Level set manually"),
        _lt("Level %(last_level)s was set manually: next step on %(date)s."),
        "last_date",
        _lt("Level %(last_level)s of %(last_date)s was set manually: next step on %(date)s."),
    ),
    "withdrawn": Reason(
        _lt("Reminder withdrawn"),
        _lt("A reminder was withdrawn, level %(last_level)s stands: next step on %(date)s."),
        "user",
        _lt(
            "%(user)s withdrew a reminder on %(held_date)s, level %(last_level)s stands: next "
            "step on %(date)s."
        ),
    ),
    "not_in_filter": Reason(
        _lt("Not in filter"),
        _lt("The filter of the program or of a level excludes it."),
        "filter",
        _lt("The filter of %(filter)s excludes it."),
    ),
    "dispute": Reason(_lt("Dispute"), _lt("The customer disputes it.")),
    "promise": Reason(_lt("Promise to pay"), _lt("The customer promised to pay.")),
    "direct_debit": Reason(
        _lt("Direct debit"),
        _lt("It is collected by direct debit."),
        "due",
        _lt("It is collected by direct debit on %(due)s."),
    ),
    "goodwill": Reason(
        _lt("Goodwill"), _lt("Reminders have been stopped as a gesture of goodwill.")
    ),
    "legal": Reason(_lt("Lawyer or agency"), _lt("It is with a lawyer or a collection agency.")),
    "other": Reason(_lt("Blocked manually"), _lt("It has been blocked manually.")),
    "reply": Reason(
        _lt("Customer replied"),
        _lt("The customer replied to a reminder."),
        "held_date",
        _lt("The customer replied on %(held_date)s: not reminded until %(hold_until)s."),
    ),
    "never_sent": Reason(
        _lt("Never sent"),
        _lt("The invoice was never sent to the customer."),
        "customer",
        _lt("The invoice was never sent to %(customer)s."),
    ),
    "bounced": Reason(
        _lt("Invoice bounced"),
        _lt("The message with the invoice bounced."),
        "email",
        _lt("The message of %(held_date)s with the invoice bounced from %(email)s."),
    ),
    "undelivered": Reason(
        _lt("Not delivered"),
        _lt("The last reminder was not delivered: see Not Delivered."),
        "held_date",
        _lt("The reminder of %(held_date)s was not delivered: see Not Delivered."),
    ),
    "in_progress": Reason(
        _lt("In progress"),
        _lt("A reminder has been prepared or is being sent."),
        "held_date",
        _lt("A reminder of %(held_date)s has been prepared or is being sent."),
    ),
    "customer_never": Reason(
        _lt("Customer: never"),
        _lt("This customer is never reminded automatically."),
        "customer",
        _lt("%(customer)s is never reminded automatically."),
    ),
    "invoice_off": Reason(
        _lt("Invoice: off"), _lt("Automatic reminders are off for this invoice.")
    ),
    "before_activation": Reason(
        _lt("Before activation"),
        _lt("The invoice is dated before dunning was activated."),
        "activation",
        _lt("It is dated %(invoice_date)s, before dunning was activated on %(activation)s."),
    ),
    "no_program": Reason(
        _lt("No program"),
        _lt("No program applies."),
        "customer",
        _lt("No program applies to %(customer)s."),
    ),
    "other_program": Reason(_lt("Other program"), _lt("Another program applies.")),
    "level_archived": Reason(
        _lt("Level archived"), _lt("The level was archived after the message was made.")
    ),
    "control_group": Reason(
        _lt("Control group"),
        _lt("The customer belongs to a control group and is left without this level."),
        "left_until",
        _lt(
            "Control group until %(left_until)s: the customer is left without “%(rung)s”, to see "
            "what it achieves."
        ),
    ),
    "program_off": Reason(
        _lt("Program off"),
        _lt("The program is switched off."),
        "program",
        _lt("The program %(program)s is switched off."),
    ),
    "database_copy": Reason(
        _lt("Database copy"),
        _lt("The program is on hold: this database may be a copy."),
        "home",
        _lt(
            "The program is on hold: this database (%(here)s) may be a copy. Dunning was "
            "switched on in %(home)s."
        ),
    ),
    "database_moved": Reason(
        _lt("Database moved"),
        _lt("The program is on hold: the address of this database changed."),
        "home",
        _lt(
            "The program is on hold: this database is now at %(here)s, dunning was switched on "
            "at %(home)s. A manager must confirm in the settings whether it was moved."
        ),
    ),
    "filter_broken": Reason(
        _lt("Filter not usable"),
        _lt("A filter of the program cannot be used."),
        "filter",
        _lt("The filter of %(filter)s cannot be used: %(error)s"),
    ),
    "bank_stale": Reason(
        _lt("Bank not up to date"),
        _lt("The bank statements are not up to date."),
        "newest",
        _lt(
            "The latest bank data is from %(newest)s, older than allowed (days: %(days)s): "
            "customers who have paid since then would be reminded."
        ),
    ),
    "level_not_chosen": Reason(_lt("Level not chosen"), _lt("This run does not send this level.")),
    "removed": Reason(
        _lt("Excluded"),
        _lt("It was manually excluded from the run."),
        "user",
        _lt("%(user)s excluded it from this run."),
    ),
    "not_shown": Reason(
        _lt("Not in the simulation"), _lt("In the simulation, no reminder was due for it.")
    ),
    "error": Reason(
        _lt("Error"),
        _lt("The reminder could not be created."),
        "error",
        _lt("The reminder could not be created: %(error)s"),
    ),
    "retry_later": Reason(
        _lt("Retry after an error"),
        _lt("The last reminder was stopped by an error and will be retried later."),
        "held_date",
        _lt(
            "The reminder of %(held_date)s was stopped by an error and will be retried after "
            "%(hold_until)s."
        ),
    ),
    "below_minimum": Reason(
        _lt("Below minimum"),
        _lt("The reminder would be for less than the minimum amount."),
        "minimum",
        _lt("The reminder would be for %(amount)s, less than the minimum of %(minimum)s."),
    ),
    "first_sent": Reason(
        _lt("Sent late"),
        _lt("The invoice was sent after its due date: no reminder is sent for a few days."),
        "held_date",
        _lt(
            "It was sent on %(held_date)s, after its due date: reminders start on "
            "%(reminded_from)s."
        ),
    ),
    "no_followup": Reason(_lt("No follow-up"), _lt("The journal item is marked “No Follow-Up”.")),
    "blocked_payment": Reason(
        _lt("Payment blocked"), _lt("The payment of the invoice is blocked.")
    ),
    "in_payment": Reason(
        _lt("Payment in process"),
        _lt("A payment is in process."),
        "amount",
        _lt("A payment of %(amount)s is in process."),
    ),
    "covered_by_credit": Reason(
        _lt("Covered by credit"),
        _lt("The customer's credits and payments on account cover it."),
        "amount",
        _lt("Credits and payments on account of %(amount)s cover it."),
    ),
    "payment_found": Reason(
        _lt("Payment found"),
        _lt("A payment that may relate to this due line has not been matched yet."),
        "amount",
        _lt(
            "%(amount)s from a bank payment of %(held_date)s may relate to this due line: match "
            "the payment first."
        ),
    ),
    "paid": Reason(_lt("Paid"), _lt("It is paid.")),
    "not_posted": Reason(
        _lt("Not posted"), _lt("Its invoice was cancelled, deleted, or reset to draft.")
    ),
    "reversed": Reason(_lt("Reversed"), _lt("The invoice was reversed.")),
    "legacy": Reason(_lt("Legacy"), _lt("The invoice comes from an older accounting application.")),
}
# What a block adds to its sentence.
BLOCKED_UNTIL = _lt("Blocked until %(hold_until)s.")
BLOCKED_OPEN = _lt("Blocked until lifted.")
BLOCKED_BECAUSE = _lt("Note: %(because)s")
TONE = _lt("The firm text is used, because the last level was already sent for %(firm)s.")
WARNING = _lt("It will not be delivered: %(warning)s")
# What keeps a message from leaving; the same test, with those of tools.dunning.obstacle.
OBSTACLES = {
    "no_recipient": Reason(_lt("No recipient"), _lt("No recipient was found for %(customer)s.")),
    "customer_archived": Reason(
        _lt("Customer archived"),
        _lt("%(customer)s is archived and no other recipient was found."),
    ),
    "contact_archived": Reason(
        _lt("Contact archived"),
        _lt("%(recipient)s is archived and no other recipient was found."),
    ),
    "no_address": Reason(_lt("No address"), _lt("%(recipient)s has no e-mail address.")),
    "no_postal_address": Reason(
        _lt("No postal address"), _lt("%(recipient)s has no postal address for a letter.")
    ),
    "bad_address": Reason(
        _lt("Address not valid"), _lt("%(recipient)s has no valid e-mail address: %(email)s.")
    ),
    "blacklisted": Reason(
        _lt("Address blacklisted"), _lt("The address %(email)s is on the blacklist.")
    ),
    "no_copy_address": Reason(
        _lt("No test address"),
        _lt("This is a copy of the database, and the program %(program)s has no test address."),
    ),
    "no_sender": Reason(
        _lt("Sender not allowed to send"),
        _lt(
            "%(sender)s is not allowed to send reminders: give this user dunning rights and an "
            "e-mail address, or choose another sender in the program."
        ),
    ),
    "sender_gone": Reason(
        _lt("No sender"),
        _lt("The program %(program)s has no user in whose name to send it: choose one."),
    ),
    "no_from": Reason(
        _lt("No sender's address"),
        _lt(
            "Neither the sender nor the company has an e-mail address to send it from: enter one "
            "on the company."
        ),
    ),
    "server_refused": Reason(
        _lt("Mail server not usable"), _lt("The mail server %(server)s cannot be used: %(error)s")
    ),
    "server_from": Reason(
        _lt("Mail server refuses the sender"),
        _lt("The mail server %(server)s does not accept the address %(email)s."),
    ),
    "no_server": Reason(
        _lt("No mail server"),
        _lt("There is no outgoing mail server: an administrator adds one in the settings."),
    ),
    "no_text": Reason(_lt("No message"), _lt("The level %(rung)s has no message.")),
    "text_per_invoice": Reason(
        _lt("Message for a single invoice"),
        _lt(
            "The message %(template)s is for a single invoice: the program must send one message "
            "per invoice."
        ),
    ),
    "text_broken": Reason(
        _lt("Message cannot be created"), _lt("The message could not be created: %(error)s")
    ),
    "banner_lost": Reason(
        _lt("Banner missing"),
        _lt("The banner of the level %(rung)s cannot be read: upload it again."),
    ),
    "no_pdf": Reason(
        _lt("No PDF possible"),
        _lt("wkhtmltopdf does not work on the server: no PDF can be created."),
    ),
    "bill_country": Reason(
        _lt("Bill of exchange: no country"),
        _lt(
            "The address of %(customer)s names no country: only customers in France get the bill "
            "of exchange."
        ),
    ),
    "bill_iban": Reason(
        _lt("Bill of exchange: no French IBAN"),
        _lt("%(customer)s has no bank account with a valid French IBAN for the bill of exchange."),
    ),
    "bill_address": Reason(
        _lt("Bill of exchange: no address"),
        _lt("The address of %(customer)s names no city for the bill of exchange."),
    ),
    "bill_siren": Reason(
        _lt("Bill of exchange: no SIREN"),
        _lt("%(company)s has no valid SIREN for the bill of exchange: enter it as its company ID."),
    ),
    "bill_place": Reason(
        _lt("Bill of exchange: no city"),
        _lt("The address of %(company)s names no city, where the bill of exchange is drawn."),
    ),
    "enclosure_broken": Reason(
        _lt("Enclosure cannot be created"), _lt("Its enclosures could not be created: %(error)s")
    ),
}
