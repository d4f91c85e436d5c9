"""What keeps a message from leaving, known before it is sent and asked again when it is.

The simulation and the sending ask the same questions, so that what the one foresees is what the
other meets (rule 20). The sentences here name what is the matter; the models give them in
the reader's language.
"""

from __future__ import annotations

from typing import NamedTuple

OBSTACLES = {
    # the person written to
    "no_recipient": "Nobody was found to send it to at %(customer)s.",
    "customer_archived": "%(customer)s is archived, and nobody else was found to send it to.",
    "contact_archived": "%(recipient)s is archived, and nobody else was found to send it to.",
    "no_address": "%(recipient)s has no e-mail address.",
    "bad_address": "%(recipient)s has no valid e-mail address: %(email)s.",
    "blacklisted": "The address %(email)s is on the blacklist.",
    "no_copy_address": "The program %(program)s names no test address to write to from a copy.",
    # who sends it, and by which server
    "no_sender": "%(sender)s may not send reminders.",
    "sender_gone": "The program %(program)s names no user to send it in the name of.",
    "no_from": "Neither sender nor company has an e-mail address.",
    "server_refused": "The mail server %(server)s cannot be used: %(error)s",
    "server_from": "The mail server %(server)s does not accept the address %(email)s.",
    "no_server": "There is no outgoing mail server.",
    # what is sent
    "no_text": "The level %(rung)s has no message.",
    "text_per_invoice": "%(template)s is about one invoice, the program sends one per customer.",
    "text_broken": "The message could not be written: %(error)s",
    "banner_lost": "The banner of the level %(rung)s cannot be read.",
    "no_pdf": "No PDF can be made on this server.",
    "enclosure_broken": "What it encloses could not be made: %(error)s",
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
