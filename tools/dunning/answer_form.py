"""What a customer typed on the own page: read, cleaned and bounded before anything else sees it."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal

from dateutil.relativedelta import relativedelta

from .spoken_amount import read_amount

LONGEST_LINE = 120
LONGEST_TEXT = 2000
LARGEST_FILE = 5 * 1024 * 1024
# What a file begins with, whatever it is called.
FILE_TYPES = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
}
# One address, in characters that no header and no page reads as anything else.
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}"
)
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Of amounts up to this one floats know each cent.
MOST_AMOUNT = Decimal(10) ** 12
STEPS = {"week": {"weeks": 1}, "two_weeks": {"weeks": 2}, "month": {"months": 1}}


class AnswerForm:
    """The fields of one form; ``errors`` tells what is wrong: ``{field: (code, figures)}``."""

    def __init__(self, typed: Mapping[str, list[str]]):
        self.typed = typed
        self.errors: dict[str, tuple[str, dict]] = {}

    def refuse(self, name, code, **figures):
        """Note what is wrong with a field; the first fault counts."""
        self.errors.setdefault(name, (code, figures))

    def get(self, name):
        return next(iter(self.typed.get(name) or ()), "").strip()

    def text(self, name, longest=LONGEST_TEXT, required=False):
        """Return what was typed without control characters; a short text is one line."""
        text = clean(self.get(name))
        if longest <= LONGEST_LINE:
            text = " ".join(text.split())
        if len(text) > longest:
            self.refuse(name, "long", most=longest)
        elif required and not text:
            self.refuse(name, "missing")
        return text[:longest]

    def choice(self, name, choices):
        """Return which of the choices was made."""
        value = self.get(name)
        if value not in choices:
            self.refuse(name, "choose")
            return None
        return value

    def day(self, name, first, last):
        """Return the day between two others."""
        text = self.get(name)
        try:
            day = date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if not text:
            self.refuse(name, "missing")
        elif day is None or not first <= day <= last:
            self.refuse(name, "day", first=first, last=last)
        return day

    def whole(self, name, least, most):
        """Return a whole number."""
        text = self.get(name)
        number = int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None
        if number is None or not least <= number <= most:
            self.refuse(name, "number", least=least, most=most)
        return number

    def amount(self, name, most, most_text=""):
        """Return an amount above zero up to another one; None where nothing was typed.

        :param most_text: the other one as its reader writes it
        """
        text = self.get(name)
        if not text:
            return None
        amount = read_amount(text)
        limit = min(Decimal(str(most)), MOST_AMOUNT)
        if amount is None or not 0 < amount <= limit:
            self.refuse(name, "amount", most=most_text or most)
            return None
        return float(amount)

    def email(self, name):
        """Return one address of e-mail."""
        text = self.get(name)
        if not text:
            self.refuse(name, "missing")
        elif len(text) > 254 or not EMAIL.fullmatch(text):
            self.refuse(name, "email")
        return text

    def chosen(self, name, options):
        """Return those of the options that were ticked; what else is named is nobody's.

        :param options: ``{id: option}``
        """
        ticked = set(self.typed.get(name) or ())
        found = [option for key, option in options.items() if str(key) in ticked]
        if not found:
            self.refuse(name, "choose")
        return found


def clean(text):
    r"""Return a text with plain line breaks and nothing that cannot be seen.

    >>> clean("a\r\nb\x00\x1bc\u202ed")
    'a\nbcd'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char
        for char in text
        if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )


def find_file_type(content):
    """Return (ending, MIME type) by what a file begins with; empty: none that is taken.

    >>> find_file_type(b"%PDF-1.7 ..."), find_file_type(b"<svg onload=alert(1)>")
    (('pdf', 'application/pdf'), ('', ''))
    """
    for start, found in FILE_TYPES.items():
        if content.startswith(start):
            return found
    return "", ""


def name_file(name, ending):
    r"""Return a harmless name for a file of a type.

    >>> name_file("../../etc/pass\nwd.exe", "pdf"), name_file("", "png")
    ('passwd.pdf', 'file.png')
    """
    stem = re.split(r"[\\/]", clean(name or "").replace("\n", ""))[-1].rpartition(".")
    stem = (stem[0] or stem[2]).strip(" .")[:80]
    return f"{stem or 'file'}.{ending}"


def get_instalments(first, count, step, total, rounding):
    """Return the instalments of a plan as (day, amount); what does not divide is in the last.

    >>> get_instalments(date(2026, 1, 31), 3, "month", 100.0, 0.01)[1:]
    [(datetime.date(2026, 2, 28), 33.33), (datetime.date(2026, 3, 31), 33.34)]
    """
    unit = Decimal(str(rounding))
    total = Decimal(str(total))
    each = (total / count / unit).to_integral_value(ROUND_DOWN) * unit
    amounts = [each] * (count - 1) + [total - each * (count - 1)]
    step = STEPS[step]
    days = [
        first + relativedelta(**{unit: number * n for unit, n in step.items()})
        for number in range(count)
    ]
    return [(day, float(amount)) for day, amount in zip(days, amounts, strict=True)]
