"""The moment an SMTP server takes a message: before it, in between, after it.

Plain Python. A message whose session breaks before its content was sent has certainly not left;
one whose content the server answered with 250 has; only what lies between is not known.
"""

import smtplib
from contextlib import contextmanager, suppress

TAKEN = 250
# what a server answers with these it may take later
TEMPORARY = range(400, 500)


class HandoverError(Exception):
    """What is noted before a hand-over could not be noted: nothing was handed over."""


@contextmanager
def watched(session, begin, end, tell=None):
    """Tell when an SMTP session hands a message over, and how that ended.

    :param session: ``smtplib.SMTP``, or what another way of sending puts in its place
    :param begin: called before the server gets the content of a message
    :param end: called with True when the server took it, with False when it refused it
    :param tell: called after each message with what was raised, or None, and with the answers to
        refused addresses where others were accepted: ``{address: (code, words)}``

    A session that breaks in between calls ``begin`` alone: nobody knows whether it left. Whatever
    else goes wrong, the session is fit for the next message, or closed.

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
        try:
            begin()
        except Exception as error:
            reset(session)
            raise HandoverError(str(error)) from error
        try:
            answer = hand_over(*args, **kwargs)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException:
            # refused before the content: addresses are left in the session
            reset(session)
            end(False)
            raise
        end(name != "data" or answer[0] == TAKEN)
        return answer

    setattr(session, name, noting)
    send = session.send_message

    def telling(*args, **kwargs):
        try:
            refused = send(*args, **kwargs)
        except Exception as error:
            if tell:
                tell(error, {})
            raise
        if tell:
            tell(None, refused if isinstance(refused, dict) else {})
        return refused

    session.send_message = telling
    try:
        yield
    finally:
        for attribute in {name, "send_message"}:
            delattr(session, attribute)


def reset(session):
    """Let a session forget the message it was in the middle of; close it where that fails."""
    try:
        session.rset()
    except AttributeError:
        return
    except (smtplib.SMTPException, OSError):
        with suppress(smtplib.SMTPException, OSError):
            session.close()


def is_temporary(error):
    """Whether the same message may be taken later: a refusal for now, or a broken connection.

    Of several addresses one that may be accepted later is enough.

    >>> is_temporary(smtplib.SMTPDataError(451, b"4.7.1 Try again later"))
    True
    >>> is_temporary(smtplib.SMTPSenderRefused(550, b"No", "me@example.com"))
    False
    >>> answers = {"a@x.org": (550, b"No"), "b@x.org": (450, b"Busy")}
    >>> is_temporary(smtplib.SMTPRecipientsRefused(answers))
    True
    >>> is_temporary(smtplib.SMTPServerDisconnected("Connection unexpectedly closed"))
    True
    >>> is_temporary(TimeoutError("timed out"))
    True
    >>> is_temporary(UnicodeEncodeError("ascii", "é", 0, 1, "no"))
    False
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code in TEMPORARY for code, _words in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code in TEMPORARY
    if isinstance(error, smtplib.SMTPServerDisconnected | HandoverError):
        return True
    return isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)


def get_words(error):
    """Return a server's refusal in its own words, on one line.

    >>> get_words(smtplib.SMTPDataError(451, b"4.7.1 Greylisted,\\n4.7.1 try again later"))
    '451 4.7.1 Greylisted, 4.7.1 try again later'
    >>> get_words(smtplib.SMTPRecipientsRefused({"a@x.org": (550, b"5.1.1 No such user")}))
    'a@x.org: 550 5.1.1 No such user'
    >>> get_words(TimeoutError("timed out"))
    'timed out'
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return get_refused_words(error.recipients)
    if isinstance(error, smtplib.SMTPResponseException):
        return _join(error.smtp_code, error.smtp_error)
    return " ".join(str(error).split()) or type(error).__name__


def get_refused_words(refused):
    """Return the answers to refused addresses: ``{address: (code, words)}`` as one line."""
    return "; ".join(f"{address}: {_join(*answer)}" for address, answer in refused.items())


def _join(code, words):
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    return f"{code} {' '.join(str(words).split())}".strip()
