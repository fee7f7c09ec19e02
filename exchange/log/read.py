"""Reading the log: entries newest first, each as its reader may see it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, aliased

from exchange.log.append import head_of
from exchange.log.shown import By, Entry, Row, is_own, shown
from exchange.storage.db import Key
from exchange.storage.entry import LogEntry, LogHead, LogLeaf, LogPart
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership, briefly


def entries(
    session: Session,
    group_id: int,
    *,
    seen_by_id: int | None = None,
    member_id: int | None = None,
    category: str | None = None,
    kinds: Collection[str] = (),
    before: int | None = None,
    among: Collection[int] | None = None,
    limit: int = 50,
) -> list[Entry]:
    """At most `limit` entries of a group, newest first, below `before`; of one member, of a category, of some kinds,
    `among` some indexes, if given.

    `seen_by_id` is the reader: what is withheld is told to those whom it is about and who made it, and others do not
    find it by member.
    """
    statement = _newest(group_id).limit(limit)
    if member_id is not None:
        statement = statement.where(*_of_member(member_id, seen_by_id))
    if category:
        statement = statement.where(LogEntry.category == category)
    if kinds:
        statement = statement.where(LogEntry.kind.in_(kinds))
        if "favor" not in kinds:
            # In these very words the index of what is no favor is found.
            statement = statement.where(LogEntry.kind != literal_column("'favor'"))
    if among is not None:
        statement = statement.where(LogEntry.idx.in_(among))
    if before is not None:
        statement = statement.where(LogEntry.idx < before)
    found = session.execute(statement, {"reader": seen_by_id or 0}).all()
    parts = _parts(session, [entry for entry, *_ in found])
    rows = [
        (Row(entry, giver, receiver, favor_id, thanks or "", parts.get(entry.idx, {})), mine)
        for entry, giver, receiver, favor_id, thanks, mine in found
    ]
    return [shown(row, own=mine or is_own(row, seen_by_id)) for row, mine in rows]


def entry(session: Session, group_id: int, index: int, *, seen_by_id: int | None = None) -> Entry | None:
    """One entry as its reader may see it; None where it is not shown at all."""
    found = entries(session, group_id, seen_by_id=seen_by_id, before=index + 1, limit=1)
    return found[0] if found and found[0].index == index else None


def parties(session: Session, group_id: int, indexes: Collection[int]) -> dict[int, set[int]]:
    """By entry, the members whom some favors are between."""
    rows = session.execute(
        select(LogEntry.idx, LogEntry.giver_id, LogEntry.receiver_id).where(
            LogEntry.group_id == group_id, LogEntry.idx.in_(indexes)
        )
    )
    return {index: {member for member in both if member is not None} for index, *both in rows}


def _newest(group_id: int) -> Select[LogEntry, Membership, Membership, int, str, bool]:
    return _every().where(LogEntry.group_id == group_id)


@cache
def _every() -> Select[LogEntry, Membership, Membership, int, str, bool]:
    """Entries with their two sides, and whether they correct a withheld favor of the reader's own; made once: that
    takes longer than reading them.
    """
    giver, receiver, void = aliased(Membership), aliased(Membership), aliased(LogEntry)
    reader: BindParameter[int] = bindparam("reader", type_=Key)
    own = exists().where(
        LogEntry.kind == "correction",
        LogEntry.withheld,
        void.log_id == LogEntry.log_id,
        void.idx == LogEntry.of,
        or_(void.giver_id == reader, void.receiver_id == reader),
    )
    return (
        select(LogEntry, giver, receiver, Favor.id, Favor.thanks, own)
        .outerjoin(giver, giver.id == LogEntry.giver_id)
        .outerjoin(receiver, receiver.id == LogEntry.receiver_id)
        .outerjoin(Favor, and_(Favor.group_id == LogEntry.group_id, Favor.entry == LogEntry.idx))
        # The relations of a member are joined inside; here that would drop every entry without a giver.
        .options(*briefly(giver, inner=False), *briefly(receiver, inner=False))
        .order_by(LogEntry.idx.desc())
    )


def _of_member(member_id: int, reader: int | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Entries with a member: given, received, made, or about them; what is withheld only if it is the reader's own."""
    made = select(LogPart.idx).where(LogPart.member_id == member_id)
    if member_id != reader:
        # Whom a decision is about may be withheld, so that others find by it only who was given or lost a role.
        told = and_(LogPart.log_id == LogEntry.log_id, LogPart.idx == LogEntry.idx)
        made = made.join(LogEntry, told).where(or_(LogPart.part == "by", LogEntry.kind == "role"))
    theirs = union(
        select(LogEntry.idx).where(LogEntry.giver_id == member_id),
        select(LogEntry.idx).where(LogEntry.receiver_id == member_id),
        made,
    )
    readable: list[ColumnElement[bool]] = [LogEntry.withheld.is_(False)]
    if reader is not None:
        part = select(LogPart.idx).where(LogPart.member_id == reader)
        readable += [LogEntry.giver_id == reader, LogEntry.receiver_id == reader, LogEntry.idx.in_(part)]
    return LogEntry.idx.in_(theirs), or_(*readable)


def _parts(session: Session, some: Sequence[LogEntry]) -> dict[int, By]:
    """By entry, who made it and whom it is about."""
    found: defaultdict[int, By] = defaultdict(lambda: defaultdict(list))
    others = [entry.idx for entry in some if entry.kind != "favor"]
    if others:
        statement = (
            select(LogPart.idx, LogPart.part, Membership)
            .join(Membership, Membership.id == LogPart.member_id)
            .where(LogPart.log_id == some[0].log_id, LogPart.idx.in_(others))
            .options(*briefly())
            .order_by(Membership.number)
        )
        for index, part, member in session.execute(statement):
            found[index][part].append(member)
    return found


def size(session: Session, group_id: int) -> int:
    """How many entries the group's log holds, its first line included."""
    return head_of(session, group_id).size


def beginning(session: Session, group_id: int) -> tuple[int, bool]:
    """How many entries the group's log holds, its first line included, and whether it goes on from another one, whose
    last checkpoint stands in that line.
    """
    going_on = LogHead.group_id == group_id, LogHead.ended_at.is_(None)
    first = select(LogHead.size, LogLeaf.leaf).join(LogLeaf, LogLeaf.log_id == LogHead.log_id).where(LogLeaf.idx == 0)
    entries, leaf = session.execute(first.where(*going_on)).one()
    return entries, b'"prev":""' not in leaf
