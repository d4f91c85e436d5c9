"""The seal of what left: one number that another text, address or file would not give."""

import json
from hashlib import sha1, sha256


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


def digest(content, like=""):
    """Return the SHA-256 of a file's content, or its SHA-1 where it is compared with one.

    >>> digest(b"%PDF")[:16], digest(b"%PDF", digest(b"%PDF"))[:16], digest(b"%PDF", "0" * 40)[:16]
    ('315d429b7714cedb', '315d429b7714cedb', '39b6d73eff36493b')
    """
    return (sha1 if len(like) == 40 else sha256)(content).hexdigest()
