"""Reading a list of invoices with level, date and tags, as other software exports it.

What is recognised by itself, see ``tools.common.table_file``; what cannot be read is kept with its
line number and the reason. Plain Python: nothing here knows of Odoo.

>>> table = read(b"Invoice;Level;Date\\nINV/7;2;13.03.2026\\nINV/8;x;14.03.2026\\n")
>>> table.separator, table.date_format
(';', '%d.%m.%Y')
>>> [(row.line, row.number, row.level, str(row.date), row.problem) for row in table.rows]
[(2, 'INV/7', 2, '2026-03-13', ''), (3, 'INV/8', None, '2026-03-14', 'bad_level')]
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from ..common.table_file import TableFile, parse_date, read_table, recognise_dates

# Headings by which a column is known, in the languages the addon speaks.
HEADINGS = {
    "number": "number invoice invoicenumber invoiceno no numero facture numerodefacture nofacture "
    "ndefacture nfacture "
    "nummer rechnung rechnungsnummer rechnungsnr belegnummer",
    "level": "level dunninglevel reminderlevel niveau niveauderelance stufe mahnstufe",
    "date": "date lastreminder dateoflastreminder reminderdate datederelance dernierrappel "
    "derniererelance datum mahndatum letztemahnung",
    "tags": "tags tag etiquettes etiquette schlagworte schlagwort stichworte kennzeichen",
}
ORDER = ("number", "level", "date", "tags")
MAX_LEVEL = 99
MAX_NUMBER = 256  # characters; no invoice has a longer one
MAX_TAG = 200


@dataclass(slots=True)
class Row:
    """One line of the file; ``problems`` are codes, none where it can be read.

    Codes: ``no_number``, ``bad_number``, ``bad_level``, ``bad_date``, ``bad_tag``, ``nothing``
    (neither level, date nor tag), ``duplicate`` (the number stands in an earlier line too).
    """

    line: int  # as an editor counts, the heading is line 1
    cells: Sequence[str]
    number: str = ""
    level: int | None = None
    date: date | None = None
    tags: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def problem(self) -> str:
        """The code of what is wrong first; empty: nothing is."""
        return self.problems[0] if self.problems else ""

    @property
    def has_number(self) -> bool:
        """Whether an invoice may have such a number."""
        return 0 < len(self.number) <= MAX_NUMBER


@dataclass(slots=True)
class Table:
    """What was recognised: ``date_format`` is empty where the file holds no date."""

    rows: list[Row]
    separator: str
    encoding: str
    date_format: str
    is_date_doubtful: bool
    columns: dict[str, int]
    heading: list[str]


def read(data: bytes, date_format: str = "") -> Table:
    """Return the lines of a file.

    :param data: its content
    :param date_format: how its dates are written, for ``strptime``; empty: it is recognised
    :raises TableError: it cannot be read
    """
    file = read_table(data, HEADINGS, needed="number", order=ORDER)
    found, doubtful = date_format, False
    if not date_format:
        found, doubtful = recognise_dates(file.get_all("date"))
    rows = [_read_row(line, cells, file, found) for line, cells in file.lines]
    _mark_duplicates(rows)
    return Table(rows, file.separator, file.encoding, found, doubtful, file.columns, file.heading)


def _read_row(line: int, cells: Sequence[str], file: TableFile, date_format: str) -> Row:
    row = Row(line, cells, number=file.get(cells, "number"))
    level, day = (file.get(cells, name) for name in ("level", "date"))
    tags = re.split(r"[,;|]", file.get(cells, "tags"))
    row.tags = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    row.level = _parse_level(level)
    row.date = parse_date(day, date_format)
    row.problems = list(_find_problems(row, level, day))
    return row


def _find_problems(row: Row, level: str, day: str) -> Iterator[str]:
    """The codes of what is wrong with a line; ``level`` and ``day`` are its words for them."""
    if not row.number:
        yield "no_number"
    elif len(row.number) > MAX_NUMBER:
        yield "bad_number"
    if level and row.level is None:
        yield "bad_level"
    if day and row.date is None:
        yield "bad_date"
    if any(len(tag) > MAX_TAG for tag in row.tags):
        yield "bad_tag"
    if not (level or day or row.tags):
        yield "nothing"


def find_rejects(row: Row, ids: Sequence[int], taken: Collection[int], today: date) -> list[str]:
    """The codes of all reasons why a line cannot be used; none: it can.

    :param ids: those of the invoices that its number may mean
    :param taken: ids of those that earlier lines mean
    :param today: no reminder was sent later

    >>> row = Row(line=2, cells=(), number="INV/7", level=1)
    >>> [find_rejects(row, ids, {8}, date(2026, 3, 1)) for ids in ([], [7, 9], [8], [7])]
    [['not_found'], ['several'], ['duplicate'], []]
    """
    codes = list(row.problems)
    if row.date and row.date > today:
        codes.append("future_date")
    if row.has_number and len(ids) != 1:
        codes.append("several" if ids else "not_found")
    # one line by its number, another by its reference
    if "duplicate" not in codes and len(ids) == 1 and ids[0] in taken:
        codes.append("duplicate")
    return codes


def _parse_level(text: str) -> int | None:
    match = re.fullmatch(r"(\d{1,2})(?:[.,]0+)?", text)
    return int(match.group(1)) if match and int(match.group(1)) <= MAX_LEVEL else None


def _mark_duplicates(rows: Iterable[Row]) -> None:
    """Give later lines of the same number their problem: which one is meant nobody knows."""
    seen = set()
    for row in rows:
        if row.has_number and row.number in seen:
            row.problems.append("duplicate")
        seen.add(row.number)
