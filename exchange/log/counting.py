"""What members gave and received, as the entries that count say."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Date, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from exchange.log.projection import COUNTED
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


def balances_since(session: Session, members: Collection[int], since: date) -> dict[int, Balance]:
    """By member id, for the given members, counting favors from the day `since` on; everybody given is present."""
    if not members:
        return {}
    pairs = session.execute(SINCE, {"of_members": list(members), "since": since})
    return from_pairs(((giver or 0, receiver or 0, count) for giver, receiver, count in pairs), of=members)


def _since() -> Any:
    """Distinct pairs with their favors, from each side by its own index; made once. The group is left out, which every
    member is of: its index is no way to them.
    """
    members: BindParameter[Any] = bindparam("of_members", expanding=True)
    both = (LogEntry.giver_id, LogEntry.receiver_id)
    since = LogEntry.day >= bindparam("since", type_=Date)
    every = select(*both, func.count()).where(*COUNTED, since).group_by(*both)
    gave = every.where(LogEntry.giver_id.in_(members))
    return union_all(gave, every.where(LogEntry.receiver_id.in_(members), LogEntry.giver_id.not_in(members)))


SINCE = _since()


class Line(NamedTuple):
    """One favor of a member, for counting: whether the member gave it, and the id of the other side."""

    day: date
    category: str
    gave: bool
    other_id: int
    counts: bool
    withheld: bool


def lines(session: Session, member: Membership, since: date, *, own: bool = False) -> list[Line]:
    """The favors of one member from a day on, those of neutral categories among them; void ones are not.

    Withheld ones come only with `own`: they are for the member's own eyes.
    """
    shown = [LogEntry.kind == "favor", LogEntry.voided_by.is_(None), LogEntry.day >= since]
    shown += [] if own else [LogEntry.withheld.is_(False)]
    sides = (
        select(LogEntry.day, LogEntry.category, literal(gave), other, LogEntry.counts, LogEntry.withheld).where(
            mine == member.id, *shown
        )
        for gave, mine, other in (
            (True, LogEntry.giver_id, LogEntry.receiver_id),
            (False, LogEntry.receiver_id, LogEntry.giver_id),
        )
    )
    return [
        Line(day, category, bool(gave), other or 0, counts, withheld)
        for day, category, gave, other, counts, withheld in session.execute(union_all(*sides))
    ]


def balance_of(member_id: int, favors: Iterable[Line]) -> Balance:
    """What the favors of one member add up to, without those of neutral categories."""
    others = [(line.gave, line.other_id) for line in favors if line.counts]
    pairs = ((member_id, other, n) if gave else (other, member_id, n) for (gave, other), n in Counter(others).items())
    return from_pairs(pairs, of=[member_id])[member_id]


def from_pairs(pairs: Iterable[tuple[int, int, int]], *, of: Iterable[int]) -> dict[int, Balance]:
    """The balances of some members from distinct (giver, receiver, count)."""
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
        for member in of
    }


def _balance(row: LogCount) -> Balance:
    return Balance(row.given, row.received, row.people_helped, row.people_helped_by, row.people)
