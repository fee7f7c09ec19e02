"""Ways out of the house: an SMTP server, or a folder where there is none."""

import os
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, Self

from exchange.config import Settings
from exchange.mail.files import folder, name_of
from exchange.mail.parcel import Parcel
from exchange.mail.smtp import Smtp, Unreachable, nothing
from exchange.mail.wire import Envelope


class Transport(Protocol):
    """Something that takes letters. Entered once per batch."""

    def __enter__(self) -> Self:
        """Begin a batch."""

    def __exit__(self, *_: object) -> None:
        """End the batch."""

    def send(self, message: EmailMessage) -> None:
        """Hand a letter over. Raises Refused or Unreachable; otherwise it is somebody else's now."""


class Folder:
    """Writes each letter as a file that only its owner reads. There is no meanwhile."""

    meanwhile: Callable[[], None] = staticmethod(nothing)

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(
        self,
        message: EmailMessage | Parcel,
        *,
        sender: str = "",  # noqa: ARG002 (nothing comes back to a file)
        following: Envelope | None = None,  # noqa: ARG002 (nor is it told of another)
    ) -> None:
        """Write the file, whole or not at all. Raises Unreachable when the disk does not take it."""
        parcel = Parcel.packed(message)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            target = self.path / name_of(parcel)
            partial = target.with_suffix(f".{os.getpid()}")
            partial.unlink(missing_ok=True)
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(parcel.content)
            partial.replace(target)
        except OSError as error:
            raise Unreachable(error.strerror or "The folder cannot be written.") from error


def transport(settings: Settings) -> Smtp | Folder:
    """The way out that the operator chose.

    Raises:
        exchange.config.Misconfigured: EXCHANGE_SMTP_URL cannot be read.
    """
    return Smtp(settings.smtp_url) if settings.smtp_url else Folder(folder(settings))
