"""The projection: entries, pairs and counts that pages read, written with each leaf and rebuilt to be compared."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from exchange.log.leaf import digest, leaf_hash, opened
from exchange.storage.entry import LogCount, LogEntry, LogHead, LogLeaf, LogOpening, LogPair
from exchange.storage.membership import Membership


def count_one(session: Session, group_id: int, giver_id: int, receiver_id: int, day: date) -> None:
    """Count one favor for the pair and for both sides. The caller holds the head's lock."""
    pair = session.get(LogPair, (giver_id, receiver_id), populate_existing=True)
    back = session.get(LogPair, (receiver_id, giver_id), populate_existing=True)
    gave = _count(session, group_id, giver_id)
    got = _count(session, group_id, receiver_id)
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


def _count(session: Session, group_id: int, member_id: int) -> LogCount:
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
        )
        session.add(row)
    return row


def recount(session: Session, group_id: int) -> None:
    """Count the pairs and members of a group again from its entries."""
    pairs, counts = _counted(session, group_id)
    for table, rows in ((LogPair, pairs), (LogCount, counts)):
        session.execute(delete(table).where(table.group_id == group_id).execution_options(synchronize_session=False))
        if rows:
            session.execute(insert(table), rows)


def _counted(session: Session, group_id: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Pairs and counts as the entries say, in the columns of their tables."""
    pairs: list[dict[str, Any]] = [
        {"giver_id": giver, "receiver_id": receiver, "group_id": group_id, "count": count, "last": last}
        for giver, receiver, count, last in session.execute(
            select(LogEntry.giver_id, LogEntry.receiver_id, func.count(), func.max(LogEntry.day))
            .where(LogEntry.group_id == group_id, LogEntry.kind == "favor", LogEntry.counts)
            .group_by(LogEntry.giver_id, LogEntry.receiver_id)
        )
    ]
    given, received, helped, helped_by = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    people: defaultdict[int, set[int]] = defaultdict(set)
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
        }
        for member, partners in people.items()
    ]
    return pairs, counts


@dataclass
class Comparison:
    """What a rebuilt projection found: the entries read, and a sentence for each difference."""

    entries: int = 0
    differences: list[str] = field(default_factory=list)


def compare(session: Session, group_id: int) -> Comparison:
    """Rebuild the projection of a group from leaves and openings, and say where the stored one differs.

    Also checks that indexes have no gaps, that each leaf has its hash, and each opening its digest.
    """
    found = Comparison()
    numbers = {
        f"m{number}": id_
        for id_, number in session.execute(
            select(Membership.id, Membership.number).where(Membership.group_id == group_id)
        )
    }
    for head in session.scalars(select(LogHead).where(LogHead.group_id == group_id)):
        stored = {entry.idx: entry for entry in session.scalars(select(LogEntry).where(LogEntry.log_id == head.log_id))}
        expected = 0
        for leaf, openings in _leaves(session, head.log_id):
            found.entries += 1
            if leaf.idx != expected:
                found.differences.append(f"Entry {expected} of {head.origin} is missing.")
            expected = leaf.idx + 1
            found.differences += _about(leaf, openings, stored.pop(leaf.idx, None), numbers)
        if expected != head.size:
            found.differences.append(f"The log {head.origin} says {head.size} entries and holds {expected}.")
        found.differences += [f"Entry {index} is shown and is not in the log {head.origin}." for index in stored]
    found.differences += _miscounted(session, group_id)
    return found


def _leaves(session: Session, log_id: int) -> Iterator[tuple[LogLeaf, dict[str, str]]]:
    openings: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for opening in session.scalars(select(LogOpening).where(LogOpening.log_id == log_id)):
        openings[opening.idx][opening.field] = opening.disclosure
    for leaf in session.scalars(select(LogLeaf).where(LogLeaf.log_id == log_id).order_by(LogLeaf.idx)):
        yield leaf, openings[leaf.idx]


def _about(leaf: LogLeaf, openings: dict[str, str], entry: LogEntry | None, numbers: dict[str, int]) -> list[str]:
    """What is wrong with one entry, in sentences."""
    said = json.loads(leaf.leaf)
    wrong = []
    if leaf_hash(leaf.leaf) != leaf.hash:
        wrong.append(f"Entry {leaf.idx} does not have the hash of its bytes.")
    for name, text in openings.items():
        if said.get("sd", {}).get(name) != digest(text):
            wrong.append(f"Entry {leaf.idx} does not contain its opening “{name}”.")
    if said["k"] != "favor":
        return wrong
    if entry is None:
        return [*wrong, f"Entry {leaf.idx} is in the log and is not shown."]
    told = dict(opened(text) for text in openings.values())
    rebuilt = {
        "kind": said["k"],
        "day": date.fromisoformat(said["day"]),
        "counts": bool(said["counts"]),
        "giver_id": numbers.get(told.get("from", "")),
        "receiver_id": numbers.get(told.get("to", "")),
        "category": told.get("kind", ""),
        "what": told.get("what", ""),
        "how": told.get("how", ""),
        "tie": bool(told.get("tie", 0)),
    }
    return wrong + [
        f"Entry {leaf.idx} is shown with another “{name}” than the log says."
        for name, value in rebuilt.items()
        if getattr(entry, name) != value
    ]


def _miscounted(session: Session, group_id: int) -> list[str]:
    wrong = []
    tables: list[tuple[type[LogPair] | type[LogCount], str]] = [(LogPair, "pairs"), (LogCount, "members")]
    for (table, noun), rows in zip(tables, _counted(session, group_id), strict=True):
        columns = table.__table__.c
        stored = {tuple(row) for row in session.execute(select(*columns).where(table.group_id == group_id))}
        right = {tuple(row[column.name] for column in columns) for row in rows}
        if stored != right:
            wrong.append(f"{len(stored ^ right)} counts of {noun} differ from what the entries say.")
    return wrong
