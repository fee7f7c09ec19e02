"""What somebody kept: checkpoints, receipts and keys in files, letters and mailboxes.

Mail programs change line ends and put marks before what they quote; both are undone before anything is looked for.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from mailbox import mbox
from pathlib import Path
from typing import Any

from exchange.log.receipt import HEADER
from exchange.log.verify.folder import Unreadable

_NOTE = r"[^\n]+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n\n(?:— [^ \n]+ [A-Za-z0-9+/=]+\n)+"
_RECEIPT = re.compile(rf"^{re.escape(HEADER)}\n(?:[^\n]+\n)+\n{_NOTE}", re.MULTILINE)
_CHECKPOINT = re.compile(rf"^{_NOTE}", re.MULTILINE)
_VKEY = re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}\s*")
_QUOTED = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_BLANK_ENDS = re.compile(r"[ \t\u00a0]+$", re.MULTILINE)
_LETTER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t\r\n]")


@dataclass(frozen=True)
class Remembered:
    """One checkpoint, receipt or key, and where it was found. Exactly one of the three is not empty."""

    where: str
    note: str = ""
    receipt: str = ""
    vkey: str = ""

    @property
    def checkpoint(self) -> str:
        """The signed note, also the one inside a receipt; empty for a key."""
        return self.note or self.receipt.partition("\n\n")[2]


def found_in(path: Path) -> list[Remembered]:
    """Everything in a file, letter or mailbox, or in the files of a folder, in order and each thing once.

    Raises:
        Unreadable: it cannot be read.
    """
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    found: dict[tuple[str, str, str], Remembered] = {}
    for file in files:
        try:
            for one in _in_file(file):
                found.setdefault((one.note, one.receipt, one.vkey), one)
        except OSError as error:
            raise Unreadable(f"{file} cannot be read: {error.strerror}.") from error
    return list(found.values())


def _in_file(path: Path) -> Iterator[Remembered]:
    with path.open("rb") as file:
        beginning = file.read(200)
    if beginning.startswith(b"From "):
        box = mbox(path, create=False)
        for number, key in enumerate(box.iterkeys(), 1):
            letter = message_from_bytes(box.get_bytes(key), policy=policy.default)
            yield from _in_letter(letter, f"{path.name}, letter {number}")
        box.close()
    elif path.suffix.lower() == ".eml" or _LETTER.match(beginning):
        yield from _in_letter(message_from_bytes(path.read_bytes(), policy=policy.default), path.name)
    else:
        text = path.read_bytes().decode("utf-8", "replace")
        if _VKEY.fullmatch(text):
            yield Remembered(path.name, vkey=text.strip())
        yield from _in_text(text, path.name)


def _in_letter(letter: "Message[Any, Any]", where: str) -> Iterator[Remembered]:
    """The text parts of a letter and of letters inside it, attached or not. HTML is left out: it says the same."""
    for part in letter.walk():
        if part.is_multipart() or part.get_content_type() == "text/html":
            continue
        name = part.get_filename()
        yield from _in_text(_text_of(part), f"{where} ({name})" if name else where)


def _text_of(part: "Message[Any, Any]") -> str:
    """Notes are UTF-8, whatever a part says of itself: many say nothing, and that would mean ASCII."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return str(content or "")
    for charset in ("utf-8", part.get_content_charset() or "latin-1"):
        with suppress(UnicodeError, LookupError):
            return content.decode(charset)
    return content.decode("utf-8", "replace")


def _in_text(text: str, where: str) -> Iterator[Remembered]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = _BLANK_ENDS.sub("", _QUOTED.sub("", text)).rstrip("\n") + "\n"
    for match in _RECEIPT.finditer(plain):
        yield Remembered(where, receipt=match.group())
    for match in _CHECKPOINT.finditer(_RECEIPT.sub("", plain)):
        yield Remembered(where, note=match.group())
