"""This addon beside others: the same work on the same database, measured in turns.

Each benchmark is a function that takes a ``Workshop`` and returns a ``Figure``. Its peer is called
through its own doors, with its own defaults, so that everything other addons add to Odoo's
methods counts on both sides.
"""
