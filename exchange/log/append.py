"""Appending to a group's log, inside the transaction of the verb that has something to record."""

import secrets
from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import Select, Table, insert, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from exchange.log.leaf import MOST_BYTES, Leaf, genesis_leaf
from exchange.log.tree import Frontier
from exchange.storage.db import Base
from exchange.storage.entry import LogHead, LogLeaf, LogNode, LogOpening, LogOpeningSubject

AT_ONCE = 5_000


def found(session: Session, group_id: int, *, host: str, prev: str = "") -> LogHead:
    """Begin the log of a group. Its origin is fixed here and survives a change of slug or address.

    `prev` is the last checkpoint of the log that it continues; that one must have ended.
    """
    head = LogHead(group_id=group_id, origin=f"{host}/g/{secrets.token_hex(8)}", size=0, frontier=b"")
    session.add(head)
    session.flush()
    append(session, head, [(genesis_leaf(prev), {})])
    return head


def locked_head(session: Session, group_id: int) -> LogHead:
    """The head of the log that goes on, locked until the transaction ends. Take it last: everybody waits for it."""
    statement = _going_on(group_id).with_for_update().execution_options(populate_existing=True)
    try:
        return session.scalars(statement).one()
    except NoResultFound:
        # While we waited for it the log ended, and PostgreSQL does not look for another row by itself.
        return session.scalars(statement).one()


def head_of(session: Session, group_id: int) -> LogHead:
    """The head of the group's log that goes on, as the database has it now, not locked."""
    return session.scalars(_going_on(group_id).execution_options(populate_existing=True)).one()


def append(session: Session, head: LogHead, leaves: Sequence[tuple[Leaf, dict[str, list[int]]]]) -> range:
    """Write leaves with their openings and, by field, the members whom each opening is about.

    The nodes that they complete are written beside them, and the frontier in the head (RFC 6962 section 2.1).
    Returns the indexes that they got. The index is the size of the log, never a sequence of the database:
    those leave gaps on rollback.

    Raises:
        ValueError: an entry is longer than a bundle can hold (65,535 bytes), or the head's frontier is not one of
            its size.
    """
    if any(len(leaf.data) > MOST_BYTES for leaf, _ in leaves):
        raise ValueError("An entry of the log is longer than 65,535 bytes.")
    first, log_id = head.size, head.log_id
    hashes = [leaf.hash for leaf, _ in leaves]
    _write(
        session,
        LogLeaf,
        (
            {"log_id": log_id, "idx": i, "leaf": leaf.data, "hash": one}
            for i, ((leaf, _), one) in enumerate(zip(leaves, hashes, strict=True), first)
        ),
    )
    grow(session, head, hashes)
    _write(
        session,
        LogOpening,
        (
            {"log_id": log_id, "idx": i, "field": field, "disclosure": opening}
            for i, (leaf, _) in enumerate(leaves, first)
            for field, opening in leaf.openings.items()
        ),
    )
    _write(
        session,
        LogOpeningSubject,
        (
            {"log_id": log_id, "idx": i, "field": field, "member_id": member}
            for i, (_, subjects) in enumerate(leaves, first)
            for field, members in subjects.items()
            for member in members
        ),
    )
    return range(first, head.size)


def grow(session: Session, head: LogHead, hashes: Sequence[bytes]) -> None:
    """Write the nodes that more leaves complete, and put the new size and frontier into the head."""
    frontier = Frontier.unpacked(head.size, head.frontier)
    nodes = frontier.extend(hashes) if len(hashes) > 1 else frontier.push(hashes[0]) if hashes else []
    _write(
        session,
        LogNode,
        ({"log_id": head.log_id, "level": level, "idx": place, "hash": one} for level, place, one in nodes),
    )
    head.size, head.frontier = frontier.size, frontier.packed()


def _going_on(group_id: int) -> Select[LogHead]:
    return select(LogHead).where(LogHead.group_id == group_id, LogHead.ended_at.is_(None))


def _write(session: Session, table: type[Base], rows: Iterable[dict[str, object]]) -> None:
    """Write rows as they are: twice as fast as through the mapped class."""
    every = list(rows)
    for start in range(0, len(every), AT_ONCE):
        session.execute(insert(cast(Table, table.__table__)), every[start : start + AT_ONCE])
