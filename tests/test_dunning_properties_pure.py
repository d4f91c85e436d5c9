"""The ladder played at random against a small model of its own that knows only the rules.

The play is a customer's life: instalments, payments, credits, blocks, a program that is edited or
changed, reminders taken back, a clock that jumps. The model decides nothing: it keeps the history
of what left and says whether a rule was broken by it. Runs with and without Odoo; needs hypothesis.
"""

import sys
import unittest
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import credit as dunning_credit
    from odoo.addons.account_recurrence_dunning.tools.dunning import decision as dunning_decision
    from odoo.addons.account_recurrence_dunning.tools.dunning import ladder as dunning_ladder
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import credit as dunning_credit
    from tools.dunning import decision as dunning_decision
    from tools.dunning import ladder as dunning_ladder

try:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None

Ladder, Level, DueLine = dunning_ladder.Ladder, dunning_ladder.Level, dunning_ladder.DueLine
START = date(2026, 1, 1)
RUNG_REASONS = ("level_due", "repeat_due")


class Model:
    """What happened to one due line, and what the rules say about it, written down anew.

    It shares nothing with the engine: levels are plain tuples, days are counted by hand.
    """

    def __init__(self, due):
        self.due = due
        self.cycle = []  # (day, kind, days of the level, gap, level id) of what left in this cycle
        self.paid_on = None

    def rungs(self):
        return [entry for entry in self.cycle if entry[1] in ("rung", "repeat")]

    def check(self, test, today, kind, level, ladder, contact_gap, contacts, blocked, open_amount):
        """Fail where sending ``level`` today breaks a rule."""
        test.assertFalse(blocked, "reminded although blocked")
        test.assertGreater(open_amount, 0, "reminded after payment")
        test.assertTrue(level.active, "an archived level was sent")
        test.assertGreaterEqual((today - self.due).days, level.days, "too early")
        if contacts:
            test.assertGreaterEqual((today - max(contacts)).days, contact_gap, "contact gap")
        got = [entry for entry in self.cycle if entry[4] == level.id and entry[1] != "repeat"]
        if kind == "notice":
            test.assertLessEqual(today, self.due, "a notice after the due date")
            test.assertFalse(got, "a notice twice")
            return
        sent = self.rungs()
        if sent and level.counts:
            test.assertGreaterEqual((today - sent[-1][0]).days, max(level.gap, 0), "gap")
        if kind == "repeat":
            repeats = [entry for entry in sent if entry[1] == "repeat" and entry[4] == level.id]
            test.assertLess(len(repeats), level.repeat_max, "repeated too often")
            test.assertGreaterEqual((today - sent[-1][0]).days, level.repeat_every)
            return
        test.assertFalse(got, "a level twice in a cycle")
        reached = max((entry[2] for entry in sent), default=-1)
        test.assertGreater(level.days, reached, "a step down")
        between = [
            other
            for other in ladder
            if other.active
            and other.days >= 0
            and reached < other.days < level.days
            and all(other.id != entry[4] for entry in self.cycle)
        ]
        test.assertFalse(between, "a level was skipped")


