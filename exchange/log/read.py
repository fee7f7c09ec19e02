"""Reading the log: entries newest first, each as its reader may see it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

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
from exchange.log.shown import By, Entry, Row, Side, is_own, shown
from exchange.storage.among import among as among_of
from exchange.storage.db import Key
from exchange.storage.entry import LogEntry, LogHead, LogLeaf, LogPart
from exchange.storage.favor import Favor
from exchange.storage.fixed import at_most
from exchange.storage.membership import Membership, briefly, called
from exchange.storage.person import Person

OF_ROW, OF_SIDE = len(Row._fields), len(Side._fields) - 1  # a side's id stands in the row
READER: BindParameter[int] = bindparam("reader", type_=Key)


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
    asked = {
        "reader": seen_by_id,
        "member": member_id,
        "category": category or None,
        "kinds": tuple(kinds) or None,
        "before": before,
        "among": None if among is None else tuple(among),
    }
    said = {name: value for name, value in asked.items() if value is not None}
    no_favor = bool(kinds) and "favor" not in kinds
    # What is narrowed down is planned each time, by how frequent it is.
    plain = said.keys() <= {"reader", "before"}
    statement = _newest(frozenset(said), no_favor=no_favor, own=member_id == seen_by_id, most=limit if plain else None)
    found = session.execute(statement, {"reader": 0, "of_group": group_id, "most": limit} | said).all()
    rows = [(Row._make(row[:OF_ROW]), row[OF_ROW:]) for row in found]
    parts = _parts(session, [row for row, _sides in rows])
    return [_shown(row, sides, parts.get(row.idx, {}), seen_by_id) for row, sides in rows]


def _shown(row: Row, sides: Sequence[Any], parts: By, reader: int | None) -> Entry:
    giver, receiver = _side(row.giver_id, sides[:OF_SIDE]), _side(row.receiver_id, sides[OF_SIDE:])
    return shown(row, giver, receiver, parts, own=is_own(row, parts, reader))


def _side(member_id: int | None, told: Sequence[Any]) -> Side | None:
    if member_id is None:
        return None
    group_id, number, state, erased_by_entry, name, email = told
    return Side(member_id, group_id, number, state, erased_by_entry, called(name), email)


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


@cache
def _newest(asked: frozenset[str], *, no_favor: bool, own: bool, most: int | None) -> Select[Any]:
    """The statement for what is asked by these names, made once: that takes longer than reading the entries. `own`
    where the reader asks for the entries of their own; `most` where it always asks for so many.
    """
    conditions = {
        "category": LogEntry.category == bindparam("category"),
        "kinds": LogEntry.kind.in_(bindparam("kinds", expanding=True)),
        "among": among_of(LogEntry.idx, "among"),
        "before": LogEntry.idx < bindparam("before"),
    }
    limit = bindparam("most", type_=Key) if most is None else at_most(most)
    of_group = LogEntry.group_id == bindparam("of_group", type_=Key)
    page = select(LogEntry).where(of_group, *(one for name, one in conditions.items() if name in asked))
    if no_favor:
        # In these very words the index of what is no favor is found.
        page = page.where(LogEntry.kind != literal_column("'favor'"))
    if "member" in asked:
        page = page.where(*_of_member(own=own, reads="reader" in asked))
    return _told(page.order_by(LogEntry.idx.desc()).limit(limit))


def _told(page: Select[LogEntry]) -> Select[Any]:
    """Some entries with their two sides, and whether they correct a withheld favor of the reader's own.

    The entries are found first: PostgreSQL would lay out the joins for all that there are, which takes longer than
    joining a page of them.
    """
    found, void = aliased(LogEntry, page.subquery("page")), aliased(LogEntry)
    own = exists().where(
        found.kind == "correction",
        found.withheld,
        void.log_id == found.log_id,
        void.idx == found.of,
        or_(void.giver_id == READER, void.receiver_id == READER),
    )
    columns = [getattr(found, name) for name in Row._fields[: OF_ROW - 3]]
    statement = select(*columns, Favor.id, Favor.thanks, own).outerjoin(
        Favor, and_(Favor.group_id == found.group_id, Favor.entry == found.idx)
    )
    for side in (found.giver_id, found.receiver_id):
        member, person = aliased(Membership), aliased(Person)
        told = [getattr(member, name) for name in Side._fields[1 : OF_SIDE - 1]]
        statement = statement.add_columns(*told, person.name, person.email)
        statement = statement.outerjoin(member, member.id == side).outerjoin(person, person.id == member.person_id)
    return statement.order_by(found.idx.desc())


def _of_member(*, own: bool, reads: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Entries with a member: given, received, made, or about them; what is withheld only if it is the reader's own."""
    member: BindParameter[int] = bindparam("member", type_=Key)
    made = select(LogPart.idx).where(LogPart.member_id == member)
    if not own:
        # Whom a decision is about may be withheld, so that others find by it only who was given or lost a role.
        told = and_(LogPart.log_id == LogEntry.log_id, LogPart.idx == LogEntry.idx)
        made = made.join(LogEntry, told).where(or_(LogPart.part == "by", LogEntry.kind == "role"))
    theirs = union(
        select(LogEntry.idx).where(LogEntry.giver_id == member),
        select(LogEntry.idx).where(LogEntry.receiver_id == member),
        made,
    )
    readable: list[ColumnElement[bool]] = [LogEntry.withheld.is_(False)]
    if reads:
        part = select(LogPart.idx).where(LogPart.member_id == READER)
        readable += [LogEntry.giver_id == READER, LogEntry.receiver_id == READER, LogEntry.idx.in_(part)]
    return LogEntry.idx.in_(theirs), or_(*readable)


def _parts(session: Session, some: Sequence[Row]) -> dict[int, By]:
    """By entry, who made it and whom it is about."""
    found: defaultdict[int, By] = defaultdict(lambda: defaultdict(list))
    others = [row.idx for row in some if row.kind != "favor"]
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
