"""Whether a line of a message that is about to leave still stands in it (design rule 8)."""

from __future__ import annotations

from typing import NamedTuple

from .dunning_fact import DueFact


class Claim(NamedTuple):
    """What a message that has not left yet says of a due line."""

    reminded: bool  # False: it only stands in the message
    by_hand: bool  # a person asked for the message
    program_id: int
    level_id: int | None
    cycle: int


def drop_reason(claim: Claim, fact: DueFact | None) -> str:
    """Why a line leaves its message before it is sent; empty: it stays.

    :param fact: what is known now, read as if the message were not under way; None: the line is
        not open any more
    """
    if fact is None:
        return "paid"
    hold = fact.line.hold
    if not claim.reminded:
        # a person chose what else stands in a message of his own
        return "" if claim.by_hand and fact.payable > 0 else hold
    if fact.cycle != claim.cycle:
        return "removed"
    if hold:
        return hold
    if fact.program_id != claim.program_id:
        return "other_program"
    return "not_in_filter" if claim.level_id in fact.line.barred else ""
