"""An e-mail as it is handed over: written out already, with what a mail server asks for beside it."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass(frozen=True)
class Parcel:
    """The bytes of an e-mail with CRLF line ends, whom it is from and for, its Message-ID and the kind of letter."""

    sender: str
    to: str
    message_id: str
    kind: str
    content: bytes

    @classmethod
    def of(cls, message: EmailMessage) -> "Parcel":
        """The same of an e-mail of the standard package."""
        return cls(
            sender=message["From"].addresses[0].addr_spec,
            to=message["To"].addresses[0].addr_spec,
            message_id=str(message["Message-ID"]),
            kind=str(message["X-Exchange-Letter"]),
            content=message.as_bytes(),
        )

    @classmethod
    def packed(cls, message: "EmailMessage | Parcel") -> "Parcel":
        """An e-mail written out, if it is not yet."""
        return message if isinstance(message, Parcel) else cls.of(message)

    def as_bytes(self) -> bytes:
        """The whole e-mail."""
        return self.content

    def read(self) -> EmailMessage:
        """The e-mail as a mail program reads it."""
        message = message_from_bytes(self.content, policy=default)
        assert isinstance(message, EmailMessage)  # noqa: S101 (the policy says so)
        return message
