"""The way out to an SMTP server."""

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from exchange.config import Misconfigured
from exchange.mail.parcel import Parcel
from exchange.mail.wire import Envelope, answer, dotted, plain

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


def nothing() -> None:
    """There is nothing to be done meanwhile."""


class Smtp:
    """One connection to an SMTP server, kept for the batch and made again when it drops.

    STARTTLS is used where it is offered, except on this machine itself; a password never goes out in the clear.
    `meanwhile` is done while the server takes a letter, and raises nothing.
    """

    meanwhile: Callable[[], None] = staticmethod(nothing)

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
        self.announced: Envelope | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def send(self, message: EmailMessage | Parcel, *, sender: str = "", following: Envelope | None = None) -> None:
        """Hand a letter over; what cannot be delivered comes back to `sender`, or to whom it is from.

        `following` is the letter that will be next: a server that takes several commands at once is told of it together
        with this one (RFC 2920, 3.1), so that nobody waits between them. Should another one come all the same, or none,
        the connection ends, and nothing was sent.

        A connection that dropped since the last letter is made anew, once. Raises Dropped when nobody knows whether
        the letter arrived: whether it is sent again is not for us to decide.
        """
        kept, parcel = self.connection is not None, Parcel.packed(message)
        envelope = Envelope(sender or parcel.sender, parcel.to)
        try:
            self._hand_over(parcel, envelope, following)
        except Dropped:
            raise
        except Unreachable:
            if not kept:
                raise
            self._hand_over(parcel, envelope, following)

    def _hand_over(self, parcel: Parcel, envelope: Envelope, following: Envelope | None) -> None:
        if self.announced not in {None, envelope}:
            self._hang_up()
        connection = self.connection or self._connect()
        over = False
        try:
            (code, why), *answers = self._answers(connection, envelope)
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
            self._say(connection, parcel, following)
            over = True
            self.meanwhile()
            self._expect(OK, *connection.getreply(), read=True)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise (Dropped if over else Unreachable)(plain(str(error)) or type(error).__name__) from None

    def _answers(self, connection: smtplib.SMTP, envelope: Envelope) -> list[tuple[int, bytes]]:
        """What the server says to who writes and to whom; where it takes several commands at once, also to DATA."""
        if not connection.has_extn("pipelining"):
            first = connection.mail(envelope.sender)
            return [first] if first[0] != OK else [first, connection.rcpt(envelope.to)]
        if self.announced is None:
            connection.send(envelope.commands)
        answers = [connection.getreply() for _ in range(3)]
        self.announced = None
        return answers

    def _say(self, connection: smtplib.SMTP, parcel: Parcel, following: Envelope | None) -> None:
        """The letter itself, and whom the next one is for."""
        content = dotted(parcel.content)
        if following is not None and connection.has_extn("pipelining"):
            content += following.commands
            self.announced = following
        connection.send(content)

    def _expect(self, wanted: int, code: int, said: bytes | str, *, read: bool = False) -> None:
        """Raises Refused for any other answer, and leaves the connection to the next letter."""
        if code == wanted or (wanted == OK and code in TAKEN):
            return
        if code == CLOSING or self.connection is None:
            self._hang_up()
            raise Unreachable(answer(code, said))
        try:
            if not read:  # the letter's end is its end for the server, too
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
        """Without a goodbye where a letter was begun, which would be taken for its first line."""
        connection, self.connection = self.connection, None
        begun, self.announced = self.announced is not None, None
        if begun and connection is not None:
            connection.close()
        else:
            _close(connection)


def _close(connection: smtplib.SMTP | None) -> None:
    if connection is None:
        return
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()
