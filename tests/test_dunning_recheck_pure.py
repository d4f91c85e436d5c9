"""Which lines leave a message before it is sent, without a database: a table of cases.

Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_recheck_pure.py``.
"""

import doctest
import sys
import unittest
from datetime import date
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import decision as dunning_decision
    from odoo.addons.account_recurrence_dunning.tools.dunning import fact as dunning_fact
    from odoo.addons.account_recurrence_dunning.tools.dunning import ladder as dunning_ladder
    from odoo.addons.account_recurrence_dunning.tools.dunning import recheck as dunning_recheck
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import decision as dunning_decision
    from tools.dunning import fact as dunning_fact
    from tools.dunning import ladder as dunning_ladder
    from tools.dunning import recheck as dunning_recheck


DAY = date(2026, 3, 10)


def make_fact(
    hold="",
    barred=(),
    program_id=1,
    cycle=0,
    in_process=0.0,
    due=date(2026, 3, 1),
    reason="level_due",
    level_id=3,
):
    line = dunning_ladder.DueLine(9, due=due, hold=hold, barred=barred)
    fact = dunning_fact.DueFact(
        line, 5, 6, 7, 1, 100.0, 100.0, program_id, cycle, 100.0, "INV/1", None, "", None, "", 2, 2
    )
    fact.in_process = in_process
    level = dunning_ladder.Level(level_id, number=1, days=5)
    fact.decision = dunning_decision.Decision(reason == "level_due", reason, level, None, {})
    return fact


class TestRecheck(BaseCase):
    """What was paid, blocked or excluded since leaves the message (rule 8)."""

    claim = dunning_recheck.Claim(
        reminded=True, by_hand=False, program_id=1, level_id=3, cycle=0, date=DAY
    )

    def check(self, expected, fact, **claim):
        self.assertEqual(
            dunning_recheck.drop_reason(self.claim._replace(**claim), fact, DAY),
            expected,
            (fact, claim),
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
        self.check("not_due_yet", make_fact(reason="not_due_yet"))
        self.check("gap", make_fact(reason="gap"), by_hand=True)
        self.check("level_archived", make_fact(reason="not_due_yet"), archived=True)
        self.check("dispute", make_fact(hold="dispute"), archived=True)
        # another level is meant now
        self.check("not_shown", make_fact(level_id=4))

    def test_a_line_that_only_stands_in_the_message(self):
        mentioned = {"reminded": False, "level_id": None}
        self.check("", make_fact(program_id=2, cycle=1, barred=(3,)), **mentioned)
        self.check("paid", None, **mentioned)
        self.check("dispute", make_fact(hold="dispute"), **mentioned)
        self.check("", make_fact(hold="dispute"), by_hand=True, **mentioned)
        paid = make_fact(hold="in_payment", in_process=100.0)
        self.check("in_payment", paid, by_hand=True, **mentioned)
        self.check("not_due_yet", make_fact(due=DAY), **mentioned)
        self.check("", make_fact(due=DAY), by_hand=True, **mentioned)

    def test_decided_again(self):
        """Facts that changed since count, time that passed does not."""
        ladder = dunning_ladder.Ladder(
            [
                dunning_ladder.Level(2, days=-3),
                dunning_ladder.Level(3, number=1, days=5, repeat_every=7, repeat_max=1),
                dunning_ladder.Level(4, number=2, days=15),
            ]
        )

        def again(leaves, level_id=3, **line):
            line = dunning_ladder.DueLine(9, **line)
            claim = self.claim._replace(level_id=level_id)
            decision = dunning_recheck.decide_again(claim, line, ladder, leaves)
            return decision.remind, decision.reason, decision.level.id

        # due on 2 March, at 5 days: 7 March
        self.assertEqual(again(DAY, due=date(2026, 3, 2)), (True, "level_due", 3))
        # put off to 6 March: 11 March, after the decision, not after it leaves
        self.assertEqual(again(DAY, due=date(2026, 3, 6)), (False, "not_due_yet", 3))
        self.assertEqual(again(date(2026, 3, 11), due=date(2026, 3, 6)), (True, "level_due", 3))
        # a notice meant for 10 March that leaves on the 14th, when the due date is over
        notice = {"level_id": 2, "due": date(2026, 3, 12)}
        self.assertEqual(again(date(2026, 3, 14), **notice), (True, "notice_due", 2))
        # a level put below its own since does not take it out: 20 February and 15 days
        self.assertEqual(again(DAY, 4, due=date(2026, 2, 20)), (True, "level_due", 4))
        # a repetition of 10 March that leaves when the next level is due since 17 March
        repeated = {"due": date(2026, 3, 2), "level": 1, "level_id": 3}
        line = dunning_ladder.DueLine(9, last_date=date(2026, 3, 3), **repeated)
        decision = dunning_recheck.decide_again(self.claim, line, ladder, date(2026, 3, 20))
        self.assertEqual((decision.reason, decision.level.id), ("repeat_due", 3))

    def test_doctests(self):
        self.assertEqual(doctest.testmod(dunning_recheck).failed, 0)


if __name__ == "__main__":
    unittest.main()
