"""Reads a domain that a person wrote as text: literals only, and no more than a person would."""

from ast import literal_eval

MAX_LENGTH = 10_000
MAX_CONDITIONS = 500


class DomainTextError(ValueError):
    """A text that is no domain; ``reason`` is ``too_long``, ``no_literal`` or ``no_list``."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def read_domain(text):
    """Return the domain of a text as a list. Nothing is computed: ``9**9**8`` is no literal.

    >>> read_domain(" [('partner_id.name', 'ilike', 'zed'), ('id', '!=', -1)] ")
    [('partner_id.name', 'ilike', 'zed'), ('id', '!=', -1)]
    >>> read_domain("")
    []
    >>> read_domain("[('id', '=', 9**9**8)]")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    DomainTextError: no_literal

    :raise DomainTextError: it is too long, or no list of literals
    """
    text = (text or "").strip()
    if not text:
        return []
    if len(text) > MAX_LENGTH:
        raise DomainTextError("too_long")
    try:
        domain = literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise DomainTextError("no_literal") from error
    if not isinstance(domain, list | tuple):
        raise DomainTextError("no_list")
    if len(domain) > MAX_CONDITIONS:
        raise DomainTextError("too_long")
    return list(domain)
