"""A measured value beside its peer's, and the way to get one."""

import gc
import time
from dataclasses import asdict, dataclass, field
from statistics import median


@dataclass
class Figure:
    """What one benchmark found; both values are in ``unit``."""

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    extra: dict = field(default_factory=dict)  # what else was measured, by name

    def as_dict(self):
        ratio = round(self.value / self.peer_value, 3)
        rounded = {"value": round(self.value, 3), "peer_value": round(self.peer_value, 3)}
        figure = asdict(self)
        extra = figure.pop("extra")
        return {**figure, **rounded, "ratio": ratio, **extra}


def in_turns(rounds, *sides):
    """Measure several ways to do the same, in turns so that a busy machine slows all of them.

    :param sides: functions that are called with the number of the round; round 0 warms up
    :return: for each side the median of its seconds
    """
    seconds = [[] for _side in sides]
    for number in range(rounds + 1):
        for taken, side in zip(seconds, sides, strict=True):
            gc.collect()
            started = time.perf_counter()
            side(number)
            if number:
                taken.append(time.perf_counter() - started)
    return [median(taken) for taken in seconds]
