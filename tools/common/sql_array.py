"""Many values as one literal of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def array_literal(values: Iterable[float | date | str | None]) -> str:
    """The text of an array, to be cast where it is used: ``%s::int[]``.

    A list that is handed over as it is becomes an expression of as many constants: with a
    thousand of them reading and planning take longer than the query itself.

    :param values: numbers, days, codes (letters, digits, ``_``), or None and False for NULL
    :raise ValueError: a text that is no code

    >>> array_literal([7, None, date(2026, 3, 1), "not_due_yet"])
    '{7,NULL,2026-03-01,not_due_yet}'
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: float | date | str | None) -> str:
    if value is None or value is False:
        return "NULL"
    if isinstance(value, str) and not value.isidentifier():
        raise ValueError(f"{value!r} is no code")
    return str(value)
