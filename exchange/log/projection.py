"""The counts of the projection: pairs and members, written with each leaf."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnExpressionArgument, delete, func, insert, select, union_all
from sqlalchemy.orm import Session

from exchange.log.monthly import recount_months
from exchange.storage.entry import LogCount, LogEntry, LogPair
from exchange.storage.total import LogTotal


def count_one(session: Session, group_id: int, giver_id: int, receiver_id: int, day: date) -> None:
    """Count one favor for the pair and for both sides. The caller holds the head's lock."""
    pair = session.get(LogPair, (giver_id, receiver_id), populate_existing=True)
    back = session.get(LogPair, (receiver_id, giver_id), populate_existing=True)
    gave = _count(session, group_id, giver_id, day)
    got = _count(session, group_id, receiver_id, day)
    gave.given += 1
    got.received += 1
    if pair is None:
        session.add(LogPair(group_id=group_id, giver_id=giver_id, receiver_id=receiver_id, count=1, last=day))
        gave.people_helped += 1
        got.people_helped_by += 1
        if back is None:
            gave.people += 1
            got.people += 1
    else:
        pair.count += 1
        pair.last = max(pair.last, day)
    session.flush()


def uncount_one(session: Session, group_id: int, giver_id: int, receiver_id: int) -> None:
    """Take one favor of a pair out of the counts again; its entry is marked void already."""
    pair = session.get_one(LogPair, (giver_id, receiver_id), populate_existing=True)
    gave = session.get_one(LogCount, giver_id, populate_existing=True)
    got = session.get_one(LogCount, receiver_id, populate_existing=True)
    gave.given -= 1
    got.received -= 1
    if pair.count > 1:
        pair.count -= 1
        pair.last = session.scalars(
            select(func.max(LogEntry.day)).where(
                *counted(group_id), LogEntry.giver_id == giver_id, LogEntry.receiver_id == receiver_id
            )
        ).one()
    else:
        session.delete(pair)
        gave.people_helped -= 1
        got.people_helped_by -= 1
        if session.get(LogPair, (receiver_id, giver_id), populate_existing=True) is None:
            gave.people -= 1
            got.people -= 1
    session.flush()
    for row in (gave, got):
        if row.given or row.received:
            row.first = _first(session, row)
        else:
            session.delete(row)
            _people(session, group_id, -1)
    session.flush()


# What counts, in whatever group.
COUNTED = (
    LogEntry.kind == "favor",
    LogEntry.counts,
    LogEntry.withheld.is_(False),
    LogEntry.voided_by.is_(None),
)


def counted(group_id: int) -> tuple[ColumnExpressionArgument[bool], ...]:
    """What counts in numbers that everybody sees: favors that are not neutral, withheld or void."""
    return (LogEntry.group_id == group_id, *COUNTED)


def _count(session: Session, group_id: int, member_id: int, day: date) -> LogCount:
    row = session.get(LogCount, member_id, populate_existing=True)
    if row is None:
        row = LogCount(
            member_id=member_id,
            group_id=group_id,
            given=0,
            received=0,
            people_helped=0,
            people_helped_by=0,
            people=0,
            first=day,
        )
        session.add(row)
        _people(session, group_id, 1)
    row.first = min(row.first, day)
    return row


def _first(session: Session, row: LogCount) -> date:
    """The day of the first favor that a member has given or received."""
    sides = (LogEntry.giver_id, LogEntry.receiver_id)
    days = union_all(*(select(LogEntry.day).where(*counted(row.group_id), one == row.member_id) for one in sides))
    return min(session.scalars(days))


def _people(session: Session, group_id: int, change: int) -> None:
    """Count one member more, or one less, of those who took part. The caller holds the head's lock."""
    row = session.get(LogTotal, group_id, populate_existing=True)
    if row is None:
        session.add(LogTotal(group_id=group_id, people=change))
    elif row.people + change:
        row.people += change
    else:
        session.delete(row)
    session.flush()


def recount(session: Session, group_id: int) -> None:
    """Count the pairs, members and months of a group again from its entries."""
    recount_months(session, group_id)
    pairs, counts = counts_of(session, group_id)
    for table, rows in ((LogPair, pairs), (LogCount, counts), (LogTotal, totals_of(group_id, counts))):
        session.execute(delete(table).where(table.group_id == group_id).execution_options(synchronize_session=False))
        if rows:
            session.execute(insert(table), rows)


def counts_of(session: Session, group_id: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Pairs and counts as the entries say, in the columns of their tables."""
    giver_id, receiver_id = LogEntry.giver_id, LogEntry.receiver_id
    found = session.execute(
        select(giver_id, receiver_id, func.count(), func.min(LogEntry.day), func.max(LogEntry.day))
        .where(*counted(group_id))
        .group_by(giver_id, receiver_id)
    ).all()
    pairs: list[dict[str, Any]] = [
        {"giver_id": giver, "receiver_id": receiver, "group_id": group_id, "count": count, "last": last}
        for giver, receiver, count, _first_day, last in found
    ]
    given, received, helped, helped_by = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    people: defaultdict[int, set[int]] = defaultdict(set)
    firsts: dict[int | None, date] = {}
    for giver, receiver, _count_of, first, _last in found:
        firsts[giver] = min(first, firsts.get(giver, first))
        firsts[receiver] = min(first, firsts.get(receiver, first))
    for pair in pairs:
        giver, receiver = pair["giver_id"], pair["receiver_id"]
        given[giver] += pair["count"]
        received[receiver] += pair["count"]
        helped[giver] += 1
        helped_by[receiver] += 1
        people[giver].add(receiver)
        people[receiver].add(giver)
    counts = [
        {
            "member_id": member,
            "group_id": group_id,
            "given": given[member],
            "received": received[member],
            "people_helped": helped[member],
            "people_helped_by": helped_by[member],
            "people": len(partners),
            "first": firsts[member],
        }
        for member, partners in people.items()
    ]
    return pairs, counts


def totals_of(group_id: int, counts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many of them there are, in the columns of its table."""
    return [{"group_id": group_id, "people": len(counts)}] if counts else []
