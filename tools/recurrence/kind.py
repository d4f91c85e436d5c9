"""What a change of a kind means for the recurring invoices made from it; without Odoo.

A kind and a recurring invoice are compared as *snapshots*, plain data as JSON keeps it::

    {"values": {name: value}, "lines": {key: {name: value}}}

The lines of a recurring invoice have the keys of the lines of the kind they were made from; the
snapshot of a kind is what the customer would have of it, with the taxes that hold for them.
"""

import json
from hashlib import sha256
from typing import NamedTuple

CHANGED = "changed"
ADDED = "added"
REMOVED = "removed"


class Difference(NamedTuple):
    """One thing that has changed in a kind and is otherwise in a recurring invoice.

    :ivar what: ``CHANGED``, ``ADDED`` or ``REMOVED``; a value of the whole can be changed only
    :ivar key: of the line; None: of the whole
    :ivar name: of the value that changed; None: the line itself
    :ivar old: value, or values of the line, that the recurring invoice has; None: it has none
    :ivar new: value, or values of the line, of the kind; None: it has none
    :ivar is_own: whether it was agreed with this customer alone: it differed from the kind before,
        or was changed since
    """

    what: str
    key: str | None
    name: str | None
    old: object
    new: object
    is_own: bool


def get_fingerprint(snapshot):
    """Return a short text that is another one for every other snapshot.

    >>> a = get_fingerprint({"values": {"x": 1, "y": 2}, "lines": {}})
    >>> a == get_fingerprint({"lines": {}, "values": {"y": 2, "x": 1}})
    True
    >>> a == get_fingerprint({"values": {"x": 1, "y": 3}, "lines": {}})
    False
    """
    return sha256(json.dumps(snapshot, sort_keys=True).encode()).hexdigest()[:32]


def find_differences(before, kind, then, own):
    """Return what has changed in a kind since, and is otherwise in a recurring invoice.

    >>> before = {"values": {"mode": "draft"}, "lines": {"7": {"price": 100}}}
    >>> kind = {"values": {"mode": "post"}, "lines": {"7": {"price": 110}}}
    >>> own = {"values": {"mode": "draft"}, "lines": {"7": {"price": 90}}}
    >>> for found in find_differences(before, kind, before, own):
    ...     print(found.key, found.name, found.old, found.new, found.is_own)
    None mode draft post False
    7 price 90 110 True

    :param before: snapshot of the kind when both were compared last
    :param kind: snapshot of the kind now
    :param then: snapshot of the recurring invoice when both were compared last
    :param own: snapshot of the recurring invoice now, without lines that have ended
    :return: list of Difference: first of the whole, then line by line in the order of the kind
    """
    found = _compare(None, *(side["values"] for side in (before, kind, then, own)))
    sides = [side["lines"] for side in (before, kind, then, own)]
    old_lines, lines, then_lines, own_lines = sides
    for key, line in lines.items():
        if key in own_lines:
            found += _compare(key, *(side.get(key, {}) for side in sides))
        elif key not in old_lines:
            found.append(Difference(ADDED, key, None, None, line, False))
    for key, line in old_lines.items():
        if key not in lines and key in own_lines:
            mine, was = own_lines[key], then_lines.get(key, {})
            is_own = any(_is_own(name, line, was, mine) for name in line)
            found.append(Difference(REMOVED, key, None, mine, None, is_own))
    return found


def _compare(key, before, kind, then, own):
    """Return the values of the whole or of a line that have changed in the kind."""
    return [
        Difference(CHANGED, key, name, own.get(name), new, _is_own(name, before, then, own))
        for name, new in kind.items()
        if before.get(name) != new and own.get(name) != new
    ]


def _is_own(name, before, then, own):
    """Whether a value of a recurring invoice is one that was agreed with this customer alone.

    What the kind said nothing of before, such as the day of the month, was nobody's agreement as
    long as it stays as it was.
    """
    return own.get(name) != then.get(name) or (name in before and then.get(name) != before[name])
