"""Boxes in which mail arrives: a Maildir on this machine, or a folder of an IMAP server. What was read is marked so."""

import imaplib
import ssl
from collections.abc import Iterator
from imaplib import IMAP4 as IMAP4
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from exchange.config import Misconfigured

PATIENCE_SECONDS = 30
PORTS = {"imap": 143, "imaps": 993}
SEEN = "S"


def contents(box: str) -> Iterator[bytes]:
    """Every e-mail in the box that nobody has read yet. Each is marked as read when the next one is asked for.

    Raises:
        exchange.config.Misconfigured: there is no such box.
        OSError, imaplib.IMAP4.error: it cannot be read.
    """
    parts = urlsplit(box)
    return _imap(parts) if parts.scheme in PORTS else _maildir(Path(box))


def _maildir(path: Path) -> Iterator[bytes]:
    if not (path / "new").is_dir() or not (path / "cur").is_dir():
        raise Misconfigured(f"There is no Maildir at {path}: it has the folders new, cur and tmp.")
    for file in sorted([*(path / "new").iterdir(), *(path / "cur").iterdir()]):
        name, _colon, flags = file.name.partition(":2,")
        if SEEN in flags or file.name.startswith("."):
            continue
        yield file.read_bytes()
        file.rename(path / "cur" / f"{name}:2,{''.join(sorted({*flags, SEEN}))}")


def _imap(parts: SplitResult) -> Iterator[bytes]:
    server = _signed_in(parts)
    try:
        folder = unquote(parts.path.strip("/")) or "INBOX"
        _ok(*server.select(f'"{folder}"'))
        for number in _ok(*server.search(None, "UNSEEN"))[0].split():
            found = _ok(*server.fetch(number, "(BODY.PEEK[])"))[0]
            if not isinstance(found, tuple):  # somebody has deleted it meanwhile
                continue
            yield found[1]
            _ok(*server.store(number, "+FLAGS", r"(\Seen)"))
    finally:
        server.logout()


def _signed_in(parts: SplitResult) -> imaplib.IMAP4:
    host, port = parts.hostname, parts.port or PORTS[parts.scheme]
    if not host or not parts.username:
        raise Misconfigured("The box has to look like imaps://user:password@host/INBOX.")
    server: imaplib.IMAP4
    if parts.scheme == "imaps":
        context = ssl.create_default_context()
        server = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=PATIENCE_SECONDS)
    else:
        server = imaplib.IMAP4(host, port, timeout=PATIENCE_SECONDS)
        if "STARTTLS" in server.capabilities:
            server.starttls(ssl.create_default_context())
        elif not _here(host):
            server.shutdown()
            raise Misconfigured("The IMAP server offers no TLS, so the password was not sent. Use imaps://.")
    try:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    except IMAP4.error:
        server.shutdown()
        raise
    return server


def _here(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


def _ok(kind: str, said: list[Any]) -> list[Any]:
    if kind != "OK":
        raise imaplib.IMAP4.error(said[0].decode() if said and isinstance(said[0], bytes) else "no answer")
    return said
