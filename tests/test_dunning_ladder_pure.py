"""The ladder's decisions without a database: tables of literal dates, then properties.

Runs in Odoo's test runs and without Odoo: ``python tests/test_dunning_ladder_pure.py``.
"""

import doctest
import sys
import unittest
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import MagicMock

try:
    from odoo.tests import BaseCase

    from odoo.addons.account_recurrence_dunning.tools.dunning import decision as dunning_decision
    from odoo.addons.account_recurrence_dunning.tools.dunning import hold as dunning_hold
    from odoo.addons.account_recurrence_dunning.tools.dunning import ladder as dunning_ladder
except ImportError:  # without Odoo the checkout is a folder, and tools/ a package in it
    BaseCase = unittest.TestCase
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tools.dunning import decision as dunning_decision
    from tools.dunning import hold as dunning_hold
    from tools.dunning import ladder as dunning_ladder

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:  # the tables still run

    def given(*_strategies, **_named):
        return unittest.skip("hypothesis is not installed")

    def settings(**_options):
        return lambda test: test

    st = MagicMock()

REASONS = {**dunning_decision.ENGINE_REASONS, **dict.fromkeys(dunning_hold.HOLDS, set())}
REMIND_REASONS = dunning_decision.REMIND_REASONS
DueLine, Ladder, Level = dunning_ladder.DueLine, dunning_ladder.Ladder, dunning_ladder.Level
numbered, advance = dunning_ladder.numbered, dunning_decision.advance
decide, decider = dunning_decision.decide, dunning_decision.decider


def decide_all(lines, ladder, as_of, contact_gap=0):
    return list(map(decider(ladder, as_of, contact_gap), lines))


def day(text):
    """A date of 2026 from "03-01"; None stays None."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}") if text else None


def make_ladder(*levels):
    return Ladder(numbered(levels))


# Due on 1 March these fall on 26 February, 6 March, 16 March and 31 March.
FOUR = make_ladder(
    Level(10, days=-3), Level(11, days=5), Level(12, days=15, gap=7), Level(13, days=30, gap=14)
)
DUE = date(2026, 3, 1)
DONE = ("ladder_done", None, None)


def make_line(due="03-01", **facts):
    for name in ("last_date", "contact_last", "hold_until"):
        facts[name] = day(facts.get(name))
    return DueLine(1, due=day(due), **facts)


class LadderCase(BaseCase):
    def check(self, facts, as_of, expected, *, ladder=FOUR, contact_gap=0):
        """Expected is (reason, level id or None, next date or None)."""
        decision = decide(make_line(**facts), ladder, day(as_of), contact_gap)
        level_id = decision.level.id if decision.level else None
        reason, expected_level, next_date = expected
        with self.subTest(facts=facts, as_of=as_of, contact_gap=contact_gap):
            self.assertEqual(
                (decision.reason, level_id, decision.next_date),
                (reason, expected_level, day(next_date)),
            )
            self.assertEqual(decision.remind, reason in REMIND_REASONS)

    def check_table(self, rows, **options):
        for facts, as_of, expected in rows:
            self.check(facts, as_of, expected, **options)


class TestNextRung(LadderCase):
    """Rule 12 and row W4: the next level only, by days, not sooner than its gap."""

    def test_first_level(self):
        rows = [
            ({"got": (10,)}, "02-27", ("not_due_yet", 11, "03-06")),
            ({}, "03-05", ("not_due_yet", 11, "03-06")),
            ({}, "03-06", ("level_due", 11, "03-06")),
            ({}, "03-07", ("level_due", 11, "03-06")),  # a missed day loses nothing
            ({}, "04-10", ("level_due", 11, "03-06")),  # 40 days late, still the first
            ({}, "2027-03-01", ("level_due", 11, "03-06")),
        ]
        self.check_table(rows)

    def test_level_set_by_hand_in_the_batch(self):
        """W4: level 0, next is the first; 1, the second; without a date there is no gap."""
        rows = [
            ({"level": 0}, "04-10", ("level_due", 11, "03-06")),
            ({"level": 1}, "04-10", ("level_due", 12, "03-16")),
            ({"level": 2}, "04-10", ("level_due", 13, "03-31")),
            ({"level": 3}, "04-10", DONE),
            ({"level": 1, "last_date": "04-08"}, "04-10", ("gap", 12, "04-15")),
            ({"level": 0, "last_date": "04-10"}, "04-10", ("gap", 11, "04-11")),
            # back to 0: what history says of days is void
            ({"level": 0, "level_days": 30}, "04-10", ("level_due", 11, "03-06")),
        ]
        self.check_table(rows)

    def test_gap_of_the_next_level(self):
        reminded = {"level": 1, "level_days": 5, "last_date": "03-14", "got": (11,)}
        rows = [
            (reminded, "03-15", ("not_due_yet", 12, "03-21")),
            (reminded, "03-16", ("gap", 12, "03-21")),
            (reminded, "03-20", ("gap", 12, "03-21")),
            (reminded, "03-21", ("level_due", 12, "03-21")),
        ]
        self.check_table(rows)

    def test_gap_shorter_than_the_way_to_the_next_level(self):
        reminded = {"level": 1, "level_days": 5, "last_date": "03-06"}
        self.check(reminded, "03-15", ("not_due_yet", 12, "03-16"))
        self.check(reminded, "03-16", ("level_due", 12, "03-16"))

    def test_second_run_on_a_day_sends_no_second_level(self):
        ladder = make_ladder(Level(1, days=5), Level(2, days=10))
        reminded = {"level": 1, "last_date": "04-10"}
        self.check(reminded, "04-10", ("gap", 2, "04-11"), ladder=ladder)
        self.assertEqual(decide(make_line(**reminded), ladder, day("04-10")).params["gap"], 1)
        self.check(reminded, "04-11", ("level_due", 2, "04-11"), ladder=ladder)

    def test_level_on_the_due_date(self):
        ladder = make_ladder(Level(1, days=0))
        self.assertEqual((ladder.notices, [level.number for level in ladder.steps]), ((), [1]))
        self.check({}, "02-28", ("not_due_yet", 1, "03-01"), ladder=ladder)
        self.check({}, "03-01", ("level_due", 1, "03-01"), ladder=ladder)

    def test_due_date_put_off_after_a_reminder(self):
        """Level and date follow the new due date (rule 9)."""
        facts = {"due": "05-01", "level": 1, "level_days": 5, "last_date": "03-06", "got": (10, 11)}
        self.check(facts, "04-20", ("not_due_yet", 12, "05-16"))

    def test_due_date_at_the_end_of_the_calendar(self):
        """A due date of 9999-12-31 is somebody's "never": it must not stop a run."""
        self.check({"due": "9999-12-31"}, "03-06", ("not_due_yet", 10, "9999-12-28"))
        facts = {"due": "0001-01-01", "contact_last": "9999-12-31"}
        self.check(facts, "03-06", ("contact_gap", 11, "9999-12-31"), contact_gap=7)

    def test_leap_year_and_year_end(self):
        self.check({"due": "2028-02-24"}, "2028-02-29", ("level_due", 11, "2028-02-29"))
        self.check({"due": "2026-12-29"}, "2027-01-02", ("not_due_yet", 11, "2027-01-03"))


