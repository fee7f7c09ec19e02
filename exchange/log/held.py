"""Holding the log in the database against one thing that somebody kept: a receipt or a checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.log import nodes
from exchange.log.checkpoint import Checkpoint, parsed, read
from exchange.log.keys import signer
from exchange.log.note import DASH, BadNote
from exchange.log.receipt import HEADER, BadReceipt, CheckedReceipt, checked
from exchange.storage.entry import LogHead

LINES = 3  # of a checkpoint: origin, size and root


class Outcome(StrEnum):
    """What came of it."""

    SAME = "same"  # the log still begins with exactly what was signed then
    FORK = "fork"  # the log's key signed something else
    AHEAD = "ahead"  # the log holds fewer entries than were signed
    FORGED = "forged"  # the signature is not one of the log's key
    BROKEN = "broken"  # a receipt whose parts do not go together
    OTHER = "other"  # of a log that this group never had
    NOTHING = "nothing"  # neither a receipt nor a checkpoint


@dataclass(frozen=True)
class Held:
    """The outcome, with what was kept as far as it could be read, and the size of the log now.

    `ended`: it belongs to a log of the group that goes on under another name.
    """

    outcome: Outcome
    checkpoint: Checkpoint | None = None
    receipt: CheckedReceipt | None = None
    size: int = 0
    ended: bool = False


def held(session: Session, group_id: int, text: str, *, key: bytes) -> Held:
    """Look for a receipt or a checkpoint in a text, and hold the group's log against it.

    Line ends, blanks at the ends of lines and marks of quotation do not matter.

    Raises:
        exchange.log.nodes.TornTree: the database lacks what the comparison needs.
    """
    receipt, note = _found(text)
    try:
        checkpoint = parsed(note.rpartition("\n\n")[0] + "\n")
    except BadNote:
        return Held(Outcome.BROKEN if receipt else Outcome.NOTHING)
    head = session.scalar(select(LogHead).filter_by(group_id=group_id, origin=checkpoint.origin))
    if head is None:
        return Held(Outcome.OTHER, checkpoint)
    ended = head.ended_at is not None
    vkey = signer(key, head.origin).vkey
    try:
        read(note, vkey)
        proved = checked(receipt, vkey) if receipt else None
    except BadNote:
        return Held(Outcome.FORGED, checkpoint, size=head.size, ended=ended)
    except BadReceipt:
        return Held(Outcome.BROKEN, checkpoint, size=head.size, ended=ended)
    if checkpoint.size > head.size:
        outcome = Outcome.AHEAD
    else:
        same = nodes.root_at(session, head.log_id, checkpoint.size) == checkpoint.root
        outcome = Outcome.SAME if same else Outcome.FORK
    return Held(outcome, checkpoint, proved, head.size, ended)


def _found(text: str) -> tuple[str, str]:
    """The first receipt in a text, or nothing, and the signed note in it, or the first one in the text."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.lstrip(" \t\ufeff>").rstrip(" \t\u00a0") for line in plain.split("\n")]
    start = lines.index(HEADER) if HEADER in lines else None
    signed = next((at for at in range(start or 0, len(lines)) if lines[at].startswith(DASH)), len(lines))
    end = next((at for at in range(signed, len(lines)) if not lines[at].startswith(DASH)), len(lines))
    note = _joined(lines[max(signed - 1 - LINES, 0) : end])
    return ("" if start is None else _joined(lines[start:end])), note


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
