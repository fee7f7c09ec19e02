"""Headers that every mail program reads back as they were meant.

Python's own folding loses blanks between encoded words, and its parser adds one to a name of two such words. So
names stay in one word, and the words of a subject are cut here.
"""

import unicodedata
from base64 import b64encode
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any

NAME = 45  # bytes that fit one encoded word of 75 characters
AFTER_SUBJECT = 36  # bytes that fit the line that begins with "Subject: "
LINE = 76
LONGEST_SUBJECT = 200
ADDRESSES = {"from", "to"}
# Set by the house from its own plain characters; folding could only break them.
AS_THEY_ARE = {
    *("message-id", "list-id", "list-unsubscribe", "list-unsubscribe-post"),
    *("x-exchange-letter", "auto-submitted", "date"),
}
# They turn text round beyond the word that holds them.
DIRECTIONS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


class CannotBeAddressed(ValueError):  # noqa: N818 (read as a sentence)
    """The address cannot be written in a header that every mail server takes."""


class LetterPolicy(EmailPolicy):
    """The SMTP policy with our own folding of names and subjects."""

    def fold(self, name: str, value: Any) -> str:
        """One header with its line ends."""
        plain = name.lower()
        if plain == "subject":
            return f"{name}: {subject(str(value))}{self.linesep}"
        if plain in ADDRESSES:
            return f"{name}: {', '.join(map(addressed, value.addresses))}{self.linesep}"
        if plain in AS_THEY_ARE:
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same as bytes; nothing in it lies outside ASCII."""
        return self.fold(name, value).encode("ascii")


POLICY = LetterPolicy(linesep="\r\n", max_line_length=78)


def one_line(text: str, *, most: int = LONGEST_SUBJECT) -> str:
    """Text as a header can hold it: no line ends, no controls, nothing that reads as an encoded word."""
    if text.isascii() and text.isprintable() and "=?" not in text and len(text) <= most:
        return " ".join(text.split())
    visible = "".join(
        " " if char.isspace() or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char
        for char in text
        if char not in DIRECTIONS
    )
    clean = " ".join(visible.split()).replace("=?", "= ?")
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"


def mailbox(name: str, email: str) -> Address:
    """A name and an address. A long name is cut, so that it stays in one encoded word.

    Raises:
        CannotBeAddressed: the part before the @ lies outside ASCII, or the address is none.
    """
    local, at, domain = email.rpartition("@")
    if not (at and local and domain and local.isascii() and local.isprintable() and " " not in local):
        raise CannotBeAddressed("The address cannot be written in a plain header.")
    try:
        host = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        return Address(display_name=_short(one_line(name)), username=local, domain=host)
    except ValueError as error:
        raise CannotBeAddressed("The address cannot be written in a plain header.") from error


def _short(name: str) -> str:
    """At most `NAME` bytes, cut between characters and before their accents."""
    if len(name.encode()) <= NAME:
        return name
    kept = name
    while len(kept.encode()) > NAME - len("…".encode()):
        dropped, kept = kept[-1], kept[:-1]
    while kept and (unicodedata.combining(dropped) or dropped == "\u200d" or kept[-1] == "\u200d"):
        dropped, kept = kept[-1], kept[:-1]
    return kept.rstrip() + "…"


def addressed(address: Address) -> str:
    """A name and an address as a header holds them, with its line ends."""
    name = address.display_name
    if not name:
        return str(address.addr_spec)
    if name.isascii():
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address.addr_spec}>'
    return f"{_word(name.encode())}\r\n <{address.addr_spec}>"


def subject(text: str) -> str:
    """A subject of one line as its header holds it, with its line ends."""
    if text.isascii() and len(text) + len("Subject: ") <= LINE:
        return text
    words, room, word = [], AFTER_SUBJECT, b""
    for char in text:
        if len(word) + len(char.encode()) > room:
            words.append(_word(word))
            word, room = b"", NAME
        word += char.encode()
    return "\r\n ".join([*words, _word(word)])


def _word(data: bytes) -> str:
    return f"=?utf-8?b?{b64encode(data).decode()}?="