class TestChangedLadder(LadderCase):
    """A line keeps its place while the program changes under it (D3, rule 12)."""

    def test_archived_level_continues_by_days(self):
        ladder = make_ladder(
            Level(11, days=5), Level(12, number=2, days=15, active=False), Level(13, days=30)
        )
        self.assertEqual([level.number for level in ladder.steps], [1, 2])
        rows = [
            ({"level": 2, "level_days": 15}, "04-10", ("level_due", 13, "03-31")),
            ({"level": 1, "level_days": 5}, "04-10", ("level_due", 13, "03-31")),
            ({"level": 1}, "04-10", ("level_due", 13, "03-31")),
        ]
        self.check_table(rows, ladder=ladder)

    def test_archived_level_not_renumbered(self):
        """Without days in history the archived level's number says where the line is."""
        ladder = Ladder([Level(11, 1, 5), Level(12, 2, 15, active=False), Level(13, 3, 30)])
        self.check({"level": 2}, "04-10", ("level_due", 13, "03-31"), ladder=ladder)
        ladder = Ladder([Level(11, 1, 5), Level(13, 3, 30)])
        self.check({"level": 2}, "04-10", ("level_due", 13, "03-31"), ladder=ladder)

    def test_the_level_a_line_stands_on(self):
        """By its reminder, else by days, else by number; an active one before an archived one."""
        ladder = make_ladder(
            Level(10, days=-3),
            Level(11, days=5),
            Level(12, days=15, active=False),
            Level(13, days=15),
            Level(14, number=7, days=20, active=False),
        )
        rows = [
            ({}, None),
            ({"level": 1}, 11),
            ({"level": 2, "level_days": 15}, 13),
            ({"level": 2, "level_days": 15, "level_id": 12}, 12),
            ({"level": 7, "level_days": 20}, 14),
            ({"level": 2, "level_days": 16}, None),
            ({"level": 9}, None),
        ]
        for facts, expected in rows:
            with self.subTest(facts):
                level = ladder.last_level(make_line(**facts))
                self.assertEqual(level and level.id, expected)

    def test_other_program(self):
        """From a ladder of five to one of three: by days, else by number."""
        rows = [
            ({"level": 5, "level_days": 20}, "04-10", ("level_due", 13, "03-31")),
            ({"level": 5, "level_days": 45}, "04-10", DONE),
            ({"level": 5}, "04-10", DONE),
        ]
        self.check_table(rows)

    def test_level_inserted_before_the_position_is_not_sent(self):
        ladder = make_ladder(*FOUR.levels, Level(14, days=10))
        facts = {"level": 2, "level_days": 15, "got": (11, 12)}
        self.check(facts, "04-10", ("level_due", 13, "03-31"), ladder=ladder)

    def test_level_got_is_not_sent_again_after_its_days_were_raised(self):
        ladder = make_ladder(Level(11, days=8), Level(12, days=15))
        facts = {"level": 1, "level_days": 5, "got": (11,)}
        self.check(facts, "04-10", ("level_due", 12, "03-16"), ladder=ladder)

    def test_empty_ladder(self):
        self.check({}, "04-10", ("no_level", None, None), ladder=Ladder([]))
        idle = make_ladder(Level(1, days=5, active=False), Level(2, days=-5, active=False))
        self.check({}, "04-10", ("no_level", None, None), ladder=idle)

    def test_notices_only(self):
        ladder = make_ladder(Level(1, days=-3))
        self.check({}, "02-20", ("not_due_yet", 1, "02-26"), ladder=ladder)
        self.check({}, "03-02", DONE, ladder=ladder)

    def test_same_days_only_the_first(self):
        ladder = make_ladder(
            Level(2, days=-3), Level(1, days=-3), Level(3, days=5), Level(4, days=5)
        )
        self.check({}, "02-20", ("not_due_yet", 1, "02-26"), ladder=ladder)
        self.check({}, "02-27", ("notice_due", 1, "02-26"), ladder=ladder)
        self.check({}, "03-06", ("level_due", 3, "03-06"), ladder=ladder)
        self.check({"level": 1, "got": (3,)}, "03-06", DONE, ladder=ladder)

    def test_numbered(self):
        levels = [Level(4, days=30), Level(1, days=-7, number=9), Level(2, days=0)]
        levels += [Level(5, days=20, number=2, active=False), Level(3, days=10, counts=False)]
        numbers = [(level.id, level.number) for level in numbered(levels)]
        self.assertEqual(numbers, [(1, 0), (2, 1), (3, 2), (5, 2), (4, 3)])


