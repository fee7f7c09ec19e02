"""Reading `openings.jsonl`: one line for each opening, sorted by index and field (docs/log-format.md, "Export").

Six of seven lines of a big log belong to favors, so the lines of one favor are taken apart together and its openings
are looked at in columns; the rest is looked at one by one.
"""

import json
import re
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from exchange.log.verify.kinds import FAVOR_FIELDS

CHUNK = 1 << 20
_SALT = re.compile(r"[A-Za-z0-9_-]{22}")
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

# `["`, a salt of 22 letters: 24 bytes, so what follows begins with a new group of four letters of base64.
HEAD = 32
# What makes a disclosure's length a multiple of four, and at least three bytes of zeros behind it. One letter over is
# never right.
_PADDING = (b"AAAA", b"", b"AAAAAA", b"AAAAA")
_TEXT = re.compile(r'","what","[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"\]\x00{3,5}')


def _line(field: bytes, index: bytes) -> bytes:
    return rb'\{"disclosure":"([^"]+)","field":"' + field + rb'","index":' + index + rb"\}\n"


# First group: the index, looked up ahead. Then the six openings of a favor, or disclosure, field and index of one line.
_LINES = re.compile(
    rb"(?m:^)(?:"
    rb'(?=[^}\n]+"index":(0|[1-9][0-9]{0,17})\}\n)'
    rb"(?:" + _line(b"from", rb"\1") + rb")?"
    + _line(b"how", rb"\1")
    + _line(b"kind", rb"\1")
    + rb"(?:" + _line(b"tie", rb"\1") + rb")?"
    rb"(?:" + _line(b"to", rb"\1") + rb")?"
    rb"(?:" + _line(b"what", rb"\1") + rb")?"
    rb"|" + _line(rb"([^\"\\]+)", rb"(0|[1-9][0-9]{0,17})") + rb")"
)  # fmt: skip


class BadOpening(ValueError):  # noqa: N818 (the opening is bad, not the program)
    """An opening that cannot be read; the message says what is wrong, as the end of a sentence."""


class BadLines(ValueError):  # noqa: N818 (the lines are bad, not the program)
    """The file of openings has a line that does not belong there; the message is a sentence."""


class Openings:
    """The openings between two offsets of the file, read in rising order.

    `favors` holds, by index, a favor's six openings in the order of FAVOR_FIELDS, empty where one is missing; `others`
    holds by index and field what did not come as a favor's lines.
    """

    def __init__(self, path: Path, start: int, stop: int) -> None:
        self.favors: dict[int, tuple[bytes, ...]] = {}
        self.others: dict[int, dict[str, bytes]] = {}
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = stop - start
        self._rest = b""
        self._last = (-1, "")

    def upto(self, index: int) -> None:
        """Read on until everything below an index has been read.

        Raises:
            BadLines: a line has another form, or the lines are not in order.
        """
        while self._last[0] < index and self._left:
            data = self._file.read(min(CHUNK, self._left))
            if not data:
                raise BadLines("openings.jsonl changed while it was read.")
            self._left -= len(data)
            text = self._rest + data
            cut = text.rfind(b"\n") + 1 if self._left else len(text)
            self._rest = text[cut:]
            if cut:
                self._read(text[:cut])

    def named(self, index: int, favor: tuple[bytes, ...]) -> dict[str, bytes]:
        """By field, the openings of one entry, with those that came as a favor's; they are then forgotten."""
        named = {name: one for name, one in zip(FAVOR_FIELDS, favor, strict=False) if one}
        return named | self.others.pop(index, {})

    def left(self) -> list[int]:
        """The indexes that nobody has asked for."""
        return sorted(self.favors.keys() | self.others.keys())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, lines: bytes) -> None:
        read = 0
        for found in _LINES.findall(lines):
            favor = found[1:7]
            if found[0]:
                number = int(found[0])
                first = (number, "from" if favor[0] else "how")
                last = (number, "what" if favor[5] else "to" if favor[4] else "tie" if favor[3] else "kind")
                self.favors[number] = favor
                read += 6 - favor.count(b"")
            else:
                number = int(found[9])
                first = last = (number, found[8].decode("utf-8", "replace"))
                self.others.setdefault(number, {})[first[1]] = found[7]
                read += 1
            if first <= self._last:
                raise BadLines(f"openings.jsonl is out of order, or says something twice, at entry {number}.")
            self._last = last
        if read != lines.count(b"\n") or not lines.endswith(b"\n"):
            raise BadLines(f"openings.jsonl has a line that is no opening, after entry {max(self._last[0], 0)}.")


