"""Reading a list of agreements, as other software exports it: what each customer is billed.

A row is a line of an agreement. It belongs to the agreement above where it names no customer, and
to an earlier one where it names the same customer and the same reference. What cannot be read is
kept with its line number and the reason. Plain Python: nothing here knows of Odoo.

>>> heading = b"Customer;Product;Price;Repeats;Next invoice\\n"
>>> [agreement] = read(heading + b"Azure;Care;80,50;monthly;31.01.2027").agreements
>>> agreement.customer, agreement.rhythm, str(agreement.next), str(agreement.lines[0].price)
('Azure', ('months', 1), '2027-01-31', '80.50')
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from ..common.table_file import (
    TableFile,
    parse_date,
    parse_number,
    read_table,
    recognise_dates,
    recognise_decimals,
)
from .length_text import read_length, read_rhythm

# Headings by which a column is known, in the languages the addon speaks.
HEADINGS = {
    "customer": "customer customername client clientname partner kunde kundenname kundennummer "
    "kundennr nomduclient numeroclient",
    "reference": "reference contract contractnumber agreement agreementnumber subscription "
    "vertrag vertragsnummer vertragsnr referenz contrat numerodecontrat ncontrat numarcontract "
    "nrcontract referinta",
    "product": "product productcode item sku internalreference produkt artikel artikelnummer "
    "artikelnr produit article codearticle produs articol codprodus",
    "text": "description text label beschreibung bezeichnung libelle designation descriere",
    "quantity": "quantity qty menge anzahl quantite qte cantitate",
    "price": "price unitprice preis einzelpreis stuckpreis prix prixunitaire pret pretunitar",
    "discount": "discount rabatt remise reducere",
    "tax": "tax taxes vat steuer steuern mwst ust steuersatz tva taxe taxa",
    "rhythm": "repeats every interval frequency period rhythm rhythmus intervall turnus frequence "
    "periodicite frecventa periodicitate",
    "start": "start startdate starts startson begin beginn startdatum vertragsbeginn debut "
    "datededebut inceput dataincepere datainceperii",
    "next": "next nextdate nextinvoice nextinvoicedate nachsterechnung nachstesdatum "
    "prochainefacture dateprochainefacture urmatoareafactura",
    "until": "end enddate until endson ende enddatum vertragsende fin datedefin sfarsit "
    "datasfarsit datasfarsitului",
    "currency": "currency wahrung devise monnaie moneda valuta",
    "term": "term minimumterm mindestlaufzeit laufzeit dureeminimale engagement durataminima",
    "renewal": "renewal renewalterm verlangerung reconduction renouvellement reinnoire prelungire",
    "notice": "notice noticeperiod kundigungsfrist preavis preaviz",
}
# What holds for the whole agreement: said once, in its first row.
DATES = ("start", "next", "until")
LENGTHS = ("term", "renewal", "notice")
OF_AGREEMENT = ("reference", "rhythm", "currency", *DATES, *LENGTHS)
NUMBERS = ("quantity", "price", "discount")
NAMES = ("customer", "reference", "product", "text", "tax")
MOST_LINE = 10**12  # amount of a line: cents of more are lost in sums
# Characters; no name is longer.
MOST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file as it was written."""

    line: int  # as an editor counts, the heading is line 1
    cells: list[str]
    said: dict[str, str]  # by column


@dataclass(slots=True)
class Line:
    """A row of the file: what is billed.

    Where ``price`` is None or ``tax`` empty, they are those of the product.
    """

    line: int  # as an editor counts, the heading is line 1
    cells: list[str]
    product: str = ""
    text: str = ""
    quantity: Decimal | None = Decimal(1)
    price: Decimal | None = None
    discount: Decimal | None = Decimal(0)
    tax: str = ""


@dataclass(slots=True)
class FileAgreement:
    """What one customer is billed, from all its rows.

    ``problems`` are pairs of the line number and a code: ``no_customer``, ``no_rhythm``,
    ``bad_rhythm``, ``no_start``, ``bad_start``, ``bad_next``, ``bad_until``, ``bad_term``,
    ``bad_renewal``, ``bad_notice``, ``bad_quantity``, ``bad_price``, ``bad_discount``,
    ``no_what`` (neither product nor text), ``no_price`` (a text without product has none),
    ``next_before_start``, ``until_before`` (it ends before its next invoice), ``no_term`` (a
    renewal of what has no minimum term), ``no_start_of_term`` (nobody knows when the minimum term
    began), ``differs`` (a later row of it says otherwise), ``twice`` (a row of it says what an
    earlier one does), ``too_large`` (its amount), ``too_long``.
    """

    customer: str
    reference: str = ""
    currency: str = ""
    rhythm: tuple[str, int] | None = None
    start: date | None = None
    next: date | None = None
    until: date | None = None
    term: tuple[str, int] | None = None
    renewal: tuple[str, int] | None = None
    notice: tuple[str, int] | None = None
    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def first(self) -> date | None:
        """The day of the first invoice here."""
        return self.next or self.start


