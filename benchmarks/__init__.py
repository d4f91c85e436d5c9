"""This addon beside others: the same work on the same database, measured in turns.

Each benchmark is a function that takes a ``Workshop`` and returns a ``Figure``, or a list of them.
Its peer is called through its own doors, with its own defaults, so that everything other addons
add to Odoo's methods counts on both sides.
"""

# Where the function of each benchmark is. Each gets a database of its own.
BENCHMARKS = {
    "decide_ms": "dunning",
    "decide_scaling": "dunning",
    "reminder_ms": "reminding",
    "issue_posted_ms": "issuing",
    "issue_draft_ms": "issuing",
    "issue_scaling": "workers",
    "issue_two_workers": "workers",
}
