"""Whether a line of a message that is about to leave still stands in it (rule 8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from .decision import Decision, decide, send_ahead
from .fact import DueFact
from .ladder import DueLine, Ladder


class Claim(NamedTuple):
    """What a message that has not left yet says of a due line."""

    reminded: bool  # False: it only stands in the message
    by_hand: bool  # a person asked for the message
    program_id: int
    level_id: int | None
    cycle: int
    date: date  # the day it was decided on
    ahead: bool = False  # a person sent the level before its day
    archived: bool = False  # its level was taken out of the program since


def decide_again(claim: Claim, line: DueLine, ladder: Ladder, as_of: date) -> Decision:
    """Decide on a line as things are now: for the day it leaves, or the day it was meant for.

    What changed since may take a line out of its message, time alone does not: a notice that
    waited for its mail server leaves late. Nor does the contact gap: the message is that contact.
    A level that was put below its own since is passed over, as below a level that was sent.

    >>> from .ladder import Level
    >>> ladder = Ladder([Level(1, days=-3), Level(2, number=1, days=5)])
    >>> claim = Claim(True, False, 1, 2, 0, date(2026, 3, 10))
    >>> decide_again(claim, DueLine(7, due=date(2026, 3, 1)), ladder, date(2026, 3, 12)).remind
    True
    >>> decide_again(claim, DueLine(7, due=date(2026, 3, 20)), ladder, date(2026, 3, 12)).reason
    'not_due_yet'
    >>> ladder = Ladder([Level(3, number=1, days=2), Level(2, number=2, days=5)])
    >>> decide_again(claim, DueLine(7, due=date(2026, 3, 1)), ladder, date(2026, 3, 12)).level.id
    2
    """
    claimed = next((level for level in ladder.steps if level.id == claim.level_id), None)
    if claimed:
        below = {level.id for level in ladder.steps if level.days < claimed.days}
        line = replace(line, got=frozenset(line.got) | below)
    now = decide(line, ladder, as_of)
    if claim.ahead:
        now = send_ahead(now, as_of)
    if now.remind and now.level.id == claim.level_id:
        return now
    then = decide(line, ladder, claim.date)
    return then if then.remind and then.level.id == claim.level_id else now


def drop_reason(claim: Claim, fact: DueFact | None, as_of: date) -> str:
    """Why a line leaves its message before it is sent; empty: it stays.

    :param fact: what is known now, read as if the message were not under way, and decided again
        where it is reminded; None: the line is not open any more
    :param as_of: the day the message leaves
    """
    if fact is None:
        return "paid"
    if not claim.reminded:
        # a person chose what else stands in a message of his own
        if claim.by_hand and fact.payable > 0:
            return ""
        return fact.line.hold or ("not_due_yet" if fact.line.due >= as_of else "")
    return _drop_reason_of_reminded(claim, fact)


def _drop_reason_of_reminded(claim: Claim, fact: DueFact) -> str:
    if fact.cycle != claim.cycle:
        return "removed"
    if fact.line.hold:
        return fact.line.hold
    if fact.program_id != claim.program_id:
        return "other_program"
    if claim.level_id in fact.line.barred:
        return "not_in_filter"
    if claim.archived:
        return "level_archived"
    if not fact.decision.remind:
        return fact.decision.reason
    return "" if fact.decision.level.id == claim.level_id else "not_shown"
