"""What wrote an incoming e-mail: a person, or a program that answers by itself.

Of programs the standards say how they are known (RFC 3834, 3464, 8098, 5546); what does not keep to
them is known by headers of its maker, and as a last resort by its subject.
"""

from __future__ import annotations

import re
import unicodedata
from email.message import Message

PERSON = ""
# Kinds of messages that no person wrote.
AUTOMATIC = "automatic"  # out of office, "we received your message"
CALENDAR = "calendar"  # an invitation was accepted or declined
READ = "read"  # the message was displayed
DELIVERED = "delivered"
DELAYED = "delayed"
FAILED = "failed"

# Headers that only automatic answers have, whatever they say but one of ``NOTHING``.
OWN_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-AutoReply-From",
    "X-Mail-Autoreply",
    "X-Vacation",
    "X-MS-Exchange-Generated-Message-Source",
)
NOTHING = ("", "no", "none", "false")
# What Exchange asks not to be answered with; a person's messages may ask for less.
SUPPRESSED = {"all", "oof", "autoreply"}
PRECEDENCES = ("auto_reply", "auto-reply", "bulk", "junk")
# Beginnings of subjects, and what stands anywhere in them, without accents and in lower case.
SUBJECT_STARTS = (
    *("automatic reply", "automated reply", "auto reply", "auto-reply", "autoreply"),
    *("auto response", "autoresponse", "out of office", "out-of-office", "ooo:"),
    *("automatische antwort", "autom. antwort", "abwesenheitsnotiz", "abwesenheitsnachricht"),
    *("abwesenheitsmeldung", "automatische abwesenheit", "abwesend:"),
    *("reponse automatique", "message automatique", "absence du bureau", "message d'absence"),
    *("absent du bureau", "absente du bureau", "notification d'absence", "reponse auto"),
    *("absent(e)", "automatisch antwoord", "respuesta automatica", "risposta automatica"),
    *("raspuns automat", "mesaj automat", "mesaj de absenta", "absent din birou", "in concediu"),
)
SUBJECT_PARTS = (
    *("is out of the office", "am out of the office", "ist ausser haus", "bin ausser haus"),
    *("ist nicht im buro", "bin nicht im buro", "est absent du bureau", "suis absent du bureau"),
    *("est absente du bureau", "suis absente du bureau", "nu este la birou"),
    *("est absent(e)", "suis absent(e)"),
)
DELAY_WORDS = re.compile(r"delay|warning|verzoger|retard|intarzi")
MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
COPIED_ID = re.compile(r"^(?:Original-)?Message-ID:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
BETWEEN_ADDRESSES = re.compile(r"[\s<>;,]+")
# Characters of a header that are read; strangers write them.
LONGEST_HEADER = 10_000


def find_kind(message: Message) -> str:
    """Return what kind of message it is; ``PERSON`` where nothing speaks for a program.

    >>> from email import message_from_string
    >>> find_kind(message_from_string("Subject: Re: Reminder\\n\\nI paid on Monday."))
    ''
    >>> find_kind(message_from_string("Auto-Submitted: auto-replied\\n\\nBack on Monday."))
    'automatic'
    >>> find_kind(message_from_string("Subject: Réponse automatique : Rappel\\n\\nAbsente"))
    'automatic'
    """
    return _find_report(message) or _find_calendar(message) or _find_automatic(message)


def find_failed(message: Message) -> list[str]:
    """Return the addresses that a delivery report says were not reached.

    >>> from email import message_from_string
    >>> find_failed(message_from_string("X-Failed-Recipients: a@b.example\\n\\n"))
    ['a@b.example']
    """
    found = _addresses(_header(message, "X-Failed-Recipients"))
    for status in _statuses(message):
        if _header(status, "Action").lower() == "failed":
            recipient = _header(status, "Final-Recipient") or _header(status, "Original-Recipient")
            found += _addresses(recipient.partition(";")[2])
    return list(dict.fromkeys(address.lower() for address in found))


def find_originals(message: Message) -> list[str]:
    """Return the ids of the messages that a report is about, the surest first.

    >>> from email import message_from_string
    >>> find_originals(message_from_string("Subject: Failed\\n\\nMessage-ID: <1@x.example>\\n"))
    ['<1@x.example>']
    """
    found = []
    for part in message.walk():
        if part is not message:
            found += MESSAGE_ID.findall(_header(part, "Original-Message-ID"))
            found += MESSAGE_ID.findall(_header(part, "Message-ID"))
        if part.get_content_type() in ("text/plain", "text/rfc822-headers"):
            found += COPIED_ID.findall(_text(part))
    for name in ("In-Reply-To", "References"):
        found += reversed(MESSAGE_ID.findall(_header(message, name)))
    return list(dict.fromkeys(found))


def is_from_robot(message: Message) -> bool:
    """Whether a mail server itself wrote the message."""
    address = (_addresses(_header(message, "From")) or [""])[0]
    return address.partition("@")[0].lower().strip("'\"") == "mailer-daemon"


def _find_report(message):
    """Return the kind of a delivery report or receipt, or nothing."""
    types = {part.get_content_type() for part in message.walk()}
    types.add(f"message/{_report_type(message)}")
    if "message/disposition-notification" in types:
        return READ
    if "message/delivery-status" in types:
        actions = {_header(status, "Action").lower() for status in _statuses(message)}
        if actions and "failed" not in actions:
            return DELAYED if "delayed" in actions else DELIVERED
        return FAILED
    if _header(message, "X-Failed-Recipients"):
        return FAILED
    if is_from_robot(message):
        return DELAYED if DELAY_WORDS.search(_plain(_header(message, "Subject"))) else FAILED
    return ""


def _find_calendar(message):
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            method = str(part.get_param("method") or "").upper()
            if method == "REPLY" or re.search(r"^METHOD:REPLY\s*$", _text(part), re.MULTILINE):
                return CALENDAR
    return ""


def _find_automatic(message):
    submitted = _header(message, "Auto-Submitted").partition(";")[0].partition("(")[0]
    if submitted.strip().lower() not in NOTHING:
        return AUTOMATIC
    if any(_header(message, name).lower() not in NOTHING for name in OWN_HEADERS):
        return AUTOMATIC
    suppressed = re.split(r"[\s,;]+", _header(message, "X-Auto-Response-Suppress").lower())
    if SUPPRESSED.intersection(suppressed):
        return AUTOMATIC
    if _header(message, "Precedence").lower() in PRECEDENCES:
        return AUTOMATIC
    # answers by themselves leave without a way back, so that nobody answers them
    if _header(message, "Return-Path") == "<>":
        return AUTOMATIC
    return AUTOMATIC if _is_subject_automatic(_header(message, "Subject")) else PERSON


def _is_subject_automatic(subject):
    # of Notes; in German a car is an "Auto" too
    if subject.startswith("AUTO:"):
        return True
    subject = _plain(subject)
    return subject.startswith(SUBJECT_STARTS) or any(part in subject for part in SUBJECT_PARTS)


def _statuses(message):
    """Yield the groups of fields of a delivery report, one a recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from (block for block in part.get_payload() if "Action" in block)


def _report_type(message):
    return str(message.get_param("report-type") or "").lower()


def _header(message, name):
    """Return a header as one line; one that cannot be read as if it were not there."""
    try:
        return " ".join(str(message.get(name) or "")[:LONGEST_HEADER].split())
    except (ValueError, LookupError, AttributeError, IndexError, TypeError):
        return ""  # headers of strangers may break any parser


def _addresses(text):
    """Return what looks like addresses.

    >>> _addresses('"Me, myself" <me@x.example>; @ you@y.example')
    ['me@x.example', 'you@y.example']
    """
    parts = BETWEEN_ADDRESSES.split(text)
    return [part for part in parts if "@" in part[1:-1]]


def _text(part):
    payload = part.get_payload(decode=True) or b""
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return payload.decode("latin-1")  # a charset that nobody knows


def _plain(text):
    """Return a text in lower case without accents.

    >>> _plain("Răspuns automat: Außer Haus")
    'raspuns automat: ausser haus'
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char)).replace("\u2019", "'")
