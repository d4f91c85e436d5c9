"""How much of a line is billed, as a formula over figures that have names.

A formula is plain arithmetic: ``max(hours - 10, 0)``. It is computed exactly and rounded once.
"""

from __future__ import annotations

import ast
import math
from fractions import Fraction

from ..common.expression import ExpressionError, ExpressionReader

MAX_LENGTH = 500
# Names that each formula knows.
BUILT_IN = ("counted", "quantity", "period_days", "counted_days")


class FormulaError(ValueError):
    """A formula that cannot be computed.

    :ivar reason: "text" (not a formula), "name" (knows no such name), "zero" (a division by
        zero), "number" (no number comes out, or too large a one)
    :ivar what: the name, where one is not known
    """

    def __init__(self, reason: str, what: str = ""):
        super().__init__(f"{reason}: {what}")
        self.reason = reason
        self.what = what


class _FormulaReader(ExpressionReader):
    """Computes with exact numbers only."""

    values = (bool, int, Fraction)
    operands = (int, Fraction)
    numbers = (int, Fraction)

    def _read_Constant(self, node):
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ExpressionError(type(node.value).__name__)
        return self._bound(Fraction(str(node.value)))

    def _read_Name(self, node):
        if node.id not in self._names:
            raise FormulaError("name", node.id)
        return super()._read_Name(node)


def read_names(text: str) -> set[str]:
    """Return the names of the figures that a formula asks for.

    >>> sorted(read_names("max(hours - 10, 0) * rate"))
    ['hours', 'rate']

    :raise FormulaError: it is not a formula
    """
    return {
        node.id
        for node in ast.walk(_parse(text))
        if isinstance(node, ast.Name) and node.id not in FUNCTIONS
    }


def compute(text: str, figures: dict[str, Fraction]) -> Fraction:
    """Return what a formula comes to.

    >>> compute("max(hours - 10, 0)", {"hours": Fraction("12.5")})
    Fraction(5, 2)
    >>> compute("0.1 + 0.2", {})
    Fraction(3, 10)
    >>> compute("ceil(days / 7)", {"days": Fraction(31)})
    Fraction(5, 1)

    :param figures: each by its name
    :raise FormulaError: with its reason
    """
    names = {**FUNCTIONS, **figures}
    try:
        found = _FormulaReader(names).evaluate(_parse(text).body)
    except FormulaError:
        raise
    except ZeroDivisionError as error:
        raise FormulaError("zero") from error
    except (MemoryError, RecursionError) as error:
        raise FormulaError("text") from error
    except (ArithmeticError, ExpressionError, TypeError, ValueError) as error:
        raise FormulaError("number", str(error)) from error
    if callable(found):
        raise FormulaError("number")
    return Fraction(found)


def round_half_up(number: Fraction, digits: int) -> Fraction:
    """Return a number with so many decimals, half away from zero.

    >>> round_half_up(Fraction("2.345"), 2)
    Fraction(47, 20)
    >>> round_half_up(Fraction("-0.5"), 0)
    Fraction(-1, 1)
    """
    scaled = abs(number) * 10**digits
    whole = Fraction(math.floor(scaled + Fraction(1, 2)), 10**digits)
    return whole if number >= 0 else -whole


def _parse(text: str) -> ast.Expression:
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        raise FormulaError("text")
    try:
        return ast.parse(text, mode="eval")
    except (MemoryError, RecursionError, SyntaxError, ValueError) as error:
        raise FormulaError("text") from error


def _round(number: Fraction, digits: Fraction = Fraction(0)) -> Fraction:
    if digits != int(digits) or not 0 <= digits <= 9:
        raise FormulaError("number")
    return round_half_up(Fraction(number), int(digits))


FUNCTIONS = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": _round,
    "ceil": lambda number: Fraction(math.ceil(number)),
    "floor": lambda number: Fraction(math.floor(number)),
}
