"""Reading a list of invoices with level, date and tags, as other software exports it.

Separator, encoding, columns and the way dates are written are recognised; what cannot be read is
kept with its line number and the reason. Plain Python: nothing here knows of Odoo.

>>> table = read(b"Invoice;Level;Date\\nINV/7;2;13.03.2026\\nINV/8;x;14.03.2026\\n")
>>> table.separator, table.date_format
(';', '%d.%m.%Y')
>>> [(row.line, row.number, row.level, str(row.date), row.problem) for row in table.rows]
[(2, 'INV/7', 2, '2026-03-13', ''), (3, 'INV/8', None, '2026-03-14', 'bad_level')]
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ..common.spreadsheet_cell import harmless, plain
from ..common.value_bounds import YEARS

SEPARATORS = (";", ",", "\t", "|")
# Tried in this order: where several fit every date, the first is taken and told to be doubtful.
DATE_FORMATS = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
)
# Headings by which a column is known, in the languages the addon speaks; compared in lower case
# without accents, spaces and signs.
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
ACCENTS = str.maketrans("àâäéèêëîïôöùûüç", "aaaeeeeiioouuuc")
MAX_LEVEL = 99
MAX_ROWS = 50_000
MAX_NUMBER = 256  # characters; no invoice has a longer one
MAX_TAG = 200
MAX_CELL = 32_767  # what a spreadsheet holds; more is a quote that was never closed


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


def read(data: bytes, date_format: str = "") -> Table:
    """Return the lines of a file.

    :param data: its content
    :param date_format: how its dates are written, for ``strptime``; empty: it is recognised
    :raises ValueError: with a code: ``empty`` where it holds no line, ``binary`` where it is no
        text, ``unreadable`` where its quotes or cells are broken, ``no_number_column`` where no
        column holds the numbers of invoices, ``duplicate_column`` where two columns hold the same,
        ``too_many`` where it has more lines than ``MAX_ROWS``
    """
    text, encoding = _decode(data)
    if "\x00" in text:
        raise ValueError("binary")
    # a first line for Excel alone; its end stays, so that the lines after it keep their number
    text = re.sub(r'\A"?sep=.[;,|\t "]*(?=[\r\n])', "", text, flags=re.IGNORECASE)
    separator = _find_separator(text)
    lines = _split(text, separator)
    if not lines:
        raise ValueError("empty")
    columns, has_heading = _find_columns(lines[0][1], max(len(cells) for _, cells in lines))
    lines = lines[has_heading:]
    if not lines:
        raise ValueError("empty")
    if len(lines) > MAX_ROWS:
        raise ValueError("too_many")
    found, doubtful = date_format, False
    if not date_format and "date" in columns:
        found, doubtful = recognise_dates(_cell(cells, columns["date"]) for _line, cells in lines)
    rows = [_read_row(line, cells, columns, found) for line, cells in lines]
    _mark_duplicates(rows)
    return Table(rows, separator, encoding, found, doubtful, columns)


def recognise_dates(texts: Iterable[str]) -> tuple[str, bool]:
    """The way dates are written, and whether another way would fit as well.

    Where no way fits all of them, the one that fits most; empty where there is none.

    >>> recognise_dates(["01/02/2026", "25/02/2026"])
    ('%d/%m/%Y', False)
    >>> recognise_dates(["01/02/2026", "03/02/2026"])
    ('%d/%m/%Y', True)
    """
    texts = [text for text in texts if text]
    if not texts:
        return "", False
    fits = {way: sum(_parse_date(text, way) is not None for text in texts) for way in DATE_FORMATS}
    best = max(DATE_FORMATS, key=lambda way: fits[way])
    if not fits[best]:
        return "", False
    meant = {
        tuple(_parse_date(text, way) for text in texts) for way in fits if fits[way] == fits[best]
    }
    return best, len(meant) > 1


def write(rows: Iterable[tuple[Sequence[str], str]], separator: str = ";") -> bytes:
    """The content of a file of lines: each with a reason, or nothing, as a last cell.

    A byte order mark leads, so that spreadsheets read accents right.

    >>> write([(["INV/7", "2"], "Not found")]).decode("utf-8-sig")
    'INV/7;2;Not found\\r\\n'
    >>> write([(["=1+1", "-2"], "+ Not found")]).decode("utf-8-sig")
    "'=1+1;-2;'+ Not found\\r\\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([harmless(cell) for cell in (*cells, reason)] for cells, reason in rows)
    return out.getvalue().encode("utf-8-sig")


def _decode(data: bytes) -> tuple[str, str]:
    """The text of a file: spreadsheets write UTF-8, UTF-16 or the Western code page."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"


def _find_separator(text: str) -> str:
    """The sign that parts the cells: the one the most of the first lines agree on."""
    lines = [line for line in text.splitlines() if line.strip()][:20]

    def agreement(sign):
        counts = [line.count(sign) for line in lines]
        positive = [count for count in counts if count]
        if not positive:
            return (0, 0)
        common = max(set(positive), key=positive.count)
        return (positive.count(common), common)

    return max(SEPARATORS, key=agreement)


def _split(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """The lines that hold something, as (line number, cells without surrounding space)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    lines = []
    start = 1
    try:
        for cells in reader:
            # a file of rejected lines comes back corrected
            cells = [plain(cell.strip()) for cell in cells]
            if any(len(cell) > MAX_CELL for cell in cells):
                raise ValueError("unreadable")
            if any(cells):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:  # a cell without end
        raise ValueError("unreadable") from error
    return lines


def _find_columns(cells: Sequence[str], width: int) -> tuple[dict[str, int], bool]:
    """Which column holds what, and whether the first line is a heading.

    :param cells: those of the first line
    :param width: the number of cells of the longest line: cells at the end may be left out
    """
    columns = {}
    for position, cell in enumerate(cells):
        word = re.sub(r"[^a-z]", "", cell.lower().translate(ACCENTS))
        for name, headings in HEADINGS.items():
            if word and word in headings.split():
                if name in columns:
                    raise ValueError("duplicate_column")
                columns[name] = position
    if not columns:
        return dict(zip(ORDER, range(width), strict=False)), False
    if "number" not in columns:
        raise ValueError("no_number_column")
    return columns, True


def _cell(cells: Sequence[str], position: int | None) -> str:
    if position is None or position >= len(cells):
        return ""
    return cells[position]


def _parse_date(text: str, date_format: str) -> date | None:
    try:
        day = datetime.strptime(text.split(" ")[0].split("T")[0], date_format).date()
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _read_row(line: int, cells: Sequence[str], columns: dict, date_format: str) -> Row:
    row = Row(line, cells, number=_cell(cells, columns.get("number")))
    level, day = (_cell(cells, columns.get(name)) for name in ("level", "date"))
    tags = re.split(r"[,;|]", _cell(cells, columns.get("tags")))
    row.tags = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    row.level = _parse_level(level)
    row.date = _parse_date(day, date_format) if date_format else None
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