class TestNotice(LadderCase):
    """Notices come before the due date, once, and neither set nor keep a level's gap."""

    def test_window(self):
        rows = [
            ({}, "02-25", ("not_due_yet", 10, "02-26")),
            ({}, "02-26", ("notice_due", 10, "02-26")),
            ({}, "02-28", ("notice_due", 10, "02-26")),
            ({}, "03-01", ("notice_due", 10, "02-26")),  # due today is not overdue yet
            ({}, "03-02", ("not_due_yet", 11, "03-06")),  # stale: passed over
            ({"got": (10,)}, "02-27", ("not_due_yet", 11, "03-06")),
        ]
        self.check_table(rows)

    def test_only_the_latest_of_several(self):
        ladder = make_ladder(
            Level(1, days=-14), Level(2, days=-7), Level(3, days=-2), Level(4, days=5)
        )
        rows = [
            ({}, "02-15", ("notice_due", 1, "02-15")),
            ({}, "02-24", ("notice_due", 2, "02-22")),
            ({"got": (2,)}, "02-24", ("not_due_yet", 3, "02-27")),  # 1 was passed over
            ({"got": (1,)}, "02-24", ("notice_due", 2, "02-22")),
            ({}, "02-27", ("notice_due", 3, "02-27")),
            ({"got": (2,)}, "02-28", ("notice_due", 3, "02-27")),
            # reminded that day, then the due date was put off
            ({"last_date": "02-27"}, "02-27", ("not_due_yet", 4, "03-06")),
            ({"got": (2, 3)}, "02-28", ("not_due_yet", 4, "03-06")),
        ]
        self.check_table(rows, ladder=ladder)

    def test_level_on_the_due_date_comes_before_a_late_notice(self):
        ladder = make_ladder(Level(1, days=-3), Level(2, days=0), Level(3, days=5))
        rows = [
            ({}, "02-28", ("notice_due", 1, "02-26")),
            ({}, "03-01", ("level_due", 2, "03-01")),
            # a second run that day does not send the notice after the reminder
            ({"level": 1, "last_date": "03-01", "got": (2,)}, "03-01", ("not_due_yet", 3, "03-06")),
        ]
        self.check_table(rows, ladder=ladder)

    def test_not_held_by_a_gap(self):
        """The due date was put off after a reminder: the notice comes, whatever the gap."""
        ladder = make_ladder(Level(1, days=-3, gap=30), Level(2, days=5), Level(3, days=9, gap=60))
        facts = {"due": "03-20", "level": 1, "level_days": 5, "last_date": "03-10", "got": (2,)}
        self.check(facts, "03-16", ("not_due_yet", 1, "03-17"), ladder=ladder)
        self.check(facts, "03-17", ("notice_due", 1, "03-17"), ladder=ladder)

    def test_sets_no_gap(self):
        line = make_line()
        line = advance(line, decide(line, FOUR, day("02-26")), day("02-26"))
        self.assertEqual((line.level, line.last_date, set(line.got)), (0, None, {10}))
        self.assertEqual(line.contact_last, day("02-26"))


