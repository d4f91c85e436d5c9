"""Text that goes into the header of an e-mail."""

import unicodedata

# control characters, line and paragraph separators: whatever a program takes for a line's end
BREAKING = ("Cc", "Zl", "Zp")


def one_line(text):
    """Return a text on one line: a line break in a name would begin a header of its own.

    >>> one_line("CR\\r\\nBcc: victim@x.example")
    'CR Bcc: victim@x.example'
    >>> one_line("Société Générale d'Été"), one_line("a\\u2028b\\x85c\\x00"), one_line(None)
    ("Société Générale d'Été", 'a b c', '')
    """
    text = text or ""
    if text.isprintable():
        return text
    cleaned = "".join(" " if unicodedata.category(char) in BREAKING else char for char in text)
    return " ".join(cleaned.split())


def first_line(text):
    """Return the first line of a field of addresses: a line break separates none.

    >>> first_line("a@x.example, b@x.example\\r\\nBcc: victim@x.example"), first_line(" a@x\\n")
    ('a@x.example, b@x.example', 'a@x')
    >>> first_line("a@x\\u2028v@x"), first_line("a@x\\x0bv@x"), first_line("\\n"), first_line(None)
    ('a@x', 'a@x', '', '')
    """
    return next(iter((text or "").strip().splitlines()), "").strip()
