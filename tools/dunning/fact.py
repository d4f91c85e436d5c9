"""The facts about a due line that surround its place on the ladder: money and people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .credit import allocate_credit, exact
from .decision import Decision
from .ladder import DueLine


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
    late_sent: date | None = None  # the day it was first sent, where its grace is not over
    open_amount: float = 0.0
    in_process: float = 0.0
    credit: float = 0.0  # all the customer has to his credit, as far as it covers anything
    withdrawn: dict | None = None  # who withdrew a reminder, and when: figures of the reason
    found: float = 0.0  # of a payment that is not matched yet
    found_date: date | None = None
    params: dict | None = None  # the figures of its hold
    asked: bool = True  # False: only read for what a message to the customer would ask
    omitted_by: int | None = None  # id of the user who took it out of the run
    recipients: tuple | None = None  # to whom it goes and who gets a copy, once they were found
    decision: Decision | None = None
    extra: dict | None = None  # what other addons have the engine read beside it, by column

    def __post_init__(self):
        self.open_amount = self.residual

    @property
    def id(self) -> int:
        return self.line.id

    @property
    def payable(self) -> float:
        """What a message states as open: the residual less payments in process."""
        return float(exact(self.residual) - exact(self.in_process))


def cover(facts: Iterable[DueFact], amount: Decimal) -> None:
    """Take an amount off the open amounts of due lines in one currency, oldest due date first."""
    left = allocate_credit(
        [(fact.id, fact.line.due, exact(fact.open_amount)) for fact in facts], amount
    )
    for fact in facts:
        fact.open_amount = float(left[fact.id])


def covered(facts: Iterable) -> dict[int, Decimal]:
    """What credits take off these due lines, by currency id, without what is in process.

    :param facts: ``DueFact``s, after credits and payments were spread over all there are
    """
    totals = defaultdict(Decimal)
    for fact in facts:
        left = exact(fact.open_amount) + exact(fact.found)
        totals[fact.currency_id] += exact(fact.payable) - left
    return {currency_id: total for currency_id, total in totals.items() if total > 0}


def holding_blocks(blocks: list[tuple], due: date) -> list[tuple]:
    """Those blocks on a whole customer that hold an item.

    Who promised to pay all that is due by a day promised nothing of what is due later.

    :param blocks: as in a scope of :func:`longest_block`
    :param due: due date of the item

    >>> first = date(2026, 2, 1)
    >>> blocks = [(date(2026, 3, 1), "promise", "", first), (date(2026, 3, 1), "pause", "", first)]
    >>> [kind for _until, kind, _why, _since in holding_blocks(blocks, date(2026, 3, 2))]
    ['pause']
    >>> len(holding_blocks(blocks, date(2026, 3, 1)))
    2
    """
    return [block for block in blocks if block[1] != "promise" or due <= block[0]]


def longest_block(scopes: Iterable[list[tuple]]) -> tuple[str, date | None, str, date | None]:
    """The block that holds longest, of those on a line, its invoice and its customer.

    :param scopes: per scope a list of (last day, kind, why, first day); ``date.max`` stands for an
        open end
    :return: kind, last day (None: an open end), why and first day; no kind where there is no block

    >>> first = date(2026, 2, 1)
    >>> scopes = [[(date(2026, 3, 1), "promise", "", first)], [(date.max, "dispute", "Bad", first)]]
    >>> longest_block(scopes)
    ('dispute', None, 'Bad', datetime.date(2026, 2, 1))
    """
    blocks = [block for scope in scopes for block in scope]
    if not blocks:
        return "", None, "", None
    until, kind, why, since = max(blocks)
    return kind, None if until == date.max else until, why, since
