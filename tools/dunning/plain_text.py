"""A message as plain text: paragraphs of its HTML, and tables whose columns stand below each other.

Plain Python: texts in, texts out.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from html.parser import HTMLParser

WIDTH = 76
# Longer texts of a first column stand in a line of their own, above their figures.
MOST_FIRST = 32
_GAP = "  "
_BLOCKS = frozenset(
    "address article blockquote div footer h1 h2 h3 h4 h5 h6 header hr li ol p section table tbody"
    " td tfoot th thead tr ul".split()
)
_APART = frozenset(("p", "h1", "h2", "h3", "h4", "table", "ul", "ol"))
_SILENT = frozenset(("head", "script", "style", "title"))
_EMPTY = frozenset(("br", "col", "hr", "img", "input", "link", "meta", "wbr"))
# Elements that carry this attribute are replaced by the text given under its value.
MARK = "data-dunning"


def format_table(rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    r"""Lines of a table, its columns aligned; an empty row is an empty line.

    :param rows: texts, as many in each row; the first row may be a heading
    :param right: the columns that stand on the right

    >>> print(format_table([("Invoice", "Due", "Amount"),
    ...                     ("INV/2026/00041", "2026-03-01", "1,234.50 €"),
    ...                     ("INV/7 (2/3)", "", "5.00 €")], right=(2,)))
    Invoice         Due             Amount
    INV/2026/00041  2026-03-01  1,234.50 €
    INV/7 (2/3)                     5.00 €

    A text that is too long has its own line:

    >>> print(format_table([("Invoice", "Amount"), ("A" * 40, "5.00 €")], right=(1,)))
    Invoice  Amount
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
             5.00 €

    A row of one text, as a heading, moves no column:

    >>> print(format_table([("INV/7", "5.00 €"), ("B" * 40,), ("RINV/1", "-\ufeff2.00 €")], (1,)))
    INV/7    5.00 €
    BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    RINV/1  -2.00 €
    >>> format_table([])
    ''
    """
    # Odoo ties a minus to its number by a character of no width
    rows = [[text.replace("\xa0", " ").replace("\ufeff", "") for text in row] for row in rows]
    right = set(right)
    split = []
    for row in rows:
        if len(row) > 1 and len(row[0]) > MOST_FIRST:
            split += [[row[0]], ["", *row[1:]]]
        else:
            split.append(row)
    widths: dict[int, int] = {}
    for row in split:
        for column, text in enumerate(row if len(row) > 1 else ()):
            widths[column] = max(widths.get(column, 0), len(text))
    return "\n".join(_format_row(row, widths, right) for row in split)


def _format_row(row, widths, right):
    if len(row) < 2:
        return "".join(row)
    cells = [
        text.rjust(widths[column]) if column in right else text.ljust(widths[column])
        for column, text in enumerate(row)
    ]
    return _GAP.join(cells).rstrip()


def format_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Lines of names and values, the values below each other; those without value are left out.

    >>> print(format_pairs([("IBAN:", "DE12 3456"), ("Bank:", ""), ("Reference:", "INV/7")]))
    IBAN:       DE12 3456
    Reference:  INV/7
    """
    return format_table([pair for pair in pairs if pair[1]])


def html_to_text(html: str, blocks: Mapping[str, str] | None = None) -> str:
    """Return the text of a message in lines of a readable length.

    :param blocks: what stands in place of the elements marked ``data-dunning="name"``, by name

    >>> print(html_to_text('<p>Dear <b>Ann</b>,<br>see <a href="https://x.example/1">invoice 1</a>.'
    ...                    '</p><div data-dunning="items"><table><tr><td>1</td></tr></table></div>'
    ...                    '<p>Regards,</p><p>Bob<br/>b@x.example</p>', {"items": "1   5.00"}))
    Dear Ann,
    see invoice 1 (https://x.example/1).
    <BLANKLINE>
    1   5.00
    <BLANKLINE>
    Regards,
    <BLANKLINE>
    Bob
    b@x.example
    >>> html_to_text('<style>p {}</style><ul><li>One</li><li>Two</li></ul>')
    '- One\\n- Two'
    """
    reader = _Reader(blocks or {})
    reader.feed(html)
    reader.close()
    return reader.get_text()


class _Reader(HTMLParser):
    """Collects lines; ``None`` stands for the place where an empty line belongs."""

    def __init__(self, blocks):
        super().__init__(convert_charrefs=True)
        self.blocks = blocks
        self.parts: list[str | None] = []
        self.line = ""
        self.prefix = ""
        self.links: list[tuple[str, int]] = []
        self.skipped = 0  # how many elements are open inside one that is left out

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        mark = attributes.get(MARK)
        if self.skipped or tag in _SILENT or mark in self.blocks:
            if not self.skipped and mark in self.blocks:
                self._end_line(apart=True)
                self.parts += [*self.blocks[mark].split("\n"), None]
            self.skipped += tag not in _EMPTY
            return
        if tag == "br":
            self._end_line()
        elif tag in _BLOCKS:
            self._end_line(apart=tag in _APART)
            self.prefix = "- " if tag == "li" else self.prefix
        elif tag == "a":
            self.links.append((attributes.get("href") or "", len(self.line)))

    def handle_endtag(self, tag):
        if self.skipped:
            self.skipped -= tag not in _EMPTY
        elif tag == "a" and self.links:
            self._end_link(*self.links.pop())
        elif tag in _BLOCKS:
            self._end_line(apart=tag in _APART)

    def handle_data(self, data):
        if not self.skipped:
            text = re.sub(r"\s+", " ", data)
            self.line += text.lstrip() if not self.line or self.line.endswith(" ") else text

    def _end_link(self, url, start):
        shown = self.line[start:].strip()
        if url.startswith(("http://", "https://")) and shown and shown != url:
            self.line = f"{self.line.rstrip()} ({url})"

    def _end_line(self, apart=False):
        text = self.line.strip()
        if text:
            self.parts += textwrap.wrap(
                self.prefix + text, WIDTH, break_long_words=False, break_on_hyphens=False
            )
            self.prefix = ""
        self.line = ""
        if apart:
            self.parts.append(None)

    def get_text(self):
        self._end_line()
        lines: list[str] = []
        for part in self.parts:
            if part is not None or (lines and lines[-1]):
                lines.append(part or "")
        return "\n".join(lines).strip("\n")
