"""What the tests of the stored log share: many entries at once, counting statements, and tampering with tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, select, text
from sqlalchemy.orm import Session

from exchange.log.append import append, found, locked_head
from exchange.log.leaf import Leaf
from exchange.log.tree import leaf_hash
from exchange.storage.db import db
from exchange.storage.entry import LogHead, LogLeaf
from exchange.storage.group import Group
from tests.people import HOST, NOON


def bare(session: Session, slug: str = "log") -> Group:
    """A group in which nothing has happened: its log holds its first line only."""
    group = Group(slug=slug, name="A group", zone="UTC", created_at=NOON, last_number=0)
    session.add(group)
    session.flush()
    found(session, group.id, host=HOST)
    session.commit()
    return group


def grown(session: Session, group_id: int, entries: Sequence[bytes], *, at_once: int = 5_000) -> LogHead:
    """The head of the group's log, which has grown by these entries and is committed."""
    head = locked_head(session, group_id)
    for start in range(0, len(entries), at_once):
        append(session, head, [(Leaf(data, {}), {}) for data in entries[start : start + at_once]])
    session.commit()
    return head


def plain(count: int, *, word: str = "entry") -> list[bytes]:
    """So many different entries."""
    return [f"{word} {number}".encode() for number in range(count)]


def leaf_hashes(session: Session, log_id: int) -> list[bytes]:
    """The hashes of a log's entries, from their bytes."""
    leaves = session.scalars(select(LogLeaf.leaf).filter_by(log_id=log_id).order_by(LogLeaf.idx))
    return [leaf_hash(leaf) for leaf in leaves]


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """The SQL that runs inside."""
    said: list[str] = []
    connection: Connection = session.connection()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(connection, "before_cursor_execute", note)


def tampered(session: Session, table: str, change: str) -> None:
    """Change a table as somebody does who may do anything: its triggers go first."""
    if session.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuses_{verb}"))
    else:
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    session.execute(text(change))
    session.expire_all()


@contextmanager
def set_back() -> Iterator[Session]:
    """The database is afterwards as it was before, as if a backup had been restored. Files stay as they are."""
    db.session.remove()
    engines: Any = db.engines
    savepoint = engines[None].begin_nested()
    try:
        yield db.session()
    finally:
        db.session.remove()
        savepoint.rollback()
