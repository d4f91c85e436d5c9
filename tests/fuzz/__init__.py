"""Random histories against models that know only the rules.

``customer`` and ``schedule`` are plain Python: histories, models, and the pure engine of ``tools/``
as their player. In ``real_customer`` and ``real_schedule`` the addon plays them on a database. Both
the tests here and ``make fuzz`` play them; the latter imports this folder without Odoo's tests.
"""
