"""What a change of a kind means for the recurring invoices made from it; without Odoo.

A kind and a recurring invoice are compared as *snapshots*, plain data as JSON keeps it::

    {"values": {name: value}, "lines": {key: {name: value}}}

The lines of a recurring invoice have the keys of the lines of the kind they were made from; the
snapshots of a kind are what the customer would have of it today, with the taxes that hold for
them.
"""

import json
from hashlib import sha256
from typing import NamedTuple

CHANGED = "changed"
ADDED = "added"
REMOVED = "removed"
# What lines have in common that stand for each other, those most alike first.
ALIKE = (
    ("display_type", "product_id", "name", "price_unit"),
    ("display_type", "product_id", "name"),
    ("display_type", "product_id"),
)


class Difference(NamedTuple):
    """One thing that has changed in a kind and is otherwise in a recurring invoice.

    :ivar what: ``CHANGED``, ``ADDED`` or ``REMOVED``; a value of the whole can be changed only
    :ivar key: of the line; None: of the whole
    :ivar name: of the value that changed; None: the line itself
    :ivar old: value, or values of the line, that the recurring invoice has; None: it has none
    :ivar new: value, or values of the line, of the kind; None: it has none
    :ivar is_own: whether it was agreed with this customer alone: it differs from what the kind was
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


def find_differences(before, kind, own, then=()):
    """Return what has changed in a kind since, and is otherwise in a recurring invoice.

    >>> before = {"values": {"mode": "draft"}, "lines": {"7": {"price": 100}}}
    >>> kind = {"values": {"mode": "post"}, "lines": {"7": {"price": 110}}}
    >>> own = {"values": {"mode": "draft"}, "lines": {"7": {"price": 90}}}
    >>> for found in find_differences(before, kind, own):
    ...     print(found.key, found.name, found.old, found.new, found.is_own)
    None mode draft post False
    7 price 90 110 True

    :param before: snapshot of the kind when both were compared last
    :param kind: snapshot of the kind now
    :param own: snapshot of the recurring invoice now, without lines that have ended
    :param then: values of the whole that the recurring invoice had when both were compared last
    :return: list of Difference: first of the whole, then line by line in the order of the kind
    """
    # what the kind said nothing of, such as the day, was agreed only where it changed since
    found = _compare(None, {**dict(then), **before["values"]}, kind["values"], own["values"])
    old_lines, own_lines = before["lines"], own["lines"]
    for key, line in kind["lines"].items():
        if key in own_lines:
            found += _compare(key, old_lines.get(key, {}), line, own_lines[key])
        elif key not in old_lines:
            found.append(Difference(ADDED, key, None, None, line, False))
    for key, line in old_lines.items():
        if key not in kind["lines"] and key in own_lines:
            mine = own_lines[key]
            is_own = any(mine.get(name) != value for name, value in line.items())
            found.append(Difference(REMOVED, key, None, mine, None, is_own))
    return found


def pair_lines(lines, own):
    """Return which lines of a recurring invoice are which lines of a kind.

    By their product alone where neither has another line of it.

    >>> line = {"display_type": "product", "product_id": 4, "name": "Server A", "price_unit": 9}
    >>> other = {**line, "name": "Server B"}
    >>> pair_lines({"7": line, "8": other}, {3: other})
    {'8': 3}
    >>> pair_lines({"7": line}, {3: {**line, "name": "Our server", "price_unit": 8}})
    {'7': 3}

    :param lines: dict key → values of the lines of the kind
    :param own: dict number → values of the lines of the recurring invoice
    :return: dict key → number
    """
    pairs = {}
    for names in ALIKE:
        for key, line in lines.items():
            alike = _find_alike(own, line, names)
            is_sure = "name" in names or len(alike) == len(_find_alike(lines, line, names)) == 1
            free = [number for number in alike if number not in pairs.values()]
            # a text is known by its words alone
            if free and is_sure and key not in pairs and (line["product_id"] or "name" in names):
                pairs[key] = free[0]
    return pairs


def _find_alike(lines, line, names):
    return [key for key in lines if _is_alike(lines[key], line, names)]


def _is_alike(one, other, names):
    return all(one[name] == other[name] for name in names)


def _compare(key, before, kind, own):
    """Return the values of the whole or of a line that have changed in the kind."""
    return [
        Difference(CHANGED, key, name, own.get(name), new, own.get(name) != before.get(name))
        for name, new in kind.items()
        if before.get(name) != new and own.get(name) != new
    ]
