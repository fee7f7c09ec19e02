"""Reading the log: entries newest first, and what members gave and received."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from exchange.storage.entry import LogCount, LogEntry, LogHead
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership


@dataclass(frozen=True)
class Balance:
    """Counts, never currency: favors given and received, and how many different people on each side and in all."""

    given: int = 0
    received: int = 0
    people_helped: int = 0
    people_helped_by: int = 0
    people: int = 0


@dataclass(frozen=True)
class Entry:
    """One entry as a page shows it."""

    index: int
    day: date
    counts: bool
    giver: Membership
    receiver: Membership
    category: str
    what: str
    how: str
    favor_id: int | None
    thanks: str


def entries(
    session: Session,
    group_id: int,
    *,
    member_id: int | None = None,
    category: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """At most `limit` favors of a group, newest first, below index `before`, of one member or category if given."""
    giver, receiver = aliased(Membership), aliased(Membership)
    statement = (
        select(LogEntry, giver, receiver, Favor.id, Favor.thanks)
        .join(giver, giver.id == LogEntry.giver_id)
        .join(receiver, receiver.id == LogEntry.receiver_id)
        .outerjoin(Favor, and_(Favor.group_id == LogEntry.group_id, Favor.entry == LogEntry.idx))
        .where(LogEntry.group_id == group_id, LogEntry.kind == "favor")
        .order_by(LogEntry.idx.desc())
        .limit(limit)
    )
    if member_id is not None:
        statement = statement.where(or_(LogEntry.giver_id == member_id, LogEntry.receiver_id == member_id))
    if category:
        statement = statement.where(LogEntry.category == category)
    if before is not None:
        statement = statement.where(LogEntry.idx < before)
    return [
        Entry(
            index=entry.idx,
            day=entry.day,
            counts=entry.counts,
            giver=gave,
            receiver=got,
            category=entry.category,
            what=entry.what,
            how=entry.how,
            favor_id=favor_id,
            thanks=thanks or "",
        )
        for entry, gave, got, favor_id, thanks in session.execute(statement)
    ]


def size(session: Session, group_id: int) -> int:
    """How many entries the group's log holds, its first line included."""
    statement = select(LogHead.size).filter_by(group_id=group_id).order_by(LogHead.log_id.desc()).limit(1)
    return session.scalars(statement).one()


def balance(session: Session, member: Membership) -> Balance:
    """What one member gave and received over all time."""
    row = session.get(LogCount, member.id, populate_existing=True)
    return _balance(row) if row else Balance()


def balances(session: Session, group_id: int) -> dict[int, Balance]:
    """By member id, over all time; whoever never gave or received is absent."""
    return {row.member_id: _balance(row) for row in session.scalars(select(LogCount).filter_by(group_id=group_id))}


def balances_since(session: Session, group_id: int, members: Collection[int], since: date) -> dict[int, Balance]:
    """By member id, for the given members, counting favors from the day `since` on; everybody given is present."""
    if not members:
        return {}
    pairs = session.execute(
        select(LogEntry.giver_id, LogEntry.receiver_id, func.count())
        .where(
            LogEntry.group_id == group_id,
            LogEntry.kind == "favor",
            LogEntry.counts,
            LogEntry.day >= since,
            or_(LogEntry.giver_id.in_(members), LogEntry.receiver_id.in_(members)),
        )
        .group_by(LogEntry.giver_id, LogEntry.receiver_id)
    )
    counted = from_pairs((giver or 0, receiver or 0, count) for giver, receiver, count in pairs)
    return {member: counted.get(member, Balance()) for member in members}


def from_pairs(pairs: Iterable[tuple[int, int, int]]) -> dict[int, Balance]:
    """Balances from distinct (giver, receiver, count)."""
    given, received = Counter[int](), Counter[int]()
    helped: defaultdict[int, set[int]] = defaultdict(set)
    helped_by: defaultdict[int, set[int]] = defaultdict(set)
    for giver, receiver, count in pairs:
        given[giver] += count
        received[receiver] += count
        helped[giver].add(receiver)
        helped_by[receiver].add(giver)
    return {
        member: Balance(
            given=given[member],
            received=received[member],
            people_helped=len(helped[member]),
            people_helped_by=len(helped_by[member]),
            people=len(helped[member] | helped_by[member]),
        )
        for member in set(helped) | set(helped_by)
    }


def _balance(row: LogCount) -> Balance:
    return Balance(row.given, row.received, row.people_helped, row.people_helped_by, row.people)