class TestContactGap(LadderCase):
    """A line whose time has come waits for the customer's quiet days (rule 12)."""

    def test_levels_wait(self):
        rows = [
            ({"contact_last": "03-05"}, "03-06", ("contact_gap", 11, "03-12")),
            ({"contact_last": "03-05"}, "03-11", ("contact_gap", 11, "03-12")),
            ({"contact_last": "03-05"}, "03-12", ("level_due", 11, "03-12")),
            ({"contact_last": "02-27"}, "03-06", ("level_due", 11, "03-06")),
            # not its time yet: the reason says so, the date knows of the wait
            ({"contact_last": "03-02", "got": (10,)}, "03-02", ("not_due_yet", 11, "03-09")),
        ]
        self.check_table(rows, contact_gap=7)

    def test_off(self):
        self.check({"contact_last": "03-06"}, "03-06", ("level_due", 11, "03-06"), contact_gap=0)

    def test_one_day(self):
        facts = {"contact_last": "03-06"}
        self.check(facts, "03-06", ("contact_gap", 11, "03-07"), contact_gap=1)
        self.check(facts, "03-07", ("level_due", 11, "03-07"), contact_gap=1)

    def test_never_written_to(self):
        self.check({}, "03-06", ("level_due", 11, "03-06"), contact_gap=7)

    def test_the_later_of_both_waits_is_the_reason(self):
        facts = {"level": 1, "last_date": "03-14", "contact_last": "03-18"}
        self.check(facts, "03-20", ("contact_gap", 12, "03-25"), contact_gap=7)
        facts = {"level": 1, "last_date": "03-14", "contact_last": "03-14"}
        self.check(facts, "03-20", ("gap", 12, "03-21"), contact_gap=2)

    def test_a_reminder_elsewhere_does_not_silence_for_good(self):
        """One invoice reminded, the customer's others wait, they are not forgotten."""
        self.check({"contact_last": "03-10"}, "03-17", ("level_due", 11, "03-17"), contact_gap=7)

    def test_notice_waits(self):
        facts = {"contact_last": "02-25"}
        self.check(facts, "02-26", ("contact_gap", 10, "02-28"), contact_gap=3)
        self.check(facts, "02-28", ("notice_due", 10, "02-28"), contact_gap=3)

    def test_notice_is_dropped_when_the_wait_runs_past_the_due_date(self):
        facts = {"contact_last": "02-25"}
        self.check(facts, "02-25", ("not_due_yet", 11, "03-06"), contact_gap=7)
        self.check(facts, "02-26", ("notice_dropped", 11, "03-06"), contact_gap=7)
        self.check(facts, "03-02", ("not_due_yet", 11, "03-06"), contact_gap=7)
        self.check(facts, "02-26", ("contact_gap", 10, "03-01"), contact_gap=4)
        only = make_ladder(Level(10, days=-3))
        self.check(facts, "02-26", ("notice_dropped", None, None), contact_gap=7, ladder=only)
        self.check(facts, "02-25", ("notice_dropped", None, None), contact_gap=7, ladder=only)

    def test_waiting_notice_gives_way_to_a_later_one(self):
        ladder = make_ladder(Level(1, days=-7), Level(2, days=-3), Level(3, days=5))
        facts = {"contact_last": "02-21"}
        self.check(facts, "02-22", ("contact_gap", 2, "02-28"), contact_gap=7, ladder=ladder)

    def test_contact_after_the_simulated_day(self):
        self.check({"contact_last": "03-20"}, "03-10", ("contact_gap", 11, "03-27"), contact_gap=7)


