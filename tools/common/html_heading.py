"""Headings inside a document whose pages are told apart by its own."""

from __future__ import annotations

import re

_OPENED = re.compile(r"<h([1-6])\b", re.IGNORECASE)
_CLOSED = re.compile(r"</h[1-6]\s*>", re.IGNORECASE)


def lower_headings(html: str) -> str:
    """Return a text whose headings look the same and are none.

    >>> lower_headings('<h1 class="x">A</h1><p>B</p><hr/>')
    '<div class="h1"><div class="x">A</div></div><p>B</p><hr/>'
    """
    # marked as safe it would escape what is put in
    opened = _OPENED.sub(r'<div class="h\1"><div', str(html))
    return _CLOSED.sub("</div></div>", opened)
