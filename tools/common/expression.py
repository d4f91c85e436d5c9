"""Computes an expression of names, numbers and plain arithmetic that a person wrote.

Everything else is refused, and every result is bounded, so that no text keeps a server busy.
"""

from __future__ import annotations

import ast
import math
import operator

MAX_TEXT = 10_000
MAX_NUMBER = 2**63

_COMPARISONS = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_SIGNS = {ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: operator.not_}


class ExpressionError(ValueError):
    """A text that is not an expression of what is allowed."""


class ExpressionReader:
    """Computes one expression; a method for each kind of node that is allowed.

    :ivar values: types of what an expression may hold
    :ivar operands: types that may be added, multiplied and divided
    :ivar numbers: types that are kept within bounds
    """

    values: tuple[type, ...] = (bool, int, float)
    operands: tuple[type, ...] = (int, float)
    numbers: tuple[type, ...] = (int, float)

    def __init__(self, names: dict):
        self._names = names

    def evaluate(self, node):
        reader = getattr(self, f"_read_{type(node).__name__}", None)
        if reader is None:
            raise ExpressionError(type(node).__name__)
        return reader(node)

    def _read_Constant(self, node):
        return self._bound(node.value)

    def _read_Name(self, node):
        if node.id not in self._names:
            raise ExpressionError(node.id)
        return self._names[node.id]

    def _read_UnaryOp(self, node):
        if type(node.op) not in _SIGNS:
            raise ExpressionError(type(node.op).__name__)
        return self._bound(_SIGNS[type(node.op)](self.evaluate(node.operand)))

    def _read_BoolOp(self, node):
        stops_at = isinstance(node.op, ast.Or)
        for item in node.values:
            value = self.evaluate(item)
            if bool(value) is stops_at:
                break
        return value

    def _read_IfExp(self, node):
        return self.evaluate(node.body if self.evaluate(node.test) else node.orelse)

    def _read_Compare(self, node):
        left = self.evaluate(node.left)
        for kind, item in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(item)
            if not _COMPARISONS[type(kind)](left, right):
                return False
            left = right
        return True

    def _read_BinOp(self, node):
        kind = type(node.op)
        if kind not in _ARITHMETIC:
            raise ExpressionError(kind.__name__)
        return self._combine(kind, self.evaluate(node.left), self.evaluate(node.right))

    def _combine(self, kind, left, right):
        for value in (left, right):
            # a text or list that is multiplied or formatted has no bound
            if not isinstance(value, self.operands):
                raise ExpressionError(kind.__name__)
        return self._bound(_ARITHMETIC[kind](left, right))

    def _read_Call(self, node):
        function = self._get_function(self.evaluate(node.func))
        if not callable(function):
            raise ExpressionError(ast.unparse(node.func)[:50])
        if any(keyword.arg is None for keyword in node.keywords):
            raise ExpressionError("**")
        args = [self.evaluate(item) for item in node.args]
        kwargs = {keyword.arg: self.evaluate(keyword.value) for keyword in node.keywords}
        return self._bound(function(*args, **kwargs))

    def _get_function(self, value):
        return value

    def _bound(self, value):
        """Return a value that no operation makes bigger than anybody needs."""
        if not isinstance(value, self.values):
            raise ExpressionError(type(value).__name__)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise ExpressionError("length")
        if isinstance(value, self.numbers) and not isinstance(value, bool):
            if isinstance(value, float) and not math.isfinite(value):
                raise ExpressionError("number")
            if abs(value) >= MAX_NUMBER:
                raise ExpressionError("number")
        return value
