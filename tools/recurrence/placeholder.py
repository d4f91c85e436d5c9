"""Placeholders in the texts of a recurring invoice.

Plain Python without Odoo: the caller gives the values as they shall be read, already in the
customer's language.
"""

import re

# What a text may name. Each stands between two hash signs: "#MONTH#". MONTH stands alone ("ноябрь
# 2026"), MONTH_OF goes with a day ("27 ноября"): one word in English, two in many languages.
NAMES = ("PERIOD_START", "PERIOD_END", "MONTH", "MONTH_OF", "YEAR", "NUMBER", "DATE")

_PLACEHOLDER = re.compile("#(" + "|".join(NAMES) + ")#")
_COLOR = re.compile("(?:[0-9A-Fa-f]{3}){1,2}$")
_LIKE_ONE = re.compile(r"#([A-Za-z]\w{2,})#")
_SEPARATORS = r"\s,;:/|·–—-"
_EMPTY_BRACKETS = re.compile(rf"[(\[][{_SEPARATORS}]*[)\]]")


def has_placeholder(text):
    """Whether there is anything to fill.

    >>> has_placeholder("Support #MONTH#"), has_placeholder("Colour #FF0000#"), has_placeholder("")
    (True, False, False)
    """
    return bool(text) and "#" in text and bool(_PLACEHOLDER.search(text))


def find_unknown(text):
    """Return what looks like a placeholder and is none, in the order of the text.

    >>> find_unknown("Support #MONTH# #YEAR# #FOO#, #month# (#FF0000#, #1#)")
    ['#FOO#', '#month#']
    """
    found = _LIKE_ONE.finditer(text or "")
    return [match[0] for match in found if match[1] not in NAMES and not _COLOR.match(match[1])]


def fill_placeholders(text, values):
    """Put the values in place of the placeholders; what is no placeholder stays as it is.

    >>> fill_placeholders("Support #MONTH# #YEAR#, #NUMBER#.", {"MONTH": "mars", "YEAR": "2026",
    ...     "NUMBER": "3"})
    'Support mars 2026, 3.'
    >>> fill_placeholders("Paint #FF0000# and #month#", {"MONTH": "May"})
    'Paint #FF0000# and #month#'

    :param text: any text, may be empty or None
    :param values: dict of name (see NAMES) to text; a missing name leaves its placeholder
    """
    if not has_placeholder(text):
        return text
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def strip_placeholders(text):
    """Return a text without its placeholders and what only held them together.

    >>> strip_placeholders("Azure · Support #MONTH# #YEAR#")
    'Azure · Support'
    >>> strip_placeholders("Hosting (#PERIOD_START# – #PERIOD_END#), basic")
    'Hosting, basic'
    >>> strip_placeholders("#MONTH#: fee"), strip_placeholders("#NUMBER#"), strip_placeholders("A-")
    ('fee', '', 'A-')
    """
    if not has_placeholder(text):
        return text
    text = _EMPTY_BRACKETS.sub("", _PLACEHOLDER.sub("", text))
    text = re.sub(r"\s+([,;:])", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(rf"^[{_SEPARATORS}]+|[{_SEPARATORS}]+$", "", text)
