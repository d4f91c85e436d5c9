"""Playing one history after the other, and making a failing one small."""

import random
from collections.abc import Callable
from typing import NamedTuple


class Wrong(Exception):
    """What was done is not what the rules say."""


class Kind(NamedTuple):
    """A kind of histories.

    :ivar make: ``make(rng, events)`` → (setting, list of events)
    :ivar play: ``play(setting, events)``; raises ``Wrong``, or whatever breaks
    """

    name: str
    make: Callable
    play: Callable
    events: int  # so many at most


def generate(kind, seed):
    """The history of a seed: always the same one."""
    return kind.make(random.Random(f"{kind.name} {seed}"), kind.events)


def failure(kind, setting, events):
    """What goes wrong in a history; None: nothing."""
    try:
        kind.play(setting, events)
    except Exception as error:
        return error
    return None


def shrink(kind, setting, events, tries=300):
    """Leave out what the failure does not need, larger parts first; return what is left."""
    size = max(len(events) // 2, 1)
    while size and tries > 0:
        start = 0
        while start < len(events) and tries > 0:
            tries -= 1
            fewer = events[:start] + events[start + size :]
            if failure(kind, setting, fewer):
                events = fewer
            else:
                start += size
        size //= 2
    return events


def check(kind, seed, tries=300):
    """Play the history of a seed; return the text of its failure, short enough to replay."""
    setting, events = generate(kind, seed)
    if failure(kind, setting, events) is None:
        return ""
    events = shrink(kind, setting, events, tries)
    error = failure(kind, setting, events)
    story = "\n".join(f"        {event}," for event in events)
    return (
        f"{kind.name}, SEED={seed} N=1: {type(error).__name__}: {error}\n"
        f"    setting = {setting}\n    events = [\n{story}\n    ]"
    )
