"""What members gave and received, as the entries that count say."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from exchange.log.projection import counted
from exchange.storage.entry import LogCount, LogEntry
from exchange.storage.membership import Membership


@dataclass(frozen=True)
class Balance:
    """Counts, never currency: favors given and received, and how many different people on each side and in all."""

    given: int = 0
    received: int = 0
    people_helped: int = 0
    people_helped_by: int = 0
    people: int = 0


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
