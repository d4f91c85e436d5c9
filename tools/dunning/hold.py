"""Why a due line is not to be reminded, as its surroundings say: payments, people, switches.

The collector finds these and hands the code to the ladder as ``DueLine.hold``. A code alone says
why; the models tell it in the reader's language, with its figures where these are known.
"""

HOLDS = frozenset(
    {
        "dispute",
        "promise",
        "direct_debit",
        "goodwill",
        "legal",
        "other",
        "reply",
        "never_sent",
        "bounced",
        "undelivered",
        "in_progress",
        "customer_never",
        "invoice_off",
        "before_activation",
        "no_program",
        "other_program",
        "control_group",
        "program_off",
        "database_copy",
        "database_moved",
        "filter_broken",
        "bank_stale",
        "level_not_chosen",
        "removed",
        "level_archived",
        "not_shown",
        "error",
        "retry_later",
        "below_minimum",
        "first_sent",
        "no_followup",
        "blocked_payment",
        "in_payment",
        "covered_by_credit",
        "payment_found",
        "paid",
        "not_posted",
        "reversed",
        "legacy",
    }
)
