"""Placeholders in the texts of a recurring invoice.

Plain Python without Odoo: the caller gives the values as they shall be read, already in the
customer's language.
"""

import re

# What a text may name. Each stands between two hash signs: "#MONTH#".
NAMES = ("PERIOD_START", "PERIOD_END", "MONTH", "YEAR", "NUMBER", "DATE")

_PLACEHOLDER = re.compile("#(" + "|".join(NAMES) + ")#")


def has_placeholder(text):
    """Whether there is anything to fill.

    >>> has_placeholder("Support #MONTH#"), has_placeholder("Colour #FF0000#"), has_placeholder("")
    (True, False, False)
    """
    return bool(text) and "#" in text and bool(_PLACEHOLDER.search(text))


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
