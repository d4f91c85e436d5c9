"""Histories of a customer who is reminded, and a model that says what has to leave each day.

The model keeps the diary of what left and reads the rules anew from it every day (rules 7 to
12, D4, D14); the engine steps from fact to fact. Days are counted from the first one.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

FIRST_DAY = date(2026, 1, 1)
PRICE = 100
EVENTS = (
    "pay pay credit_note block promise restart take_back bounce resend resend archive insert "
    "regap redate change_program fail"
).split()


class Rung(NamedTuple):
    """A level of the program, as a person sets it."""

    id: int
    days: int
    gap: int = 0
    every: int = 0
    times: int = 0
    active: bool = True
    counts: bool = True


class Entry(NamedTuple):
    """One line of the diary: what left for a due line."""

    day: int
    kind: str  # notice, rung, repeat or mailing
    id: int  # of the rung
    days: int  # of the rung, as it was then
    message: int


@dataclass
class Line:
    """A due line and its diary in this cycle."""

    due: int
    open: int = PRICE
    disputed: int = -1000  # last day of the longest dispute
    promised: int = -1000  # of the last promise: it takes the place of earlier ones
    diary: list = field(default_factory=list)
    stuck: tuple | None = None  # the entry that could not be delivered

    @property
    def blocked(self):
        return max(self.disputed, self.promised)

    def counted(self):
        return [entry for entry in self.diary if entry.kind in ("rung", "repeat")]


def make(rng, most):
    """A random program, customer and what happens to them, as plain tuples."""
    days = sorted(rng.sample(range(-10, 36), rng.randint(1, 5)))
    rungs = [
        Rung(
            number,
            value,
            rng.randint(0, 9),
            rng.choice([0, 0, rng.randint(1, 9)]) if value >= 0 else 0,
            rng.randint(0, 2),
            True,
            value < 0 or rng.random() < 0.8,
        )
        for number, value in enumerate(days, 1)
    ]
    dues = [rng.randint(-5, 40) for _line in range(rng.randint(1, 4))]
    setting = {"rungs": rungs, "dues": dues, "contact_gap": rng.choice([0, 0, 1, 3, 7, 9])}
    events = []
    for _event in range(rng.randint(most // 3, most)):
        name = rng.choice(EVENTS) if rng.random() < 0.6 else ""
        events.append((rng.randint(0, 9), name, rng.randint(0, 9), rng.randint(1, 120)))
    return setting, events


class Model:
    """What the rules say, from the diary alone."""

    def __init__(self, setting):
        self.rungs = list(setting["rungs"])
        self.lines = [Line(due) for due in setting["dues"]]
        self.gap = setting["contact_gap"]
        self.ids = len(self.rungs)
        self.credit, self.today, self.failing = 0, -15, False
        self.messages = self.program = 0
        self.contacts, self.programs = {}, {}  # of each message: its day, its program

    def left(self):
        """What stays open of each line: credits count once, oldest due date first (rule 9)."""
        credit, result = self.credit, {}
        for number in sorted(range(len(self.lines)), key=lambda n: (self.lines[n].due, n)):
            used = min(credit, self.lines[number].open)
            credit -= used
            result[number] = self.lines[number].open - used
        return result

    def expected(self):
        """``{line: (kind, rung)}`` of what has to leave today."""
        if any(0 <= self.today - day < self.gap for day in self.contacts.values()):
            return {}
        left = self.left()
        steps = {
            number: self.step(line)
            for number, line in enumerate(self.lines)
            if left[number] > 0 and line.blocked < self.today and not line.stuck
        }
        return {number: step for number, step in steps.items() if step}

    def step(self, line):
        """The level, else its repetition, else the notice whose day has come."""
        counted = line.counted()
        last = counted[-1] if counted else None
        rung = self.next_rung(line, last)
        if rung and self.today >= line.due + rung.days:
            if not last or self.today >= last.day + max(rung.gap, 1):
                return ("rung" if rung.counts else "mailing"), rung.id
        again = last and self.repeated(line, last)
        if again and self.today >= max(
            line.due + again.days, last.day + again.every, last.day + again.gap
        ):
            return "repeat", again.id
        return self.notice(line, last)

    def next_rung(self, line, last):
        got = {entry.id for entry in line.diary}
        above = [
            rung
            for rung in self.rungs
            if rung.active
            and rung.days >= 0
            and rung.id not in got
            and (last is None or rung.days > last.days)
        ]
        return min(above, key=lambda rung: (rung.days, rung.id), default=None)

    def repeated(self, line, last):
        """The level last got, if it may come once more; of another program, the one of its days."""
        known = any(rung.id == last.id for rung in self.rungs)
        counted = [rung for rung in self.rungs if rung.active and rung.counts and rung.days >= 0]
        counted.sort(key=lambda rung: (rung.days, rung.id))
        same = [r for r in counted if (r.id == last.id if known else r.days == last.days)]
        times = 0
        for entry in reversed(line.counted()):
            if entry.kind != "repeat":
                break
            times += 1
        return same[0] if same and same[0].every and times < same[0].times else None

    def notice(self, line, last):
        """The latest notice that has come due: earlier ones, and those of the past, are stale."""
        if self.today > line.due:
            return None
        come = [
            rung
            for rung in self.rungs
            if rung.active and rung.days < 0 and line.due + rung.days <= self.today
        ]
        rung = max(come, key=lambda rung: (rung.days, -rung.id), default=None)
        if rung is None or any(entry.id == rung.id for entry in line.diary):
            return None
        if last and last.day >= line.due + rung.days:
            return None
        return "notice", rung.id

    def leave(self, steps):
        """Note what left; what the mail server did not take holds its lines."""
        if not steps:
            return
        rungs = {rung.id: rung for rung in self.rungs}
        # a plain mailing has another effect, so it is a message of its own
        for counts in (True, False):
            part = {n: step for n, step in steps.items() if rungs[step[1]].counts == counts}
            if part:
                self.leave_in_one(part, {rung.id: rung.days for rung in self.rungs})
        self.failing = False

    def leave_in_one(self, steps, days):
        self.messages += 1
        for number, (kind, rung) in steps.items():
            line = self.lines[number]
            entry = Entry(self.today, kind, rung, days[rung], self.messages)
            if self.failing:
                line.stuck = entry
            else:
                line.diary.append(entry)
        if not self.failing:
            self.contacts[self.messages] = self.today
        self.programs[self.messages] = self.program

    # === WHAT HAPPENS === #

    def message_of(self, number):
        """The last message about a line, with the lines in it: ``(message, {line: entry})``."""
        diary = self.lines[number].diary
        message = diary[-1].message if diary else 0
        entries = {
            n: line.diary[-1]
            for n, line in enumerate(self.lines)
            if line.diary and line.diary[-1].message == message
        }
        return message, entries

    def is_last(self, message):
        """Whether no line of a message got a later one: what happens to older ones is not told."""
        return all(
            entry.message != message or entry is line.diary[-1]
            for line in self.lines
            for entry in line.diary
        )

    def stuck_with(self, number):
        """The lines of the undelivered message that holds a line."""
        entry = self.lines[number].stuck
        return [
            n
            for n, line in enumerate(self.lines)
            if entry and line.stuck and line.stuck.message == entry.message
        ]

    def can(self, name, number, amount):
        """Whether it can happen now, as far as the model goes into it."""
        line = self.lines[number]
        left = self.left()
        message, entries = self.message_of(number)
        if name in ("restart", "take_back", "bounce") and line.stuck:
            return False
        if name == "restart":
            return bool(line.counted())
        if name in ("take_back", "bounce"):
            first = all(len(self.lines[n].counted()) <= 1 for n in entries)
            whole = message in self.contacts and self.is_last(message)
            return bool(entries) and whole and (first or name == "bounce")
        if name == "resend":
            lines = self.stuck_with(number)
            active = {rung.id for rung in self.rungs if rung.active}
            # what was written for a level that is no more is not sent again
            return bool(lines) and all(
                self.lines[n].stuck.id in active
                and left[n] > 0
                and self.lines[n].blocked < self.today
                and self.programs[self.lines[n].stuck.message] == self.program
                for n in lines
            )
        if name in ("archive", "regap", "redate", "insert"):
            days = [rung.days for rung in self.rungs]
            return name not in ("redate", "insert") or amount % 40 not in days
        return True

    def happen(self, name, number, amount):
        getattr(self, name)(number, amount)

    def pay(self, number, amount):
        self.lines[number].open = max(self.lines[number].open - amount, 0)

    def credit_note(self, _number, amount):
        self.credit += amount

    def block(self, number, amount):
        line = self.lines[number]
        line.disputed = max(line.disputed, self.today + amount)

    def promise(self, number, amount):
        self.lines[number].promised = self.today + amount

    def fail(self, _number, _amount):
        self.failing = True

    def restart(self, number, _amount):
        """A person sets the line back to the beginning."""
        self.lines[number].diary.clear()

    def take_back(self, number, _amount):
        """A person takes the last message back: it never was; what was got before was got."""
        message, entries = self.message_of(number)
        del self.contacts[message]
        for n in entries:
            self.lines[n].diary.pop()

    def bounce(self, number, _amount):
        """The last message comes back: nothing of it counts, and it holds its lines."""
        message, entries = self.message_of(number)
        del self.contacts[message]
        for n in entries:
            self.lines[n].stuck = self.lines[n].diary.pop()

    def resend(self, number, _amount):
        """A person sends once more what was not delivered: now it counts, from today on."""
        message = self.lines[number].stuck.message
        for n in self.stuck_with(number):
            line = self.lines[n]
            line.diary.append(line.stuck._replace(day=self.today))
            line.stuck = None
        self.contacts[message] = self.today

    def change_rung(self, number, **values):
        index = number % len(self.rungs)
        self.rungs[index] = self.rungs[index]._replace(**values)

    def archive(self, number, _amount):
        self.change_rung(number, active=not self.rungs[number % len(self.rungs)].active)

    def regap(self, number, amount):
        self.change_rung(number, gap=amount % 10)

    def redate(self, number, amount):
        if self.rungs[number % len(self.rungs)].days >= 0:
            self.change_rung(number, days=amount % 40)

    def insert(self, number, amount):
        self.rungs.append(Rung(self.new_id(), amount % 40, number % 8))

    def new_program(self, number, amount):
        """The levels of another program: with other days; a line's place goes by days."""
        step = 3 + number % 9
        return [
            Rung(self.ids + 1 + index, amount % 7 + index * step, number % 6) for index in range(3)
        ]

    def change_program(self, number, amount):
        self.rungs = self.new_program(number, amount)
        self.ids += len(self.rungs)
        self.program += 1

    def new_id(self):
        self.ids += 1
        return self.ids
