"""What a customer's open items ask of a person: the pure decisions behind the worklist.

Facts about one customer of a company go in; tasks with their reasons, the place on the board and
the weight come out. Nothing here reads a clock, a database or a language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

# Why a customer stands in the worklist, the most pressing first.
ANSWER = "answer"
BROKEN = "broken"
UNDELIVERED = "undelivered"
CALL = "call"
NUMBER = "number"
LETTER = "letter"
DISPUTE = "dispute"
PAYMENT = "payment"
UNREACHABLE = "unreachable"
DECIDE = "decide"
TASKS = (
    ANSWER,
    BROKEN,
    UNDELIVERED,
    CALL,
    NUMBER,
    LETTER,
    DISPUTE,
    PAYMENT,
    UNREACHABLE,
    DECIDE,
)

# Where a customer stands on the board.
TODO = "todo"
DISPUTED = "disputed"
PROMISED = "promised"
PLANNED = "planned"
STOPPED = "stopped"
ENDED = "ended"


class Task(NamedTuple):
    """Something for a person to do: why, from which day on, and the figures of its sentence."""

    code: str
    day: date
    params: dict


class Step(NamedTuple):
    """The next step of the ladder: its day (None: none comes), and the reason of the decision."""

    day: date | None
    code: str
    params: dict


@dataclass(slots=True)
class CaseFacts:
    """What is known of one customer in one company on a day.

    ``amounts`` are open and overdue amounts by currency id; ``ages`` is what is open in the
    company's currency, by how late it is: not due, 1–30, 31–60, 61–90, more than 90 days.
    """

    partner_id: int
    amounts: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    ages: list[Decimal] = field(default_factory=lambda: [Decimal()] * 5)
    oldest_due: date | None = None
    level: int = 0
    step: Step | None = None
    tasks: list[Task] = field(default_factory=list)
    contact: date | None = None  # the day the customer was last written to or spoken with
    promised: date | None = None  # the earliest day that is promised
    disputed: bool = False
    ended: bool = False  # something got the last level, and a person decided what becomes of it

    @property
    def open_amount(self) -> Decimal:
        return sum(self.ages, Decimal())

    @property
    def overdue_amount(self) -> Decimal:
        return sum(self.ages[1:], Decimal())

    def days_late(self, as_of: date) -> int:
        """How long the oldest item is overdue; not overdue: 0."""
        return max((as_of - self.oldest_due).days, 0) if self.oldest_due else 0


def sort_tasks(tasks: Iterable[Task], as_of: date) -> list[Task]:
    """Those to do on a day first, the most pressing before the others, then those to come.

    >>> today = date(2026, 3, 10)
    >>> days = ((CALL, date(2026, 3, 20)), (LETTER, today), (BROKEN, today))
    >>> [task.code for task in sort_tasks([Task(code, day, {}) for code, day in days], today)]
    ['broken', 'letter', 'call']
    """
    return sorted(
        tasks,
        key=lambda task: (max(task.day, as_of), TASKS.index(task.code), task.day),
    )


def find_stage(case: CaseFacts, as_of: date) -> str:
    """Where the customer stands on the board.

    >>> today = date(2026, 3, 10)
    >>> find_stage(CaseFacts(7, disputed=True, promised=today), today)
    'disputed'
    >>> find_stage(CaseFacts(7, step=Step(date(2026, 3, 12), "gap", {})), today)
    'planned'
    >>> find_stage(CaseFacts(7, tasks=[Task(CALL, date(2026, 3, 12), {})]), today)
    'planned'
    >>> find_stage(CaseFacts(7, tasks=[Task(CALL, today, {})], disputed=True), today)
    'todo'
    """
    if any(task.day <= as_of for task in case.tasks):
        return TODO
    if case.disputed:
        return DISPUTED
    if case.promised:
        return PROMISED
    if (case.step and case.step.day) or any(task.code == CALL for task in case.tasks):
        return PLANNED
    return ENDED if case.ended else STOPPED


def weigh(overdue: Decimal, days_late: int) -> Decimal:
    """Money at stake times how long: what the worklist is sorted by.

    :param overdue: what is overdue, in the company's currency
    :param days_late: of the oldest item, in days

    >>> weigh(Decimal("150.00"), 20)
    Decimal('3000.00')
    """
    return overdue * days_late
