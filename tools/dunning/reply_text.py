"""What a person wrote in an answer, without what it answers, and which number it names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree, html

# What Odoo marks, when it takes in an e-mail, as the message that is answered; and what programs
# quote with that mark it themselves.
QUOTES = "//*[@data-o-mail-quote] | //blockquote[@type='cite']"
LONGEST = 400
# Lines after which programs put the message that is answered, in the languages of the addon.
QUOTE_STARTS = re.compile(
    r"""^(?:
        >
      | -{2,}\s*(?:Original|Urspr|Message\ d|Mesaj|Forwarded|Weitergeleitet).*
      | _{10,}
      | (?:On|Am|Le|În|In|Pe)\s.{4,120}?(?:wrote|schrieb|a\ écrit|a\ ecrit|a\ scris)\b.*
      | .{2,120}?(?:wrote|schrieb\ am|schrieb|a\ écrit|a\ scris)\s*:\s*$
      | \*?(?:From|Von|De|De\ la)\s?:\*?\s.*@.*
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def drop_quotes(body: str) -> str:
    """Return the HTML of an answer without the message it quotes; all of it where it is no more.

    >>> drop_quotes('<p>Paid.</p><blockquote type="cite">Please pay</blockquote><p>Ann</p>')
    '<div><p>Paid.</p><p>Ann</p></div>'
    >>> drop_quotes('<blockquote type="cite">Please pay<br>Paid.</blockquote>')
    '<blockquote type="cite">Please pay<br>Paid.</blockquote>'
    >>> drop_quotes("<html><head></head></html>")
    '<html><head></head></html>'
    """
    if not body.strip():
        return body
    try:
        tree = html.fragment_fromstring(body, create_parent="div")
    except (AssertionError, ValueError, etree.LxmlError):
        return body  # strangers may write what no parser takes
    for quote in tree.xpath(QUOTES):
        if quote.getparent() is not None:
            quote.drop_tree()
    return html.tostring(tree, encoding="unicode") if tree.text_content().strip() else body


def get_excerpt(text: str, longest: int = LONGEST) -> str:
    """Return the beginning of what was written, up to the message it answers.

    >>> get_excerpt("I paid on Monday.\\n\\nOn Tue, 3 Mar 2026 Brightwater wrote:\\n> Please pay")
    'I paid on Monday.'
    >>> get_excerpt("Bezahlt.\\nAm 03.03.26 um 10:00 schrieb Brightwater:\\n> Bitte zahlen")
    'Bezahlt.'
    """
    lines = []
    for line in text.splitlines():
        if QUOTE_STARTS.match(line.strip()):
            break
        lines.append(" ".join(line.split()))
    found = re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()
    return found if len(found) <= longest else found[: longest - 1].rstrip() + "…"


def find_named(subject: str, names: Iterable[str]) -> str:
    """Return the longest of the names that stands in a subject as a word of its own, or nothing.

    >>> find_named("Re: INV/2026/00012 paid", ["INV/2026/0001", "INV/2026/00012"])
    'INV/2026/00012'
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", subject, re.IGNORECASE):
            return name
    return ""