@dataclass(slots=True)
class AgreementFile:
    """What was recognised: ``date_format`` is empty where the file holds no date."""

    agreements: list[FileAgreement]
    file: TableFile
    date_format: str
    is_date_doubtful: bool
    decimal_sign: str
    is_decimal_doubtful: bool


def read(data: bytes, date_format: str = "", decimal_sign: str = "") -> AgreementFile:
    """Return the agreements of a file.

    :param data: its content
    :param date_format: how its dates are written, for ``strptime``; empty: it is recognised
    :param decimal_sign: the sign before decimals, ``.`` or ``,``; empty: it is recognised
    :raises TableError: it cannot be read
    """
    file = read_table(data, HEADINGS, needed="customer")
    is_date_doubtful = is_decimal_doubtful = False
    if not date_format:
        dates = [text for name in DATES for text in file.get_all(name)]
        date_format, is_date_doubtful = recognise_dates(dates)
    if not decimal_sign:
        numbers = [_strip_percent(name, text) for name in NUMBERS for text in file.get_all(name)]
        decimal_sign, is_decimal_doubtful = recognise_decimals(numbers)
    agreements = [_read_agreement(rows, date_format, decimal_sign) for rows in _group_rows(file)]
    return AgreementFile(
        agreements, file, date_format, is_date_doubtful, decimal_sign, is_decimal_doubtful
    )


def _group_rows(file: TableFile) -> list[list[Row]]:
    """Return the rows of each agreement, in the order of the file."""
    groups, by_reference, group = [], {}, None
    for number, cells in file.lines:
        row = Row(number, cells, {name: file.get(cells, name) for name in HEADINGS})
        key = row.said["customer"].casefold(), row.said["reference"].casefold()
        if row.said["customer"] or group is None:
            # the same number is the same agreement
            group = by_reference.get(key) if row.said["reference"] else None
            if group is None:
                group = by_reference[key] = []
                groups.append(group)
        group.append(row)
    return groups


def _read_agreement(rows: list[Row], date_format: str, decimal_sign: str) -> FileAgreement:
    said = rows[0].said
    agreement = FileAgreement(
        customer=said["customer"],
        reference=said["reference"],
        currency=said["currency"],
        rhythm=read_rhythm(said["rhythm"]),
        **{name: parse_date(said[name], date_format) for name in DATES},
        **{name: read_length(said[name]) for name in LENGTHS},
    )
    agreement.problems = [(rows[0].line, code) for code in _find_problems(agreement, said)]
    for i, row in enumerate(rows):
        if any(
            row.said[name].casefold() not in ("", said[name].casefold()) for name in OF_AGREEMENT
        ):
            agreement.problems.append((row.line, "differs"))
        if row.said["customer"] and row.said in [earlier.said for earlier in rows[:i]]:
            agreement.problems.append((row.line, "twice"))
        line = _read_line(row, decimal_sign)
        agreement.lines.append(line)
        agreement.problems += [(row.line, code) for code in _find_line_problems(line, row.said)]
    return agreement


def _find_problems(agreement: FileAgreement, said: dict) -> Iterator[str]:
    """The codes of what is wrong with an agreement; ``said`` are the cells of its first row."""
    if not said["customer"]:
        yield "no_customer"
    if not said["rhythm"]:
        yield "no_rhythm"
    if not (said["start"] or said["next"]):
        yield "no_start"
    for name in ("rhythm", *DATES, *LENGTHS):
        if said[name] and getattr(agreement, name) is None:
            yield f"bad_{name}"
    if said["renewal"] and not said["term"]:
        yield "no_term"
    if said["term"] and not said["start"]:
        yield "no_start_of_term"
    yield from _find_order_problems(agreement.start, agreement.next, agreement.until)


def _find_order_problems(start: date | None, following: date | None, until: date | None):
    first = following or start
    if start and following and following < start:
        yield "next_before_start"
    elif first and until and until < first:
        yield "until_before"


