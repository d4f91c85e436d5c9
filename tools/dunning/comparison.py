"""What a control group tells: who paid with a level and without, and whether the difference is more
than chance (K9).

Nothing here reads a clock, a database or a language. docs/figures.md has an example worked out by
hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import erfc, sqrt
from statistics import NormalDist, median
from typing import NamedTuple

from .effect import SOON_DAYS

LATER_DAYS = 30
# Below this many expected customers in a cell the test below does not hold (Cochran's rule).
FEWEST_EXPECTED = 5
CONFIDENCE = 0.95
FEW, UNCLEAR, CLEAR = "few", "unclear", "clear"


class Observation(NamedTuple):
    """A customer who was drawn: on which day, and what the level was due for then."""

    is_left_out: bool
    day: date
    items: int
    paid: date | None  # the day all of them were paid in full; None: they are not


class Rate(NamedTuple):
    """How many customers had so many days, and how many of them paid in these."""

    tried: int
    paid: int

    @property
    def share(self) -> float | None:
        """In percent; nobody had the days: None."""
        return 100 * self.paid / self.tried if self.tried else None


class Arm(NamedTuple):
    """One side of a trial."""

    customers: int
    items: int
    soon: Rate  # within SOON_DAYS
    later: Rate  # within LATER_DAYS
    median_days: float | None  # of those who paid; None: nobody did


class Difference(NamedTuple):
    """By how many percentage points more customers paid with the level than without.

    The interval holds the true difference in 95 of 100 such trials. ``verdict`` is ``FEW`` (too few
    customers to tell), ``UNCLEAR`` (it may be chance) or ``CLEAR``.
    """

    points: float | None
    low: float | None
    high: float | None
    p_value: float | None
    verdict: str


def measure_arm(observations: Iterable[Observation], as_of: date) -> Arm:
    """What became of the customers of one side of a trial by a day.

    Who was drawn less than so many days ago does not count for these days: there is still time.

    >>> day = date(2026, 3, 2)
    >>> seen = [Observation(False, day, 2, date(2026, 3, 6)), Observation(False, day, 1, None)]
    >>> measure_arm(seen, date(2026, 3, 20))
    Arm(customers=2, items=3, soon=Rate(tried=2, paid=1), later=Rate(tried=0, paid=0), \
median_days=4)
    """
    observations = list(observations)
    days = [(one.paid - one.day).days for one in observations if one.paid]
    return Arm(
        customers=len(observations),
        items=sum(one.items for one in observations),
        soon=_rate(observations, as_of, SOON_DAYS),
        later=_rate(observations, as_of, LATER_DAYS),
        median_days=median(days) if days else None,
    )


def _rate(observations: list[Observation], as_of: date, days: int) -> Rate:
    tried = [one for one in observations if (as_of - one.day).days >= days]
    paid = sum(bool(one.paid) and (one.paid - one.day).days <= days for one in tried)
    return Rate(len(tried), paid)


def compare(sent: Rate, left_out: Rate) -> Difference:
    """Compare two shares: is their difference more than chance?

    The test of two proportions with the pooled share ``p = (x1 + x2) / (n1 + n2)``:
    ``z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))``, and ``erfc(|z| / sqrt(2))`` as its two-sided
    p-value. Interval: ``p1 - p2`` plus and minus
    ``1.96 sqrt(p1 (1 - p1)/n1 + p2 (1 - p2)/n2)``. As in the NIST/SEMATECH e-Handbook of
    Statistical Methods, 7.3.3 ("... whether two processes produce the same proportion of
    defectives"). Both are approximations: with fewer than 5 customers expected in any of the four
    cells they do not hold, and it is too few to tell (Cochran, Biometrics 10, 1954).

    It is clear where the p-value is below 5 % and the interval does not hold 0.

    >>> found = compare(Rate(50, 30), Rate(40, 14))
    >>> round(found.points, 1), round(found.low, 1), round(found.high, 1)
    (25.0, 4.9, 45.1)
    >>> round(found.p_value, 4), found.verdict
    (0.0184, 'clear')
    >>> compare(Rate(12, 6), Rate(8, 1)).verdict
    'few'
    """
    if not (sent.tried and left_out.tried):
        return Difference(None, None, None, None, FEW)
    first, second = sent.paid / sent.tried, left_out.paid / left_out.tried
    pooled = (sent.paid + left_out.paid) / (sent.tried + left_out.tried)
    points = first - second
    spread = _deviation(first, sent.tried, second, left_out.tried)
    most = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * spread
    together = _deviation(pooled, sent.tried, pooled, left_out.tried)
    p_value = erfc(abs(points / together) / sqrt(2)) if together else 1.0
    low, high = points - most, points + most
    fewest = min(sent.tried, left_out.tried) * min(pooled, 1 - pooled)
    if fewest < FEWEST_EXPECTED:
        verdict = FEW
    else:
        verdict = CLEAR if p_value < 1 - CONFIDENCE and low * high > 0 else UNCLEAR
    return Difference(100 * points, 100 * low, 100 * high, p_value, verdict)


def _deviation(first: float, first_count: int, second: float, second_count: int) -> float:
    """The standard deviation of the difference of two shares."""
    return sqrt(first * (1 - first) / first_count + second * (1 - second) / second_count)