class Play:
    """A customer with due lines, run day by day through the engine, checked by the models."""

    def __init__(self, test, dues, levels, contact_gap):
        self.test, self.contact_gap = test, contact_gap
        self.levels = levels
        self.lines = {n: DueLine(n, START + timedelta(due)) for n, due in enumerate(dues)}
        self.models = {n: Model(line.due) for n, line in self.lines.items()}
        self.open = {n: Decimal(100) for n in self.lines}
        self.credit = Decimal()
        self.blocked_until = {}
        self.contacts = []
        self.today = START - timedelta(15)
        self.sent = 0

    def run(self):
        """One run as the engine makes it: decide on all, then let all leave."""
        ladder = Ladder(dunning_ladder.numbered(self.levels))
        left = dunning_credit.allocate_credit(
            [(n, self.lines[n].due, amount) for n, amount in self.open.items()], self.credit
        )
        decisions = {}
        for n, line in self.lines.items():
            if self.open[n] <= 0:
                continue
            until = self.blocked_until.get(n)
            blocked = until is not None and self.today <= until
            hold = "dispute" if blocked else "" if left[n] > 0 else "covered_by_credit"
            line = replace(
                line,
                hold=hold,
                hold_until=until if blocked else None,
                contact_last=max(self.contacts, default=None),
            )
            decisions[n] = dunning_decision.decide(line, ladder, self.today, self.contact_gap)
        for n, decision in decisions.items():
            if decision.remind:
                until = self.blocked_until.get(n)
                blocked = until is not None and self.today <= until
                self.check(n, decision, ladder, blocked, left[n])
        for n, decision in decisions.items():
            if decision.remind:
                self.leave(n, decision)

    def check(self, n, decision, ladder, blocked, open_amount):
        kinds = {
            "notice_due": "notice",
            "repeat_due": "repeat",
            "mailing_due": "mailing",
            "level_due": "rung",
        }
        self.models[n].check(
            self.test,
            self.today,
            kinds[decision.reason],
            decision.level,
            ladder.levels,
            self.contact_gap if self.contact_gap > 0 else 0,
            self.contacts,
            blocked,
            open_amount,
        )

    def leave(self, n, decision):
        level = decision.level
        kind = {"notice_due": "notice", "repeat_due": "repeat", "mailing_due": "mailing"}.get(
            decision.reason, "rung"
        )
        self.lines[n] = dunning_decision.advance(self.lines[n], decision, self.today)
        self.models[n].cycle.append((self.today, kind, level.days, level.gap, level.id))
        self.sent += 1
        self.written_today = True

    def day(self, steps):
        """Let time pass (the clock may jump) and run; two runs a day are no more than one."""
        self.today += timedelta(steps)
        self.written_today = False
        self.run()
        if self.written_today:
            self.contacts.append(self.today)
            self.again()

    def again(self):
        """A second run on the same day sends no second rung, contact gap or not."""
        before = {n: len(model.rungs()) for n, model in self.models.items()}
        days = {n: model.rungs()[-1][0] for n, model in self.models.items() if model.rungs()}
        self.run()
        for n, model in self.models.items():
            if days.get(n) == self.today:
                self.test.assertEqual(len(model.rungs()), before[n], "two rungs on one day")

    # === WHAT HAPPENS TO A CUSTOMER === #

    def pay(self, n, amount):
        n %= len(self.lines)
        self.open[n] = max(self.open[n] - amount, Decimal())

    def add_credit(self, _n, amount):
        self.credit += amount

    def block(self, n, amount):
        self.blocked_until[n % len(self.lines)] = self.today + timedelta(int(amount))

    def restart(self, n, _amount):
        """A person sets the line back: a new cycle, nothing got in it."""
        n %= len(self.lines)
        self.lines[n] = DueLine(n, self.lines[n].due)
        self.models[n].cycle.clear()

    def take_back(self, n, _amount):
        """The last message is reversed: the line stands where those before it put it."""
        n %= len(self.lines)
        model = self.models[n]
        if not model.cycle:
            return
        model.cycle.pop()
        line = DueLine(n, model.due)
        rungs = model.rungs()
        line.got = frozenset(entry[4] for entry in model.cycle)
        if rungs:
            day, _kind, days, _gap, level_id = rungs[-1]
            numbers = {level.id: level.number for level in dunning_ladder.numbered(self.levels)}
            line.level, line.level_days, line.last_date = numbers.get(level_id, 1) or 1, days, day
            same = [entry for entry in rungs if entry[1] == "repeat" and entry[4] == level_id]
            line.repeats, line.level_id = len(same), level_id
        self.lines[n] = line

    def archive(self, n, _amount):
        index = n % len(self.levels)
        level = self.levels[index]
        self.levels = [*self.levels]
        self.levels[index] = level._replace(active=not level.active)

    def insert(self, n, amount):
        """A level is added to the program while lines stand on it."""
        days = int(amount) % 40
        if all(level.days != days for level in self.levels):
            ids = max(level.id for level in self.levels) + 1
            self.levels = [*self.levels, Level(ids, days=days, gap=n % 8)]

    def change_program(self, n, amount):
        """Another program: other levels, other ids, other days; the place goes by days."""
        first = max(level.id for level in self.levels) + 1
        step = 3 + n % 9
        self.levels = [
            Level(first + index, days=int(amount) % 7 + index * step, gap=n % 6)
            for index in range(3)
        ]


