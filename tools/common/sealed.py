"""Values in Odoo's context that no client can send.

What a client sends is made of numbers, texts, lists and dicts, so it is never one of these.

>>> unseal({"key": Sealed(3)}, "key"), unseal({"key": 3}, "key"), unseal({}, "key", 0)
(3, None, 0)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sealed:
    """A value that this addon itself put into the context."""

    value: Any


# What is only switched on, or not at all.
ON = Sealed(True)


def unseal(context, key: str, default=None):
    """Return what this addon put into the context; what a client put there does not count."""
    found = context.get(key)
    return found.value if isinstance(found, Sealed) else default
