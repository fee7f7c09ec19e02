"""Reading the log: entries newest first, and what members gave and received."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from exchange.log.projection import counted
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
    """One entry as a page shows it to one reader.

    A withheld favor has a giver and a receiver only for the two themselves; for others `day` is the first of its
    month and `what` is empty. A correction names with `of` the entry that it makes void.
    """

    index: int
    kind: str
    day: date
    counts: bool
    giver: Membership | None
    receiver: Membership | None
    category: str
    what: str
    how: str
    favor_id: int | None
    thanks: str
    tie: bool = False
    withheld: bool = False
    of: int | None = None
    voided_by: int | None = None


def entries(
    session: Session,
    group_id: int,
    *,
    seen_by_id: int | None = None,
    member_id: int | None = None,
    category: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """At most `limit` entries of a group, newest first, below index `before`, of one member or category if given.

    `seen_by_id` is the reader: what is withheld is told to its two parties only, and others do not find it by member.
    """
    giver, receiver = aliased(Membership), aliased(Membership)
    own = or_(LogEntry.giver_id == seen_by_id, LogEntry.receiver_id == seen_by_id)
    statement = (
        select(LogEntry, giver, receiver, Favor.id, Favor.thanks)
        .outerjoin(giver, giver.id == LogEntry.giver_id)
        .outerjoin(receiver, receiver.id == LogEntry.receiver_id)
        .outerjoin(Favor, and_(Favor.group_id == LogEntry.group_id, Favor.entry == LogEntry.idx))
        # The relations of a member are joined inside; here that would drop every entry without a giver.
        .options(
            *(
                joinedload(relation, innerjoin=False)
                for side in (giver, receiver)
                for relation in (side.person, side.group)
            )
        )
        .where(LogEntry.group_id == group_id)
        .order_by(LogEntry.idx.desc())
        .limit(limit)
    )
    if member_id is not None:
        statement = statement.where(
            or_(LogEntry.giver_id == member_id, LogEntry.receiver_id == member_id),
            or_(LogEntry.withheld.is_(False), own),
        )
    if category:
        statement = statement.where(LogEntry.category == category)
    if before is not None:
        statement = statement.where(LogEntry.idx < before)
    mine: set[int | None] = set(session.scalars(_own_corrections(group_id, seen_by_id)) if seen_by_id else ())
    return [
        _shown(entry, gave, got, favor_id, thanks or "", seen_by_id, mine)
        for entry, gave, got, favor_id, thanks in session.execute(statement)
    ]


def _own_corrections(group_id: int, reader: int | None) -> Select[int | None]:
    """The indexes of corrections of withheld favors of the reader's own."""
    return select(LogEntry.voided_by).where(
        LogEntry.group_id == group_id,
        LogEntry.withheld,
        LogEntry.voided_by.is_not(None),
        or_(LogEntry.giver_id == reader, LogEntry.receiver_id == reader),
    )


def _shown(
    entry: LogEntry,
    giver: Membership | None,
    receiver: Membership | None,
    favor_id: int | None,
    thanks: str,
    reader: int | None,
    corrections: set[int | None],
) -> Entry:
    """An entry as this reader may see it."""
    closed = entry.withheld and reader not in {entry.giver_id, entry.receiver_id}
    if entry.kind == "correction":
        closed = entry.withheld and entry.idx not in corrections
    return Entry(
        index=entry.idx,
        kind=entry.kind,
        day=entry.day.replace(day=1) if closed else entry.day,
        counts=entry.counts,
        giver=None if closed else giver,
        receiver=None if closed else receiver,
        category=entry.category,
        what="" if closed else entry.what,
        how=entry.how,
        favor_id=None if closed else favor_id,
        thanks="" if closed else thanks,
        tie=entry.tie and not entry.withheld,
        withheld=entry.withheld,
        of=entry.of,
        voided_by=entry.voided_by,
    )


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
            *counted(group_id),
            LogEntry.day >= since,
            or_(LogEntry.giver_id.in_(members), LogEntry.receiver_id.in_(members)),
        )
        .group_by(LogEntry.giver_id, LogEntry.receiver_id)
    )
    found = from_pairs((giver or 0, receiver or 0, count) for giver, receiver, count in pairs)
    return {member: found.get(member, Balance()) for member in members}


def own_balance(session: Session, member: Membership, since: date) -> Balance:
    """What a member gave and received from a day on, withheld favors included: for the member's own eyes."""
    rows = session.execute(
        select(LogEntry.giver_id, LogEntry.receiver_id, func.count())
        .where(
            LogEntry.group_id == member.group_id,
            LogEntry.kind == "favor",
            LogEntry.counts,
            LogEntry.voided_by.is_(None),
            LogEntry.day >= since,
            or_(LogEntry.giver_id == member.id, LogEntry.receiver_id == member.id),
        )
        .group_by(LogEntry.giver_id, LogEntry.receiver_id)
    )
    pairs = [(giver or 0, receiver or 0, count) for giver, receiver, count in rows]
    return from_pairs(pairs).get(member.id, Balance())


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
