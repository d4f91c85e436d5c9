"""Rules and rows of recurrences as the histories know them, and random ones.

A rule's dates are found by looking at one day after the other; the engine counts periods.
"""

import datetime
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

FIRST_DAY = date(2026, 1, 1)
HORIZON = 62
OPEN = ("planned", "todo", "failed")
WEEKEND = (5, 6)
EVENTS = (
    "edit regenerate regenerate pause resume pause_until skip skip move plan_again plan_again add "
    "done done done miss miss edit_and_regenerate cancel revive"
).split()


class Rule(NamedTuple):
    """The columns of a rule, days counted from the first one."""

    start: int
    kind: str = "weekly"
    every: int = 1
    weekdays: tuple = ()
    month_by: str = "date"
    day: int = 1
    nth: int = 1
    weekday: int = 0
    end: str = "forever"
    count: int = 0
    until: int = 0
    month_end: str = "clamp"
    shift: str = "none"

    def says(self, day):
        """Whether a day is one of the rule's, apart from its end."""
        first, gone = FIRST_DAY + timedelta(self.start), (day - FIRST_DAY).days - self.start
        if gone < 0:
            return False
        if self.kind == "daily":
            return gone % self.every == 0
        if self.kind == "weekly":
            weeks = (gone + first.weekday()) // 7
            return weeks % self.every == 0 and day.weekday() in (
                self.weekdays or (first.weekday(),)
            )
        months = (day.year - first.year) * 12 + day.month - first.month
        return months % self.every == 0 and self.says_of_month(day)

    def says_of_month(self, day):
        last = monthrange(day.year, day.month)[1]
        if self.month_by == "date":
            wanted = last if self.day == -1 else self.day
            return day.day == (min(wanted, last) if self.month_end == "clamp" else wanted)
        if day.weekday() != self.weekday:
            return False
        return day.day + 7 > last if self.nth == -1 else (day.day - 1) // 7 + 1 == self.nth

    def dates(self, until):
        """Its dates up to a day, both counted from the first day; its end is heeded."""
        found = []
        for number in range(self.start, until + 1):
            if self.end == "end_date" and number > self.until:
                break
            if self.end == "count" and len(found) >= self.count:
                break
            if self.says(FIRST_DAY + timedelta(number)):
                found.append(FIRST_DAY + timedelta(number))
        return found

    def shifted(self, day):
        """Where a date falls; None where it is left out."""
        if self.shift == "none" or day.weekday() not in WEEKEND:
            return day
        if self.shift == "skip":
            return None
        step = timedelta(1 if self.shift == "next" else -1)
        while day.weekday() in WEEKEND:
            day += step
        return day


@dataclass
class Row:
    """One date of the recurrence, as whoever plays it tells it."""

    rule_date: datetime.date
    date: datetime.date
    state: str
    number: int = 0
    manual: bool = False
    moved: bool = False
    pinned: bool = False
    left_out: bool = False
    start: datetime.date | None = None
    end: datetime.date | None = None
    bills: int = 0  # live invoices

    @property
    def fixed(self):
        """Whether it stays, whatever the rule says."""
        settled = self.state in ("todo", "done", "failed", "skipped") and not self.left_out
        return settled or self.manual or self.moved or self.pinned


def make(rng, most):
    """A random rule and what happens to it."""
    events = []
    for _event in range(rng.randint(most // 3, most)):
        name = rng.choice(EVENTS) if rng.random() < 0.7 else ""
        events.append(
            (rng.choice([0, 1, 1, 2, 3, 7, 9]), name, rng.randint(0, 9), _rule(rng, late=True))
            if name.startswith("edit")
            else (rng.choice([0, 1, 1, 2, 3, 7, 9]), name, rng.randint(0, 9), rng.randint(-9, 20))
        )
    setting = {
        "rule": _rule(rng),
        "catch_up": rng.choice(["all", "all", "last", "skip"]),
        "today": rng.randint(-5, 20),
    }
    return setting, events


def _rule(rng, late=False):
    kind = rng.choice(["daily", "weekly", "weekly", "weekly", "monthly", "monthly"])
    return Rule(
        start=rng.randint(0, 60 if late else 12),
        kind=kind,
        every=rng.randint(1, 9) if kind == "daily" else rng.choice([1, 1, 2, 3]),
        weekdays=tuple(sorted(rng.sample(range(7), rng.randint(0, 4)))) if kind == "weekly" else (),
        month_by=rng.choice(["date", "day"]),
        day=rng.choice([-1, 1, 15, 28, 29, 30, 31]),
        nth=rng.choice([-1, 1, 2, 3, 4]),
        weekday=rng.randint(0, 6),
        end=rng.choice(["forever", "forever", "count", "end_date"]),
        count=rng.randint(1, 12),
        until=rng.randint(60, 150) if late else rng.randint(12, 90),
        month_end=rng.choice(["clamp", "skip"]),
        shift=rng.choice(["none", "none", "previous", "next", "skip"]),
    )
