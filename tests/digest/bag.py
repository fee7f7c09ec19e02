"""A way out that keeps weekly letters in a list, and fails or does something else when told to."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Self

from exchange.mail.parcel import Parcel
from exchange.mail.smtp import Dropped, Refused, Unreachable
from exchange.mail.wire import Envelope


class Bag:
    """Takes letters. `troubles` by address are raised first, one after the other; `meanwhile` is done while it takes
    a letter, `then` after it.
    """

    meanwhile: Callable[[], None]

    def __init__(self, then: Callable[[], object] | None = None, **troubles: list[Exception | None]) -> None:
        self.troubles = {name: list(some) for name, some in troubles.items()}
        self.then = then
        self.letters: list[EmailMessage] = []
        self.written: list[bytes] = []
        self.senders: list[str] = []
        self.following: list[Envelope | None] = []
        self.tried: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, parcel: Parcel, *, sender: str = "", following: Envelope | None = None) -> None:
        """Keep the letter, or raise the next trouble of who it is for: the part before the @, or anybody."""
        to = parcel.to.partition("@")[0]
        self.tried.append(to)
        for name in (to, "anybody"):
            waiting = self.troubles.get(name)
            if waiting and (trouble := waiting.pop(0)):
                raise trouble
        self.letters.append(parcel.read())
        self.written.append(parcel.content)
        self.senders.append(sender)
        self.following.append(following)
        self.meanwhile()
        if self.then is not None:
            self.then()

    @property
    def readers(self) -> list[str]:
        """Whom the letters went to, in order."""
        return [message["To"].addresses[0].username for message in self.letters]

    def text(self, number: int = 0) -> str:
        """The plain text of a letter, with white space folded."""
        body = self.letters[number].get_body(("plain",))
        assert body is not None
        return " ".join(body.get_content().split())


BUSY = Refused(450, "4.2.1 Try again later")
UNKNOWN = Refused(550, "5.1.1 <ada@bar.example> no such user")
SILENT = Unreachable("Connection refused")
BROKE = Dropped("Connection unexpectedly closed")
