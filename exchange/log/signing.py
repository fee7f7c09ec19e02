"""Signing what is committed: checkpoints, made when somebody asks and the log has grown.

The order is what keeps a log from ever saying two things: the entries are committed by then; the note is stored in a
transaction of its own, once for each size; it is kept outside the database; only then is it given to anybody.
"""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Select, and_, insert, select
from sqlalchemy.orm import Session

from exchange.log import kept
from exchange.log.append import GOING_ON, head_of, locked_head
from exchange.log.checkpoint import Checkpoint, read
from exchange.log.kept import BehindItsCheckpoint, NotSigned, UnreadableCheckpoint
from exchange.log.keys import signer
from exchange.log.nodes import TornTree, roots_at
from exchange.log.note import BadNote, signed
from exchange.log.tree import Frontier
from exchange.storage.db import db, transaction
from exchange.storage.entry import LogCheckpoint, LogHead
from exchange.storage.group import Group

# The head of the group's log that goes on, and what was signed at its size.
SIGNED: Select[LogHead, str | None] = GOING_ON.add_columns(LogCheckpoint.note).outerjoin(
    LogCheckpoint, and_(LogCheckpoint.log_id == LogHead.log_id, LogCheckpoint.size == LogHead.size)
)


def checkpoint(group_id: int, *, key: bytes, folder: Path, at: datetime) -> str:
    """The signed note over all that the group's log holds (c2sp.org/tlog-checkpoint).

    Where the size has not changed it is the same note, byte for byte, whoever asks. Not to be called inside a verb.

    Raises:
        BehindItsCheckpoint: the database holds fewer or other entries than were signed before.
        UnreadableCheckpoint: what is kept or stored was not signed by this key for this log.
        NotSigned: the note cannot be kept, or the log's tree is damaged.
    """
    while True:
        session = db.session()
        head, note = session.execute(SIGNED, {"of_group": group_id}).one()
        origin = head.origin
        if note is not None and note == kept.last(folder, origin) and _is_current(note, head, key):
            return note
        session.commit()  # nobody waits for a folder with a lock of the database in hand
        with kept.locked(folder, origin):
            note = _stored_now(group_id, origin, key=key, folder=folder, at=at)
            if note is not None:
                if note != kept.last(folder, origin):
                    kept.keep(folder, origin, note)
                return note


def agreeing(session: Session, group_id: int, *, key: bytes, folder: Path) -> Checkpoint | None:
    """The checkpoint that this server keeps of the group's log, once it agrees with the database; None without one.

    Signs and changes nothing.

    Raises:
        BehindItsCheckpoint, UnreadableCheckpoint, NotSigned: as `checkpoint` does.
    """
    head = head_of(session, group_id)
    return _agreed(session, head, kept.last(folder, head.origin), key=key, folder=folder)


def stored(session: Session, group_id: int, size: int) -> str | None:
    """The note that was signed when the group's log held `size` entries, if one was.

    The newest may not be kept yet: give out none but what `checkpoint` returned, and older ones.
    """
    return session.scalar(
        select(LogCheckpoint.note)
        .join(LogHead, LogHead.log_id == LogCheckpoint.log_id)
        .where(LogHead.group_id == group_id, LogHead.ended_at.is_(None), LogCheckpoint.size == size)
    )


def vkey(session: Session, group_id: int, *, key: bytes) -> str:
    """The verifier key of the group's log (c2sp.org/signed-note)."""
    return vkey_by_origin(head_of(session, group_id).origin, key=key)


@lru_cache(maxsize=256)
def vkey_by_origin(origin: str, *, key: bytes) -> str:
    """The verifier key of a log whose origin is known, as from the first line of its checkpoint: the same for ever, and
    asked on each page of the log.
    """
    return signer(key, origin).vkey


def _stored_now(group_id: int, origin: str, *, key: bytes, folder: Path, at: datetime) -> str | None:
    """Sign what is committed, unless it is signed, and commit the note. None where the log has ended meanwhile.

    The head is locked for as long as an append locks it.
    """
    last = kept.last(folder, origin)
    with transaction() as session:
        head = locked_head(session, group_id)
        if head.origin != origin:
            return None
        _agreed(session, head, last, key=key, folder=folder)
        note = stored(session, group_id, head.size)
        if note is None:
            note = signed(Checkpoint(origin, head.size, _root(head)).text(), signer(key, origin))
            row = {"log_id": head.log_id, "size": head.size, "note": note, "signed_at": at}
            session.execute(insert(LogCheckpoint), [row])
    return note


def _agreed(session: Session, head: LogHead, last: str, *, key: bytes, folder: Path) -> Checkpoint | None:
    """What is kept, if that and the newest checkpoint in the database are the beginning of what the log holds now."""
    slug = session.scalars(select(Group.slug).filter_by(id=head.group_id)).one()
    path = kept.path_of(folder, head.origin)
    newest = select(LogCheckpoint.note).filter_by(log_id=head.log_id).order_by(LogCheckpoint.size.desc()).limit(1)
    known = {}
    for place, note in ((f"kept in {path}", last), ("in the database", session.scalar(newest))):
        if note:
            known[place] = _verified(note, head.origin, key, f"{slug}: the checkpoint {place}", slug)
    for place, one in known.items():
        if one.size > head.size:
            raise BehindItsCheckpoint(
                f"{slug}: the checkpoint {place} was signed over {one.size:,} entries, and the database holds "
                f"{head.size:,}: it was set back to an older state. {_way_out(slug)}"
            )
    roots = _roots(session, head, slug, [one.size for one in known.values()])
    for place, one in known.items():
        if one.root != roots[one.size]:
            raise BehindItsCheckpoint(
                f"{slug}: the checkpoint {place} was signed over {one.size:,} entries, and the first {one.size:,} in "
                f"the database are not the same: they were changed. {_way_out(slug)}"
            )
    return known.get(f"kept in {path}")


def _verified(note: str, origin: str, key: bytes, what: str, slug: str) -> Checkpoint:
    try:
        return read(note, signer(key, origin).vkey)
    except BadNote as error:
        raise UnreadableCheckpoint(
            f"{what} is damaged, or was not signed with the key of this server for the log {origin}. {error} "
            f"Put back the file and EXCHANGE_LOG_KEY as they were, or run: exchange log renew {slug}"
        ) from error


def _roots(session: Session, head: LogHead, slug: str, sizes: Collection[int]) -> dict[int, bytes]:
    """The roots at some sizes, once the head goes with the tree below it."""
    try:
        roots = roots_at(session, head.log_id, {head.size, *sizes})
        if roots[head.size] != _root(head):
            raise TornTree("The head of the log does not go with its tree.")
    except (TornTree, ValueError) as error:
        raise NotSigned(f"{slug}: {error} {_way_out(slug)}") from error
    return roots


def _root(head: LogHead) -> bytes:
    return Frontier.unpacked(head.size, head.frontier).root()


def _is_current(note: str, head: LogHead, key: bytes) -> bool:
    """Whether a note is this key's, over exactly what the log holds."""
    return _says(note, head.origin, key) == Checkpoint(head.origin, head.size, _root(head))


@lru_cache(maxsize=256)
def _says(note: str, origin: str, key: bytes) -> Checkpoint | None:
    """What a note says that this key has signed for that log: the same whenever it is asked, and asked on each page."""
    try:
        return read(note, signer(key, origin).vkey)
    except ValueError:
        return None


def _way_out(slug: str) -> str:
    return f"Restore the newer backup, or run: exchange log renew {slug}"
