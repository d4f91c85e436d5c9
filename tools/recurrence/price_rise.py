"""What a price becomes: raised by a percentage, by an amount, or as an index has moved.

Pure decisions in exact numbers: a price, terms, and where the index stood go in; the new price, or
why it stays, comes out.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

METHODS = ("percent", "amount", "index")
# Why a price stays as it is.
REASONS = ("no_price", "no_value", "below_threshold", "falls", "unchanged", "rounding")


class RiseTerms(NamedTuple):
    """How prices rise.

    :ivar method: one of METHODS
    :ivar percent: of the price; negative: it falls
    :ivar amount: per unit, in the currency of the price
    :ivar threshold: the index must have moved by so many percent, up or down; 0: any move counts
    :ivar share: percent of the index's move that is passed on
    :ivar cap: most percent by which an index moves a price, up or down; 0: no limit
    :ivar may_fall: whether a fallen index makes a price fall
    :ivar rounding: new prices are multiples of it; half is rounded away from zero; 0: they are as
        exact as the former price, and no less than ``precision``
    :ivar precision: what prices are usually multiples of
    """

    method: str = "percent"
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    threshold: Decimal = Decimal(0)
    share: Decimal = Decimal(100)
    cap: Decimal = Decimal(0)
    may_fall: bool = False
    rounding: Decimal = Decimal(0)
    precision: Decimal = Decimal("0.01")


class IndexMove(NamedTuple):
    """Where an index stood in two months; None: the value is missing."""

    base: Decimal | None
    current: Decimal | None

    @property
    def percent(self) -> Fraction | None:
        """By how many percent it moved, not rounded; None: it is not known.

        >>> float(IndexMove(Decimal("117.0"), Decimal("119.34")).percent)
        2.0
        """
        if not self.base or self.current is None:
            return None
        return (Fraction(self.current) / Fraction(self.base) - 1) * 100


class RaisedPrice(NamedTuple):
    """A new price, and by how many percent it differs from the former one."""

    price: Decimal
    percent: Decimal


def raise_price(price: Decimal, terms: RiseTerms, move: IndexMove | None = None):
    """Return what a price becomes.

    A negative price, as of a rebate, moves with the percentage and stays by an amount.

    What rounding would turn round, as a rise into a fall, stays as it is.

    >>> raise_price(Decimal("49.90"), RiseTerms(percent=Decimal("3")))
    RaisedPrice(price=Decimal('51.40'), percent=Decimal('3.01'))
    >>> half = RiseTerms("index", share=Decimal("50"))
    >>> str(raise_price(Decimal("200"), half, IndexMove(Decimal("100"), Decimal("104"))).price)
    '204.00'
    >>> late = RiseTerms("index", threshold=Decimal("5"))
    >>> raise_price(Decimal("200"), late, IndexMove(Decimal("100"), Decimal("104")))
    'below_threshold'

    :return: RaisedPrice, or one of REASONS
    """
    if not price or (terms.method == "amount" and price < 0):
        return "no_price"
    if terms.method == "amount":
        raised = Fraction(price) + Fraction(terms.amount)
    else:
        percent = _get_percent(terms, move)
        if isinstance(percent, str):
            return percent
        raised = Fraction(price) * (100 + percent) / 100
    own = Decimal(1).scaleb(price.normalize().as_tuple().exponent)
    rounded = round_to(raised, terms.rounding or min(terms.precision, own))
    if rounded == price:
        return "unchanged"
    is_opposite = (rounded > price) != (raised > price)
    if is_opposite or (rounded > 0) != (price > 0) or not rounded:
        return "rounding"
    difference = (Fraction(rounded) - Fraction(price)) / abs(Fraction(price)) * 100
    return RaisedPrice(rounded, round_to(difference, Decimal("0.01")))


def _get_percent(terms: RiseTerms, move: IndexMove | None) -> Fraction | str:
    """The percent by which a price moves, or one of REASONS."""
    if terms.method == "percent":
        return Fraction(terms.percent)
    moved = move.percent if move else None
    if moved is None:
        return "no_value"
    if moved < 0 and not terms.may_fall:
        return "falls"
    if abs(moved) < terms.threshold:
        return "below_threshold"
    passed = moved * Fraction(terms.share) / 100
    if terms.cap:
        limit = Fraction(terms.cap)
        passed = max(-limit, min(limit, passed))
    return passed


def round_to(amount: Fraction, rounding: Decimal) -> Decimal:
    """Round to a multiple; half is rounded away from zero.

    >>> [str(round_to(Fraction(n), Decimal("0.05"))) for n in ("1.024", "1.025", "-1.025")]
    ['1.00', '1.05', '-1.05']
    """
    units = abs(Fraction(amount)) / Fraction(rounding)
    whole = Decimal((units + Fraction(1, 2)).__floor__())
    return (whole if amount >= 0 else -whole) * rounding
