"""The developer's environment: fetches Odoo, makes databases, runs demo, tests and benchmarks.

Nothing in the addon imports this package, and it needs nothing but Python's standard library
until the virtual environment it makes is there. ``python3 -m dev help`` lists its commands.
"""
