"""The course of due lines over the days of a forecast.

The engine decides on each day as on any other. What it decided to send on the days before stands
as sent, though nothing was: that is what a course remembers, and puts on the facts of the next day.
Nothing here reads a clock, a database or a language.

>>> from .decision import decide
>>> from .ladder import Ladder, Level
>>> ladder, course = Ladder([Level(1, number=1, days=5), Level(2, number=2, days=15)]), Course()
>>> def look(day):
...     line = DueLine(7, due=date(2026, 3, 1))
...     course.put_on(line, partner_id=3)
...     decision = decide(line, ladder, day)
...     if decision.remind:
...         course.send(line, 3, decision, day)
...     return decision.remind, decision.level.number
>>> look(date(2026, 3, 6)), look(date(2026, 3, 7)), look(date(2026, 3, 16))
((True, 1), (False, 2), (True, 2))

It can be laid aside as JSON and taken up again.

>>> Course.load(course.dump()).lines[7].level
2
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from .decision import Decision, advance
from .ladder import DueLine

# What a reminder that left changes on a due line.
SENT = ("level", "level_days", "last_date", "got", "repeats", "level_id", "by_hand", "at_once")


class Course:
    """What was sent so far, by due line, and the last message to each customer."""

    def __init__(self):
        self.lines: dict[int, DueLine] = {}
        self.contacts: dict[int, date] = {}
        self.stuck: set[int] = set()  # due lines whose message will not get through

    def put_on(self, line: DueLine, partner_id: int) -> None:
        """Let a due line stand where what was sent on the days before has put it."""
        known = self.lines.get(line.id)
        if known:
            for name in SENT:
                setattr(line, name, getattr(known, name))
        contact = self.contacts.get(partner_id)
        if contact and (line.contact_last is None or line.contact_last < contact):
            line.contact_last = contact
        if line.id in self.stuck and not line.hold:
            line.hold, line.hold_until = "undelivered", None

    def send(self, line: DueLine, partner_id: int, decision: Decision, day: date) -> None:
        """Remember a reminder of a due line, decided on and leaving that day."""
        self.lines[line.id] = advance(line, decision, day)
        self.contacts[partner_id] = day

    def follow(self, facts: Iterable, day: date, gets_through: bool) -> None:
        """Remember a message about decided facts: it leaves that day, or will not get through."""
        for fact in facts:
            if gets_through:
                self.send(fact.line, fact.partner_id, fact.decision, day)
            else:
                self.stuck.add(fact.id)

    def dump(self) -> dict:
        """The course as JSON."""
        return {
            "lines": {
                line.id: [
                    line.due.isoformat(),
                    line.level,
                    line.level_days,
                    line.last_date and line.last_date.isoformat(),
                    sorted(line.got),
                    line.repeats,
                    line.level_id,
                    line.by_hand,
                ]
                for line in self.lines.values()
            },
            "contacts": {partner_id: day.isoformat() for partner_id, day in self.contacts.items()},
            "stuck": sorted(self.stuck),
        }

    @classmethod
    def load(cls, data: dict | None) -> Course:
        """Take up a course that was laid aside; None: a new one."""
        course = cls()
        for line_id, row in (data or {}).get("lines", {}).items():
            due, level, days, last, got, repeats, level_id, by_hand = row
            course.lines[int(line_id)] = DueLine(
                int(line_id),
                date.fromisoformat(due),
                level=level,
                level_days=days,
                last_date=last and date.fromisoformat(last),
                got=frozenset(got),
                repeats=repeats,
                level_id=level_id,
                by_hand=by_hand,
            )
        for partner_id, day in (data or {}).get("contacts", {}).items():
            course.contacts[int(partner_id)] = date.fromisoformat(day)
        course.stuck = set((data or {}).get("stuck", ()))
        return course


def is_paid_as_usual(due: date, days_late: float, since: date, day: date) -> bool:
    """Whether a due line is paid by a day, if its customer pays as late as usual.

    :param days_late: how many days after the due date the customer usually pays; less: before it
    :param since: the first day of the forecast. What should have been paid before it was not, so
        nothing says when it will be

    >>> is_paid_as_usual(date(2026, 3, 1), 9.6, date(2026, 3, 5), date(2026, 3, 11))
    True
    >>> is_paid_as_usual(date(2026, 3, 1), 9.6, date(2026, 3, 5), date(2026, 3, 10))
    False
    >>> is_paid_as_usual(date(2026, 2, 1), 9.6, date(2026, 3, 5), date(2026, 3, 31))
    False
    """
    paid = due + timedelta(days=round(days_late))
    return since <= paid <= day


def days_between(first: date, last: date) -> Iterable[date]:
    """The days from the first to the last, both among them.

    >>> [day.day for day in days_between(date(2026, 2, 27), date(2026, 3, 1))]
    [27, 28, 1]
    """
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
