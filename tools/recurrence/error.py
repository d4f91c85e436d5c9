"""Why a recurrence rule was refused: a code per cause, which the models tell as a sentence."""

from __future__ import annotations


class RuleError(ValueError):
    """A rule, or a text for one, that is refused.

    :param code: the cause; the codes are stable
    :param part: what is refused: a column (``"interval"``) or a part of the text (``"BYHOUR"``)
    :param params: the figures of the cause; ``self.params`` holds ``part`` too

    >>> error = RuleError("range", "interval", value=0, low=1, high=9)
    >>> str(error), error.code, error.part, error.params["high"]
    ('range: value=0, low=1, high=9, part=interval', 'range', 'interval', 9)
    """

    def __init__(self, code: str, part: str, **params):
        self.code, self.part = code, part
        self.params = {**params, "part": part}
        super().__init__(code, part)

    def __str__(self):
        figures = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}: {figures}"


def check_choice(part: str, value: object, allowed: tuple[str, ...]) -> None:
    """Refuse a value that is none of those allowed.

    :raise RuleError: ``"choice"``
    """
    if value not in allowed:
        raise RuleError("choice", part, value=value, allowed=", ".join(allowed))


def check_range(part: str, value: object, low: int, high: int) -> None:
    """Refuse what is no whole number from `low` to `high`.

    :raise RuleError: ``"range"``
    """
    if not isinstance(value, int) or not low <= value <= high:
        raise RuleError("range", part, value=value, low=low, high=high)
