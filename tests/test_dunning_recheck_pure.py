"""Which lines leave a message before it is sent, without a database: a table of cases.

Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_recheck_pure.py``.
"""

import sys
import unittest
from datetime import date
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools import (
        dunning_fact,
        dunning_ladder,
        dunning_recheck,
    )
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools import dunning_fact, dunning_ladder, dunning_recheck


def make_fact(hold="", barred=(), program_id=1, cycle=0, in_process=0.0):
    line = dunning_ladder.DueLine(9, due=date(2026, 3, 1), hold=hold, barred=barred)
    fact = dunning_fact.DueFact(
        line, 5, 6, 7, 1, 100.0, 100.0, program_id, cycle, 100.0, "INV/1", None, "", None, "", 2, 2
    )
    fact.in_process = in_process
    return fact


class TestRecheck(BaseCase):
    """What was paid, blocked or excluded since leaves the message (design rule 8)."""

    claim = dunning_recheck.Claim(reminded=True, by_hand=False, program_id=1, level_id=3, cycle=0)

    def check(self, expected, fact, **claim):
        self.assertEqual(
            dunning_recheck.drop_reason(self.claim._replace(**claim), fact), expected, (fact, claim)
        )

    def test_a_line_reminded(self):
        self.check("", make_fact())
        self.check("paid", None)
        self.check("dispute", make_fact(hold="dispute"))
        self.check("dispute", make_fact(hold="dispute"), by_hand=True)
        self.check("removed", make_fact(cycle=1))
        self.check("other_program", make_fact(program_id=2))
        self.check("not_in_filter", make_fact(barred=(2, 3)))
        self.check("", make_fact(barred=(2,)))
        # the weightiest reason first
        self.check("dispute", make_fact(hold="dispute", program_id=2, barred=(3,)))

    def test_a_line_that_only_stands_in_the_message(self):
        mentioned = {"reminded": False, "level_id": None}
        self.check("", make_fact(program_id=2, cycle=1, barred=(3,)), **mentioned)
        self.check("paid", None, **mentioned)
        self.check("dispute", make_fact(hold="dispute"), **mentioned)
        self.check("", make_fact(hold="dispute"), by_hand=True, **mentioned)
        paid = make_fact(hold="in_payment", in_process=100.0)
        self.check("in_payment", paid, by_hand=True, **mentioned)


if __name__ == "__main__":
    unittest.main()
