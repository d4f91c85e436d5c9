"""Addresses of e-mail as a mail server takes them."""

from __future__ import annotations

import re

import idna

# What Odoo finds in a header again once it was written there.
LOCAL_PART = re.compile(r"[^\s\",<>@]+")
LABEL = r"[^\s\",<>@.()\[\]\\:;]{1,63}"
DOMAIN = re.compile(rf"{LABEL}(\.{LABEL})*|\[[^\s\[\]]+\]")
LONGEST_DOMAIN = 253


def as_sent(address: str) -> str:
    """Return an address as it is given to a mail server; empty: no server takes it.

    A domain with other letters than ASCII's has another spelling there.

    >>> as_sent("info@müller.example"), as_sent("a@b"), as_sent("x@[127.0.0.1]")
    ('info@xn--mller-kva.example', 'a@b', 'x@[127.0.0.1]')
    >>> [as_sent(text) for text in ("a@b.", "x@y..example", "x@@y.example", '"a b"@y.example')]
    ['', '', '', '']
    """
    local, _at, domain = address.rpartition("@")
    if not domain.isascii():
        try:
            domain = idna.encode(domain).decode()
        except idna.IDNAError:
            return ""
    sound = LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(domain)
    return f"{local}@{domain}" if sound and len(domain) <= LONGEST_DOMAIN else ""