class TestRepeat(LadderCase):
    """A level may repeat every n days, m times, until a higher one is due (D4)."""

    ladder = make_ladder(
        Level(11, days=5, repeat_every=6, repeat_max=2),
        Level(12, days=30, gap=3, repeat_every=10, repeat_max=1),
    )

    def test_between_two_levels(self):
        reminded = {"level": 1, "level_days": 5, "last_date": "03-06", "got": (11,)}
        once = {**reminded, "repeats": 1, "last_date": "03-12"}
        twice = {**reminded, "repeats": 2, "last_date": "03-18"}
        rows = [
            (reminded, "03-11", ("not_due_yet", 11, "03-12")),
            (reminded, "03-12", ("repeat_due", 11, "03-12")),
            (once, "03-18", ("repeat_due", 11, "03-18")),
            (twice, "03-24", ("not_due_yet", 12, "03-31")),
            (reminded, "04-10", ("level_due", 12, "03-31")),  # both due: the higher one goes
            ({**reminded, "last_date": "03-25"}, "03-31", ("level_due", 12, "03-31")),
            ({**reminded, "last_date": "03-20"}, "03-31", ("level_due", 12, "03-31")),
            ({**reminded, "last_date": "03-25"}, "03-30", ("not_due_yet", 12, "03-31")),
            ({**reminded, "last_date": "03-26"}, "03-30", ("not_due_yet", 12, "03-31")),
        ]
        self.check_table(rows, ladder=self.ladder)

    def test_on_top_of_the_ladder(self):
        rows = [
            ({"level": 2, "last_date": "03-31"}, "04-09", ("not_due_yet", 12, "04-10")),
            ({"level": 2, "last_date": "03-31"}, "04-10", ("repeat_due", 12, "04-10")),
            ({"level": 2, "last_date": "04-10", "repeats": 1}, "05-10", DONE),
            # set by hand without a date: counted from the level's own day, 31 March
            ({"level": 2}, "04-09", ("not_due_yet", 12, "04-10")),
            ({"level": 3}, "05-10", DONE),
        ]
        self.check_table(rows, ladder=self.ladder)

    def test_keeps_gap_and_contact_gap(self):
        ladder = make_ladder(Level(1, days=5, gap=10, repeat_every=4, repeat_max=1))
        facts = {"level": 1, "last_date": "03-06", "contact_last": "03-13"}
        self.check(facts, "03-09", ("not_due_yet", 1, "03-16"), ladder=ladder)
        self.check(facts, "03-10", ("gap", 1, "03-16"), ladder=ladder)
        self.check(facts, "03-16", ("repeat_due", 1, "03-16"), ladder=ladder)
        self.check(facts, "03-16", ("contact_gap", 1, "03-20"), ladder=ladder, contact_gap=7)

    def test_higher_level_that_comes_due_during_the_wait_goes_instead(self):
        facts = {"level": 1, "last_date": "03-20", "contact_last": "03-25"}
        self.check(facts, "03-26", ("contact_gap", 12, "04-01"), ladder=self.ladder, contact_gap=7)

    def test_every_day_and_never(self):
        facts = {"level": 1, "last_date": "03-06"}
        daily = make_ladder(Level(1, days=5, repeat_every=1, repeat_max=1))
        self.check(facts, "03-07", ("repeat_due", 1, "03-07"), ladder=daily)
        for options in ({"repeat_max": 3}, {"repeat_every": 3}):
            self.check(facts, "04-10", DONE, ladder=make_ladder(Level(1, days=5, **options)))

    def test_due_date_put_off(self):
        facts = {"due": "05-01", "level": 1, "level_days": 5, "last_date": "03-06"}
        self.check(facts, "03-20", ("not_due_yet", 11, "05-06"), ladder=self.ladder)

    def test_found_by_days_or_by_its_reminder(self):
        rows = [
            # renumbered since: the days name the level
            ({"level": 2, "level_days": 5, "last_date": "03-06"}, "03-12", 11),
            # its days edited since: the reminder names it
            (
                {"level": 1, "level_days": 4, "last_date": "03-06", "got": (11,), "level_id": 11},
                "03-12",
                11,
            ),
        ]
        for facts, as_of, level_id in rows:
            self.check(facts, as_of, ("repeat_due", level_id, "03-12"), ladder=self.ladder)
        # another program's level of that number is not ours to repeat
        foreign = {"level": 1, "level_days": 4, "last_date": "03-06"}
        self.check(foreign, "03-12", ("level_due", 11, "03-07"), ladder=self.ladder)

    def test_not_again_after_the_next_level_whatever_numbers_it_has(self):
        """A level added below both gives the one got before the number of the one got last."""
        rungs = (Level(11, days=2, repeat_every=1, repeat_max=1), Level(12, days=4))
        both = {"level": 2, "level_days": 4, "last_date": "03-05", "got": (11, 12)}
        added = make_ladder(Level(13, days=0), *rungs)
        self.check(both, "03-20", DONE, ladder=added)
        self.check({**both, "level_id": 12}, "03-20", DONE, ladder=added)
        # the one got last is not among them any more
        left = make_ladder(Level(13, days=0), rungs[0])
        self.check({**both, "level_id": 12}, "03-20", DONE, ladder=left)

    def test_advance(self):
        line = make_line(level=1, level_days=5, last_date="03-06", got=(11,))
        line = advance(line, decide(line, self.ladder, day("03-12")), day("03-12"))
        self.assertEqual((line.level, line.repeats, line.last_date), (1, 1, day("03-12")))
        line = advance(line, decide(line, self.ladder, day("04-01")), day("04-01"))
        self.assertEqual((line.level, line.level_days, line.repeats), (2, 30, 0))


