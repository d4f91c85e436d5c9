"""Whether a day produced what was expected of it (K10).

Counts alone go in; nothing here reads a clock, a database or a language.
"""

from __future__ import annotations

from typing import NamedTuple

GOOD, LESS, ALARM = "good", "less", "alarm"
# Of fewer messages or invoices, one customer who paid in time makes half of them.
FEW = 5


class Count(NamedTuple):
    """How many were expected on a day (None: that was not noted), and how many there were."""

    expected: int | None = 0
    done: int = 0

    @property
    def is_far_less(self) -> bool:
        return 2 * self.done < self.expected


def judge(runs: Count, messages: Count, invoices: Count) -> str:
    """Say how a day went: as expected, less, or so little that somebody must be told.

    An alarm is a day without any of the runs expected, or with less than half of the messages or
    invoices where ``FEW`` or more were expected. Less than half of a few, or some runs missing, is
    less. More than expected is as expected.

    >>> judge(Count(1, 1), Count(12, 11), Count(3, 3))
    'good'
    >>> judge(Count(2, 1), Count(), Count())
    'less'
    >>> judge(Count(1, 1), Count(12, 5), Count())
    'alarm'
    """
    counts = (messages, invoices)
    if (runs.expected and not runs.done) or any(
        count.is_far_less and count.expected >= FEW for count in counts
    ):
        return ALARM
    if runs.done < runs.expected or any(count.is_far_less for count in counts):
        return LESS
    return GOOD
