"""Signed notes of many logs at once, as letters carry them. Nothing is signed here."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from exchange.log import kept
from exchange.log.checkpoint import parsed
from exchange.log.kept import UnreadableCheckpoint
from exchange.log.note import BadNote
from exchange.storage.entry import LogCheckpoint, LogHead


class Note(NamedTuple):
    """A signed note as a whole, with the origin of its log and its size."""

    origin: str
    size: int
    text: str


def newest(session: Session, groups: Collection[int], *, folder: Path) -> dict[int, Note]:
    """By group, the last note that was given out: the one that is kept in `folder`, where the database holds it too.

    A log that has none, or whose database does not agree with what is kept, is absent. Two statements.
    """
    heads = session.execute(
        select(LogHead.group_id, LogHead.origin).where(LogHead.group_id.in_(groups), LogHead.ended_at.is_(None))
    )
    found = {group: note for group, origin in heads if (note := _kept(folder, origin)) is not None}
    stored = at(session, {(note.origin, note.size) for note in found.values()})
    return {group: note for group, note in found.items() if stored.get((note.origin, note.size)) == note.text}


def at(session: Session, sizes: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The notes that were signed when logs, named by origin, had these sizes; absent where none was. One statement."""
    rows = session.execute(
        select(LogHead.origin, LogCheckpoint.size, LogCheckpoint.note)
        .join(LogHead, LogHead.log_id == LogCheckpoint.log_id)
        .where(tuple_(LogHead.origin, LogCheckpoint.size).in_(list(sizes)))
    )
    return {(origin, size): note for origin, size, note in rows}


def since(session: Session, group_id: int, moment: datetime) -> dict[int, str]:
    """By size, the notes that were signed of the group's log since a moment."""
    rows = session.execute(
        select(LogCheckpoint.size, LogCheckpoint.note)
        .join(LogHead, LogHead.log_id == LogCheckpoint.log_id)
        .where(LogHead.group_id == group_id, LogHead.ended_at.is_(None), LogCheckpoint.signed_at >= moment)
        .order_by(LogCheckpoint.size)
    )
    return {size: note for size, note in rows}  # noqa: C416 (a row is no pair for mypy)


def _kept(folder: Path, origin: str) -> Note | None:
    """What is kept of a log, if that can be read."""
    try:
        text = kept.last(folder, origin)
        checkpoint = parsed(text.partition("\n\n")[0] + "\n")
    except (UnreadableCheckpoint, BadNote):
        return None
    return Note(origin, checkpoint.size, text) if checkpoint.origin == origin else None