class TestMailing(LadderCase):
    """What does not count as a reminder is sent once and leaves no trace (D14)."""

    ladder = make_ladder(
        Level(11, days=5), Level(12, days=10, counts=False, gap=2), Level(13, days=15, gap=7)
    )

    def test_in_its_place(self):
        reminded = {"level": 1, "level_days": 5, "last_date": "03-06"}
        rows = [
            ({**reminded, "got": (11,)}, "03-10", ("not_due_yet", 12, "03-11")),
            ({**reminded, "got": (11,)}, "03-11", ("mailing_due", 12, "03-11")),
            ({**reminded, "got": (11, 12)}, "03-11", ("not_due_yet", 13, "03-16")),
            ({**reminded, "got": (11, 12)}, "03-16", ("level_due", 13, "03-16")),
            # level set by hand beyond it: passed over
            ({"level": 3}, "03-20", DONE),
        ]
        self.check_table(rows, ladder=self.ladder)

    def test_leaves_no_trace(self):
        line = make_line(level=1, level_days=5, last_date="03-06", got=(11,))
        after = advance(line, decide(line, self.ladder, day("03-11")), day("03-11"))
        self.assertEqual((after.level, after.level_days), (1, 5))
        self.assertEqual((after.last_date, set(after.got)), (day("03-06"), {11, 12}))
        self.assertEqual(line.got, (11,))  # the facts handed in stay as they were

    def test_never_repeats(self):
        ladder = make_ladder(Level(1, days=5, counts=False, repeat_every=3, repeat_max=9))
        self.check({"got": (1,)}, "04-10", DONE, ladder=ladder)
        self.check({"got": (1,), "level": 1}, "04-10", DONE, ladder=ladder)


class TestHold(LadderCase):
    """A hold wins over everything; what would come is still named."""

    def test_open_hold(self):
        undelivered = {"hold": "undelivered", "level": 1}
        undelivered |= {"last_date": "04-09", "contact_last": "04-09"}
        rows = [
            ({"hold": "dispute"}, "02-20", ("dispute", 10, "02-26")),
            ({"hold": "dispute"}, "04-10", ("dispute", 11, "03-06")),
            ({"hold": "never_sent", "level": 3}, "04-10", ("never_sent", None, None)),
            (undelivered, "04-10", ("undelivered", 12, "04-16")),
            ({"hold": "code_of_another_addon"}, "04-10", ("code_of_another_addon", 11, "03-06")),
        ]
        self.check_table(rows, contact_gap=7)

    def test_hold_until(self):
        promise = {"hold": "promise", "hold_until": "03-20"}
        rows = [
            (promise, "02-26", ("promise", 11, "03-21")),  # the notice will be stale by then
            (promise, "03-20", ("promise", 11, "03-21")),
            (promise, "03-21", ("level_due", 11, "03-06")),
            ({**promise, "hold_until": "03-02"}, "03-01", ("promise", 11, "03-06")),
            ({**promise, "hold_until": "02-27"}, "02-26", ("promise", 10, "02-28")),
        ]
        self.check_table(rows)

    def test_date_without_hold_is_ignored(self):
        self.check({"hold_until": "05-01"}, "03-06", ("level_due", 11, "03-06"))


class TestReasons(LadderCase):
    def test_codes_the_models_use(self):
        codes = (
            "level_due repeat_due notice_due not_due_yet gap contact_gap ladder_done no_level "
            "dispute promise direct_debit goodwill legal other never_sent undelivered "
            "customer_never invoice_off no_followup blocked_payment in_payment covered_by_credit "
            "other_program paid reversed"
        )
        self.assertLessEqual(set(codes.split()), set(REASONS))
        self.assertLess(REMIND_REASONS, set(REASONS))

    def test_every_sentence_can_be_filled(self):
        params = decide(make_line(), FOUR, DUE).params
        for code, figures in REASONS.items():
            self.assertLessEqual(figures, params.keys(), code)

    def test_params_are_raw_values(self):
        facts = {"level": 1, "last_date": "03-14", "contact_last": "03-14"}
        decision = decide(make_line(**facts), FOUR, day("03-20"), 2)
        written = {"last_date": day("03-14"), "contact_last": day("03-14"), "hold_until": None}
        place = {"level": 2, "last_level": 1, "date": day("03-21"), "due": DUE, "gap": 7}
        expected = {**place, **written}
        self.assertEqual(decision.params, expected)

        nothing = decide(make_line(), Ladder([]), DUE).params
        self.assertEqual((nothing["level"], nothing["gap"], nothing["date"]), (0, 0, None))

    def test_defaults(self):
        self.assertEqual(Level(7), (7, 0, 0, 0, 0, 0, True, True))
        line = make_line(contact_last="03-06")
        expected = decide(line, FOUR, day("03-06"), 0)
        self.assertEqual(expected, decide(line, FOUR, day("03-06")))
        self.assertEqual([expected], decide_all([line], FOUR, day("03-06")))
        self.assertEqual((expected.level, expected.next_date), (FOUR.steps[0], day("03-06")))

    def test_deciding_on_many_agrees_with_decide(self):
        lines = [make_line(), make_line(level=1), make_line(level=3), make_line(hold="dispute")]
        decisions = decide_all(lines, FOUR, day("04-10"), 7)
        self.assertEqual(decisions, [decide(line, FOUR, day("04-10"), 7) for line in lines])

    def test_alike_lines_are_decided_once_others_each_for_itself(self):
        base = make_line(level=1, last_date="03-08")
        decide_line = decider(FOUR, day("04-10"), 7)
        self.assertIs(decide_line(base), decide_line(replace(base, id=2)))
        others = {
            "due": day("03-02"),
            "level": 2,
            "level_days": 5,
            "last_date": day("03-09"),
            "got": (2,),
            "repeats": 1,
            "hold": "dispute",
            "contact_last": day("04-09"),
            "hold_until": day("04-20"),
            "barred": (3,),
            "by_hand": True,
            "withdrawn": True,
            "level_id": 12,
            "at_once": True,
        }
        self.assertEqual({field.name for field in fields(DueLine)} - others.keys(), {"id"})
        for name, value in others.items():
            with self.subTest(name):
                changed = replace(base, **{name: value})
                self.assertIsNot(decide_line(changed), decide_line(base))
                self.assertEqual(decide_line(changed), decide(changed, FOUR, day("04-10"), 7))

    def test_doctests(self):
        for module in (dunning_decision, dunning_ladder):
            self.assertEqual(doctest.testmod(module).failed, 0)


