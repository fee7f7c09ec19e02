"""Appending to a group's log, inside the transaction of the verb that has something to record."""

import secrets
from collections.abc import Iterable, Sequence
from functools import cache
from typing import cast

from sqlalchemy import Connection, Insert, Table, bindparam, insert, select, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from exchange.log.leaf import MOST_BYTES, Leaf, genesis_leaf
from exchange.log.tree import Frontier
from exchange.storage.db import Base
from exchange.storage.entry import LogHead, LogLeaf, LogNode, LogOpening, LogOpeningSubject

AT_ONCE = 5_000

# Statements that every entry needs are made once: building them took as long as running them.
GOING_ON = (
    select(LogHead)
    .where(LogHead.group_id == bindparam("of_group"), LogHead.ended_at.is_(None))
    .execution_options(populate_existing=True)
)
LOCKED = GOING_ON.with_for_update()
HEADS = cast(Table, LogHead.__table__)
GROWN = update(HEADS).where(HEADS.c.log_id == bindparam("of_log"))


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
    group = {"of_group": group_id}
    try:
        return session.scalars(LOCKED, group).one()
    except NoResultFound:
        # While we waited for it the log ended, and PostgreSQL does not look for another row by itself.
        return session.scalars(LOCKED, group).one()


def head_of(session: Session, group_id: int) -> LogHead:
    """The head of the group's log that goes on, as the database has it now, not locked."""
    return session.scalars(GOING_ON, {"of_group": group_id}).one()


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
    connection = session.connection()
    _write(
        connection,
        LogLeaf,
        (
            {"log_id": log_id, "idx": i, "leaf": leaf.data, "hash": one}
            for i, ((leaf, _), one) in enumerate(zip(leaves, hashes, strict=True), first)
        ),
    )
    grow(session, head, hashes)
    _write(
        connection,
        LogOpening,
        (
            {"log_id": log_id, "idx": i, "field": field, "disclosure": opening}
            for i, (leaf, _) in enumerate(leaves, first)
            for field, opening in leaf.openings.items()
        ),
    )
    _write(
        connection,
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
    connection = session.connection()
    _write(
        connection,
        LogNode,
        ({"log_id": head.log_id, "level": level, "idx": place, "hash": one} for level, place, one in nodes),
    )
    grown = {"size": frontier.size, "frontier": frontier.packed()}
    connection.execute(GROWN, grown | {"of_log": head.log_id})
    for name, value in grown.items():
        set_committed_value(head, name, value)


def _write(connection: Connection, table: type[Base], rows: Iterable[dict[str, object]]) -> None:
    """Write rows as they are: twice as fast as through the mapped class."""
    every = list(rows)
    for start in range(0, len(every), AT_ONCE):
        connection.execute(_into(table), every[start : start + AT_ONCE])


@cache
def _into(table: type[Base]) -> Insert:
    return insert(cast(Table, table.__table__))
