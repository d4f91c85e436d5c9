"""Whether a customer still owes what the last level did not bring in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

# Who disputes an invoice or promised to pay it is not written to more firmly for it.
EXCUSED = ("dispute", "promise")
MOST_NAMED = 3


def older_at_end(facts: Iterable, program_id: int, last: int, before: date) -> str:
    """The numbers of invoices that stand open on the last level, the oldest first.

    :param facts: ``DueFact``s of one customer
    :param last: the number of the last level of the program
    :param before: only what was due before

    >>> from types import SimpleNamespace as S
    >>> def fact(name, level, due, hold="", open_amount=5.0):
    ...     line = S(level=level, due=date(2026, 1, due), hold=hold)
    ...     return S(move_name=name, line=line, program_id=1, open_amount=open_amount)
    >>> facts = [fact("B", 3, 7), fact("A", 3, 5), fact("C", 2, 5), fact("D", 3, 5, "dispute"),
    ...          fact("E", 3, 5, open_amount=0.0), fact("F", 3, 20)]
    >>> older_at_end(facts, 1, 3, date(2026, 1, 20))
    'A, B'
    >>> older_at_end(facts, 2, 3, date(2026, 1, 20))
    ''
    """
    found = [
        fact
        for fact in facts
        if fact.program_id == program_id
        and 0 < last <= fact.line.level
        and fact.line.due < before
        and fact.open_amount > 0
        and fact.line.hold not in EXCUSED
    ]
    found.sort(key=lambda fact: fact.line.due)
    return ", ".join(list(dict.fromkeys(fact.move_name for fact in found))[:MOST_NAMED])
