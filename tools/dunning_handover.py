"""The moment an SMTP server takes a message: before it, in between, after it.

Plain Python. A message whose session breaks before its content was sent has certainly not left;
one whose content the server answered with 250 has; only what lies between is not known.
"""

import smtplib
from contextlib import contextmanager

TAKEN = 250


@contextmanager
def watched(session, begin, end):
    """Tell when an SMTP session hands a message over, and how that ended.

    :param session: ``smtplib.SMTP``, or what another way of sending puts in its place
    :param begin: called before the server gets the content of a message
    :param end: called with True when the server took it, with False when it refused it

    A session that breaks in between calls ``begin`` alone: nobody knows whether it left.

    >>> class Session:
    ...     def send_message(self, message):
    ...         if message == "bad":
    ...             raise smtplib.SMTPDataError(554, b"No")
    >>> notes = []
    >>> session = Session()
    >>> with watched(session, lambda: notes.append("begun"), notes.append):
    ...     session.send_message("good")
    >>> notes
    ['begun', True]
    >>> with watched(session, lambda: notes.append("begun"), notes.append):
    ...     session.send_message("bad")
    Traceback (most recent call last):
        ...
    smtplib.SMTPDataError: (554, b'No')
    >>> notes[2:]
    ['begun', False]
    """
    # Other transports have no step between addresses and content.
    name = "data" if hasattr(session, "data") else "send_message"
    hand_over = getattr(session, name)

    def noting(*args, **kwargs):
        begin()
        try:
            answer = hand_over(*args, **kwargs)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException:
            end(False)
            raise
        end(name != "data" or answer[0] == TAKEN)
        return answer

    setattr(session, name, noting)
    try:
        yield
    finally:
        delattr(session, name)
