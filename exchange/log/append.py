"""Appending to a group's log, inside the transaction of the verb that has something to record."""

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from exchange.log.leaf import MOST_BYTES, Leaf, genesis_leaf
from exchange.storage.entry import LogHead, LogLeaf, LogOpening, LogOpeningSubject

AT_ONCE = 5_000


def found(session: Session, group_id: int, *, host: str) -> LogHead:
    """Begin the log of a new group. Its origin is fixed here and survives a change of slug or address."""
    head = LogHead(group_id=group_id, origin=f"{host}/g/{secrets.token_hex(8)}", size=0)
    session.add(head)
    session.flush()
    append(session, head, [(genesis_leaf(), {})])
    return head


def locked_head(session: Session, group_id: int) -> LogHead:
    """The group's head row, locked until the transaction ends. Take it last: everybody waits for it."""
    statement = select(LogHead).filter_by(group_id=group_id).order_by(LogHead.log_id.desc()).limit(1)
    return session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one()


def append(session: Session, head: LogHead, leaves: Sequence[tuple[Leaf, dict[str, list[int]]]]) -> range:
    """Write leaves with their openings and, by field, the members whom each opening is about.

    Returns the indexes that they got. The index is the size of the log, never a sequence of the database:
    those leave gaps on rollback.

    Raises:
        ValueError: an entry is longer than a bundle can hold (65,535 bytes).
    """
    indexes = range(head.size, head.size + len(leaves))
    log_id = head.log_id
    if any(len(leaf.data) > MOST_BYTES for leaf, _ in leaves):
        raise ValueError("An entry of the log is longer than 65,535 bytes.")
    numbered = list(zip(indexes, leaves, strict=True))
    _write(
        session,
        LogLeaf,
        ({"log_id": log_id, "idx": i, "leaf": x.data, "hash": x.hash} for i, (x, _) in numbered),
    )
    _write(
        session,
        LogOpening,
        (
            {"log_id": log_id, "idx": i, "field": field, "disclosure": opening}
            for i, (leaf, _) in numbered
            for field, opening in leaf.openings.items()
        ),
    )
    _write(
        session,
        LogOpeningSubject,
        (
            {"log_id": log_id, "idx": i, "field": field, "member_id": member}
            for i, (_, subjects) in numbered
            for field, members in subjects.items()
            for member in members
        ),
    )
    head.size = indexes.stop
    return indexes


def _write(session: Session, table: type, rows: Iterable[dict[str, object]]) -> None:
    every = list(rows)
    for start in range(0, len(every), AT_ONCE):
        session.execute(insert(table), every[start : start + AT_ONCE])
