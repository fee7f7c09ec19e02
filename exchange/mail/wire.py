"""How letters and answers stand on the wire of SMTP."""

import re
import smtplib
from typing import NamedTuple

PLAIN = re.compile(r"[\w.+=~'-]+@[\w.-]+", re.ASCII)


class Envelope(NamedTuple):
    """Who sends a letter and whom it is for, as a server is told before it: two plain addresses."""

    sender: str
    to: str

    @property
    def commands(self) -> bytes:
        """All that is said of it up to the letter itself, for a server that takes several commands at once."""
        return f"MAIL FROM:<{bare(self.sender)}>\r\nRCPT TO:<{bare(self.to)}>\r\nDATA\r\n".encode("ascii")


def dotted(content: bytes) -> bytes:
    """A message as DATA takes it: a dot that begins a line is doubled, one alone ends it (RFC 5321, 4.5.2)."""
    content = content.replace(b"\n.", b"\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content.removesuffix(b"\r\n") + b"\r\n.\r\n"


def bare(address: str) -> str:
    """An address as it stands between angle brackets."""
    return address if PLAIN.fullmatch(address) else str(smtplib.quoteaddr(address))[1:-1]


def answer(code: int, text: bytes | str) -> str:
    """A server's answer on one line."""
    return f"{code} {plain(text)}".strip()


def plain(text: bytes | str) -> str:
    """A server's sentence on one short line. It may hold anything."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join("".join(char if char.isprintable() else " " for char in words).split())[:200]