# --- PROPERTIES -----------------------------------------------------------------------------------


@st.composite
def ladders(draw, unique=False):
    """A ladder of up to six levels, numbered as a program numbers them."""
    days = st.integers(-12, 40)
    all_days = draw(st.lists(days, max_size=6, unique=unique))
    small, flag = st.integers(0, 12), st.sampled_from([True, True, True, False])
    return make_ladder(
        *(
            Level(
                100 + index,
                days=value,
                gap=draw(small),
                repeat_every=draw(small),
                repeat_max=draw(st.integers(0, 3)),
                active=draw(flag),
                counts=draw(flag),
            )
            for index, value in enumerate(all_days)
        )
    )


@st.composite
def lines(draw):
    """A due line in any state, consistent or not: collectors and people are not perfect."""
    near = st.none() | st.integers(-60, 60).map(lambda days: DUE + timedelta(days))
    return DueLine(
        1,
        due=DUE,
        level=draw(st.integers(0, 7)),
        level_days=draw(st.none() | st.integers(0, 40)),
        last_date=draw(near),
        got=draw(st.frozensets(st.integers(100, 105))),
        repeats=draw(st.integers(0, 4)),
        hold=draw(st.sampled_from(["", "", "promise"])),
        contact_last=draw(near),
        hold_until=draw(near),
        level_id=draw(st.none() | st.integers(100, 106)),
    )


run_days = st.lists(st.integers(1, 9), min_size=1, max_size=60)
some_day = st.integers(-40, 60).map(lambda days: DUE + timedelta(days))
contact_gaps = st.integers(0, 10)


def play(line, ladder, days, contact_gap, runs_a_day=1):
    """Run on each of the days and let what is due leave: [(day, decision)], the line after."""
    sent = []
    for today in days:
        for _run in range(runs_a_day):
            decision = decide(line, ladder, today, contact_gap)
            if decision.remind:
                sent.append((today, decision))
                line = advance(line, decision, today)
    return sent, line


def every_day(start, count):
    return [start + timedelta(days) for days in range(count)]


