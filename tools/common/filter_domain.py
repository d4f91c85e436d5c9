"""Reads the domain of a saved filter, which may compute with dates as Odoo's screens do.

The vocabulary is that of Odoo's web client: ``uid``, ``context_today()``, ``today``, ``now``,
``datetime``, ``relativedelta``, ``time.strftime`` and plain arithmetic. Everything else is refused,
and every result is bounded, so that no text keeps a server busy.
"""

from __future__ import annotations

import ast
import datetime as dt
import math
import operator
import re
from collections.abc import Callable

from dateutil.relativedelta import relativedelta

MAX_LENGTH = 500_000
MAX_NODES = 100_000
MAX_TEXT = 10_000
MAX_NUMBER = 2**63

# A day and a time as the database writes them.
DATE_FORMAT = "%Y-%m-%d"
DATETIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_FORMAT = re.compile(r"(?:[^%\x00]|%[A-Za-z%]){0,100}")

_Number = (int, float)
_Day = (dt.date, dt.datetime, dt.time)
_Delta = (dt.timedelta, relativedelta)
_Value = (bool, *_Number, str, type(None), *_Day, *_Delta)

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

# What may be looked up on a value; of several types the first one counts.
_ON_DAY = "year month day weekday isoweekday isoformat toordinal replace strftime"
_ATTRIBUTES = {
    dt.datetime: f"{_ON_DAY} hour minute second date to_utc".split(),
    dt.date: _ON_DAY.split(),
    dt.time: ("strftime", "isoformat"),
    dt.timedelta: ("days", "seconds", "total_seconds"),
}


class FilterError(ValueError):
    """A text that is no domain of a saved filter."""


class _Named:
    """A name of the vocabulary that is followed by a dot: ``datetime.timedelta``."""

    def __init__(self, **members):
        self.members = members


def read_filter(
    text: str,
    today: dt.date,
    now: dt.datetime,
    names: dict | None = None,
    to_utc: Callable[[dt.datetime], dt.datetime] = lambda moment: moment,
) -> list:
    """Return the domain that a text says, with everything in it computed.

    >>> today, now = dt.date(2026, 3, 2), dt.datetime(2026, 3, 2, 9, 30)
    >>> text = "[('d', '>=', (context_today() - relativedelta(days=7)).strftime('%Y-%m-%d'))]"
    >>> read_filter(text, today, now)
    [('d', '>=', '2026-02-23')]
    >>> read_filter("[('user_id', '=', uid)]", today, now, {"uid": 7})
    [('user_id', '=', 7)]
    >>> read_filter("[('id', '=', 9**9**8)]", today, now)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    FilterError: Pow

    :param today: what ``context_today()`` gives
    :param now: the same moment in the same time zone, naive
    :param names: further names with their values, such as ``uid``
    :param to_utc: turns a naive moment of that time zone into one of UTC
    :raise FilterError: it is no list, too long, or holds what no filter needs
    """
    text = (text or "[]").strip()
    if len(text) > MAX_LENGTH:
        raise FilterError("length")
    try:
        tree = ast.parse(text, mode="eval")
        if sum(1 for _node in ast.walk(tree)) > MAX_NODES:
            raise FilterError("size")
        domain = _Reader(today, now, names or {}, to_utc).evaluate(tree.body)
    except FilterError:
        raise
    except (ArithmeticError, MemoryError, RecursionError) as error:
        raise FilterError(type(error).__name__) from error
    except (AttributeError, LookupError, SyntaxError, TypeError, ValueError) as error:
        raise FilterError(str(error)) from error
    if not isinstance(domain, list | tuple):
        raise FilterError("no list")
    return list(domain)


class _Reader:
    """Computes one expression; a method for each kind of node that is allowed."""

    def __init__(self, today, now, names, to_utc):
        self._to_utc = to_utc
        self._names = {
            "context_today": lambda: today,
            "today": today.strftime(DATE_FORMAT),
            "current_date": today.strftime(DATE_FORMAT),
            "now": now.strftime(DATETIME_FORMAT),
            "relativedelta": relativedelta,
            "datetime": _Named(
                date=_Named(today=lambda: today, __call__=dt.date),
                datetime=_Named(
                    now=lambda: now,
                    today=lambda: now,
                    combine=dt.datetime.combine,
                    __call__=dt.datetime,
                ),
                time=dt.time,
                timedelta=dt.timedelta,
            ),
            "time": _Named(strftime=lambda form: _strftime(now, form)),
            "bool": bool,
            "true": True,
            "false": False,
            **names,
        }

    def evaluate(self, node):
        reader = getattr(self, f"_read_{type(node).__name__}", None)
        if reader is None:
            raise FilterError(type(node).__name__)
        return reader(node)

    def _read_Constant(self, node):
        return _bounded(node.value)

    def _read_Name(self, node):
        if node.id not in self._names:
            raise FilterError(node.id)
        return self._names[node.id]

    def _read_List(self, node):
        return [self.evaluate(item) for item in node.elts]

    def _read_Tuple(self, node):
        return tuple(self.evaluate(item) for item in node.elts)

    def _read_Set(self, node):
        return {self.evaluate(item) for item in node.elts}

    def _read_UnaryOp(self, node):
        if type(node.op) not in _SIGNS:
            raise FilterError(type(node.op).__name__)
        return _bounded(_SIGNS[type(node.op)](self.evaluate(node.operand)))

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
            raise FilterError(kind.__name__)
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if kind is ast.Add and isinstance(left, list) and isinstance(right, list):
            return left + right
        texts = isinstance(left, str) and isinstance(right, str)
        if texts and kind is ast.Add:
            return _bounded(left + right)
        for value in (left, right):
            # a text or list that is multiplied or formatted has no bound
            if not isinstance(value, (*_Number, *_Day, *_Delta)):
                raise FilterError(kind.__name__)
        return _bounded(_ARITHMETIC[kind](left, right))

    def _read_Attribute(self, node):
        value = self.evaluate(node.value)
        if isinstance(value, _Named):
            if node.attr.startswith("_") or node.attr not in value.members:
                raise FilterError(node.attr)
            return value.members[node.attr]
        kind = next((kind for kind in _ATTRIBUTES if isinstance(value, kind)), None)
        if node.attr not in _ATTRIBUTES.get(kind, ()):
            raise FilterError(node.attr)
        if node.attr == "strftime":
            return lambda form: _strftime(value, form)
        if node.attr == "to_utc":
            return lambda: self._to_utc(value)
        return getattr(value, node.attr)

    def _read_Call(self, node):
        function = self.evaluate(node.func)
        if isinstance(function, _Named):
            function = function.members.get("__call__")
        if not callable(function):
            raise FilterError(ast.unparse(node.func)[:50])
        if any(keyword.arg is None for keyword in node.keywords):
            raise FilterError("**")
        args = [self.evaluate(item) for item in node.args]
        kwargs = {keyword.arg: self.evaluate(keyword.value) for keyword in node.keywords}
        return _bounded(function(*args, **kwargs))


def _strftime(value, form):
    if not isinstance(form, str) or not _FORMAT.fullmatch(form):
        raise FilterError("strftime")
    return value.strftime(form)


def _bounded(value):
    """Return a value that no operation makes bigger than anybody needs."""
    if not isinstance(value, _Value):
        raise FilterError(type(value).__name__)
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise FilterError("length")
    if isinstance(value, _Number) and not isinstance(value, bool):
        if isinstance(value, float) and not math.isfinite(value):
            raise FilterError("number")
        if abs(value) >= MAX_NUMBER:
            raise FilterError("number")
    return value
