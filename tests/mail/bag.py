"""A way out that keeps letters in a list, and fails when told to."""

from email.message import EmailMessage
from typing import Self

from exchange.mail.smtp import Refused, Unreachable


class Bag:
    """Takes letters; `troubles` are raised first, one for each letter (None: it is taken)."""

    def __init__(self, *troubles: Exception | None) -> None:
        self.troubles = list(troubles)
        self.letters: list[EmailMessage] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, message: EmailMessage) -> None:
        """Keep the letter, or raise the next trouble."""
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble
        self.letters.append(message)

    @property
    def readers(self) -> list[str]:
        """Whom the letters went to, in order."""
        return [message["To"].addresses[0].addr_spec for message in self.letters]


BUSY = Refused(450, "Try again later")
UNKNOWN = Refused(550, "5.1.1 No such user")
SILENT = Unreachable("Connection refused")
