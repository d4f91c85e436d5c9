"""What the addon costs and what it withstands, measured.

``replay`` plays real receivables day by day, ``torture`` kills servers at work, ``host_tests``
runs Odoo's own tests without the addon and with it. The others measure this addon beside its
peers, the same work on the same database in turns: each is a function that takes a ``Workshop``
and returns a ``Figure``, or a list of them. Its peer is called through its own doors, with its own
defaults, so that everything other addons add to Odoo's methods counts on both sides.
"""

# Where the function of each benchmark is. Each gets a database of its own.
BENCHMARKS = {
    "decide_ms": "dunning",
    "decide_scaling": "dunning",
    "reminder_ms": "reminding",
    "link_page_ms": "page",
    "letters_ms": "letters",
    "worklist_ms": "worklist",
    "forecast_s": "worklist",
    "dashboard_ms": "dashboard",
    "claims_ms": "claims",
    "issue_posted_ms": "issuing",
    "issue_draft_ms": "issuing",
    "issue_scaling": "workers",
    "issue_two_workers": "workers",
}
