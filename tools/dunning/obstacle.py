"""What keeps a message from leaving, known before it is sent and asked again when it is.

The simulation and the sending ask the same questions, so that what the one foresees is what the
other meets (rule 20). The models tell a code in the reader's language.
"""

from __future__ import annotations

from typing import NamedTuple

# The codes, and the figures that their sentences may name.
OBSTACLES = {
    # the person written to
    "no_recipient": {"customer"},
    "customer_archived": {"customer"},
    "contact_archived": {"recipient"},
    "no_address": {"recipient"},
    "bad_address": {"email", "recipient"},
    "no_postal_address": {"recipient"},
    "blacklisted": {"email"},
    "no_copy_address": {"program"},
    # who sends it, and by which server
    "no_sender": {"sender"},
    "sender_gone": {"program"},
    "no_from": set(),
    "server_refused": {"error", "server"},
    "server_from": {"email", "server"},
    "no_server": set(),
    # what is sent
    "no_text": {"rung"},
    "text_per_invoice": {"template"},
    "text_broken": {"error"},
    "banner_lost": {"rung"},
    "no_pdf": set(),
    "bill_country": {"customer"},
    "bill_iban": {"customer"},
    "bill_address": {"customer"},
    "bill_siren": {"company"},
    "bill_place": {"company"},
    "enclosure_broken": {"error"},
}
# With these nobody can be reached; with the others the message waits for the sender's side.
UNREACHABLE = frozenset(
    {
        "no_recipient",
        "customer_archived",
        "contact_archived",
        "no_address",
        "bad_address",
        "no_postal_address",
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
