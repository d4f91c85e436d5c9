"""Reads the domain of a saved filter, which may compute with dates as Odoo's screens do.

The vocabulary is that of Odoo's web client: ``uid``, ``context_today()``, ``today``, ``now``,
``datetime``, ``relativedelta``, ``time.strftime`` and plain arithmetic. Everything else is refused,
and every result is bounded, so that no text keeps a server busy.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable

from dateutil.relativedelta import relativedelta

from .expression import ExpressionError, ExpressionReader

MAX_LENGTH = 500_000
MAX_NODES = 100_000

# A day and a time as the database writes them.
DATE_FORMAT = "%Y-%m-%d"
DATETIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_FORMAT = re.compile(r"(?:[^%\x00]|%[A-Za-z%]){0,100}")

_Number = (int, float)
_Moment = (dt.date, dt.datetime, dt.time, dt.timedelta, relativedelta)

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
    except ExpressionError as error:
        raise FilterError(str(error)) from error
    except (ArithmeticError, MemoryError, RecursionError) as error:
        raise FilterError(type(error).__name__) from error
    except (AttributeError, LookupError, SyntaxError, TypeError, ValueError) as error:
        raise FilterError(str(error)) from error
    if not isinstance(domain, list | tuple):
        raise FilterError("no list")
    return list(domain)


class _Reader(ExpressionReader):
    """Computes the vocabulary of Odoo's web client."""

    values = (bool, *_Number, str, type(None), *_Moment)
    operands = (*_Number, *_Moment)

    def __init__(self, today, now, names, to_utc):
        self._to_utc = to_utc
        super().__init__(
            {
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
        )

    def _read_List(self, node):
        return [self.evaluate(item) for item in node.elts]

    def _read_Tuple(self, node):
        return tuple(self.evaluate(item) for item in node.elts)

    def _read_Set(self, node):
        return {self.evaluate(item) for item in node.elts}

    def _combine(self, kind, left, right):
        if kind is ast.Add and isinstance(left, list) and isinstance(right, list):
            return left + right
        if kind is ast.Add and isinstance(left, str) and isinstance(right, str):
            return self._bound(left + right)
        return super()._combine(kind, left, right)

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

    def _get_function(self, value):
        return value.members.get("__call__") if isinstance(value, _Named) else value


def _strftime(value, form):
    if not isinstance(form, str) or not _FORMAT.fullmatch(form):
        raise FilterError("strftime")
    return value.strftime(form)