EVENTS = (
    "pay",
    "add_credit",
    "block",
    "restart",
    "take_back",
    "archive",
    "insert",
    "change_program",
)


if given:

    @st.composite
    def ladders(draw):
        """Up to five levels on days of their own, notices, mailings and repetitions among them."""
        days = draw(st.lists(st.integers(-10, 35), min_size=1, max_size=5, unique=True))
        small = st.integers(0, 9)
        return [
            Level(
                10 + index,
                days=value,
                gap=draw(small),
                repeat_every=draw(small) if value >= 0 else 0,
                repeat_max=draw(st.integers(0, 2)),
                counts=value < 0 or draw(st.sampled_from([True, True, False])),
            )
            for index, value in enumerate(sorted(days))
        ]

    # (days that pass, then perhaps: what happens, to which line, how much)
    happenings = st.tuples(st.sampled_from(EVENTS), st.integers(0, 7), st.integers(1, 120))
    days_of_play = st.lists(
        st.tuples(st.integers(0, 12), st.none() | happenings), min_size=10, max_size=60
    )


@unittest.skipUnless(given, "hypothesis is not installed")
class TestDunningPlay(BaseCase):
    """No level twice in a cycle, none skipped, none early, none after payment, no late notice."""

    if given:

        @settings(
            max_examples=300,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            st.lists(st.integers(-5, 40), min_size=1, max_size=4),
            ladders(),
            st.integers(0, 9),
            days_of_play,
        )
        def test_random_lives_of_a_customer_break_no_rule(self, dues, levels, gap, days):
            play = Play(self, dues, levels, gap)
            for steps, happening in days:
                if happening:
                    name, n, amount = happening
                    getattr(play, name)(n, Decimal(amount))
                play.day(steps)

        @settings(max_examples=100, deadline=None, database=None)
        @given(ladders(), st.integers(0, 9), st.integers(1, 60))
        def test_after_payment_nothing_more_leaves(self, levels, gap, paid_after):
            play = Play(self, [0], levels, gap)
            for _day in range(paid_after):
                play.day(1)
            sent = play.sent
            play.pay(0, Decimal(100))
            for _day in range(90):
                play.day(1)
            self.assertEqual(play.sent, sent)

    def test_the_model_finds_what_is_wrong(self):
        """A model that never fails would prove nothing: each rule is broken once on purpose."""
        levels = [Level(1, days=5), Level(2, days=15, gap=7), Level(3, days=-3)]
        model = Model(START)

        def check(kind, level, day, **facts):
            values = {"contact_gap": 0, "contacts": [], "blocked": False, "open_amount": 1}
            model.check(self, START + timedelta(day), kind, level, levels, **(values | facts))

        check("rung", levels[0], 5)
        for message, args, facts in (
            ("too early", ("rung", levels[0], 4), {}),
            ("skipped", ("rung", levels[1], 15), {}),
            ("after payment", ("rung", levels[0], 5), {"open_amount": 0}),
            ("blocked", ("rung", levels[0], 5), {"blocked": True}),
            ("contact gap", ("rung", levels[0], 5), {"contact_gap": 7, "contacts": [START]}),
            ("notice after the due", ("notice", levels[2], 1), {}),
        ):
            with self.assertRaisesRegex(AssertionError, message):
                check(*args, **facts)
        model.cycle.append((START + timedelta(12), "rung", 5, 0, 1))
        for message, args in (
            ("twice", ("rung", levels[0], 20)),
            ("gap", ("rung", levels[1], 16)),
            ("too often", ("repeat", levels[0], 20)),
        ):
            with self.assertRaisesRegex(AssertionError, message):
                check(*args)


if __name__ == "__main__":
    unittest.main()
