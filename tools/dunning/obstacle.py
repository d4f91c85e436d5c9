"""What keeps a message from leaving, known before it is sent and asked again when it is.

The simulation and the sending ask the same questions, so that what the one foresees is what the
other meets (rule 20). The sentences here name what is the matter; the models give them in
the reader's language.
"""

from __future__ import annotations

from typing import NamedTuple

OBSTACLES = {
    # the person written to
    "no_recipient": "No recipient was found for %(customer)s.",
    "customer_archived": "%(customer)s is archived and no other recipient was found.",
    "contact_archived": "%(recipient)s is archived and no other recipient was found.",
    "no_address": "%(recipient)s has no e-mail address.",
    "bad_address": "%(recipient)s has no valid e-mail address: %(email)s.",
    "blacklisted": "The address %(email)s is on the blacklist.",
    "no_copy_address": "This is a copy of the database, and the program %(program)s has no test "
    "address.",
    # who sends it, and by which server
    "no_sender": "%(sender)s is not allowed to send reminders: give this user dunning rights and "
    "an e-mail address, or choose another sender in the program.",
    "sender_gone": "The program %(program)s has no user in whose name to send it: choose one.",
    "no_from": "Neither the sender nor the company has an e-mail address to send it from.",
    "server_refused": "The mail server %(server)s cannot be used: %(error)s",
    "server_from": "The mail server %(server)s does not accept the address %(email)s.",
    "no_server": "There is no outgoing mail server.",
    # what is sent
    "no_text": "The level %(rung)s has no message.",
    "text_per_invoice": "The message %(template)s is for a single invoice: the program must send "
    "one message per invoice.",
    "text_broken": "The message could not be created: %(error)s",
    "banner_lost": "The banner of the level %(rung)s cannot be read: upload it again.",
    "no_pdf": "wkhtmltopdf does not work on the server: no PDF can be created.",
    "enclosure_broken": "Its enclosures could not be created: %(error)s",
}
# With these nobody can be reached; with the others the message waits for the sender's side.
UNREACHABLE = frozenset(
    {
        "no_recipient",
        "customer_archived",
        "contact_archived",
        "no_address",
        "bad_address",
        "blacklisted",
        "no_copy_address",
    }
)


class Obstacle(NamedTuple):
    """Why a message cannot leave: a key of ``OBSTACLES`` and the figures of its sentence.

    >>> Obstacle("no_address", {"recipient": 7}).state, Obstacle("no_server", {}).state
    ('undeliverable', 'failed')
    """

    code: str
    figures: dict

    @property
    def state(self) -> str:
        """The state of the message it keeps back."""
        return "undeliverable" if self.code in UNREACHABLE else "failed"
