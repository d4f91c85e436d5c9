"""The facts about a due line that surround its place on the ladder: money and people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .dunning_ladder import Decision, DueLine, allocate_credit


@dataclass(slots=True)
class DueFact:
    """What the engine knows about one due line: money, people, and the line of the ladder.

    Amounts are in the currency of the line. ``open_amount`` is what stays of the residual after
    payments in process and the customer's credits.
    """

    line: DueLine
    move_id: int
    contact_id: int
    partner_id: int
    currency_id: int
    residual: float
    residual_company: float
    open_amount: float
    program_id: int | None
    cycle: int
    amount_total: float
    move_name: str
    invoice_date: date | None
    payment_state: str
    exclusion: str | None
    hold: str
    creator_id: int | None
    salesperson_id: int | None
    in_process: float = 0.0
    decision: Decision | None = None

    @property
    def id(self) -> int:
        return self.line.id


def exact(amount: float) -> Decimal:
    """A stored amount as an exact decimal: floats would leave fractions of a cent open."""
    return Decimal(str(amount))


def cover(facts: Iterable[DueFact], amount: Decimal) -> None:
    """Take an amount off the open amounts of due lines in one currency, oldest due date first."""
    left = allocate_credit(
        [(fact.id, fact.line.due, exact(fact.open_amount)) for fact in facts], amount
    )
    for fact in facts:
        fact.open_amount = float(left[fact.id])


def longest_block(scopes: Iterable[list[tuple[date, str]]]) -> tuple[str, date | None]:
    """The block that holds longest, of those on a line, its invoice and its customer.

    :param scopes: per scope a list of (last day, kind); ``date.max`` stands for an open end
    :return: kind and last day, None for an open end; no kind where there is no block

    >>> longest_block([[(date(2026, 3, 1), "promise")], [(date.max, "dispute")]])
    ('dispute', None)
    """
    blocks = [block for scope in scopes for block in scope]
    if not blocks:
        return "", None
    until, kind = max(blocks)
    return kind, None if until == date.max else until
