"""Reading a table that other software exports as CSV, and writing one.

Separator, encoding, columns and the way dates and numbers are written are recognised. Plain
Python: nothing here knows of Odoo.

>>> words = {"number": "invoice", "level": "level"}
>>> table = read_table(b"Invoice;Level\\nINV/7;2\\n", words, needed="number")
>>> table.separator, table.columns, table.lines
(';', {'number': 0, 'level': 1}, [(2, ['INV/7', '2'])])
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .spreadsheet_cell import harmless, plain
from .value_bounds import MOST_AMOUNT, YEARS

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
DECIMAL_SIGNS = (".", ",")
ACCENTS = str.maketrans("àâăäéèêëîïôöùûüçșşțţ", "aaaaeeeeiioouuucsstt")
MAX_ROWS = 50_000
MAX_CELL = 32_767  # what a spreadsheet holds; more is a quote that was never closed


class TableError(ValueError):
    """A file cannot be read as a table.

    :ivar code: why: ``empty`` it holds no line, ``binary`` it is no text, ``unreadable`` its quotes
        or cells are broken, ``no_column`` the column that is needed is not there,
        ``duplicate_column`` two columns hold the same, ``too_many`` it has more lines than
        ``MAX_ROWS``
    :ivar headings: of which columns
    """

    def __init__(self, code: str, headings: Sequence[str] = ()):
        super().__init__(code)
        self.code = code
        self.headings = tuple(headings)


@dataclass(frozen=True, slots=True)
class TableFile:
    """What was recognised of a file: its lines without the headings."""

    lines: list[tuple[int, list[str]]]  # line number as an editor counts, cells
    columns: dict[str, int]
    separator: str
    encoding: str
    heading: list[str]  # empty where the file has none

    @property
    def unused(self) -> list[str]:
        """The headings that say nothing: what stands below them is not read."""
        used = set(self.columns.values())
        return [cell for i, cell in enumerate(self.heading) if cell and i not in used]

    def get(self, cells: Sequence[str], name: str) -> str:
        """What stands in a column of a line; empty: nothing, or there is no such column."""
        position = self.columns.get(name)
        if position is None or position >= len(cells):
            return ""
        return cells[position]

    def get_all(self, name: str) -> list[str]:
        """What stands in a column, in all lines where something does."""
        return [text for _line, cells in self.lines if (text := self.get(cells, name))]


def read_table(
    data: bytes, headings: Mapping[str, str], needed: str, order: Sequence[str] = ()
) -> TableFile:
    """Return the lines of a file and which column holds what.

    :param data: its content
    :param headings: the words by which each column is known, as ``simplify`` writes them, with
        spaces between
    :param needed: the column without which there is nothing to read
    :param order: which columns a file without headings has; empty: headings are needed
    :raises TableError: it cannot be read
    """
    text, encoding = _decode(data)
    if "\x00" in text:
        raise TableError("binary")
    # a first line for Excel alone; its end stays, so that the lines after it keep their number
    text = re.sub(r'\A"?sep=.[;,|\t "]*(?=[\r\n])', "", text, flags=re.IGNORECASE)
    separator = _find_separator(text)
    lines = _split(text, separator)
    if not lines:
        raise TableError("empty")
    columns = _find_columns(lines[0][1], headings)
    heading = []
    if columns:
        heading = lines[0][1]
        lines = lines[1:]
    else:
        columns = dict(zip(order, range(max(len(cells) for _, cells in lines)), strict=False))
    if needed not in columns:
        raise TableError("no_column")
    if not lines:
        raise TableError("empty")
    if len(lines) > MAX_ROWS:
        raise TableError("too_many")
    return TableFile(lines, columns, separator, encoding, heading)


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


def simplify(text: str) -> str:
    """Return a word as it is compared: in lower case without accents, spaces, digits and signs.

    >>> simplify("N° de facture"), simplify("Data începerii")
    ('ndefacture', 'datainceperii')
    """
    return re.sub(r"[^a-z]", "", text.lower().translate(ACCENTS))


# === DATES === #


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
    fits = {way: sum(parse_date(text, way) is not None for text in texts) for way in DATE_FORMATS}
    best = max(DATE_FORMATS, key=lambda way: fits[way])
    if not fits[best]:
        return "", False
    meant = {
        tuple(parse_date(text, way) for text in texts) for way in fits if fits[way] == fits[best]
    }
    return best, len(meant) > 1


def parse_date(text: str, date_format: str) -> date | None:
    """Return the day that a text says; None: it says none.

    :param date_format: for ``strptime``; empty: there is none
    """
    if not date_format:
        return None
    try:
        day = datetime.strptime(text.split(" ")[0].split("T")[0], date_format).date()
    except ValueError:
        return None
    return day if day.year in YEARS else None


# === NUMBERS === #


def recognise_decimals(texts: Iterable[str]) -> tuple[str, bool]:
    """The sign before the decimals, and whether the other would fit as well and say another number.

    >>> recognise_decimals(["1.234,50", "7"]), recognise_decimals(["1,234.50"])
    ((',', False), ('.', False))
    >>> recognise_decimals(["1.234"]), recognise_decimals(["12", "7"])
    (('.', True), ('.', False))
    """
    texts = [text for text in texts if text]
    read = {sign: [parse_number(text, sign) for text in texts] for sign in DECIMAL_SIGNS}
    fits = {sign: sum(number is not None for number in read[sign]) for sign in DECIMAL_SIGNS}
    best = max(DECIMAL_SIGNS, key=lambda sign: fits[sign])
    other = DECIMAL_SIGNS[best == DECIMAL_SIGNS[0]]
    return best, fits[best] == fits[other] and read[best] != read[other]


def parse_number(text: str, decimal_sign: str) -> Decimal | None:
    """Return the number that a text says; None: it says none.

    :param decimal_sign: ``.`` or ``,``; the other one, spaces and apostrophes part thousands

    >>> [str(parse_number(text, ",")) for text in ("1.234,50", "1 234,5", "-12", "12.5", "x")]
    ['1234.50', '1234.5', '-12', 'None', 'None']
    >>> [str(parse_number(text, ".")) for text in ("1'234.50", "1,234", "12,5", "1e3", "")]
    ['1234.50', '1234', 'None', 'None', 'None']
    """
    thousands = rf"[{re.escape('.,'.replace(decimal_sign, ''))}' \u2019\u00a0\u202f]"
    whole = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|[0-9]+"
    match = re.fullmatch(
        rf"([+-]?)({whole})?(?:{re.escape(decimal_sign)}([0-9]+))?", text.strip(), re.ASCII
    )
    if not match or not (match[2] or match[3]):
        return None
    digits = re.sub(r"[^0-9]", "", match[2] or "0")
    number = Decimal(f"{match[1]}{digits}.{match[3]}" if match[3] else f"{match[1]}{digits}")
    return number if abs(number) <= MOST_AMOUNT else None


# === PARTS OF A FILE === #


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
                raise TableError("unreadable")
            if any(cells):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:  # a cell without end
        raise TableError("unreadable") from error
    return lines


def _find_columns(cells: Sequence[str], headings: Mapping[str, str]) -> dict[str, int]:
    """Which column holds what; empty: the first line is no heading.

    :param cells: those of the first line
    """
    columns = {}
    for position, cell in enumerate(cells):
        word = simplify(cell)
        for name, words in headings.items():
            if word and word in words.split():
                if name in columns:
                    raise TableError("duplicate_column", (cells[columns[name]], cell))
                columns[name] = position
    return columns
