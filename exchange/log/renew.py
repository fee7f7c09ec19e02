"""The way out where a log cannot go on: a new one that begins with the last checkpoint of the old.

The old one stays as it is, so that receipts and exports of it can still be checked. Every entry keeps its index.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session

from exchange.log import kept, signing
from exchange.log.append import AT_ONCE, found, grow, locked_head
from exchange.log.checkpoint import Checkpoint, parsed
from exchange.log.note import BadNote
from exchange.log.searched import place
from exchange.log.tree import leaf_hash
from exchange.storage.db import transaction
from exchange.storage.entry import LogCheckpoint, LogEntry, LogHead, LogLeaf, LogOpening, LogOpeningSubject
from exchange.storage.search import LogWords


@dataclass(frozen=True)
class Renewed:
    """What became of a log: the origins of the old and the new one, how many entries were taken over, how many the
    last checkpoint of the old one was signed over (0 without one), and the first checkpoint of the new one."""

    ended: str
    origin: str
    entries: int
    signed: int
    checkpoint: str

    @property
    def lost(self) -> int:
        """How many entries were signed and are not in the database any more."""
        return max(0, self.signed - self.entries)


def renew(group_id: int, *, key: bytes, folder: Path, host: str, at: datetime) -> Renewed:
    """End a group's log, and begin a new one with a new origin and key.

    Its first entry holds the last checkpoint of the old one; then come the old entries from 1 on, byte for byte, with
    their openings and under their indexes. Only the openings leave the old log: an erasure must reach all there are.

    Raises:
        NotSigned: an entry is missing, and nothing was done; or the first checkpoint of the new log cannot be kept.
    """
    with transaction() as session:
        old = locked_head(session, group_id)
        prev, signed = _last_of(session, old, folder)
        old.ended_at = at
        session.flush()
        new = found(session, group_id, host=host, prev=prev)
        _take_over(session, old, new)
        ended, origin, entries = old.origin, new.origin, new.size
    note = signing.checkpoint(group_id, key=key, folder=folder, at=at)
    return Renewed(ended, origin, entries, signed, note)


def _last_of(session: Session, head: LogHead, folder: Path) -> tuple[str, int]:
    """The signed note over most entries that is known of a log, and over how many; its key may be lost."""
    newest = select(LogCheckpoint.note).filter_by(log_id=head.log_id).order_by(LogCheckpoint.size.desc()).limit(1)
    notes = [session.scalar(newest) or ""]
    with suppress(kept.UnreadableCheckpoint):  # what lies there is of use to nobody
        notes.append(kept.last(folder, head.origin))
    stated = [(found.size, note) for note in notes if (found := _stated(note)) and found.origin == head.origin]
    size, note = max(stated, default=(0, ""))
    return note, size


def _stated(note: str) -> Checkpoint | None:
    try:
        return parsed(note.rpartition("\n\n")[0] + "\n")
    except BadNote:
        return None


def _take_over(session: Session, old: LogHead, new: LogHead) -> None:
    """Copy the leaves and let the tree grow over them; move what belongs to them."""
    for start in range(1, old.size, AT_ONCE):
        stop = min(start + AT_ONCE, old.size)
        among = (LogLeaf.log_id == old.log_id, LogLeaf.idx >= start, LogLeaf.idx < stop)
        leaves = session.scalars(select(LogLeaf.leaf).where(*among).order_by(LogLeaf.idx)).all()
        if len(leaves) != stop - start:
            raise kept.NotSigned(
                f"The log {old.origin} lacks entries after {start - 1:,}. Restore a backup that is whole."
            )
        rows = [
            {"log_id": new.log_id, "idx": index, "leaf": data, "hash": leaf_hash(data)}
            for index, data in enumerate(leaves, start)
        ]
        session.execute(insert(LogLeaf), rows)
        grow(session, new, [leaf_hash(data) for data in leaves])
    for table in (LogOpening, LogOpeningSubject):
        columns = [column for column in table.__table__.c if column.name != "log_id"]
        theirs = select(literal(new.log_id), *columns).where(table.log_id == old.log_id)
        session.execute(insert(table).from_select(["log_id", *(column.name for column in columns)], theirs))
    for change in (
        delete(LogOpening).where(LogOpening.log_id == old.log_id),
        update(LogEntry).where(LogEntry.log_id == old.log_id).values(log_id=new.log_id),
        update(LogWords).where(LogWords.log_id == new.log_id).values(id=place(new.log_id, LogWords.idx)),
    ):
        session.execute(change.execution_options(synchronize_session=False))
