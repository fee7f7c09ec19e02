"""Checkpoints: the signed statement of a log's size and root (c2sp.org/tlog-checkpoint)."""

import re
from dataclasses import dataclass
from hashlib import sha256

from exchange.log.note import BadNote, Verifier, from_base64, opened, to_base64
from exchange.log.tree import EMPTY_ROOT, HASH_BYTES


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its origin, how many entries it has, and the 32-byte root over them.

    `extensions` are further lines, which this software never writes.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The text to be signed (c2sp.org/tlog-checkpoint, "Note text")."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parsed(text: str) -> Checkpoint:
    """The checkpoint that a note's text states, without its signatures (c2sp.org/tlog-checkpoint, "Note text").

    Raises:
        BadNote: the text has another form.
    """
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3 or not all(lines):
        raise BadNote("A checkpoint has at least three lines, none of them empty: origin, size and root.")
    origin, size, root, *extensions = lines
    try:
        decoded = from_base64(root)
    except ValueError as error:
        raise BadNote("The root in the checkpoint is not written in proper base64.") from error
    if len(decoded) != HASH_BYTES:
        raise BadNote(f"The root in the checkpoint has {len(decoded)} bytes instead of {HASH_BYTES}.")
    found = Checkpoint(origin, whole_number(size), decoded, tuple(extensions))
    if found.size == 0 and found.root != EMPTY_ROOT:
        raise BadNote("The checkpoint of an empty log does not have the root of the empty tree.")
    return found


def read(note: str | bytes, vkey: str) -> Checkpoint:
    """The checkpoint in a signed note, verified: signed by the key, which has the log's origin as its name.

    Raises:
        BadNote: the note or the key is malformed, the signature is wrong or lacks, or the log is another one.
    """
    verifier = Verifier.parse(vkey)
    found = parsed(opened(note, [verifier]).text)
    if found.origin != verifier.name:
        raise BadNote(f"This is a checkpoint of the log {found.origin}, signed with the key of {verifier.name}.")
    return found


def short_code(note_or_text: str) -> str:
    """What members compare with each other: sixteen digits of SHA-256 over the text, in four groups of four.

    The signatures of a note do not matter, so that all who see the same log see the same code.
    """
    body, empty, _ = note_or_text.rpartition("\n\n")
    text = body + "\n" if empty else note_or_text
    digits = sha256(text.encode()).hexdigest()
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def whole_number(text: str) -> int:
    """A whole number below 2^63 in ASCII decimals without leading zeros (c2sp.org/tlog-checkpoint).

    Raises:
        BadNote: it is written in another way, or is too large.
    """
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text) or int(text) >= 1 << 63:
        raise BadNote(f"“{text[:20]}” is not a whole number as a log writes it.")
    return int(text)
