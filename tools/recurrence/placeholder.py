"""Placeholders in the texts of a recurring invoice.

Plain Python without Odoo: the caller gives the values as they shall be read, already in the
customer's language.
"""

import re

# What a text may name. Each stands between two hash signs: "#MONTH#". MONTH stands alone ("ноябрь
# 2026"), MONTH_OF goes with a day ("27 ноября"): one word in English, two in many languages.
# END_MONTH is that of the last day: "January – March".
NAMES = (
    "PERIOD_START",
    "PERIOD_END",
    "MONTH",
    "MONTH_OF",
    "END_MONTH",
    "QUARTER",
    "HALF_YEAR",
    "YEAR",
    "NUMBER",
    "DATE",
)
# Those that may be so many later or earlier, as in "#MONTH+1#", and how many months each is long.
MONTHS = {
    "MONTH": 1,
    "MONTH_OF": 1,
    "END_MONTH": 1,
    "QUARTER": 3,
    "HALF_YEAR": 6,
    "YEAR": 12,
}

_PLACEHOLDER = re.compile(
    "#(?:(" + "|".join(NAMES) + ")|(" + "|".join(MONTHS) + r")([+-]\d{1,2}))#"
)
_COLOR = re.compile("(?:[0-9A-Fa-f]{3}){1,2}$")
_LIKE_ONE = re.compile(r"#([A-Za-z]\w{2,}(?:[+-]\d+)?)#")
_SEPARATORS = r"\s,;:/|·–—-"
# two days with no more than a word between them, such as "to"
_SPAN = re.compile(r"#PERIOD_START#[^#\n]{0,12}#PERIOD_END#")
_EMPTY_BRACKETS = re.compile(rf"[(\[][{_SEPARATORS}]*[)\]]")


def has_placeholder(text):
    """Whether there is anything to fill.

    >>> has_placeholder("Support #MONTH#"), has_placeholder("Colour #FF0000#"), has_placeholder("")
    (True, False, False)
    """
    return bool(text) and "#" in text and bool(_PLACEHOLDER.search(text))


def find_unknown(text):
    """Return what looks like a placeholder and is none, in the order of the text.

    >>> find_unknown("Support #MONTH+1# #YEAR# #FOO#, #month# (#FF0000#, #1#), #NUMBER+1#")
    ['#FOO#', '#month#', '#NUMBER+1#']
    """
    found = _LIKE_ONE.finditer(text or "")
    return [
        match[0]
        for match in found
        if not _PLACEHOLDER.fullmatch(match[0]) and not _COLOR.match(match[1])
    ]


class Values(dict):
    """What placeholders stand for, by name.

    :param shifted: function of a name of MONTHS and a number: what stands so many later
    """

    def __init__(self, values, shifted):
        super().__init__(values)
        self.shifted = shifted


def fill_placeholders(text, values):
    """Put the values in place of the placeholders; what is no placeholder stays as it is.

    >>> fill_placeholders("Support #MONTH# #YEAR#, #NUMBER#.", {"MONTH": "mars", "YEAR": "2026",
    ...     "NUMBER": "3"})
    'Support mars 2026, 3.'
    >>> fill_placeholders("Paint #FF0000# and #month#", {"MONTH": "May"})
    'Paint #FF0000# and #month#'
    >>> years = Values({"YEAR": "2026"}, lambda name, number: str(2026 + number))
    >>> fill_placeholders("#YEAR-1#, #YEAR#, #YEAR+10#", years)
    '2025, 2026, 2036'

    :param text: any text, may be empty or None
    :param values: dict of name (see NAMES) to text, or Values; a missing name leaves its
        placeholder
    """
    if not has_placeholder(text):
        return text

    def fill(match):
        name, moved, number = match.groups()
        if name:
            return values.get(name, match[0])
        return values.shifted(moved, int(number)) if isinstance(values, Values) else match[0]

    return _PLACEHOLDER.sub(fill, text)


def strip_placeholders(text):
    """Return a text without its placeholders and what only held them together.

    >>> strip_placeholders("Azure · Support #MONTH# #YEAR#")
    'Azure · Support'
    >>> strip_placeholders("Hosting (#PERIOD_START# – #PERIOD_END#), basic")
    'Hosting, basic'
    >>> strip_placeholders("Hall, #PERIOD_START# to #PERIOD_END#")
    'Hall'
    >>> strip_placeholders("#MONTH#: fee"), strip_placeholders("#NUMBER#"), strip_placeholders("A-")
    ('fee', '', 'A-')
    """
    if not has_placeholder(text):
        return text
    text = _EMPTY_BRACKETS.sub("", _PLACEHOLDER.sub("", _SPAN.sub("", text)))
    text = re.sub(r"\s+([,;:])", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(rf"^[{_SEPARATORS}]+|[{_SEPARATORS}]+$", "", text)