class TestProperties(LadderCase):
    def assertOrderly(self, sent):
        """Each level once and in order of days, on its day or later, the gap kept."""
        firsts = [d.level for _day, d in sent if d.reason != "repeat_due"]
        self.assertEqual(len(firsts), len({level.id for level in firsts}))
        self.assertEqual(firsts, sorted(firsts, key=lambda level: level.days))
        last = None
        for today, decision in sent:
            level = decision.level
            self.assertGreaterEqual(today, DUE + timedelta(level.days))
            if decision.reason == "notice_due":
                self.assertLessEqual(today, DUE)
                continue
            if last:
                self.assertGreaterEqual((today - last).days, level.gap)
            if decision.reason != "mailing_due":
                last = today

    @settings(max_examples=150, deadline=None, database=None)
    @given(ladders(unique=True), contact_gaps)
    def test_day_by_day_every_level_goes_once_in_order(self, ladder, contact_gap):
        sent, line = play(DueLine(1, DUE), ladder, every_day(DUE - timedelta(30), 600), contact_gap)
        self.assertOrderly(sent)
        got = {decision.level.id for _day, decision in sent}
        self.assertLessEqual({level.id for level in ladder.steps}, got)
        for level in ladder.steps:
            repeats = [d for _day, d in sent if d.level == level and d.reason == "repeat_due"]
            self.assertLessEqual(len(repeats), level.repeat_max)
        end = "ladder_done" if ladder.levels else "no_level"
        self.assertEqual(decide(line, ladder, date(2029, 1, 1), contact_gap).reason, end)

    @settings(max_examples=150, deadline=None, database=None)
    @given(ladders(), run_days, contact_gaps)
    def test_skipped_run_days_keep_order_and_contact_gap(self, ladder, steps, contact_gap):
        days, today = [], DUE - timedelta(20)
        for step in steps:
            today += timedelta(step)
            days.append(today)
        sent, _line = play(DueLine(1, DUE), ladder, days, contact_gap)
        self.assertOrderly(sent)
        for (one, _first), (other, _second) in zip(sent, sent[1:], strict=False):
            self.assertGreaterEqual((other - one).days, contact_gap)

    @settings(max_examples=100, deadline=None, database=None)
    @given(ladders(), st.integers(-15, 60))
    def test_many_runs_a_day_never_send_two_rungs(self, ladder, start):
        days = every_day(DUE + timedelta(start), 60)
        sent, _line = play(DueLine(1, DUE), ladder, days, 0, runs_a_day=3)
        rungs = [today for today, d in sent if d.reason in ("level_due", "repeat_due")]
        self.assertEqual(len(rungs), len(set(rungs)))

    @settings(max_examples=100, deadline=None, database=None)
    @given(ladders(), st.lists(st.integers(0, 30), min_size=1, max_size=4), contact_gaps)
    def test_contact_gap_over_all_lines_of_a_customer(self, ladder, delays, contact_gap):
        """All lines are decided before the day's message leaves, as a run does."""
        customer = [DueLine(i, DUE + timedelta(delay)) for i, delay in enumerate(delays)]
        written, contact_last = [], None
        for today in every_day(DUE - timedelta(20), 150):
            for line in customer:
                line.contact_last = contact_last
            decisions = decide_all(customer, ladder, today, contact_gap)
            if any(decision.remind for decision in decisions):
                written.append(today)
                contact_last = today
            customer = [
                advance(line, decision, today) if decision.remind else line
                for line, decision in zip(customer, decisions, strict=True)
            ]
        for one, other in zip(written, written[1:], strict=False):
            self.assertGreaterEqual((other - one).days, contact_gap)

    @settings(max_examples=400, deadline=None, database=None)
    @given(lines(), ladders(), some_day, contact_gaps)
    def test_next_date_is_exact(self, line, ladder, as_of, contact_gap):
        """Nothing goes before the date announced, and on it exactly the level announced."""
        decision = decide(line, ladder, as_of, contact_gap)
        if decision.remind:
            self.assertLessEqual(decision.next_date, as_of)
            return
        if decision.reason == "promise" and line.hold_until is None:
            return
        end = decision.next_date or as_of + timedelta(150)
        for today in every_day(as_of, (end - as_of).days):
            self.assertFalse(decide(line, ladder, today, contact_gap).remind, today)
        if decision.next_date:
            then = decide(line, ladder, decision.next_date, contact_gap)
            self.assertEqual((then.remind, then.level), (True, decision.level))
            self.assertLessEqual(then.next_date, decision.next_date)

    @settings(max_examples=400, deadline=None, database=None)
    @given(lines(), ladders(), some_day, contact_gaps, st.integers(1, 60))
    def test_time_alone_never_takes_a_reminder_back(self, line, ladder, as_of, contact_gap, later):
        """Only notices run out; what is due now is due later, or a higher level is."""
        decision = decide(line, ladder, as_of, contact_gap)
        if not decision.remind or decision.reason == "notice_due":
            return
        line.hold = ""  # a hold whose last day is over does not come back
        then = decide(line, ladder, as_of + timedelta(later), contact_gap)
        self.assertTrue(then.remind)
        self.assertGreaterEqual(then.level.days, decision.level.days)

    @settings(max_examples=300, deadline=None, database=None)
    @given(lines(), ladders(), some_day, contact_gaps)
    def test_every_decision_has_a_reason(self, line, ladder, as_of, contact_gap):
        decision = decide(line, ladder, as_of, contact_gap)
        self.assertEqual(decision.remind, decision.reason in REMIND_REASONS)
        figures = [decision.params[name] for name in REASONS[decision.reason]]
        self.assertEqual(decision.level is None, decision.next_date is None)
        if decision.reason in REMIND_REASONS | {"not_due_yet", "gap", "contact_gap"}:
            self.assertNotIn(None, figures)
        if line.hold and (line.hold_until is None or as_of <= line.hold_until):
            self.assertEqual((decision.remind, decision.reason), (False, line.hold))
        if decision.level and decision.reason != "repeat_due" and not line.hold:
            repeats = line.level and decision.level.repeat_every
            self.assertTrue(repeats or decision.level.id not in line.got)


if __name__ == "__main__":
    unittest.main()
