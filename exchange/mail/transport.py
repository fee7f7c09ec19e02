"""Ways out of the house: an SMTP server, or a folder where there is none."""

import os
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit

from exchange.config import Misconfigured, Settings
from exchange.mail.files import folder, name_of
from exchange.mail.parcel import Parcel
from exchange.mail.wire import answer, bare, dotted, plain

PATIENCE_SECONDS = 30
PORTS = {"smtp": 25, "smtps": 465}
SUBMISSION = 587
CLOSING = 421  # the server is about to hang up, whatever the letter
OK, BEGIN = 250, 354
TAKEN = frozenset({250, 251, 252})  # at once, passed on, or not looked up


class Refused(Exception):  # noqa: N818 (the server refused)
    """The server does not take this letter: for good with a code of 500 and more, otherwise for now. Once it has `read`
    it all, that may be about what the letter says.
    """

    def __init__(self, code: int, text: str, *, read: bool = False) -> None:
        super().__init__(f"{code} {text}".strip())
        self.for_good = code >= 500
        self.read = read


class Unreachable(Exception):  # noqa: N818 (nobody is to blame)
    """No server, or none that we may use. That says nothing about the letter."""


class Dropped(Unreachable):
    """The connection broke when the letter had been handed over whole: it may have arrived."""


class Transport(Protocol):
    """Something that takes letters. Entered once per batch."""

    def __enter__(self) -> Self:
        """Begin a batch."""

    def __exit__(self, *_: object) -> None:
        """End the batch."""

    def send(self, message: EmailMessage) -> None:
        """Hand a letter over. Raises Refused or Unreachable; otherwise it is somebody else's now."""


def _nothing() -> None:
    """There is nothing to be done meanwhile."""


class Folder:
    """Writes each letter as a file that only its owner reads. There is no meanwhile."""

    meanwhile: Callable[[], None] = staticmethod(_nothing)

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, message: EmailMessage | Parcel, *, sender: str = "") -> None:  # noqa: ARG002 (nothing comes back to it)
        """Write the file, whole or not at all. Raises Unreachable when the disk does not take it."""
        parcel = packed(message)
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


class Smtp:
    """One connection to an SMTP server, kept for the batch and made again when it drops.

    STARTTLS is used where it is offered, except on this machine itself; a password never goes out in the clear.
    `meanwhile` is done while the server takes a letter, and raises nothing.
    """

    meanwhile: Callable[[], None] = staticmethod(_nothing)

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in PORTS or not parts.hostname or port == -1:
            raise Misconfigured("EXCHANGE_SMTP_URL has to look like smtp://user:password@host:587.")
        self.host = parts.hostname
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.tls = parts.scheme == "smtps"
        self.port = port or (SUBMISSION if self.user and not self.tls else PORTS[parts.scheme])
        self.insists = parse_qs(parts.query).get("starttls") == ["required"]
        self.connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def send(self, message: EmailMessage | Parcel, *, sender: str = "") -> None:
        """Hand a letter over; what cannot be delivered comes back to `sender`, or to whom it is from.

        A connection that dropped since the last letter is made anew, once. Raises Dropped when nobody knows whether
        the letter arrived: whether it is sent again is not for us to decide.
        """
        kept, parcel = self.connection is not None, packed(message)
        try:
            self._hand_over(parcel, sender)
        except Dropped:
            raise
        except Unreachable:
            if not kept:
                raise
            self._hand_over(parcel, sender)

    def _hand_over(self, parcel: Parcel, sender: str) -> None:
        connection = self.connection or self._connect()
        over = False
        try:
            (code, why), *answers = self._announced(connection, sender or parcel.sender, parcel.to)
            if code != OK:
                # Who we are, or who we say we write as, was refused: the operator's to mend, no letter's fault.
                if answers and answers[-1][0] == BEGIN:
                    connection.close()  # it waits for a letter all the same, and would take a goodbye for one
                self._hang_up()
                raise Unreachable(answer(code, why))
            recipient, *begun = answers
            if begun and begun[0][0] == BEGIN and recipient[0] not in TAKEN:
                connection.docmd(".")  # for nobody: the server began all the same
            self._expect(OK, *recipient)
            self._expect(BEGIN, *(begun[0] if begun else connection.docmd("DATA")))
            connection.send(dotted(parcel.content))
            over = True
            self.meanwhile()
            self._expect(OK, *connection.getreply(), read=True)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise (Dropped if over else Unreachable)(plain(str(error)) or type(error).__name__) from None

    def _announced(self, connection: smtplib.SMTP, sender: str, to: str) -> list[tuple[int, bytes]]:
        """What the server says to who writes and to whom; where it takes several commands at once, also to DATA."""
        if not connection.has_extn("pipelining"):
            first = connection.mail(sender)
            return [first] if first[0] != OK else [first, connection.rcpt(to)]
        connection.send(f"MAIL FROM:<{bare(sender)}>\r\nRCPT TO:<{bare(to)}>\r\nDATA\r\n".encode("ascii"))
        return [connection.getreply() for _ in range(3)]

    def _expect(self, wanted: int, code: int, said: bytes | str, *, read: bool = False) -> None:
        """Raises Refused for any other answer, and leaves the connection to the next letter."""
        if code == wanted or (wanted == OK and code in TAKEN):
            return
        if code == CLOSING or self.connection is None:
            self._hang_up()
            raise Unreachable(answer(code, said))
        try:
            self.connection.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()
        raise Refused(code, plain(said), read=read)

    def _connect(self) -> smtplib.SMTP:
        connection: smtplib.SMTP | None = None
        try:
            connection = self._dial()
            connection.ehlo_or_helo_if_needed()
            secure = self.tls or self._starttls(connection)
            if self.user:
                if not (secure or self._here()):
                    raise Unreachable("The server offers no TLS, so the password was not sent.")
                connection.login(self.user, self.password)
        except smtplib.SMTPResponseException as error:
            _close(connection)
            raise Unreachable(answer(error.smtp_code, error.smtp_error)) from None
        except (smtplib.SMTPException, OSError) as error:
            _close(connection)
            raise Unreachable(plain(str(error)) or type(error).__name__) from None
        except Unreachable:
            _close(connection)
            raise
        self.connection = connection
        return connection

    def _dial(self) -> smtplib.SMTP:
        if self.tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=PATIENCE_SECONDS)

    def _starttls(self, connection: smtplib.SMTP) -> bool:
        if connection.has_extn("starttls") and (self.insists or not self._here()):
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo()
            return True
        if self.insists:
            raise Unreachable("The server offers no STARTTLS, which EXCHANGE_SMTP_URL requires.")
        return False

    def _here(self) -> bool:
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    def _hang_up(self) -> None:
        connection, self.connection = self.connection, None
        _close(connection)


def packed(message: EmailMessage | Parcel) -> Parcel:
    """An e-mail written out, if it is not yet."""
    return message if isinstance(message, Parcel) else Parcel.of(message)


def _close(connection: smtplib.SMTP | None) -> None:
    if connection is None:
        return
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()


def transport(settings: Settings) -> Smtp | Folder:
    """The way out that the operator chose.

    Raises:
        exchange.config.Misconfigured: EXCHANGE_SMTP_URL cannot be read.
    """
    return Smtp(settings.smtp_url) if settings.smtp_url else Folder(folder(settings))
