"""Reading the log: entries newest first, each as its reader may see it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select, union
from sqlalchemy.orm import Session, aliased, joinedload, lazyload

from exchange.log.append import head_of
from exchange.log.shown import By, Entry, Row, is_own, shown
from exchange.storage.entry import LogEntry, LogHead, LogLeaf, LogPart
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership


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
    found = session.execute(statement).all()
    parts = _parts(session, [entry for entry, *_ in found])
    rows = [
        Row(entry, giver, receiver, favor_id, thanks or "", parts.get(entry.idx, {}))
        for entry, giver, receiver, favor_id, thanks in found
    ]
    mine = _own_corrections(session, rows, seen_by_id)
    return [shown(row, own=is_own(row, seen_by_id) or row.entry.idx in mine) for row in rows]


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


def _newest(group_id: int) -> Select[LogEntry, Membership, Membership, int, str]:
    return _every().where(LogEntry.group_id == group_id)


@cache
def _every() -> Select[LogEntry, Membership, Membership, int, str]:
    """Entries with their two sides, made once: that takes longer than reading them."""
    giver, receiver = aliased(Membership), aliased(Membership)
    return (
        select(LogEntry, giver, receiver, Favor.id, Favor.thanks)
        .outerjoin(giver, giver.id == LogEntry.giver_id)
        .outerjoin(receiver, receiver.id == LogEntry.receiver_id)
        .outerjoin(Favor, and_(Favor.group_id == LogEntry.group_id, Favor.entry == LogEntry.idx))
        # The relations of a member are joined inside; here that would drop every entry without a giver. The group is
        # the same for all.
        .options(*(joinedload(side.person, innerjoin=False) for side in (giver, receiver)))
        .options(*(lazyload(side.group) for side in (giver, receiver)))
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
            .order_by(Membership.number)
        )
        for index, part, member in session.execute(statement):
            found[index][part].append(member)
    return found


def _own_corrections(session: Session, rows: Sequence[Row], reader: int | None) -> set[int]:
    """Of these entries, the corrections of withheld favors of the reader's own."""
    withheld = [row.entry for row in rows if row.entry.kind == "correction" and row.entry.withheld]
    if not withheld or reader is None:
        return set()
    found = session.scalars(
        select(LogEntry.voided_by).where(
            LogEntry.group_id == withheld[0].group_id,
            LogEntry.idx.in_([entry.of for entry in withheld]),
            or_(LogEntry.giver_id == reader, LogEntry.receiver_id == reader),
        )
    )
    return {index for index in found if index is not None}


def size(session: Session, group_id: int) -> int:
    """How many entries the group's log holds, its first line included."""
    return head_of(session, group_id).size


def continues(session: Session, group_id: int) -> bool:
    """Whether the group's log goes on from another one, whose last checkpoint stands in its first line."""
    going_on = LogHead.log_id == LogLeaf.log_id, LogHead.group_id == group_id, LogHead.ended_at.is_(None)
    first = select(LogLeaf.leaf).join(LogHead, and_(*going_on)).where(LogLeaf.idx == 0)
    return b'"prev":""' not in session.scalars(first).one()