def offsets(path: Path, indexes: Sequence[int]) -> list[int]:
    """For each index the offset in the file at which the lines of that entry begin, by halving."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        found = []
        for index in indexes:
            low, high = 0, size
            while low < high:
                middle = (low + high) // 2
                file.seek(max(0, middle - 1))
                if middle:
                    file.readline()
                at = file.tell()
                line = file.readline()
                if at >= high or not line or _index(line) >= index:
                    high = middle
                else:
                    low = file.tell()
            if low:
                file.seek(low - 1)
                file.readline()
                low = file.tell()
            found.append(low)
    return found


def _index(line: bytes) -> int:
    number = line.rpartition(b":")[2].rstrip(b"}\n")
    return int(number) if number.isdigit() else 0


def digests(disclosures: Sequence[bytes]) -> bytes:
    """The digests of many openings in base64url, 43 letters each, with an A behind every one.

    All of them go through base64 together: 32 bytes and a zero are 44 letters, the last of which is an A.
    """
    joined = b"\0".join([sha256(one).digest() for one in disclosures])
    return b64encode(joined + b"\0").translate(_TO_URL_SAFE) if disclosures else b""


def value_of(disclosure: bytes, field: str) -> Any:
    """The value that an opening of a field tells.

    Raises:
        BadOpening: it is no base64url of `[salt, field, value]`, or tells another field.
    """
    if disclosure.translate(None, _LETTERS) or len(disclosure) % 4 == 1:
        raise BadOpening("is not base64url")
    data = a2b_base64(disclosure.translate(_TO_STANDARD) + b"=" * (-len(disclosure) % 4))
    if b64encode(data).translate(_TO_URL_SAFE).rstrip(b"=") != disclosure:
        raise BadOpening("is not base64url")
    try:
        told = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise BadOpening("cannot be read") from error
    if not isinstance(told, list) or len(told) != 3 or told[1] != field:
        raise BadOpening("tells something else than its field")
    if not isinstance(told[0], str) or _SALT.fullmatch(told[0]) is None:
        raise BadOpening("has no salt of 16 bytes")
    before = f'["{told[0]}","{field}",'.encode()
    value = data[len(before) : -1]
    if not data.startswith(before) or value != value.strip():
        raise BadOpening("is not written without blanks")
    return told[2]


def have_salts(disclosures: Sequence[bytes]) -> bool:
    """Whether every one begins with a bracket and a salt of 22 letters of base64url."""
    heads = b"".join([one[:HEAD] for one in disclosures])
    if len(heads) != HEAD * len(disclosures) or heads.translate(None, _LETTERS):
        return False
    data = a2b_base64(heads.translate(_TO_STANDARD))
    marks = data[::24] == b"[" * len(disclosures) and data[1::24] == b'"' * len(disclosures)
    return marks and data.translate(None, _LETTERS) == b'["' * len(disclosures)


def are_texts(disclosures: Sequence[bytes]) -> bool:
    """Whether every one, whose salt was looked at, tells a text under `what`."""
    tails = b"".join([one[HEAD:] + _PADDING[len(one) & 3] for one in disclosures])
    if len(tails) % 4 or tails.translate(None, _LETTERS):
        return False
    try:
        text = a2b_base64(tails.translate(_TO_STANDARD)).decode()
    except ValueError:
        return False
    return _TEXT.subn("", text) == ("", len(disclosures))
