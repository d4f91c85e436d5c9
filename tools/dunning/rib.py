"""French bank details and company numbers, as a bill of exchange states them."""

from __future__ import annotations

import re
from typing import NamedTuple

# What a letter of an account number counts as in the check of its key.
LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
FRENCH_IBAN = re.compile(r"FR\d{2}(\d{5})(\d{5})([A-Z0-9]{11})(\d{2})")


class Rib(NamedTuple):
    """The parts of a French account number."""

    bank: str
    branch: str
    account: str
    key: str


def compute_key(bank: str, branch: str, account: str) -> str:
    """Return the two digits that check a French account number (clé RIB).

    >>> compute_key("20041", "01005", "0500013M026")
    '06'
    >>> compute_key("30006", "00001", "12345678901")
    '89'
    """
    figures = int(account.translate(LETTERS))
    return f"{97 - (89 * int(bank) + 15 * int(branch) + 3 * figures) % 97:02d}"


def split_iban(iban: str | None) -> Rib | None:
    """Return the parts of a French IBAN; None: it is not French, or a check digit is wrong.

    >>> split_iban("FR14 2004 1010 0505 0001 3M02 606")
    Rib(bank='20041', branch='01005', account='0500013M026', key='06')
    >>> split_iban("FR15 2004 1010 0505 0001 3M02 606"), split_iban("BE71096123456769")
    (None, None)
    >>> split_iban(""), split_iban(None)
    (None, None)
    """
    compact = re.sub(r"\s", "", iban or "").upper()
    found = FRENCH_IBAN.fullmatch(compact)
    if not found:
        return None
    rib = Rib(*found.groups())
    digits = "".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])
    is_right = int(digits) % 97 == 1 and compute_key(*rib[:3]) == rib.key
    return rib if is_right else None


def find_siren(*numbers: str | None) -> str:
    """Return the SIREN in the first of these that holds one: SIREN, SIRET or French VAT number.

    >>> find_siren("", "732 829 320 00074"), find_siren(None, "FR44732829320")
    ('732829320', '732829320')
    >>> find_siren("732829321", "BE0477472701", False)
    ''
    """
    for number in numbers:
        compact = re.sub(r"[\s.]", "", number or "").upper()
        found = re.fullmatch(r"(\d{9})(?:\d{5})?|FR[A-Z0-9]{2}(\d{9})", compact)
        siren = found and (found[1] or found[2])
        if siren and _passes_luhn(siren):
            return siren
    return ""


def _passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(figure - 9 if figure > 9 else figure for figure in doubled) % 10 == 0
