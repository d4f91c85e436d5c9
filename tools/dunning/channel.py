"""The ways a message of dunning takes to the customer."""

from typing import NamedTuple


class Channel(NamedTuple):
    """What a channel is made of; ``dunning.level._get_channels`` says what each is.

    >>> Channel(mail=True, letter=True).is_paper, Channel(letter=True).is_paper
    (False, True)
    >>> Channel(letter=True).is_queued, Channel(send="_send_faxes").is_queued
    (False, True)
    """

    mail: bool = False  # an e-mail is written
    letter: bool = False  # a letter is printed
    text: bool = True  # the text of the level is written
    # The method of ``dunning.program`` that says what is wrong with an address:
    # (recipient, contact, blacklisted addresses) -> Obstacle or None.
    find_obstacle: str = ""
    # The method of ``dunning.reminder`` that sends queued messages otherwise than by e-mail. It
    # calls ``_fail`` on what does not leave; what is still queued then was sent.
    send: str = ""

    @property
    def is_paper(self) -> bool:
        """Whether it is a letter and nothing else."""
        return self.letter and not self.mail

    @property
    def is_queued(self) -> bool:
        """Whether it leaves by itself; else a person is asked to do it."""
        return self.mail or bool(self.send)
