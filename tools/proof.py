"""The seal of what left: one number that another text, address or file would not give."""

import json
from hashlib import sha256


def seal(*values):
    """Return the SHA-256 of values in one canonical form.

    >>> seal("Text", [{"name": "a.pdf", "id": 1}]) == seal("Text", [{"id": 1, "name": "a.pdf"}])
    True
    >>> seal("ab", "c") == seal("a", "bc"), seal(False, 1) == seal(None, 1) == seal("", 1)
    (False, True)
    """
    plain = [str(value) if isinstance(value, str) else value or "" for value in values]
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
