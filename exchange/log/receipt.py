"""Receipts: one file that proves for ever that an entry stands in a log (c2sp.org/tlog-proof).

Its `extra` line, which nobody signs, carries the entry itself and the openings that its holder may read; both are
held against what is signed.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange.log.checkpoint import Checkpoint, read, whole_number
from exchange.log.leaf import canonical, digest, opened
from exchange.log.note import BadNote, from_base64, to_base64
from exchange.log.proofs import verify_inclusion
from exchange.log.tree import HASH_BYTES, leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST_PROOF = 63


class BadReceipt(ValueError):  # noqa: N818 (the receipt is bad, not the program)
    """A receipt that proves nothing; the message is a sentence for people."""


@dataclass(frozen=True)
class Receipt:
    """A proof file: the entry's index, its inclusion proof, a checkpoint as it was signed, and bytes of our own."""

    index: int
    proof: Sequence[bytes]
    checkpoint_note: str
    extra: bytes = b""

    def text(self) -> str:
        """The file (c2sp.org/tlog-proof, "Format")."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {to_base64(self.extra)}")
        lines += [f"index {self.index}", *(to_base64(one) for one in self.proof)]
        return "\n".join(lines) + "\n\n" + self.checkpoint_note


@dataclass(frozen=True)
class CheckedReceipt:
    """What a receipt proves: the entry's bytes at its index under the checkpoint, and the disclosures by field."""

    index: int
    leaf: bytes
    openings: dict[str, str]
    checkpoint: Checkpoint

    @property
    def told(self) -> dict[str, Any]:
        """By field, what the openings say."""
        return dict(opened(text) for text in self.openings.values())


def extra_of(leaf: bytes, openings: Mapping[str, str]) -> bytes:
    """What our receipts carry beside the proof: canonical JSON of the entry in base64url and its disclosures."""
    encoded = urlsafe_b64encode(leaf).rstrip(b"=").decode("ascii")
    return canonical({"leaf": encoded, "openings": dict(openings)})


def parsed(text: str) -> Receipt:
    """The parts of a proof file; nothing of it is verified (c2sp.org/tlog-proof, "Format").

    Raises:
        BadReceipt: it has another form.
    """
    head, empty, note = text.partition("\n\n")
    lines = head.split("\n")
    if not (empty and note) or lines[0] != HEADER:
        raise BadReceipt(f"This is not a receipt: it does not begin with “{HEADER}” or has no checkpoint.")
    try:
        extra = b""
        if len(lines) > 1 and lines[1].startswith("extra "):
            extra = from_base64(lines.pop(1).removeprefix("extra "))
        word, _, index = "".join(lines[1:2]).partition(" ")
        found = Receipt(whole_number(index), [from_base64(line) for line in lines[2:]], note, extra)
    except ValueError as error:
        raise BadReceipt("The receipt is malformed: its index, a hash or its extra line cannot be read.") from error
    if word != "index" or len(found.proof) > LONGEST_PROOF or any(len(one) != HASH_BYTES for one in found.proof):
        raise BadReceipt("The receipt is malformed: it does not say an index and the hashes of a proof.")
    return found


def checked(text: str, vkey: str) -> CheckedReceipt:
    """What a receipt of ours proves, by the log's verifier key alone (c2sp.org/tlog-proof, "Verifying a tlog proof").

    Raises:
        BadReceipt: the file, its checkpoint, the proof, the entry or one of the openings does not hold.
    """
    receipt = parsed(text)
    try:
        checkpoint = read(receipt.checkpoint_note, vkey)
    except BadNote as error:
        raise BadReceipt(f"The checkpoint in the receipt cannot be believed. {error}") from error
    leaf, openings = _of_extra(receipt.extra)
    if not verify_inclusion(
        receipt.proof, leaf=leaf_hash(leaf), index=receipt.index, size=checkpoint.size, root=checkpoint.root
    ):
        raise BadReceipt(f"The log of the checkpoint does not contain this entry at index {receipt.index}.")
    _check_openings(leaf, openings)
    return CheckedReceipt(receipt.index, leaf, openings, checkpoint)


def _of_extra(extra: bytes) -> tuple[bytes, dict[str, str]]:
    """The entry and the disclosures, in exactly the bytes that `extra_of` writes."""
    try:
        said = json.loads(extra)
        encoded = said["leaf"]
        leaf = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        openings = {str(field): str(opening) for field, opening in said["openings"].items()}
        same = extra_of(leaf, openings) == extra
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        same = False
    if not same:
        raise BadReceipt("The receipt does not carry its entry in the form that this software writes.")
    return leaf, openings


def _check_openings(leaf: bytes, openings: Mapping[str, str]) -> None:
    """Every opening has its digest in the entry, under the field that it tells."""
    try:
        digests = dict(json.loads(leaf).get("sd", {}))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadReceipt("The entry in the receipt is in a form that this software does not know.") from error
    for field, opening in openings.items():
        try:
            fits = digests.get(field) == digest(opening) and opened(opening)[0] == field
        except (ValueError, TypeError):
            fits = False
        if not fits:
            raise BadReceipt(f"The entry in the receipt does not contain its opening “{field}”.")