def _read_line(row: Row, decimal_sign: str) -> Line:
    line = Line(
        row.line, row.cells, **{name: row.said[name] for name in ("product", "text", "tax")}
    )
    for name in NUMBERS:
        if said := row.said[name]:
            setattr(line, name, parse_number(_strip_percent(name, said), decimal_sign))
    return line


def _strip_percent(name: str, text: str) -> str:
    return text.rstrip("% ") if name == "discount" else text


def _find_line_problems(line: Line, said: dict) -> Iterator[str]:
    if not (line.product or line.text):
        yield "no_what"
    elif not (line.product or said["price"]):
        yield "no_price"
    for name in NUMBERS:
        if said[name] and getattr(line, name) is None:
            yield f"bad_{name}"
    yield from _find_bound_problems(line)
    if any(len(said[name]) > MOST_TEXT for name in NAMES):
        yield "too_long"


def _find_bound_problems(line: Line) -> Iterator[str]:
    if line.discount is not None and not 0 <= line.discount <= 100:
        yield "bad_discount"
    if abs((line.quantity or 0) * (line.price or 0)) > MOST_LINE:
        yield "too_large"


# === WHAT IS MADE OF IT === #

RULE_TYPES = {"days": "daily", "weeks": "weekly", "months": "monthly", "years": "yearly"}


def get_columns(agreement: FileAgreement, today: date, bills_past: bool = False) -> dict:
    """Return the columns of the recurrence that bills an agreement, dates as ISO text.

    :param agreement: one without problems
    :param today: where no next invoice is named, dates before this day were billed elsewhere
    :param bills_past: they are billed here after all

    >>> agreement = FileAgreement("Azure", rhythm=("months", 3), start=date(2025, 1, 31))
    >>> columns = get_columns(agreement, today=date(2026, 11, 30))
    >>> [columns[name] for name in ("date_start", "interval", "day", "agreement_start")]
    ['2027-01-31', 3, 31, '2025-01-31']
    """
    unit, number = agreement.rhythm
    first = agreement.first
    if not (agreement.next or bills_past):
        first = find_first(agreement.start, unit, number, today)
    day = find_day(agreement.start, first)
    if unit == "years" and day != first.day:
        # of 29 February: a year has no day of the month of its own
        unit, number = "months", 12 * number
    columns = {
        "date_start": first.isoformat(),
        "rrule_type": RULE_TYPES[unit],
        "interval": number,
        "end_type": "end_date" if agreement.until else "forever",
    }
    if agreement.until:
        columns["until"] = agreement.until.isoformat()
    if unit == "months":
        columns["day"] = day
    if agreement.start and agreement.start != first:
        columns["agreement_start"] = agreement.start.isoformat()
    return columns | _get_term_columns(agreement)


def _get_term_columns(agreement: FileAgreement) -> dict:
    columns = {}
    for name in LENGTHS:
        if length := getattr(agreement, name):
            columns |= {f"{name}_unit": length[0], f"{name}_number": length[1]}
    if agreement.renewal:
        columns["renewal"] = "auto"
    return columns


def find_first(start: date, unit: str, number: int, today: date) -> date:
    """Return the first day of a rhythm that is not before a day.

    >>> str(find_first(date(2024, 2, 29), "years", 1, date(2026, 11, 30)))
    '2027-02-28'
    >>> str(find_first(date(2026, 11, 2), "weeks", 2, date(2026, 11, 30)))
    '2026-11-30'
    >>> str(find_first(date(2027, 5, 1), "months", 1, date(2026, 11, 30)))
    '2027-05-01'
    """
    if start >= today:
        return start
    if unit in ("days", "weeks"):
        step = number * (7 if unit == "weeks" else 1)
        return start + timedelta(days=-(-(today - start).days // step) * step)
    step = number * (12 if unit == "years" else 1)
    steps = ((today.year - start.year) * 12 + today.month - start.month) // step
    first = start + relativedelta(months=steps * step)
    return first if first >= today else start + relativedelta(months=(steps + 1) * step)


def find_day(start: date | None, first: date) -> int:
    """Return the day of the month on which it repeats.

    An agreement of the 31st whose next invoice is on 28 February repeats on the 31st.

    >>> [find_day(date(2026, 1, 31), first) for first in (date(2026, 2, 28), date(2026, 3, 1))]
    [31, 1]
    """
    last = monthrange(first.year, first.month)[1]
    return start.day if start and first.day == last and start.day > last else first.day
